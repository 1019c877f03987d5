"""Draws a talk for those who run it: its clock, and its questions with what may be done to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.room_view import RoomViews
from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionsView, QuestionView, Wanted
from fosdembot.talks.naming import place_named, title_of
from fosdembot.talks.room_talks import StageTalks
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import page_talk as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import clock_time, count, duration, end_time, names

from .rendering import Rendering
from .screens import Countdown, Item, Screen, Topic
from .talk_clock import Moment, Next, next_moment

SPEAKER, MODERATOR = "speaker", "moderator"
"""The views that this draws. They differ in what is shown and offered: a speaker sees neither
what waits for a moderator nor what was dismissed."""
WANTED = {
    SPEAKER: Wanted(waiting=200, answered=100, answers=5),
    MODERATOR: Wanted(waiting=200, answered=100, answers=5, pending=200),
}
_COUNTED = {
    Next.START: texts.STARTS,
    Next.QA: texts.QA_BEGINS,
    Next.END: texts.ENDS,
    Next.OVERTIME: texts.OVERTIME,
}
_NOT_COUNTED = {
    Next.OVER: texts.IS_OVER,
    Next.CANCELLED: texts.IS_CANCELLED,
    Next.AWAY: texts.IS_AWAY,
}
_SAID = {Next.START: texts.SAY_START, Next.QA: texts.SAY_QA, Next.END: texts.SAY_END}


@dataclass(frozen=True, slots=True)
class TalkScreens:
    programme: Programme
    views: RoomViews
    rendering: Rendering

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        # It may take place elsewhere by now.
        address = topic.talk and self.programme.address_by_guid(topic.talk)
        talks = await self.views.stage(session, address or topic.address, now)
        slots = talks.current if topic.talk is None else _one(talks.of(topic.talk))
        if len(slots) != 1:
            return self._choice(topic, talks, slots)
        [slot] = slots
        questions = await self.views.questions(session, slot.talk.guid, WANTED[topic.view])
        is_here = await room_at(session, address or topic.address) is not None
        return self._screen(topic, talks, slot, questions, is_here)

    def _screen(
        self,
        topic: Topic,
        talks: StageTalks,
        slot: StageSlot,
        questions: QuestionsView,
        is_here: bool,
    ) -> Screen:
        moment = next_moment(slot, talks.slots, talks.at)
        page = self.rendering.page
        notes = [texts.CLOSED] * questions.closed + [texts.NOT_HERE] * (not is_here)
        parts = {
            "talk-head": page("talk_head.html", head=_head(slot, talks)),
            "talk-clock": page("talk_clock.html", label=_label(moment), what=moment.what.value),
            "talk-bar": page("talk_bar.html", talk=slot.talk.guid, words=texts),
            "talk-notes": page("talk_notes.html", notes=notes, more=_more(questions)),
        }
        return Screen(
            parts=parts,
            items=tuple(self._items(topic.view, questions)),
            countdown=_countdown(moment),
            redraw_at=_changes_at(moment, talks),
            announced=_announced(questions.answering, moment, talks),
        )

    def _choice(self, topic: Topic, talks: StageTalks, slots: Sequence[StageSlot]) -> Screen:
        """There is not one talk to show."""
        choices = [(slot.talk.guid, title_of(slot.talk), place_named(slot.talk)) for slot in slots]
        parts = {
            "talk-head": self.rendering.page("talk_choice.html", choices=choices, words=texts),
            "talk-clock": "",
            "talk-bar": "",
            "talk-notes": "",
        }
        return Screen(parts=parts, redraw_at=_changes_at(None, talks))

    def _items(self, view: str, questions: QuestionsView) -> Iterable[Item]:
        listed = (questions.pending, questions.waiting, questions.answered)
        for question in (each for part in listed for each in part.entries):
            html = self.rendering.page(
                "talk_question.html",
                words=texts,
                question=question,
                state=_state(question),
                votes=count(question.votes, "vote"),
                buttons=_buttons(question, view),
            )
            yield Item(f"q{question.id}", html)


@dataclass(frozen=True, slots=True)
class _Head:
    title: str
    speakers: str
    place: str
    times: Text
    late: Text | None
    """How much later or earlier than planned."""


def _head(slot: StageSlot, talks: StageTalks) -> _Head:
    zone, at = talks.zone, talks.at
    times = say(
        texts.TIMES if slot.qa_start is None else texts.TIMES_QA,
        start=clock_time(slot.start, zone, at),
        end=end_time(slot.start, slot.end, zone),
        qa="" if slot.qa_start is None else clock_time(slot.qa_start, zone, at),
    )
    late = slot.start - slot.talk.start
    template = texts.LATER if late > timedelta(0) else texts.EARLIER
    said = say(template, minutes=duration(abs(late))) if abs(late) >= timedelta(minutes=1) else None
    talk = slot.talk
    return _Head(title_of(talk), names(talk.persons), place_named(talk), times, said)


def _label(moment: Moment) -> str:
    return _COUNTED.get(moment.what) or _NOT_COUNTED[moment.what]


def _countdown(moment: Moment) -> Countdown | None:
    if moment.at is None:
        return None
    return Countdown(moment.at, _label(moment), moment.warns_at)


def _changes_at(moment: Moment | None, talks: StageTalks) -> datetime | None:
    """The next moment at which anything begins or ends in the room."""
    moments = [
        each
        for slot in talks.slots
        for each in (slot.start, slot.qa_start, slot.end)
        if each is not None and each > talks.at
    ]
    if moment is not None and moment.changes_at is not None:
        moments.append(moment.changes_at)
    return min(moments, default=None)


def _announced(answering: QuestionView | None, moment: Moment, talks: StageTalks) -> str:
    said = []
    if answering is not None:
        number = str(answering.number)
        said.append(say(texts.SAY_ANSWERING, number=number, text=answering.text).plain)
    if moment.at is not None and moment.what in _SAID:
        time = clock_time(moment.at, talks.zone, talks.at)
        said.append(say(_SAID[moment.what], time=time).plain)
    elif moment.what is Next.OVERTIME:
        said.append(texts.SAY_OVERTIME)
    return " ".join(said)


def _more(questions: QuestionsView) -> Text | None:
    left = questions.waiting.left + questions.answered.left + questions.pending.left
    return say(texts.MORE, count=left) if left else None


def _state(question: QuestionView) -> str:
    return texts.STATES["skipped" if question.skipped else question.state]


_TAKE, _DONE, _SKIP = ("take", texts.TAKE), ("done", texts.DONE), ("skip", texts.SKIP)
_STAR, _UNSTAR = ("star", texts.STAR), ("unstar", texts.UNSTAR)
_OFFERED = {
    State.ANSWERING: (_DONE, _SKIP),
    State.STARRED: (_TAKE, _DONE, _UNSTAR, _SKIP),
    State.OPEN: (_TAKE, _DONE, _STAR, _SKIP),
    State.ANSWERED: (_TAKE,),
}
"""What speakers are offered, as `questions/states.py` allows it."""


def _buttons(question: QuestionView, view: str) -> list[tuple[str, str]]:
    """Each action with its label."""
    offered = _OFFERED.get(question.state, ())
    return [each for each in offered if not (each is _SKIP and question.skipped)]


def _one(slot: StageSlot | None) -> Sequence[StageSlot]:
    return () if slot is None else (slot,)
