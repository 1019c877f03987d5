"""Rooms with a role (control room, hosts' rooms): the homeserver says where their addresses lead.

Who is in such a room, or what is said there, has power; so what a room says of itself gives
no role.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection

from sqlalchemy import delete, select

from fosdembot.clock import Clock
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import RoleRoom, RoomAddress

from .api import Api, HomeserverAway, MatrixError
from .request_pool import RequestPool
from .room_addresses import forget_roles, is_in
from .upgrades import newest

ASKED_EVERY = 300.0
"""Seconds after which the homeserver is asked again where the address of a role leads."""


class RoleRooms:
    """The only writer of `role_rooms`. `asked` is called when the homeserver has answered."""

    def __init__(
        self,
        api: Api,
        database: Database,
        requests: RequestPool,
        asked: Callable[[], None],
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._requests = requests
        self._asked = asked
        self._clock = clock
        self._log = log
        self._addresses: frozenset[str] = frozenset()
        self._known_until: dict[str, float] = {}
        """Address → until when its room is known, by `Clock.monotonic`."""

    def want(self, addresses: Collection[str]) -> None:
        """The addresses of these, and no others, have a role."""
        self._addresses = frozenset(addresses)

    def __contains__(self, address: str) -> bool:
        return address in self._addresses

    def forget(self) -> None:
        """Ask anew where all of them lead."""
        self._known_until.clear()

    async def rooms(self, session: WriteSession) -> dict[str, str]:
        """Address of a role → its room. What has lost its role loses its room: it is asked
        for anew where it gets one again."""
        rooms = {row.address: row.room_id for row in await session.scalars(select(RoleRoom))}
        # Whoever remembers rooms reads them anew after each statement that writes here.
        if lost := rooms.keys() - self._addresses:
            await session.execute(delete(RoleRoom).where(RoleRoom.address.in_(lost)))
            forget_roles(session)
        return {address: room for address, room in rooms.items() if address not in lost}

    def ask(self) -> float:
        """Ask where the addresses of roles lead now, those that were not asked for lately;
        returns seconds until the next is due."""
        wait = 600.0
        for address in sorted(self._addresses):
            left = self._known_until.get(address, -math.inf) - self._clock.monotonic()
            if left <= 0 and self._requests.may_start(_key(address), server_of(address)):
                self._requests.start(_key(address), server_of(address), self._ask_for(address))
            wait = min(wait, left if left > 0 else 30.0)
        return wait

    async def _ask_for(self, address: str) -> None:
        wait = 30.0
        try:
            wait = await self._confirm(address)
        finally:
            self._known_until[address] = self._clock.monotonic() + wait
            self._asked()

    def is_confirmed(self, address: str) -> bool:
        """Whether it is known where an address leads, or need not be before it is joined."""
        return address not in self._addresses or address in self._known_until

    async def _confirm(self, address: str) -> float:
        """An alias may have been given to another room since. Returns seconds until it should
        be asked for again."""
        try:
            room = address if address.startswith("!") else await self._api.resolve(address)
        except HomeserverAway as err:
            self._log.warning("Where %s leads cannot be asked: %s", address, err)
            return 30.0
        except MatrixError as err:
            self._log.warning("Where %s leads cannot be asked: %s", address, err)
            return max(err.retry_after or 0.0, 30.0)
        async with self._database.write() as session:
            row = await session.get(RoomAddress, address)
            role = await session.get(RoleRoom, address)
            if room is not None:
                room = await newest(session, room)
            if role is not None and role.room_id != room:
                self._log.warning("%s leads to %s now, not to %s", address, room, role.room_id)
                await session.delete(role)
                forget_roles(session)
            if row is not None and row.successor is not None:
                return ASKED_EVERY
            if row is not None and row.room_id != room:
                row.room_id = None
            if room is not None and await is_in(session, room):
                await self.give(session, address, room)
        return ASKED_EVERY

    async def give(self, session: WriteSession, address: str, room: str) -> None:
        """`room`, to which the homeserver said that `address` leads, has its role now."""
        await session.flush()
        await session.merge(RoleRoom(address=address, room_id=room))
        forget_roles(session)
        await session.merge(RoomAddress(address=address, room_id=room, successor=None))


def server_of(address: str) -> str:
    """The server that has to answer for us to get in, as far as the address tells it."""
    return address.partition(":")[2]


def _key(address: str) -> str:
    """The key of the errand that asks where it leads."""
    return f"role {address}"
