"""Reads what the page of a talk room shows, in the time of its audience."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference import transcripts
from fosdembot.conference.opt_outs import all_opted_out
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.room_view import RoomViews
from fosdembot.questions.guests import Guests, guests_in
from fosdembot.questions.orders import Order, arranged
from fosdembot.questions.views import Part, QuestionsView, QuestionView, Wanted
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.assignment import STILL_ABOUT_IT
from fosdembot.talks.phases import Phase, programme_day
from fosdembot.talks.room_talks import AudienceTalks
from fosdembot.talks.slots import AudienceSlot
from fosdembot.talks.transcript_url import transcript_url

from .screens import Topic

MOST_LISTED = 100
"""Questions that wait for an answer, of each talk."""
MOST_ANSWERED = 50
MOST_ANSWERS = 5
"""Written ones to a question."""
MOST_TALKS = 8
"""On at once."""
MOST_EARLIER = 60
"""Talks to whose boards there is a link."""
LONGEST_LOOK = timedelta(minutes=1)
"""So often a page is drawn anew though nothing happens: days change, and troubles begin."""
SOON = timedelta(hours=12)
"""What comes later has no countdown."""


@dataclass(frozen=True, slots=True)
class Board:
    """The questions to one talk."""

    talk: Talk
    slot: AudienceSlot | None
    """None where the talk is none to be asked about: it lasts for days, for example."""
    phase: Phase
    closed: bool
    waiting: Part[QuestionView]
    """In the order that was wanted."""
    answered: Part[QuestionView]
    transcript: str = ""
    """Where the talk is the one that is shown: its transcript's address on the web; empty where
    there is none to read."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A talk that is over."""

    talk: Talk
    start: datetime
    transcript: str
    """Its address on the web; empty where there is none to read."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The next one that people wait for."""

    at: datetime
    slot: AudienceSlot
    kind: Phase
    """What begins then: `LIVE`, `QA`, `OVER`."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What was decided for a room."""

    moderated: bool
    guests: Guests
    """What people in the hall may do."""
    is_paused: bool
    """Whether organisers hold all its notices: what is planned may not happen."""


@dataclass(frozen=True, slots=True)
class RoomState:
    """A talk room, or a single talk of it, at one moment."""

    address: str
    talks: AudienceTalks
    boards: tuple[Board, ...]
    """Of the talks whose questions are listed."""
    single: Talk | None
    """The one talk that is shown; None: whatever is on."""
    rules: Rules
    earlier: Part[Earlier]
    """The newest first."""
    still: QuestionView | None
    """What the speaker of the talk before is still answering, though the next one has begun."""

    @property
    def now(self) -> datetime:
        return self.talks.at

    @property
    def several(self) -> bool:
        return len(self.boards) > 1

    @property
    def answering(self) -> QuestionView | None:
        """The one of the first talk of which one is being answered, else of the talk before."""
        firsts = (next(iter(board.waiting.entries), None) for board in self.boards)
        taken = (each for each in firsts if each is not None and each.state == "answering")
        return next(taken, self.still)

    @property
    def moment(self) -> Moment | None:
        """Of what is on, else of what comes next."""
        if self.single is not None:
            slots = tuple(board.slot for board in self.boards if board.slot is not None)
        else:
            slots = self.talks.on or self.talks.next
        moments = [each for slot in slots if (each := next_moment(slot, self.talks))]
        first = min(moments, key=lambda each: each.at, default=None)
        return first if first is not None and first.at - self.now < SOON else None

    def redraw_at(self, order: Order) -> datetime:
        """When it looks another way though nothing happens."""
        latest = self.now + (LONGEST_LOOK / 2 if order is Order.FAIR else LONGEST_LOOK)
        return min((each for each in self._changes() if self.now < each < latest), default=latest)

    def _changes(self) -> Iterator[datetime]:
        for slot in self.talks.slots:
            yield from (slot.start, slot.end, slot.end + STILL_ABOUT_IT)
            if slot.qa_start is not None:
                yield slot.qa_start


def next_moment(slot: AudienceSlot, talks: AudienceTalks) -> Moment | None:
    """The next one of a talk."""
    match talks.phase(slot):
        case Phase.UPCOMING:
            return Moment(slot.start, slot, Phase.LIVE)
        case Phase.LIVE if slot.qa_start is not None:
            return Moment(slot.qa_start, slot, Phase.QA)
        case Phase.LIVE | Phase.QA:
            return Moment(slot.end, slot, Phase.OVER)
    return None


@dataclass(frozen=True, slots=True)
class Listed:
    """Which of the questions to each talk are listed."""

    order: Order
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class RoomReading:
    views: RoomViews
    programme: Programme
    settings: Settings

    async def listed(self, session: AsyncSession, order: Order) -> Listed:
        wanted = Wanted(
            MOST_LISTED,
            MOST_ANSWERED,
            answers=MOST_ANSWERS,
            nameless=await all_opted_out(session),
        )
        if order is not Order.VOTES:
            wanted = replace(wanted, newest=MOST_LISTED)
        return Listed(order, wanted)

    async def read(
        self, session: AsyncSession, topic: Topic, listed: Listed, now: datetime
    ) -> RoomState:
        talks = await self.views.audience(session, topic.address, now)
        room = await room_at(session, topic.address)
        most = 0 if topic.talk else MOST_TALKS
        view = await self.views.room(session, talks, room, listed.wanted, most)
        single = self.programme.talks.get(topic.talk) if topic.talk else None
        if single is not None:
            questions = await self.views.questions(session, single.guid, listed.wanted)
            board = self._board(single, talks.of(single.guid), questions, talks, listed.order)
            boards = [replace(board, transcript=await self._transcript_of(session, single))]
        else:
            boards = [
                self._board(each.slot.talk, each.slot, each.questions, talks, listed.order)
                for each in view.current.entries
            ]
        return RoomState(
            address=topic.address,
            talks=talks,
            boards=tuple(boards),
            single=single,
            rules=Rules(
                moderated=view.moderated,
                guests=await self._guests(session, room),
                is_paused=await is_paused(session, topic.address, self.programme),
            ),
            earlier=await self._earlier(session, talks, {board.talk.guid for board in boards}),
            still=await self._still(session, talks, single, listed),
        )

    async def with_questions(
        self, session: AsyncSession, before: RoomState, listed: Listed, now: datetime
    ) -> RoomState:
        """The same a little later, where nothing but questions may be others."""
        talks = replace(before.talks, at=now)
        boards = []
        for board in before.boards:
            questions = await self.views.questions(session, board.talk.guid, listed.wanted)
            read = self._board(board.talk, board.slot, questions, talks, listed.order)
            boards.append(replace(read, transcript=board.transcript))
        still = await self._still(session, talks, before.single, listed)
        return replace(before, talks=talks, boards=tuple(boards), still=still)

    async def _still(
        self, session: AsyncSession, talks: AudienceTalks, single: Talk | None, listed: Listed
    ) -> QuestionView | None:
        if single is not None:
            return None
        return await self.views.still_answering(session, talks, listed.wanted.nameless)

    async def _guests(self, session: AsyncSession, room: str | None) -> Guests:
        if room is None:
            return Guests.OFF
        return await guests_in(session, room, self.settings.pages.guests)

    def _board(
        self,
        talk: Talk,
        slot: AudienceSlot | None,
        questions: QuestionsView,
        talks: AudienceTalks,
        order: Order,
    ) -> Board:
        if slot is not None:
            at, phase = min(talks.at, slot.end), talks.phase(slot)
        else:
            at, phase = talks.at, Phase.OVER if talk.end <= talks.at else Phase.UPCOMING
        waiting = self._in_order(questions.waiting, order, at)
        return Board(talk, slot, phase, questions.closed, waiting, questions.answered)

    def _in_order(self, part: Part[QuestionView], order: Order, at: datetime) -> Part[QuestionView]:
        if order is Order.VOTES:
            return part
        hall = self.settings.pages.guest_votes_rank
        return part.listing(arranged(part.entries, order, at, hall=hall)[:MOST_LISTED])

    async def _earlier(
        self, session: AsyncSession, talks: AudienceTalks, shown: Collection[str]
    ) -> Part[Earlier]:
        over = [
            slot
            for slot in reversed(talks.slots)
            if slot.end <= talks.at and not slot.is_break and slot.takes_place
        ]
        listed = [slot for slot in over if slot.talk.guid not in shown][:MOST_EARLIER]
        guids = [slot.talk.guid for slot in listed]
        public = await transcripts.published_among(session, guids) if guids else set()
        entries = tuple(
            Earlier(slot.talk, slot.start, self._transcript(slot.talk.guid, public))
            for slot in listed
        )
        return Part(entries, max(0, len(over) - MOST_EARLIER))

    async def _transcript_of(self, session: AsyncSession, talk: Talk) -> str:
        public = await transcripts.published_among(session, [talk.guid])
        return self._transcript(talk.guid, public)

    def _transcript(self, guid: str, public: Collection[str]) -> str:
        return transcript_url(self.settings, guid) if guid in public else ""


def today(talks: AudienceTalks) -> Sequence[AudienceSlot]:
    """Those of its talks and breaks that are of the same day."""
    day = programme_day(talks.at, talks.zone)
    return [slot for slot in talks.slots if programme_day(slot.start, talks.zone) == day]
