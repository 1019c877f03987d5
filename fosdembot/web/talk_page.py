"""The pages of a talk for those who run it: by secret link its speaker's or its moderators'."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.texts import page_talk as texts
from fosdembot.texts import pages as page_texts
from fosdembot.texts.render import say

from .headers import page_headers
from .live import Live
from .refusals import Declined
from .rendering import Rendering
from .requests import query_of
from .routing import Asked, Route
from .screens import Topic
from .streams import Streams
from .talk_screens import MODERATOR, SPEAKER
from .visitors import Link, LinkKind, Visitors

_VIEWS = {LinkKind.SPEAKER: SPEAKER, LinkKind.MODERATOR: MODERATOR}
_TITLES = {SPEAKER: texts.SPEAKER, MODERATOR: texts.MODERATOR}


@dataclass(frozen=True, slots=True)
class TalkPage:
    database: Database
    programme: Programme
    visitors: Visitors
    live: Live
    streams: Streams
    rendering: Rendering

    def routes(self) -> list[Route]:
        return [Route("GET", "/talk", self._show), Route("GET", "/talk/events", self._events)]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        topic = await self._topic(asked)
        key = query_of(asked.request).get("key", "")
        screen = await self.live.draw(topic)
        page = self.rendering.page(
            "talk.html",
            title=_TITLES[topic.view],
            screen=screen,
            words=texts,
            query="?" + urlencode({"key": key}),
            act=secrets.token_hex(16),
        )
        return web.Response(text=page, content_type="text/html", headers=page_headers())

    async def _events(self, asked: Asked) -> web.StreamResponse:
        return await self.streams.serve(asked.request, await self._topic(asked))

    async def _topic(self, asked: Asked) -> Topic:
        async with self.database.read() as session:
            visitor = await self.visitors.of(session, asked.request)
        link = visitor.link
        if link is None or link.kind not in _VIEWS:
            raise Declined(say(page_texts.LINK_INVALID))
        return Topic(_VIEWS[link.kind], self._address(link), link.talk)

    def _address(self, link: Link) -> str:
        address = self.programme.address_by_guid(link.talk or "")
        if address is None:
            raise Declined(say(texts.NO_TALK), 404)
        return address
