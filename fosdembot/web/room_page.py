"""The page of a talk room: what is on, and what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.room_view import RoomViews
from fosdembot.questions.views import Wanted
from fosdembot.settings import Settings

from .headers import page_headers
from .live import Live
from .rendering import Rendering
from .routing import Asked, Route
from .screens import Item, Screen, Topic
from .streams import Streams

WANTED = Wanted(waiting=100, answered=50, answers=5)


@dataclass(frozen=True, slots=True)
class RoomPage:
    views: RoomViews
    live: Live
    streams: Streams
    rendering: Rendering
    addresses: PageAddresses
    settings: Settings

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/r/{room}", self._show),
            Route("GET", "/r/{room}/events", self._events),
        ]

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        talks = await self.views.audience(session, topic.address, now)
        room = await room_at(session, topic.address)
        view = await self.views.room(session, talks, room, WANTED)
        items = [
            Item(f"q{question.id}", self.rendering.page("question.html", question=question))
            for talk in view.current.entries
            for question in talk.questions.waiting.entries
        ]
        return Screen(items=tuple(items))

    async def _show(self, asked: Asked) -> web.StreamResponse:
        topic = self._topic(asked)
        screen = await self.live.draw(topic)
        page = self.rendering.page("room.html", screen=screen, topic=topic)
        headers = page_headers(self.settings.pages.framed_by)
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _events(self, asked: Asked) -> web.StreamResponse:
        return await self.streams.serve(asked.request, self._topic(asked))

    def _topic(self, asked: Asked) -> Topic:
        address = self.addresses.room_called(asked.parts["room"])
        if address is None:
            raise web.HTTPNotFound
        return Topic("room", address)
