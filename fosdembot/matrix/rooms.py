"""The rooms that the schedule and the settings name: found, joined, followed.

What is joined stays known in the database, so that a start asks the homeserver
nothing. What cannot be joined is tried again, later and later, and holds up
nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import Room, RoomAddress, RoomState

from .api import Api, HomeserverAway, Json, MatrixError
from .backoff import Backoff
from .outbox import Outbox
from .power import is_bridged_by
from .wake import Wake

PAUSE_BETWEEN = 0.05
"""Seconds between two joins: a homeserver has others to serve."""

NO_ANSWER = "NO_ANSWER"
NOT_ITS_SUCCESSOR = "NOT_ITS_SUCCESSOR"

TellProblems = Callable[[WriteSession, Sequence[RoomAddress]], Awaitable[bool]]
"""Whether there was somebody to tell."""
TellJoined = Callable[[WriteSession, Sequence[str]], Awaitable[None]]


async def _tell_nobody(_session: WriteSession, _addresses: Sequence[str]) -> None:
    pass


@dataclass
class _Patience:
    backoff: Backoff = field(default_factory=lambda: Backoff(longest=600))
    until: float = 0.0
    """`time.monotonic()` of the next try."""
    unanswered: int = 0


class Rooms:
    """Joins what is wanted; with `follow_upgrade`, the only writer of `room_addresses`.

    `joined` is called whenever the bot is in other rooms than before.
    """

    def __init__(
        self,
        api: Api,
        database: Database,
        user_id: str,
        bridges: Sequence[str],
        outbox: Outbox,
        tell_problems: TellProblems,
        joined: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._server = user_id.partition(":")[2]
        self._bridges = bridges
        self._outbox = outbox
        self._tell_problems = tell_problems
        self._joined = joined
        self._log = log
        self._wanted: tuple[str, ...] = ()
        self._there: dict[str, str] = {}
        self._patience: dict[str, _Patience] = {}
        self.wake = Wake()
        self.tell_joined: TellJoined = _tell_nobody
        """Called with the addresses of which a problem was told, and which are joined now."""

    def want(self, addresses: Sequence[str]) -> None:
        """These and no others shall be joined, the first ones first."""
        self._wanted = tuple(dict.fromkeys(addresses))
        self.wake.set()

    @property
    def wanted(self) -> Sequence[str]:
        """Known at once, before it stands in the database."""
        return self._wanted

    def retry(self) -> None:
        """Something changed (an invitation, an upgrade): try all that is missing now."""
        self._patience.clear()
        self.wake.set()

    async def run(self) -> None:
        """Join until cancelled."""
        while True:
            wait = 30.0
            try:
                wait = await self._round()
            except Exception:
                self._log.exception("Rooms could not be looked after; next try in 30 s")
            await self.wake.wait(timeout=wait)

    async def _round(self) -> float:
        """Try all that is missing and due; returns seconds until the next is due."""
        missing = await self._missing()
        wait = 600.0
        for address in missing:
            patience = self._patience.setdefault(address.address, _Patience())
            left = patience.until - time.monotonic()
            if left <= 0:
                left = await self._try(address, patience)
            wait = min(wait, left)
        await self._report()
        return wait

    async def _missing(self) -> list[RoomAddress]:
        async with self._database.write() as session:
            known = {
                row.address: row
                for row in await session.scalars(
                    select(RoomAddress).where(RoomAddress.address.in_(self._wanted))
                )
            }
            joined = set(
                await session.scalars(select(Room.room_id).where(Room.membership == "join"))
            )
            claims = await self._claimed_aliases(session, joined)
            missing, there = [], {}
            for address in self._wanted:
                row = known.get(address)
                if row is None:
                    row = RoomAddress(address=address)
                    session.add(row)
                if row.room_id is None and row.successor is None:
                    row.room_id = address if address in joined else claims.get(address)
                if row.room_id in joined and row.room_id is not None:
                    row.problem = None
                    there[address] = row.room_id
                else:
                    missing.append(row)
            await self._outbox.redirect(session, there)
        if self._there != there:
            self._there = there
            self._joined()
        return missing

    async def _claimed_aliases(self, session: AsyncSession, joined: set[str]) -> dict[str, str]:
        """Aliases that rooms we are in bear, where our own homeserver has checked it:
        it does so for its own users, not for what comes from elsewhere."""
        claims: dict[str, str] = {}
        states = await session.scalars(
            select(RoomState).where(
                RoomState.type == "m.room.canonical_alias",
                # Otherwise all rows would be looked at, those of the members too.
                RoomState.room_id.in_(select(Room.room_id)),
            )
        )
        for state in states:
            if state.room_id in joined and state.sender.endswith(f":{self._server}"):
                others = state.content.get("alt_aliases")
                others = others if isinstance(others, list) else []
                for alias in [state.content.get("alias"), *others]:
                    if isinstance(alias, str):
                        claims.setdefault(alias, state.room_id)
        return claims

    async def _try(self, row: RoomAddress, patience: _Patience) -> float:
        """Join one; returns seconds until it should be looked at again."""
        problem: str | None = None
        values: dict[str, object] = {}
        try:
            room = await self._api.join(row.room_id or row.successor or row.address, row.via)
            if row.successor is not None:
                problem, values = await self._follow(row, room)
            if not (problem or values):
                bridged = is_bridged_by(await self._api.joined_members(room), self._bridges)
                values = {"room_id": room, "successor": None, "bridged": bridged}
        except HomeserverAway as err:
            self._log.warning("%s not joined: %s", row.address, err)
            patience.unanswered += 1
            if patience.unanswered < 3:
                return self._later(patience)
            problem = NO_ANSWER
        except MatrixError as err:
            if err.retry_after is not None:
                for other in self._patience.values():
                    other.until = time.monotonic() + err.retry_after
                return err.retry_after
            problem = err.errcode
            self._log.warning("%s not joined: %s", row.address, err)
        async with self._database.write() as session:
            await session.execute(
                update(RoomAddress)
                .where(RoomAddress.address == row.address)
                .values(problem=problem, **values)
            )
        if problem is not None:
            return self._later(patience)
        if "room_id" not in values:
            return 0.0
        # The room counts as joined when /sync says so; until then this is enough.
        patience.until = time.monotonic() + 30
        await asyncio.sleep(PAUSE_BETWEEN)
        return 30.0

    def _later(self, patience: _Patience) -> float:
        wait = patience.backoff.next()
        patience.until = time.monotonic() + wait
        return wait

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
        replacement = _replacement(tombstone)
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
            if problems and await self._tell_problems(session, problems):
                for row in problems:
                    row.problem_told = row.problem
            if over:
                await self.tell_joined(session, [row.address for row in over])
                for row in over:
                    row.problem_told = None


async def follow_upgrade(session: WriteSession, room: str, event: Json) -> bool:
    """`room` was replaced by another (tombstone): its addresses lead there from now on.

    Returns whether it was one of our rooms.
    """
    replacement = _replacement(event["content"])
    if replacement is None:
        return False
    rows = list(await session.scalars(select(RoomAddress).where(RoomAddress.room_id == room)))
    for row in rows:
        row.room_id, row.successor, row.replaces = None, replacement, room
        row.via = str(event["sender"]).partition(":")[2][:255] or None
    return bool(rows)


def _replacement(tombstone: Json) -> str | None:
    room = tombstone.get("replacement_room")
    return room if isinstance(room, str) and room.startswith("!") and len(room) < 256 else None


async def room_of(session: AsyncSession, address: str) -> str | None:
    """The room that `address` leads to, if the bot is in it."""
    row = await session.get(RoomAddress, address)
    if row is None or row.room_id is None:
        return None
    room = await session.get(Room, row.room_id)
    return row.room_id if room is not None and room.membership == "join" else None


async def addresses_of(session: AsyncSession, room: str) -> list[str]:
    """The addresses that lead to `room`."""
    found = await session.scalars(select(RoomAddress.address).where(RoomAddress.room_id == room))
    return list(found)
