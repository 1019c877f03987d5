"""Learns who was in a hosts' room before the bot came: the others `/sync` tells of."""

from __future__ import annotations

import logging

from fosdembot.conference.hosts import Hosts
from fosdembot.db.engine import Database
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.matrix.backoff import Backoff
from fosdembot.matrix.members import are_read, read_members
from fosdembot.matrix.wake import Wake


class HostMembers:
    """Asks once for each hosts' room that the bot is in, and again after it came in anew."""

    def __init__(self, api: Api, database: Database, hosts: Hosts, log: logging.Logger) -> None:
        self._api = api
        self._database = database
        self._hosts = hosts
        self._log = log
        self._logged: dict[str, str] = {}
        """Room → what the log says of it."""
        self._backoff = Backoff(longest=600)
        self.wake = Wake()

    async def step(self) -> float:
        """Ask for each room that is missing; returns seconds until it is worth another try."""
        wait = 0.0
        for room in await self._unread():
            try:
                await read_members(self._api, self._database, room)
                self._logged.pop(room, None)
            except (HomeserverAway, MatrixError) as err:
                self._warn(room, err)
                limited = err.retry_after if isinstance(err, MatrixError) else None
                wait = max(wait or self._backoff.next(), limited or 0.0)
        if not wait:
            self._backoff.reset()
        return wait or 600.0

    def _warn(self, room: str, err: Exception) -> None:
        """Once, as long as it is the same."""
        if self._logged.get(room) != str(err):
            self._logged[room] = str(err)
            self._log.warning(
                "Who is in %s is not known: %s. I ask again within ten minutes", room, err
            )

    async def _unread(self) -> list[str]:
        async with self._database.read() as session:
            found = [await self._hosts.room(session, a) for a in self._hosts.addresses]
            rooms = sorted({room for room in found if room is not None})
            return [room for room in rooms if not await are_read(session, room)]
