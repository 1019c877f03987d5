"""The rooms that the schedule and the settings name: found, joined, followed.

What is joined stays known in the database, so that a start asks the homeserver
nothing. What cannot be joined is tried again, later and later, and holds up
nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sqlalchemy import select, update

from fosdembot.changes import Changes, RoomsChanged
from fosdembot.clock import Clock
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import RoleRoom, Room, RoomAddress, RoomState

from .aliases import claimed_aliases
from .api import Api, HomeserverAway, MatrixError
from .outbox import Outbox
from .power import is_bridged_by
from .relations import replacement_in
from .request_pool import RequestPool
from .role_rooms import RoleRooms, server_of
from .room_addresses import role_in
from .wake import Wake

PAUSE_BETWEEN = 0.05
"""Seconds between two joins: a homeserver has others to serve."""
AT_ONCE = 12
"""Rooms that are being joined; those of one server, and those that failed, are at most half."""
JOINED_WITHIN = 45.0
"""Seconds for one try. The homeserver goes on trying; when it comes in, `/sync` tells."""
LOOK_EVERY = 0.5
"""Seconds between two looks at what is missing, however many rooms come in meanwhile."""
LONGEST_WAIT = 600.0
"""Seconds between two tries."""

_WRITTEN_AT_ONCE = 100
"""Addresses."""

NO_ANSWER = "NO_ANSWER"
NOT_ITS_SUCCESSOR = "NOT_ITS_SUCCESSOR"
HAS_A_ROLE = "HAS_A_ROLE"
"""The address of a talk leads to the control room, or to a hosts' room."""
CHANGED = "CHANGED"
"""The address leads elsewhere than when we tried; nothing came of it."""


class RoomNews(Protocol):
    """Tells organisers, in the transaction in which it is noted that they were told."""

    async def tell_room_problems(self, session: WriteSession, rows: Sequence[RoomAddress]) -> bool:
        """What cannot be joined, and why. Returns whether there was somebody to tell."""

    async def tell_rooms_joined(self, session: WriteSession, addresses: Sequence[str]) -> None:
        """That the bot is in rooms now of which the contrary was told."""


@dataclass(frozen=True, slots=True)
class RoomPolicy:
    """What is decided elsewhere about rooms."""

    server: str
    """Our own homeserver, whose word on aliases counts."""
    bridges: Sequence[str]
    """Globs of accounts that stand for people on other networks."""
    stays_away: Callable[[Room], bool] = lambda _: False
    """Whether it is too early to come back to a room from which we were removed."""


def _left_of(row: RoomAddress) -> str | None:
    """The problem of a room that the bot is in (again): it is back at once in one that was
    replaced, and that people moved on from there is told all the same."""
    return NOT_ITS_SUCCESSOR if NOT_ITS_SUCCESSOR == row.problem != row.problem_told else None


def leading_elsewhere(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The addresses that lead elsewhere than before, and all others of those rooms."""
    every = before.keys() | now.keys()
    others = [address for address in every if before.get(address) != now.get(address)]
    rooms = {known[address] for known in (before, now) for address in others if address in known}
    return frozenset(a for a in every if before.get(a) in rooms or now.get(a) in rooms)


class Rooms:
    """Joins what is wanted; with `follow_upgrade` and `RoleRooms`, the only writer of
    `room_addresses`."""

    def __init__(
        self,
        api: Api,
        database: Database,
        policy: RoomPolicy,
        outbox: Outbox,
        news: RoomNews,
        changes: Changes,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._policy = policy
        self._outbox = outbox
        self._news = news
        self._changes = changes
        self._clock = clock
        self._log = log
        self._wanted: tuple[str, ...] = ()
        self._there: dict[str, str] = {}
        self._logged: dict[str, str] = {}
        """Address → what the log says of it."""
        self._tried: set[str] = set()
        """Addresses at which a try has come to an end."""
        self._entered: dict[str, frozenset[str]] = {}
        """Address → what was joined last, and the room that this is, where /sync has yet to
        tell of it."""
        self._lacking: list[RoomAddress] = []
        """What was missing when we last looked."""
        self._looked, self._look_at = -math.inf, -math.inf
        """When we looked, and when we look again, by `Clock.monotonic`."""
        self._look_twice = False
        self._watch = database.watch(Room, RoomAddress, RoleRoom, RoomState)
        self._at_first, self._is_first = self._watch.version, True
        self._known_as_of = -1
        """Its version as of which `_lacking` is what is missing."""
        self._wants_others = True
        """Whether other rooms are wanted than those of which that is known."""
        self._failed = False
        """Whether a try has failed since the organisers were last told."""
        self._has_news = False
        """Whether at the last look there was a problem, or the end of one, to tell them of."""
        self.wake = Wake()
        self._requests = RequestPool(AT_ONCE, LONGEST_WAIT, self.wake.nudge, clock, log)
        self._roles = RoleRooms(api, database, self._requests, self._role_asked, clock, log)

    def want(self, addresses: Sequence[str], roles: Collection[str] = ()) -> None:
        """These and no others shall be joined, the first ones first. Of them, `roles` are the
        addresses whose rooms have a role: who is in them, or what is said there, has power."""
        self._wanted = tuple(dict.fromkeys(addresses))
        self._roles.want(roles)
        self._wants_others = True
        self.wake.set()

    @property
    def wanted(self) -> Sequence[str]:
        """Known at once, before it stands in the database."""
        return self._wanted

    def retry(self) -> None:
        """Something changed (an invitation, an upgrade): try all that is missing now."""
        self._requests.forget_all()
        self._roles.forget()
        self.wake.set()

    def has_untried(self) -> bool:
        """Whether there are rooms of which it is not known yet whether the bot may come in, or
        of which /sync has yet to tell that it has."""
        known = (self._tried - self._entered.keys()) | self._there.keys()
        return not known.issuperset(self._wanted)

    async def step(self) -> float:
        """Try what is missing and due, the first ones first. Returns the seconds until the next
        is due."""
        self._requests.check()
        if self.wake.was_set():
            self._look_at = min(self._look_at, self._looked + LOOK_EVERY)
            self._look_twice = True
        if self._clock.monotonic() >= self._look_at:
            if self._wants_others or self._known_as_of != self._watch.version:
                self._lacking = await self._missing()
            self._looked = self._clock.monotonic()
            # Whoever woke us may know more than /sync has told by now.
            self._look_at = self._looked + (2.0 if self._look_twice else 30.0)
            self._look_twice = False
            if self._has_news:
                await self._report()
        waits = [self._roles.ask(), self._look_at - self._clock.monotonic()]
        for row in self._lacking:
            group = server_of(row.address) or row.via or ""
            if not self._roles.is_confirmed(row.address):
                continue
            way = self._way_to(row)
            if way not in self._entered.get(row.address, (way,)):
                # It leads elsewhere since we came in.
                del self._entered[row.address]
                self._requests.forget(row.address)
            trying = partial(self._try, row.address)
            waits.append(
                await self._requests.start_if_due(row.address, group, trying, PAUSE_BETWEEN)
            )
        if self._failed and not self._requests.busy:
            # All at once, if there is nothing that would have to be told a moment later.
            self._failed = False
            await self._report()
        return max(0.0, min(waits))

    async def close(self) -> None:
        """End what is under way."""
        await self._requests.cancel()

    async def _missing(self) -> list[RoomAddress]:
        async with self._database.write() as session:
            self._wants_others = False
            known = {
                row.address: row
                for row in await session.scalars(
                    select(RoomAddress).where(RoomAddress.address.in_(self._wanted))
                )
            }
            # With hundreds of rooms each of these takes a while: others have their turn between.
            await asyncio.sleep(0)
            joined = set(
                await session.scalars(select(Room.room_id).where(Room.membership == "join"))
            )
            removed = select(Room).where(Room.membership != "join", Room.removed_at.is_not(None))
            stays_away = self._policy.stays_away
            away = {r.room_id for r in await session.scalars(removed) if stays_away(r)}
            await asyncio.sleep(0)
            claims = await claimed_aliases(session, joined, self._policy.server)
            await asyncio.sleep(0)
            roles = await self._roles.rooms(session)
            with_role = set(roles.values())
            missing, there = [], {}
            for number, address in enumerate(self._wanted):
                if number % _WRITTEN_AT_ONCE == 0:
                    await session.flush()
                    await asyncio.sleep(0)
                row = known.get(address)
                if row is None:
                    row = known[address] = RoomAddress(address=address)
                    session.add(row)
                if row.room_id is None and row.successor is None and address not in self._roles:
                    row.room_id = address if address in joined else claims.get(address)
                leads_to = roles.get(address) if address in self._roles else row.room_id
                if address not in self._roles and leads_to in with_role:
                    row.room_id, row.problem = None, HAS_A_ROLE
                elif leads_to is not None and leads_to in joined and row.successor is None:
                    row.problem = _left_of(row)
                    there[address] = leads_to
                    self._logged.pop(address, None)
                    continue
                if leads_to not in away:
                    missing.append(row)
                else:
                    self._tried.add(address)
            await session.flush()
            self._has_news = any(row.problem != row.problem_told for row in known.values())
            await asyncio.sleep(0)
            await self._outbox.redirect(session, there)
            if self._there != there and not self._is_as_it_was():
                changed = None if self._is_first else leading_elsewhere(self._there, there)
                self._changes.publish(session, RoomsChanged(changed))
        self._entered = {a: room for a, room in self._entered.items() if a not in there}
        self._there, self._is_first = there, False
        # Where the bot stays away, it may come back after a while, though nobody writes.
        self._known_as_of = -1 if away else self._watch.version
        return missing

    def _is_as_it_was(self) -> bool:
        """At the first look: whether nobody has written since the start, at which all look."""
        watch = self._watch
        return self._is_first and watch.version == self._at_first and not watch.is_changing

    def _role_asked(self) -> None:
        # It may be there already: look before it is joined.
        self._look_at = -math.inf
        self.wake.set()

    async def _try(self, address: str) -> None:
        """Join one, as it is known now."""
        async with self._database.read() as session:
            row = await session.get(RoomAddress, address)
        try:
            if row is not None:
                await self._join(row)
        finally:
            self._tried.add(address)
            self._look_at = min(self._look_at, self._looked + LOOK_EVERY)

    async def _join(self, row: RoomAddress) -> None:
        problem: str | None = None
        values: dict[str, object] = {}
        try:
            room = await self._api.join(self._way_to(row), row.via, JOINED_WITHIN)
            if row.successor is not None:
                problem, values = await self._follow(row, room)
            if not (problem or values):
                bridged = is_bridged_by(await self._api.joined_members(room), self._policy.bridges)
                values = {"room_id": room, "successor": None, "bridged": bridged}
        except HomeserverAway as err:
            self._warn(row.address, err)
            self._requests.failed(row.address)
            if self._requests.failures(row.address) < 3:
                return
            problem = NO_ANSWER
        except MatrixError as err:
            if err.retry_after is not None:
                self._requests.rest_all(err.retry_after)
                return
            self._requests.failed(row.address)
            problem = err.errcode
            self._warn(row.address, err)
        noted = await self._note(row, problem, values)
        if noted == CHANGED:
            self.wake.set()
        elif noted is not None:
            self._failed = True
            if problem is None:
                self._requests.failed(row.address)
        elif "room_id" not in values:
            # There is another upgrade to follow.
            self.wake.set()
        else:
            # The room counts as joined when /sync says so; until then this is enough.
            self._entered[row.address] = frozenset({self._way_to(row), str(values["room_id"])})
            self._requests.forget(row.address)
            self._requests.rest(row.address, 30.0)

    def _warn(self, address: str, err: Exception) -> None:
        """Once, as long as it is the same."""
        if self._logged.get(address) != str(err):
            self._logged[address] = str(err)
            self._log.warning("%s not joined: %s. I try again within ten minutes", address, err)

    async def _note(
        self, row: RoomAddress, problem: str | None, values: dict[str, object]
    ) -> str | None:
        """Write down what came of trying; returns the problem."""
        async with self._database.write() as session:
            now = await session.get(RoomAddress, row.address)
            if now is None or (now.room_id, now.successor) != (row.room_id, row.successor):
                # It leads elsewhere meanwhile.
                return CHANGED
            room = values.get("room_id")
            if isinstance(room, str):
                if row.address in self._roles:
                    await self._roles.give(session, row.address, room)
                elif await role_in(session, room, row.address) is not None:
                    problem, values = HAS_A_ROLE, {}
            await session.execute(
                update(RoomAddress)
                .where(RoomAddress.address == row.address)
                .values(problem=problem or _left_of(now), **values)
            )
        return problem

    def _way_to(self, row: RoomAddress) -> str:
        """What to join. Which room has a role, its address says anew each time."""
        known = None if row.address in self._roles else row.room_id
        return known or row.successor or row.address

    async def _follow(self, row: RoomAddress, room: str) -> tuple[str | None, dict[str, object]]:
        """A tombstone may point anywhere; the room it points to must agree ("m.room.create",
        `predecessor`). Returns the problem, and what is known now if we must go elsewhere."""
        predecessor = (await self._api.state(room, "m.room.create")).get("predecessor")
        if not isinstance(predecessor, dict) or predecessor.get("room_id") != row.replaces:
            await self._api.leave(room)
            return NOT_ITS_SUCCESSOR, {"successor": None}
        tombstone = await self._api.find_state(room, "m.room.tombstone")
        if tombstone is None:
            return None, {}
        replacement = replacement_in(tombstone)
        return None, {"successor": replacement, "replaces": room} if replacement else {}

    async def _report(self) -> None:
        """Tell the organisers of each problem once, and that it is over."""
        async with self._database.write() as session:
            rows = list(
                await session.scalars(
                    select(RoomAddress)
                    .where(
                        RoomAddress.address.in_(self._wanted),
                        RoomAddress.problem.is_distinct_from(RoomAddress.problem_told),
                    )
                    .order_by(RoomAddress.address)
                )
            )
            problems = [row for row in rows if row.problem is not None]
            over = [row for row in rows if row.problem is None]
            if problems and await self._news.tell_room_problems(session, problems):
                for row in problems:
                    row.problem_told = row.problem
            if over:
                await self._news.tell_rooms_joined(session, [row.address for row in over])
                for row in over:
                    row.problem_told = None
