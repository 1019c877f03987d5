"""What notices say of a talk's questions, as the database has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.plans import RoomPlan
from fosdembot.db.question_tables import Letter
from fosdembot.questions.states import State
from fosdembot.questions.views import (
    QuestionView,
    Wanted,
    best_of_each,
    questions_to,
    with_only,
)
from fosdembot.schedule.model import Talk
from fosdembot.talks.notices import Kind, Notice
from fosdembot.talks.question_summary import Entry, QuestionSummary
from fosdembot.talks.slots import AudienceSlot, StageSlot

SHOWN = 5
"""So many questions of one talk are told at most."""
JUST_BEFORE = timedelta(hours=3)
"""What became of the questions to a talk that ended earlier is not told any more."""


@dataclass
class Questions:
    """To some talks."""

    by_talk: dict[str, QuestionSummary] = field(default_factory=dict)
    """By guid."""
    ids: dict[int, int] = field(default_factory=dict)
    """Number → id of those among them."""


async def summaries_of(
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
        questions = plan.ahead.questions.get(talk)
        if questions is None:
            questions = await questions_to(session, talk, Wanted(waiting=SHOWN, among=among))
        elif among is not None:
            questions = await with_only(session, talk, questions, SHOWN, among)
        best = questions.waiting.entries
        found.ids |= {question.number: question.id for question in best}
        found.by_talk[talk] = QuestionSummary(
            entries=tuple(entry(question) for question in best),
            open=questions.waiting.total,
            closed=questions.closed,
            before=await _before(session, plan, notice.slot),
        )
    return found


async def read_ahead(session: AsyncSession, plans: Sequence[RoomPlan], now: datetime) -> None:
    """What may be told of the talks of several rooms that are on, read together."""
    on: dict[str, RoomPlan] = {}
    before: dict[str, RoomPlan] = {}
    for plan in plans:
        for notice in plan.notices:
            if notice.kind in (Kind.NOW, Kind.QA) and notice.due <= now < notice.expires:
                on[notice.slot.talk.guid] = plan
                if (earlier := _talk_before(plan.slots, notice.slot)) is not None:
                    before[earlier.guid] = plan
    for talk, questions in (await best_of_each(session, on.keys(), SHOWN)).items() if on else ():
        on[talk].ahead.questions[talk] = questions
    written = await _written(session, before.keys()) if before else {}
    for talk, plan in before.items():
        plan.ahead.written[talk] = written.get(talk, 0)


def entry(question: QuestionView) -> Entry:
    """A question as it stands in a list."""
    marks: dict[str, Literal["answering", "starred"]] = {
        State.ANSWERING: "answering",
        State.STARRED: "starred",
    }
    return Entry(
        number=question.number,
        votes=question.votes,
        text=question.text,
        asker=question.asker,
        mark=marks.get(question.state, ""),
    )


async def _before(
    session: AsyncSession, plan: RoomPlan, slot: AudienceSlot
) -> tuple[str, int] | None:
    """The title of the talk before `slot` in its place, and how many of its questions went
    to its speaker; None for none."""
    talk = _talk_before(plan.slots, slot)
    if talk is None:
        return None
    questions = plan.ahead.written.get(talk.guid)
    if questions is None:
        questions = (await _written(session, [talk.guid])).get(talk.guid)
    return (talk.title, questions) if questions else None


def _talk_before(slots: Iterable[StageSlot], slot: AudienceSlot) -> Talk | None:
    start = slot.start - slot.stream_delay
    earlier = [
        other
        for other in slots
        if other.takes_place
        and other.place == slot.place
        and start - JUST_BEFORE < other.end <= start
    ]
    return max(earlier, key=lambda other: other.end).talk if earlier else None


async def _written(session: AsyncSession, talks: Collection[str]) -> dict[str, int]:
    """By talk, how many of its questions went to its speaker."""
    # Each of several speakers is written the same.
    rows = await session.execute(
        select(Letter.talk, func.max(Letter.questions))
        .where(Letter.talk.in_(talks), Letter.state.in_(("sent", "reminded", "closed")))
        .group_by(Letter.talk)
    )
    return {row[0]: row[1] for row in rows}
