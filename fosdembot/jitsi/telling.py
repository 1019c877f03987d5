"""What a meeting is told by itself: the time, and the questions.

What is to be said is worked out from what the database says, in the transaction that puts it
there: a crash, a restart or two looks at once neither lose nor double a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.meeting_lines import Lines, NewLine
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.db.question_tables import Question
from fosdembot.meeting_url import MeetingUrl
from fosdembot.questions.states import ON_BOARD, State
from fosdembot.questions.views import QuestionsView, QuestionView, Wanted
from fosdembot.settings import Settings
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import meetings as texts
from fosdembot.texts.render import Text, clean, say, sentences
from fosdembot.texts.words import LONGEST_NAME, count

from . import moments
from .meeting_talks import MeetingTalks, Talks
from .moments import Moment

LONGEST_QUESTION = 360
"""Characters of a question in a line: the rest is in the talk room."""
HOLDS = timedelta(minutes=10)
"""After that a question that could not be shown is not shown any more, if nothing else comes."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Of one meeting."""

    meeting: MeetingUrl
    talks_of: MeetingTalks
    programme: Programme
    views: RoomViews
    lines: Lines
    settings: Settings

    async def talks(self, session: AsyncSession, now: datetime) -> Talks:
        return await self.talks_of(session, self.meeting, now)

    async def wanted(
        self, session: AsyncSession, now: datetime, *, anybody: bool
    ) -> tuple[list[NewLine], datetime | None]:
        """What was not said yet and is to be said now, and when to look again if nothing happens
        before. `anybody`: whether a person is there."""
        talks = await self.talks(session, now)
        lines: list[NewLine] = []
        again: list[datetime | None] = []
        on, zone = talks.on, self.programme.zone
        if on is not None:
            view = await self.views.questions(session, on.talk.guid, Wanted(waiting=2))
            shown = await self.lines.shown(session, on.talk.guid)
            due = moments.due(on, now, zone)
            lines += [self._moment(on, moment, view, shown) for moment in due]
            lines = await self.lines.missing(session, lines)
            # Where the Q&A opens, its line shows the first.
            if moments.is_open(on, now) and all(line.question is None for line in lines):
                line, later = await self._show(session, on, view, shown, now)
                lines += [line] if line is not None else []
                again.append(later)
            again.append(moments.next_due(on, now, zone))
        coming = talks.coming
        if coming is not None:
            begins = coming.start - timedelta(minutes=self.settings.jitsi.before_minutes)
            is_free = on is None or now >= on.end
            if is_free and anybody and now >= begins:
                lines.append(_line(coming, self._ready(coming, now)))
            again.append(coming.start if now >= begins else begins)
        again_at = min((each for each in again if each is not None), default=None)
        return await self.lines.missing(session, lines), again_at

    def _ready(self, slot: StageSlot, now: datetime) -> Moment:
        notices = self.settings.notices
        address = self.programme.address_for(slot.talk) or ""
        seconds = notices.stream_delay_by_room.get(address, notices.stream_delay_seconds)
        delay = timedelta(seconds=notices.stream_delay_by_room.get(slot.place, seconds))
        obeys = self.settings.jitsi.commands != "off"
        zone, prefix = self.programme.zone, self.settings.command_prefix
        return moments.ready(slot, delay, now, zone, prefix, obeys=obeys)

    def _moment(
        self, slot: StageSlot, moment: Moment, view: QuestionsView, shown: MeetingLine | None
    ) -> NewLine:
        if not moment.opens:
            return _line(slot, moment)
        top = next(iter(view.waiting.entries), None)
        if top is None:
            return _line(slot, moment, sentences([moment.text, say(texts.QA_NONE)]))
        said = [moment.text, _waiting(view.waiting.total)]
        if shown is not None and shown.question_id == top.id:
            return _line(slot, moment, sentences(said))
        first = say(texts.FIRST, question=question_line(top))
        return _line(slot, moment, sentences([*said, first]), top.id)

    async def _show(
        self,
        session: AsyncSession,
        slot: StageSlot,
        view: QuestionsView,
        shown: MeetingLine | None,
        now: datetime,
    ) -> tuple[NewLine | None, datetime | None]:
        """The line that shows the best question, if that changes anything for the speaker; and
        when it may be shown, where that is later."""
        guid, top = slot.talk.guid, next(iter(view.waiting.entries), None)
        finished = shown is None or await self._is_finished(session, shown)
        if top is None:
            if shown is None or not finished:
                return None, None
            body = say(texts.NO_MORE).plain
            return NewLine(f"none/{guid}/{shown.id}", body, now + HOLDS, guid), None
        if shown is not None and shown.question_id == top.id:
            return None, None
        template = texts.NEXT if finished else texts.NOW_FIRST
        if top.state is State.ANSWERING:
            template = texts.TAKEN
        elif shown is not None and not finished:
            may = shown.at + timedelta(seconds=self.settings.jitsi.top_seconds)
            if now < may:
                return None, may
        return show(top, template, guid, shown, now), None

    async def _is_finished(self, session: AsyncSession, shown: MeetingLine) -> bool:
        """Whether nobody waits any more for the answer to the question that is shown."""
        question = await session.get(Question, shown.question_id)
        return question is None or question.state not in ON_BOARD or question.skipped


def show(
    question: QuestionView, template: str, talk: str, shown: MeetingLine | None, now: datetime
) -> NewLine:
    """The line that shows a question after the one that is `shown`."""
    key = f"q/{talk}/{shown.id if shown is not None else 0}/{question.id}"
    body = say(template, question=question_line(question)).plain
    return NewLine(key, body, now + HOLDS, talk, question.id)


def _line(
    slot: StageSlot, moment: Moment, text: Text | None = None, question: int | None = None
) -> NewLine:
    body = (text or moment.text).plain
    return NewLine(moment.key, body, moment.expires, slot.talk.guid, question)


def question_line(question: QuestionView) -> Text:
    """`12 (17 votes): How small can it get? – Bob`"""
    asker = clean(question.asker, LONGEST_NAME)
    return say(
        texts.QUESTION if asker else texts.QUESTION_NAMELESS,
        number=str(question.number),
        votes=count(question.votes, "vote"),
        text=clean(question.text, LONGEST_QUESTION),
        asker=asker,
    )


def _waiting(questions: int) -> Text:
    if questions == 1:
        return say(texts.WAITS)
    return say(texts.WAITING, questions=count(questions, "question"))
