"""The index of talk rooms: those where something is on come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import short_name
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_settings import settings_for
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
from .screens import Screen, Topic
from .streams import Streams

INDEX = "index"
ALL_ROOMS = Topic(INDEX, "")
MOST_ROOMS = 200
"""Listed: those where something is on, or comes, are first."""


@dataclass(frozen=True, slots=True)
class RoomsIndex:
    programme: Programme
    rendering: Rendering
    addresses: PageAddresses
    settings: Settings
    streams: Streams

    def routes(self) -> list[Route]:
        return [Route("GET", "/", self._show), Route("GET", "/events", self._events)]

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        """Once for all who come within some seconds: it reads all talks, which takes long."""
        addresses = self.programme.addresses()
        all_talks = await self._talks(session, addresses[:MOST_ROOMS], now)
        rooms = [self._room(address, talks) for address, talks in all_talks.items()]
        on = [each for each in rooms if each["is_on"]]
        listed = self.rendering.page(
            "rooms_list.html",
            on=on,
            others=[each for each in rooms if not each["is_on"]],
            left=len(addresses) - len(rooms),
        )
        moments = [
            moment
            for talks in all_talks.values()
            for slot in talks.slots
            for moment in (slot.start, slot.end)
            if moment > now
        ]
        return Screen(parts={"rooms": listed}, redraw_at=min(moments, default=None))

    async def _events(self, asked: Asked) -> web.StreamResponse:
        return await self.streams.serve(asked.request, ALL_ROOMS)

    async def _show(self, asked: Asked) -> web.Response:
        screen = await self.streams.live.draw(ALL_ROOMS)
        page = self.rendering.page("rooms.html", screen=screen)
        return web.Response(text=page, content_type="text/html", headers=page_headers())

    async def _talks(
        self, session: AsyncSession, addresses: Sequence[str], now: datetime
    ) -> Mapping[str, AudienceTalks]:
        """By the address of their room."""
        rooms, zone = await self.programme.rooms(session, addresses), self.programme.zone
        found = {}
        for address, room in rooms.items():
            settings = await settings_for(session, self.settings, address)
            found[address] = RoomTalks(as_streamed(room.slots, settings, address), now, zone)
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
