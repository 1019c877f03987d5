"""Answers invitations: which are accepted is the bot's own rule, not maubot's autojoin."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Collection, Sequence
from enum import IntEnum
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.db.tables import Room, RoomAddress, RoomState

from .api import Api, HomeserverAway, MatrixError
from .backoff import Backoff
from .chat_places import ChatPlaces, says_goodbye
from .power import room_state
from .request_pool import RequestPool
from .rooms import Rooms
from .timeline import MEMBER
from .wake import Wake

PAUSE_BETWEEN = 0.1
"""Seconds between two answers: strangers may send as many invitations as they like."""
TRIES = 20
AT_ONCE = 8
ANSWERED_WITHIN = 30.0
"""Seconds for joining or declining. The homeserver goes on trying; then `/sync` tells of it."""
LONGEST_WAIT = 300.0
READ_AT_MOST, LOOKED_AT = 2000, 200
"""Invitations at a time, those of people whom we know first."""
ROOMS_ASKED = 5
"""Talk rooms in which the homeserver is asked for somebody of whom we have seen nothing: those
with a talk soonest. Whoever came, spoke or reacted since the bot is there is known."""
ASKED_A_MINUTE = 60
"""Such requests, for all strangers together."""
STRANGER_SECONDS = 600.0
"""For so long nobody is asked for the same stranger again."""
ALIAS_SECONDS = 30.0
"""For so long nobody asks again where an alias leads, however many invite; it may change."""
ENTERING_SECONDS = 120.0
"""A stranger may be in a talk room that we have yet to enter: waits so long for that."""
GOODBYE_SECONDS = 60.0
"""The last word to a chat is given so long to be sent."""


class Welcome(IntEnum):
    """Who asks; the first ones are answered first."""

    WANTED = 0
    """An organiser, or into a room that the schedule or the settings name."""
    KNOWN = 1
    """Into a direct chat, somebody who was seen in a talk room."""
    UNKNOWN = 2
    """Somebody of whom the homeserver must be asked."""
    UNWELCOME = 3


class Invitations:
    """Accepts organisers' invitations to rooms, invitations to rooms that are wanted,
    and direct chats with people who are in a talk room. Declines all others.

    `is_shared` says whether other instances use the account as well. Then nothing is
    declined, which may be meant for them, and direct chats are accepted by none: nobody
    could tell with whom.
    """

    def __init__(
        self,
        api: Api,
        database: Database,
        organisers: Collection[str],
        places: ChatPlaces,
        rooms: Rooms,
        is_shared: Callable[[], bool],
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._organisers = frozenset(organisers)
        self._places = places
        self._rooms = rooms
        self._is_shared = is_shared
        self._clock = clock
        self._log = log
        self._strangers: dict[str, float] = {}
        """Person → until when (`Clock.monotonic`) they are in no talk room, as far as we know."""
        self._asked: deque[float] = deque(maxlen=ASKED_A_MINUTE)
        """When the last requests for strangers were made."""
        self._led: dict[str, tuple[float, str | None]] = {}
        """Alias of a private room → until when (`Clock.monotonic`) it leads to this one."""
        self._since: dict[str, float] = {}
        """Room → since when it waits for something."""
        self._away = Backoff(longest=LONGEST_WAIT)
        self._away_until = -math.inf
        self.wake = Wake()
        self._requests = RequestPool(AT_ONCE, LONGEST_WAIT, self.wake.nudge, clock, log)

    async def step(self) -> float:
        """Start what is due. Returns the seconds until something may be."""
        self._requests.check()
        if self.wake.was_set():
            self._away_until = -math.inf
        if (away := self._away_until - self._clock.monotonic()) > 0:
            return away
        waits = [300.0]
        for welcome, room in await self._invited():
            key = room.room_id
            if welcome is Welcome.UNKNOWN and self._is_early(room):
                waits.append(2.0)
                continue
            group, answering = self._group(welcome, room), partial(self._answer, room, welcome)
            waits.append(await self._requests.start_if_due(key, group, answering, PAUSE_BETWEEN))
        ready, waiting = await self._deserted()
        for room in ready:
            if self._requests.may_start(room.room_id, "deserted"):
                self._requests.start(room.room_id, "deserted", self._desert(room.room_id))
            waits.append(5.0)
        waits += [1.0] * waiting
        return min(waits)

    async def close(self) -> None:
        """End what is under way."""
        await self._requests.cancel()

    async def _invited(self) -> list[tuple[Welcome, Room]]:
        """The invitations that are to be answered, the most welcome first."""
        invited = select(Room).where(Room.membership == "invite").order_by(Room.room_id)
        async with self._database.read() as session:
            rooms = (await session.scalars(invited.limit(READ_AT_MOST))).all()
            if not rooms:
                return []
            found = await self._standings(session, rooms)
        found.sort(key=lambda entry: (entry[0], self._requests.failures(entry[1].room_id)))
        return found[:LOOKED_AT]

    def _group(self, welcome: Welcome, room: Room) -> str:
        """Strangers, and the people of one server, do not take all places."""
        if welcome in (Welcome.UNKNOWN, Welcome.UNWELCOME):
            return "strangers"
        return (room.inviter or "").partition(":")[2]

    async def _deserted(self) -> tuple[list[Room], int]:
        """The chats that are to be left, and how many have yet to get the last word."""
        deserted = select(Room).where(Room.membership == "join", Room.deserted)
        ready, now = [], self._clock.monotonic()
        async with self._database.read() as session:
            rooms = (await session.scalars(deserted)).all()
            for room in rooms:
                late = now - self._since.setdefault(room.room_id, now) > GOODBYE_SECONDS
                if late or not await says_goodbye(session, room):
                    ready.append(room)
        return ready, len(rooms) - len(ready)

    async def _standings(
        self, session: AsyncSession, rooms: Sequence[Room]
    ) -> list[tuple[Welcome, Room]]:
        """In a few queries, however many invite."""
        ids = [room.room_id for room in rooms]
        # Whether an upgrade is a true one, `Rooms` sees once it is in the new room.
        led_to = select(RoomAddress.address, RoomAddress.room_id, RoomAddress.successor)
        named = {name for row in await session.execute(led_to) for name in row}
        named |= set(self._rooms.wanted)
        kinds = select(RoomState.room_id, RoomState.content).where(
            RoomState.room_id.in_(ids), RoomState.type == "m.room.canonical_alias"
        )
        aliases = {row.room_id: row.content.get("alias") for row in await session.execute(kinds)}
        seen = select(RoomState.state_key, RoomState.content).where(
            RoomState.type == MEMBER,
            RoomState.state_key.in_({room.direct_with for room in rooms}),
            RoomState.room_id.in_(await self._talk_rooms(session)),
        )
        known = {
            row.state_key
            for row in await session.execute(seen)
            if row.content.get("membership") == "join"
        }
        shared, private = self._is_shared(), bool(await self._private(session))

        def welcome(room: Room) -> Welcome:
            if room.direct_with is not None and shared:
                return Welcome.UNWELCOME
            if room.inviter in self._organisers or room.room_id in named:
                return Welcome.WANTED
            alias = aliases.get(room.room_id)
            if isinstance(alias, str) and alias in named:
                # Whoever invites may have made it up: where it leads, the homeserver knows.
                return Welcome.UNKNOWN
            if room.direct_with is None:
                # Not every room says in an invitation what it is called.
                return Welcome.UNKNOWN if private else Welcome.UNWELCOME
            return Welcome.KNOWN if room.direct_with in known else Welcome.UNKNOWN

        return [(welcome(room), room) for room in rooms]

    async def _names(self, session: AsyncSession, address: str) -> bool:
        """Whether the schedule or the settings name it, or did."""
        known = address in self._rooms.wanted
        return known or await session.get(RoomAddress, address) is not None

    async def _private(self, session: AsyncSession) -> list[str]:
        """The aliases of wanted rooms that the bot may not enter uninvited, in their order."""
        forbidden = select(RoomAddress.address).where(RoomAddress.problem == "M_FORBIDDEN")
        found = set(await session.scalars(forbidden))
        return [alias for alias in self._rooms.wanted if alias in found and alias.startswith("#")]

    async def _talk_rooms(self, session: AsyncSession) -> list[str]:
        """The rooms that we are in and that are named, those with a talk soonest first."""
        rows = await session.execute(
            select(RoomAddress.address, RoomAddress.room_id)
            .join(Room, Room.room_id == RoomAddress.room_id)
            .where(Room.membership == "join")
        )
        led_to = {row.address: row.room_id for row in rows}
        first = [led_to.pop(address) for address in self._rooms.wanted if address in led_to]
        return list(dict.fromkeys([*first, *led_to.values()]))

    def _is_early(self, room: Room) -> bool:
        """Whether there are rooms that the bot has yet to try: who invites may be in one. At
        the first start all are."""
        now = self._clock.monotonic()
        if room.direct_with is None or not self._rooms.has_untried():
            return False
        return now - self._since.setdefault(room.room_id, now) < ENTERING_SECONDS

    async def _answer(self, room: Room, welcome: Welcome) -> None:
        key = room.room_id
        try:
            if not await self._decide(room, welcome):
                return
        except HomeserverAway as err:
            if await self._is_away():
                return
            # The other room's trouble must not hold up the others, nor for ever.
            wait = self._requests.failed(key)
            self._log.warning("The invitation to %s waits for %.0f s: %s", key, wait, err)
            if self._requests.failures(key) < TRIES:
                return
        except MatrixError as err:
            if err.status == 401 or err.retry_after is not None:
                self._log.warning("Invitations wait: %s", err)
                self._requests.rest_all(max(err.retry_after or 0.0, 1.0))
                return
            # Withdrawn, or a room that is gone.
            self._log.warning("The invitation to %s cannot be answered: %s", key, err)
        self._requests.forget(key)
        self._since.pop(key, None)
        await self._forget(key)

    async def _decide(self, room: Room, welcome: Welcome) -> bool:
        """Join, or decline; whether the invitation is answered."""
        if welcome is Welcome.UNKNOWN:
            welcome = await self._find_out(room)
        if welcome is Welcome.UNKNOWN:
            # Too many ask: later.
            self._requests.rest(room.room_id, 30.0)
            return False
        takes_place = welcome is Welcome.KNOWN and room.direct_with is not None
        if welcome is Welcome.UNWELCOME or (
            takes_place and not await self._places.take(room.room_id, room.direct_with or "")
        ):
            if not self._is_shared():
                self._log.info("Declined %s's invitation to %s", room.inviter, room.room_id)
                await self._leave(room.room_id)
            return True
        try:
            via = (room.inviter or "").partition(":")[2]
            await self._api.join(room.room_id, via, ANSWERED_WITHIN)
        except BaseException:
            self._places.give_back(room.room_id)
            raise
        self._rooms.retry()
        return True

    async def _find_out(self, room: Room) -> Welcome:
        """What the homeserver knows of somebody; `UNKNOWN` where it cannot be asked now."""
        async with self._database.read() as session:
            alias = await _alias(session, room.room_id)
            named = alias is not None and await self._names(session, alias)
            rooms, private = await self._talk_rooms(session), await self._private(session)
        if alias is not None and named and await self._api.resolve(alias) == room.room_id:
            return Welcome.WANTED
        person, now = room.direct_with, self._clock.monotonic()
        if person is None:
            return await self._is_private(room.room_id, private)
        if self._strangers.get(person, -math.inf) > now:
            return Welcome.UNWELCOME
        for talk_room in rooms[:ROOMS_ASKED]:
            if len(self._asked) == ASKED_A_MINUTE and now - self._asked[0] < 60:
                return Welcome.UNKNOWN
            self._asked.append(now)
            if await self._is_member(talk_room, person):
                return Welcome.KNOWN
        self._strangers = {who: until for who, until in self._strangers.items() if until > now}
        self._strangers[person] = now + STRANGER_SECONDS
        return Welcome.UNWELCOME

    async def _is_private(self, room: str, aliases: Sequence[str]) -> Welcome:
        """Whether one of the aliases leads there; `UNKNOWN` where not all can be asked now."""
        asked, now = 0, self._clock.monotonic()
        for alias in aliases:
            until, led_to = self._led.get(alias, (-math.inf, None))
            if until <= now:
                too_many = len(self._asked) == ASKED_A_MINUTE and now - self._asked[0] < 60
                if too_many or asked == ROOMS_ASKED:
                    return Welcome.UNKNOWN
                asked += 1
                self._asked.append(now)
                led_to = await self._api.resolve(alias)
                self._led[alias] = now + ALIAS_SECONDS, led_to
            if led_to == room:
                return Welcome.WANTED
        return Welcome.UNWELCOME

    async def _is_member(self, room: str, user: str) -> bool:
        try:
            member = await self._api.state(room, MEMBER, user)
        except MatrixError as err:
            if err.retry_after is not None:
                raise
            return False
        return member.get("membership") == "join"

    async def _is_away(self) -> bool:
        """Whether our own homeserver does not answer; then everything waits."""
        try:
            await self._api.whoami()
        except (HomeserverAway, MatrixError) as err:
            wait = self._away.next()
            self._away_until = self._clock.monotonic() + wait
            self._log.warning("Invitations wait for %.0f s: %s", wait, err)
            return True
        self._away.reset()
        return False

    async def _desert(self, room: str) -> None:
        try:
            await self._leave(room)
        except (HomeserverAway, MatrixError) as err:
            self._log.warning("%s cannot be left: %s", room, err)
            self._requests.failed(room)
        else:
            self._since.pop(room, None)
            self._requests.rest(room, 30.0)

    async def _leave(self, room: str) -> None:
        try:
            await self._api.leave(room, ANSWERED_WITHIN)
        except MatrixError as err:
            if err.retry_after is not None or err.status == 401:
                raise
            self._log.warning("%s cannot be left: %s", room, err)

    async def _forget(self, room_id: str) -> None:
        """It was answered; what comes of it, /sync tells."""
        async with self._database.write() as session:
            row = await session.get(Room, room_id)
            if row is not None and row.membership == "invite":
                row.membership = "leave"


async def _alias(session: AsyncSession, room: str) -> str | None:
    """The one in the invitation's stripped state."""
    state = await room_state(session, room, "m.room.canonical_alias")
    alias = state.content.get("alias") if state is not None else None
    return alias if isinstance(alias, str) else None
