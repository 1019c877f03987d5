"""The overlay on the stream: the question that is being answered, on nothing. A browser source for
OBS, vMix and the like, by a secret link of a room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.opt_outs import all_opted_out
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.questions.views import Wanted
from fosdembot.settings import Settings
from fosdembot.texts import page_hall as texts
from fosdembot.texts import pages as page_texts
from fosdembot.texts.render import say

from .headers import page_headers
from .overlay_style import chosen, style_sheet
from .refusals import Declined
from .rendering import Rendering
from .requests import query_of
from .routing import Asked, Route
from .screens import Countdown, Screen, Topic
from .streams import Streams
from .visitors import LinkKind, Visitors

OVERLAY = "overlay"
LONGEST_SECONDS = 3600
_STYLE_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Overlay:
    views: RoomViews
    database: Database
    visitors: Visitors
    streams: Streams
    rendering: Rendering
    settings: Settings

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/overlay", self._show),
            Route("GET", "/overlay/events", self._events),
            Route("GET", "/overlay/style.css", self._style),
        ]

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        talks = await self.views.stage(session, topic.address, now)
        room = await room_at(session, topic.address)
        wanted = Wanted(waiting=1, nameless=await all_opted_out(session))
        view = await self.views.room(session, talks, room, wanted)
        answering = [each.questions.answering for each in view.current.entries]
        question = next((each for each in answering if each is not None), None)
        if question is None:
            question = await self.views.still_answering(session, talks, wanted.nameless)
        if question is None:
            return Screen(parts={"box": ""}, redraw_at=talks.next_change)
        row = await session.get_one(Question, question.id)
        return Screen(
            parts={"box": self.rendering.page("overlay_question.html", question=question)},
            # Counted from, so that the page takes it out after some seconds.
            countdown=Countdown(row.state_at, texts.OVERLAY),
            redraw_at=talks.next_change,
        )

    async def _show(self, asked: Asked) -> web.StreamResponse:
        await self._topic(asked)
        query = query_of(asked.request)
        page = self.rendering.page(
            "overlay.html",
            words=texts,
            key=urlencode({"key": query.get("key", "")}),
            style=urlencode(chosen(query)),
            seconds=self._seconds(query.get("seconds", "")),
        )
        return web.Response(text=page, content_type="text/html", headers=page_headers())

    async def _events(self, asked: Asked) -> web.StreamResponse:
        topic = await self._topic(asked)
        # The link may be revoked while it is open.
        return await self.streams.serve(asked.request, topic, lambda: self._topic(asked))

    async def _style(self, asked: Asked) -> web.StreamResponse:
        """Of no room, and without a secret."""
        text = style_sheet(query_of(asked.request))
        return web.Response(text=text, content_type="text/css", headers=_STYLE_HEADERS)

    def _seconds(self, given: str) -> int:
        """For so long a question is shown; 0: until it is answered."""
        if given.isascii() and given.isdecimal() and len(given) <= 4:
            return min(int(given), LONGEST_SECONDS)
        return self.settings.pages.overlay_seconds

    async def _topic(self, asked: Asked) -> Topic:
        async with self.database.read() as session:
            visitor = await self.visitors.of(session, asked.request)
        link = visitor.link
        if link is None or link.kind is not LinkKind.OVERLAY or link.address is None:
            raise Declined(say(page_texts.LINK_INVALID))
        return Topic(OVERLAY, link.address)
