"""The index of talk rooms: those where something is on come first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.addresses import short_name
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.talks.room_talks import AudienceTalks, RoomTalks
from fosdembot.talks.slots import AudienceSlot, as_streamed
from fosdembot.texts import page_room as texts
from fosdembot.texts.render import say
from fosdembot.texts.words import clock_time

from .headers import page_headers
from .rendering import Rendering
from .routing import Asked, Route

MOST_ROOMS = 200
"""Listed: those where something is on, or comes, are first."""


@dataclass(frozen=True, slots=True)
class RoomsIndex:
    programme: Programme
    rendering: Rendering
    addresses: PageAddresses
    database: Database
    settings: Settings
    clock: Clock

    def routes(self) -> list[Route]:
        return [Route("GET", "/", self._show)]

    async def _show(self, asked: Asked) -> web.Response:
        now, addresses = self.clock.now(), self.programme.addresses()
        async with self.database.read() as session:
            rooms = await self._rooms(session, addresses[:MOST_ROOMS], now)
        on = [each for each in rooms if each["is_on"]]
        page = self.rendering.page(
            "rooms.html",
            on=on,
            others=[each for each in rooms if not each["is_on"]],
            left=len(addresses) - len(rooms),
        )
        return web.Response(text=page, content_type="text/html", headers=page_headers())

    async def _rooms(
        self, session: AsyncSession, addresses: Iterable[str], now: datetime
    ) -> Sequence[dict[str, Any]]:
        found = []
        for address, room in (await self.programme.rooms(session, list(addresses))).items():
            slots = as_streamed(room.slots, self.settings, address)
            found.append(self._room(address, RoomTalks(slots, now, self.programme.zone)))
        return found

    def _room(self, address: str, talks: AudienceTalks) -> dict[str, Any]:
        on, coming = talks.on, talks.next
        lines = [self._line(texts.ROOM_ON, talks, slot, slot.end) for slot in on]
        if not on:
            lines = [self._line(texts.ROOM_NEXT, talks, slot, slot.start) for slot in coming[:2]]
        return {
            "path": self.addresses.room_path(address),
            "name": short_name(address),
            "is_on": bool(on),
            "lines": lines,
        }

    def _line(self, template: str, talks: AudienceTalks, slot: AudienceSlot, at: datetime) -> Any:
        time = clock_time(at, talks.zone, talks.at)
        return say(template, title=title_of(slot.talk), time=time)
