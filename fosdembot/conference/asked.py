"""What notices say of a talk's questions, as the database has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.plans import RoomPlan
from fosdembot.db.question_tables import Letter, Question, TalkQuestions
from fosdembot.questions.board import count_on_board, on_board
from fosdembot.questions.states import State
from fosdembot.talks.asked import Asked, Entry
from fosdembot.talks.notices import Kind, Notice
from fosdembot.talks.slots import AudienceSlot, StageSlot

SHOWN = 5
"""So many questions of one talk are told at most."""
JUST_BEFORE = timedelta(hours=3)
"""What became of the questions to a talk that ended earlier is not told any more."""


@dataclass
class Questions:
    """To some talks."""

    by_talk: dict[str, Asked] = field(default_factory=dict)
    """By guid."""
    ids: dict[int, int] = field(default_factory=dict)
    """Number → id of those among them."""


async def asked_in(
    session: AsyncSession,
    plan: RoomPlan,
    notices: Iterable[Notice],
    among: Collection[int] | None = None,
) -> Questions:
    """The questions (of those with the ids `among`) that may be told with some notices of a
    room."""
    found = Questions()
    for notice in notices:
        talk = notice.slot.talk.guid
        if notice.kind not in (Kind.NOW, Kind.QA) or talk in found.by_talk:
            continue
        best = await on_board(session, talk, SHOWN, among)
        are_all = among is None and len(best) < SHOWN
        found.ids |= {question.number: question.id for question in best}
        closed = await session.get(TalkQuestions, talk)
        found.by_talk[talk] = Asked(
            entries=tuple(entry(question) for question in best),
            open=len(best) if are_all else await count_on_board(session, talk),
            closed=closed is not None and closed.closed,
            before=await _before(session, plan.slots, notice.slot),
        )
    return found


def entry(question: Question) -> Entry:
    """A question as it stands in a list."""
    marks: dict[str, Literal["answering", "starred"]] = {
        State.ANSWERING: "answering",
        State.STARRED: "starred",
    }
    return Entry(
        number=question.number,
        votes=question.votes,
        text=question.text,
        asker=question.asker_name,
        mark=marks.get(question.state, ""),
    )


async def _before(
    session: AsyncSession, slots: Iterable[StageSlot], slot: AudienceSlot
) -> tuple[str, int] | None:
    """The title of the talk before `slot` in its place, and how many of its questions went
    to its speaker; None for none."""
    start = slot.start - slot.stream_delay
    earlier = [
        other
        for other in slots
        if other.takes_place
        and other.place == slot.place
        and start - JUST_BEFORE < other.end <= start
    ]
    if not earlier:
        return None
    talk = max(earlier, key=lambda other: other.end).talk
    # Each of several speakers is written the same.
    written = select(func.max(Letter.questions)).where(
        Letter.talk == talk.guid, Letter.state.in_(("sent", "reminded", "closed"))
    )
    questions = await session.scalar(written)
    return (talk.title, questions) if questions else None
