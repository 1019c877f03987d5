"""Answers invitations: which are accepted is the bot's own rule, not maubot's autojoin."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database
from fosdembot.db.tables import Room, RoomAddress

from .api import Api, HomeserverAway, MatrixError
from .backoff import Backoff
from .power import room_state
from .rooms import Rooms
from .wake import Wake

PAUSE_BETWEEN = 0.1
"""Seconds between two answers: strangers may send as many invitations as they like."""
TRIES = 20


class Doorkeeper:
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
        direct_chats_at_most: int,
        rooms: Rooms,
        is_shared: Callable[[], bool],
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._organisers = frozenset(organisers)
        self._direct_chats_at_most = direct_chats_at_most
        self._rooms = rooms
        self._is_shared = is_shared
        self._log = log
        self._unanswered: Counter[str] = Counter()
        self._entering = False
        """Whether an invitation waits until all rooms are entered."""
        self.wake = Wake()

    async def run(self) -> None:
        """Answer until cancelled."""
        backoff, entering = Backoff(longest=300), Backoff(longest=60)
        while True:
            try:
                async with self._database.read() as session:
                    invited = list(
                        await session.scalars(select(Room).where(Room.membership == "invite"))
                    )
                    deserted = list(
                        await session.scalars(
                            select(Room).where(Room.membership == "join", Room.deserted)
                        )
                    )
                self._entering = False
                for room in invited:
                    await self._answer(room)
                for room in deserted:
                    await self._leave(room.room_id)
                backoff.reset()
                if self._entering:
                    await self.wake.wait(timeout=entering.next())
                    continue
                entering.reset()
                await self.wake.wait(timeout=30 if self._unanswered else 300)
            except Exception as err:
                known = isinstance(err, HomeserverAway | MatrixError)
                self._log.warning("An invitation waits: %s", err, exc_info=not known)
                limited = err.retry_after if isinstance(err, MatrixError) else None
                await self.wake.wait(timeout=max(backoff.next(), limited or 0.0))

    async def _answer(self, room: Room) -> None:
        try:
            if await self._is_welcome(room):
                await self._api.join(room.room_id, (room.inviter or "").partition(":")[2])
                self._rooms.retry()
            elif room.direct_with is not None and await self._enters_more():
                self._entering = True
                return
            elif not self._is_shared():
                self._log.info("Declined %s's invitation to %s", room.inviter, room.room_id)
                await self._leave(room.room_id)
        except HomeserverAway:
            # If it is ours, this fails as well, and everything waits.
            await self._api.whoami()
            # The other room's must not hold up the others for ever.
            self._unanswered[room.room_id] += 1
            if self._unanswered[room.room_id] < TRIES:
                return
        except MatrixError as err:
            if err.retry_after is not None or err.status == 401:
                raise
            # Withdrawn, or a room that is gone.
            self._log.warning("The invitation to %s cannot be answered: %s", room.room_id, err)
        self._unanswered.pop(room.room_id, None)
        await self._forget(room.room_id)
        await asyncio.sleep(PAUSE_BETWEEN)

    async def _enters_more(self) -> bool:
        """Whether there are rooms that the bot has yet to try: who invites may be in one. At
        the first start all are."""
        tried = (
            select(RoomAddress.address)
            .outerjoin(Room, Room.room_id == RoomAddress.room_id)
            .where(or_(RoomAddress.problem.is_not(None), Room.membership == "join"))
        )
        async with self._database.read() as session:
            return not set(self._rooms.wanted) <= set(await session.scalars(tried))

    async def _leave(self, room: str) -> None:
        try:
            await self._api.leave(room)
        except MatrixError as err:
            if err.retry_after is not None or err.status == 401:
                raise
            self._log.warning("%s cannot be left: %s", room, err)

    async def _is_welcome(self, room: Room) -> bool:
        if room.direct_with is not None and self._is_shared():
            return False
        if room.inviter in self._organisers:
            return True
        async with self._database.read() as session:
            is_named = await self._names(session, room.room_id)
            alias = await _alias(session, room.room_id)
            alias_is_named = alias is not None and await self._names(session, alias)
            # Those that we began ourselves take nobody's place.
            chats = select(func.count()).where(
                Room.direct_with.is_not(None), Room.membership == "join", Room.made_for.is_(None)
            )
            full = (await session.scalar(chats) or 0) >= self._direct_chats_at_most
            led_to = await session.scalars(select(RoomAddress.room_id))
            ours = {room_id for room_id in led_to if room_id is not None}
            joined = set(
                await session.scalars(select(Room.room_id).where(Room.membership == "join"))
            )
        if is_named or room.room_id in ours:
            return True
        # Whoever invites may have made it up: where it leads, the homeserver knows.
        if alias is not None and alias_is_named and await self._api.resolve(alias) == room.room_id:
            return True
        if room.direct_with is None or full:
            return False
        for talk_room in sorted(ours & joined):
            if await self._is_member(talk_room, room.direct_with):
                return True
        return False

    async def _names(self, session: AsyncSession, address: str) -> bool:
        """Whether the schedule or the settings name it, or did."""
        known = address in self._rooms.wanted
        return known or await session.get(RoomAddress, address) is not None

    async def _is_member(self, room: str, user: str) -> bool:
        try:
            member = await self._api.state(room, "m.room.member", user)
        except MatrixError as err:
            if err.retry_after is not None:
                raise
            return False
        return member.get("membership") == "join"

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
