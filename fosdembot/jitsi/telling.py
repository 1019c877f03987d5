"""What a meeting is told by itself: the time, and the questions.

What is to be said is worked out from what the database says, in the transaction that puts it
there: a crash, a restart or two looks at once neither lose nor double a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.meeting_lines import (
    LineKind,
    Lines,
    NewLine,
    Shows,
    ToldLine,
    question_text,
)
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_settings import settings_for
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.question_tables import Question
from fosdembot.meeting_url import MeetingUrl
from fosdembot.questions import board
from fosdembot.questions.states import ON_BOARD
from fosdembot.questions.views import QuestionsView, QuestionView, Wanted, view_of
from fosdembot.settings import Settings
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import meetings as texts
from fosdembot.texts.render import Text, clean, literal, say, sentences
from fosdembot.texts.words import LONGEST_NAME, count

from . import moments
from .meeting_talks import MeetingTalks, Talks
from .moments import Moment, Times
from .showing import Later, Show, Told, following, shows

_NOT_CUT = 1_000
"""Characters: what is put into a sentence was bounded before."""
HOLDS = timedelta(minutes=10)
"""After that a question that could not be shown is not shown any more, unless it still follows."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What decides whether another look finds something else, as long as only questions change:
    the best one, the one that was told of, and whether there is a line to say."""

    is_work: bool
    questions: tuple[tuple[int, str, bool, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What a meeting is to be told now, as far as it was not."""

    lines: Sequence[NewLine]
    again: datetime | None
    """When to look again, if nothing happens before."""
    talks: frozenset[str]
    """The talks of the meeting (their guids)."""
    shown: str | None
    """The one of them whose questions are shown."""
    told: Told | None
    """What was told of these questions."""
    glance: Glance


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

    async def look(self, session: AsyncSession, now: datetime, *, anybody: bool) -> Look:
        """`anybody`: whether a person is there, who can be told when they are on."""
        talks = await self.talks(session, now)
        lines: list[NewLine] = []
        again: list[datetime | None] = [self._begins(talks, now)]
        for slot in (*talks.just_over, *(talks.on if len(talks.on) == 1 else ())):
            due = moments.due(slot, now, self.programme.zone)
            lines += [_line(slot, moment) for moment in due]
            again.append(moments.next_due(slot, now, self.programme.zone))
        if anybody:
            lines += await self._times(session, talks, now)
        lines = await self._missing(session, lines)
        shown, told, best = talks.shown, None, None
        if shown is not None:
            told = await self.told(session, shown.talk.guid)
            best = await self._best(session, shown.talk.guid)
            top = view_of(best) if best is not None else None
            lines, later = await self._with_questions(session, shown, lines, top, told, now)
            lines = await self._missing(session, lines)
            again.append(later)
        return Look(
            lines,
            min((each for each in again if each is not None), default=None),
            frozenset(talks.addresses),
            shown.talk.guid if shown is not None else None,
            told,
            await self._glance(session, best, told),
        )

    async def glance(self, session: AsyncSession, look: Look) -> Glance:
        """Costs a fraction of a look, and each vote costs one."""
        best = await self._best(session, look.shown) if look.shown is not None else None
        return await self._glance(session, best, look.told)

    async def _glance(
        self, session: AsyncSession, best: Question | None, told: Told | None
    ) -> Glance:
        about = [best]
        if told is not None and told.question is not None:
            about.append(await session.get(Question, told.question))
        return Glance(
            await self.lines.is_work(session),
            tuple((q.id, q.state, q.skipped, q.talk, q.text) for q in about if q is not None),
        )

    async def _best(self, session: AsyncSession, talk: str) -> Question | None:
        """The best question that waits, or the one that is taken."""
        return next(iter(await board.on_board(session, talk, 1)), None)

    async def told(self, session: AsyncSession, talk: str) -> Told | None:
        """What all in the meeting were last told of the questions to a talk (its guid)."""
        line = await self.lines.told(session, talk)
        if line is None:
            return None
        question = (
            await session.get(Question, line.question_id) if line.question_id is not None else None
        )
        return Told(
            line=line.id,
            at=line.tried or line.at,
            shows=Shows(line.shows or Shows.NONE),
            question=line.question_id,
            is_readable=line.body != "" and line.state != "dropped",
            waits=question is not None
            and question.talk == talk
            and question.state in ON_BOARD
            and not question.skipped,
        )

    # When the speaker is on.

    def _begins(self, talks: Talks, now: datetime) -> datetime | None:
        """When the speaker of the next talk is told so, or that talk begins."""
        if talks.coming is None:
            return None
        begins = talks.coming.start - self._before
        return begins if now < begins else talks.coming.start

    @property
    def _before(self) -> timedelta:
        return timedelta(minutes=self.settings.jitsi.before_minutes)

    async def _times(self, session: AsyncSession, talks: Talks, now: datetime) -> list[NewLine]:
        """Of the talk that is on; else of the one that comes."""
        if len(talks.on) > 1:
            return []
        slot = talks.on[0] if talks.on else talks.coming
        if slot is None or now < slot.start - self._before:
            return []
        before = await self.lines.told_times(session, slot.talk.guid)
        was_told = before is not None and before.state != "dropped"
        if was_told and before is not None:
            told, times = before.key.rpartition("/")[2], moments.times_of(slot)
            if not moments.differ(told, times, is_on=bool(talks.on)):
                return []
        words = await self._words(session, slot, are_several=len(talks.stage.slots) > 1)
        if not talks.on:
            said: tuple[Text, datetime] | None = words.before(slot, now)
        else:
            said = words.changed(slot) if was_told else words.begun(slot, now)
        if said is None:
            return []
        text, expires = said
        return [replace(times_line(slot, before), body=text.plain, expires=expires)]

    async def _words(self, session: AsyncSession, slot: StageSlot, *, are_several: bool) -> Times:
        address = self.programme.address_for(slot.talk) or ""
        notices = (await settings_for(session, self.settings, address)).notices
        by_room = notices.stream_delay_by_room
        # As `talks/slots.py` does for the audience.
        of_room = by_room.get(address, notices.stream_delay_seconds)
        delay = timedelta(seconds=by_room.get(slot.place, of_room))
        obeys = self.settings.jitsi.commands != "off"
        prefix = self.settings.command_prefix
        return Times(self.programme.zone, prefix, delay, obeys, are_several)

    # Questions.

    async def _with_questions(
        self,
        session: AsyncSession,
        slot: StageSlot,
        lines: list[NewLine],
        top: QuestionView | None,
        told: Told | None,
        now: datetime,
    ) -> tuple[list[NewLine], datetime | None]:
        """`lines`, with what is to be shown of the questions; and when that may be another."""
        guid = slot.talk.guid
        opening = next((line for line in lines if line.key == moments.qa_key(slot)), None)
        if opening is not None:
            # The line that opens the Q&A shows the first.
            view = await self.views.questions(session, guid, Wanted(waiting=0))
            return [
                _opened(line, view, top, told) if line is opening else line for line in lines
            ], None
        every = timedelta(seconds=self.settings.jitsi.top_seconds)
        is_open = moments.is_open(slot, now)
        match following(top, told, now, every, is_open=is_open):
            case Show() as show:
                return [*lines, _shown(guid, show, told, now)], None
            case Later(at=later):
                return lines, later
        return lines, None

    async def _missing(self, session: AsyncSession, lines: list[NewLine]) -> list[NewLine]:
        spent = await self.lines.spent(session, [line.key for line in lines])
        return [line for line in lines if line.key not in spent]


def times_line(slot: StageSlot, before: ToldLine | None) -> NewLine:
    """The line that tells when the speaker is on, after the one that did so `before`."""
    key = f"times/{slot.talk.guid}/{before.id if before is not None else 0}"
    key = f"{key}/{moments.times_of(slot)}"
    return NewLine(key, "", slot.end, LineKind.TIMES, slot.talk.guid)


def question_line(question: QuestionView) -> Text:
    """`12 (17 votes): How small can it get? – Bob`"""
    asker = clean(question.asker, LONGEST_NAME)
    return say(
        texts.QUESTION if asker else texts.QUESTION_NAMELESS,
        number=str(question.number),
        votes=count(question.votes, "vote"),
        text=literal(question_text(question.text), _NOT_CUT),
        asker=asker,
    )


def _line(slot: StageSlot, moment: Moment) -> NewLine:
    body, talk = moment.text.plain, slot.talk.guid
    return NewLine(moment.key, body, moment.expires, LineKind.MOMENT, talk)


def _opened(
    line: NewLine, view: QuestionsView, top: QuestionView | None, told: Told | None
) -> NewLine:
    """The Q&A begins: how many wait, and which is the first."""
    said = [literal(line.body, _NOT_CUT)]
    if top is None:
        if not view.closed:
            said.append(say(texts.QA_NONE))
        return replace(line, body=sentences(said).plain, shows=Shows.NONE if told else None)
    said.append(_waiting(view.waiting.total))
    is_taken = shows(top) is Shows.TAKEN
    if is_taken and told is not None and told.is_of(top.id, Shows.TAKEN):
        return replace(line, body=sentences(said).plain)
    template = texts.TAKEN if is_taken else texts.FIRST
    said.append(say(template, question=question_line(top)))
    return replace(line, body=sentences(said).plain, question=top.id, shows=shows(top))


def _shown(talk: str, show: Show, told: Told | None, now: datetime) -> NewLine:
    """The line that shows a question, or that none waits, after what was `told`."""
    question = show.question
    after = told.line if told is not None else 0
    if question is None:
        key, body = f"none/{talk}/{after}", say(show.template)
    else:
        key = f"q/{talk}/{after}/{question.id}"
        body = say(show.template, question=question_line(question))
    id_ = question.id if question is not None else None
    return NewLine(key, body.plain, now + HOLDS, LineKind.QUESTION, talk, id_, show.shows)


def _waiting(questions: int) -> Text:
    if questions == 1:
        return say(texts.WAITS)
    return say(texts.WAITING, questions=count(questions, "question"))
