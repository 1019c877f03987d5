"""Cards in a hosts' room for what was asked before: it was named only then, or the bot came
into it only then.

Nothing remembers who has to get what: whatever should have a card and has none gets one,
under the key under which it gets one when it is asked. So a crash or a second look doubles
nothing, however it came that a card is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.notifications.card_pace import WINDOW
from fosdembot.notifications.cards import Cards
from fosdembot.notifications.places_of_question import is_card
from fosdembot.questions.shown import said_about
from fosdembot.questions.states import UNDECIDED, State
from fosdembot.settings import Settings
from fosdembot.talks.assignment import STILL_ABOUT_IT
from fosdembot.talks.phases import Phase, phase
from fosdembot.talks.slots import AudienceSlot
from fosdembot.texts import hosts as texts
from fosdembot.texts.render import say
from fosdembot.texts.words import count

MOST = 20
"""So many undecided questions have a card in a hosts' room before one more comes late."""
LOOK_AGAIN = 600.0
"""Seconds: as questions are decided, there is room for others."""


@dataclass
class _RoomCards:
    """Of one hosts' room."""

    cards: int = 0
    """Undecided questions that have one."""
    missing: list[Question] = field(default_factory=list)
    """Those that have none, in the order in which they get one."""


class LateCards:
    def __init__(
        self,
        database: Database,
        views: RoomViews,
        hosts: Hosts,
        cards: Cards,
        outbox: Outbox,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._database = database
        self._views = views
        self._hosts = hosts
        self._cards = cards
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self.wake = cards.late
        """To be set where hosts' rooms, tracks of talks, or the rooms that the bot is in change."""

    async def step(self) -> float:
        """Put the cards that are missing, as many as fit. Returns the seconds until the next look:
        soon, if some wait for the pace."""
        return self._seconds(WINDOW) if await self._put_missing() else LOOK_AGAIN

    async def _put_missing(self) -> bool:
        """Whether some wait for the pace."""
        if not self._hosts.addresses:
            return False
        async with self._database.read() as session:
            rooms = await self._rooms(session)
        # Mostly there is nothing to do, for which nobody has to wait.
        if any(there.missing for there in rooms.values()):
            async with self._database.write() as session:
                rooms = await self._rooms(session)
                return any([await self._put(session, *each) for each in rooms.items()])
        return False

    def _seconds(self, time: timedelta) -> float:
        """As they pass on the wall."""
        now = self._clock.now()
        return (self._clock.to_wall(now + time) - self._clock.to_wall(now)).total_seconds()

    async def _put(self, session: WriteSession, room: str, there: _RoomCards) -> bool:
        """Whether some wait for the pace."""
        fit = max(0, MOST - there.cards)
        put = 0
        for question in there.missing[:fit]:
            if not await self._cards.put(session, room, question):
                break
            put += 1
        if left := there.missing[put:]:
            rest = say(
                texts.MORE_ASKED,
                questions=count(len(left), "more question"),
                p=self._settings.command_prefix,
            )
            # Said again only of others that are left.
            key = f"cards/{room}/{max(question.id for question in left)}"
            await self._outbox.message(session, key, room, notice(rest), Urgency.ANSWER)
        return put < min(fit, len(there.missing))

    async def _rooms(self, session: AsyncSession) -> Mapping[str, _RoomCards]:
        """By hosts' room; the talks that are on come first, then the next."""
        found: defaultdict[str, _RoomCards] = defaultdict(_RoomCards)
        now = self._clock.now()
        for address, slot in await self._talks(session, now):
            rooms = set(await self._hosts.rooms_of(session, address))
            questions = await self._wanted(session, slot, now) if rooms else []
            said = await said_about(session, [question.id for question in questions])
            for room in rooms:
                missing = [
                    q for q in questions if not any(is_card(key, q, room) for key in said[q.id])
                ]
                found[room].missing += missing
                found[room].cards += len(questions) - len(missing)
        return found

    async def _talks(self, session: AsyncSession, now: datetime) -> list[tuple[str, AudienceSlot]]:
        """The talks with undecided questions, by their beginning, each with the address of
        its room."""
        undecided = select(Question.talk).where(Question.state.in_(UNDECIDED)).distinct()
        talks = set(await session.scalars(undecided))
        found: list[tuple[str, AudienceSlot]] = []
        for address, room in (await self._views.audiences_of(session, talks, now)).items():
            found += [(address, slot) for slot in room.slots if slot.talk.guid in talks]
        return sorted(found, key=lambda each: (each[1].start, each[0], each[1].talk.guid))

    async def _wanted(
        self, session: AsyncSession, slot: AudienceSlot, now: datetime
    ) -> Sequence[Question]:
        """What hosts have to see of a talk's questions, in the order in which it was asked."""
        states: Sequence[State] = UNDECIDED
        match phase(slot, now):
            case Phase.CANCELLED:
                return []
            case Phase.OVER:
                if now - slot.end >= STILL_ABOUT_IT:
                    return []
                # Only who is let in can be answered in writing.
                states = (State.PENDING,)
        wanted = select(Question).where(Question.talk == slot.talk.guid, Question.state.in_(states))
        return (await session.scalars(wanted.order_by(Question.id))).all()
