"""The pages of a talk for those who run it: by secret link its speaker's or its moderators', and
the pages of moderators who are logged in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import About, Access, TalkIn
from fosdembot.actions.permissions import Permission
from fosdembot.clock import Clock
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import Database
from fosdembot.settings import Settings
from fosdembot.texts import page_room as room_texts
from fosdembot.texts import page_talk as texts
from fosdembot.texts import pages as page_texts
from fosdembot.texts.render import say

from .headers import page_headers
from .live import Live
from .refusals import Declined, leading_back
from .rendering import Rendering
from .requests import query_of
from .routing import Asked, Route
from .screens import Screen, Topic
from .streams import Streams
from .talk_aloud import Aloud
from .talk_forms import TalkForms
from .talk_meeting import framed_hosts
from .talk_offers import View
from .visitors import LinkKind, Visitor, Visitors

_SHOWN_TO = {
    LinkKind.SPEAKER: (View.SPEAKER, View.BACKSTAGE, View.ALOUD, View.CARD),
    LinkKind.MODERATOR: (View.MODERATOR, View.BACKSTAGE, View.ALOUD, View.CARD),
}
"""The first of them where the address names none."""
_SHOWN_TO_HOSTS = (View.HOST, View.ALOUD, View.CARD)
_TEMPLATES = {View.ALOUD: "talk_aloud_page.html", View.CARD: "talk_card_page.html"}
_TITLES = {
    View.SPEAKER: texts.SPEAKER,
    View.BACKSTAGE: texts.BACKSTAGE,
    View.MODERATOR: texts.MODERATOR,
    View.HOST: texts.MODERATOR,
    View.ALOUD: texts.ALOUD,
    View.CARD: texts.CARD,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that somebody may see."""

    visitor: Visitor
    topic: Topic
    path: str
    views: tuple[View, ...]
    query: Mapping[str, str]

    @property
    def view(self) -> View:
        return View(self.topic.view)

    def address(self, **other: str) -> str:
        """The path and query of the page, but for what is given; "" leaves it out."""
        query = {name: value for name, value in {**self.query, **other}.items() if value}
        return self.path + ("?" + urlencode(query) if query else "")


@dataclass(frozen=True, slots=True)
class TalkAccess:
    """Who may see which page of a talk."""

    visitors: Visitors
    access: Access
    addresses: PageAddresses

    async def by_link(self, session: AsyncSession, asked: Asked) -> Opened:
        """Raises `Declined`."""
        visitor = await self.visitors.of(session, asked.request)
        link, query = visitor.link, query_of(asked.request)
        if link is None or link.kind not in _SHOWN_TO or link.talk is None:
            raise Declined(say(page_texts.LINK_INVALID))
        address = self.addresses.programme.address_by_guid(link.talk)
        if address is None:
            raise Declined(say(texts.NO_TALK), 404)
        views = _SHOWN_TO[link.kind]
        view = _chosen(views, query.get("view", ""))
        kept = {"key": query.get("key", ""), "view": query.get("view", "")}
        path = f"{self.addresses.base}/talk"
        return Opened(visitor, Topic(view, address, link.talk), path, views, kept)

    def elsewhere(self, asked: Asked) -> str:
        """Where a moderators' page is, if its talk is in another room by now than is asked for."""
        talk = self._talk(query_of(asked.request))
        there = self.addresses.programme.address_by_guid(talk) if talk is not None else None
        here = self.addresses.room_called(asked.parts["room"])
        if there is None or here is None or there == here:
            return ""
        return f"{self._moderate(there)}?{asked.request.rel_url.raw_query_string}"

    def _talk(self, query: Mapping[str, str]) -> str | None:
        """The talk (its guid) that is asked for."""
        word = query.get("talk", "")
        return self.addresses.talk_called(word) if word else None

    def _moderate(self, address: str) -> str:
        return f"{self.addresses.base}{self.addresses.room_path(address)}/moderate"

    async def by_person(self, session: AsyncSession, asked: Asked) -> Opened:
        """Raises `Declined`: where the talk is in another room by now, the module then loads the
        page anew."""
        if self.elsewhere(asked):
            raise Declined(say(room_texts.ELSEWHERE))
        address = self.addresses.room_called(asked.parts["room"])
        if address is None:
            raise Declined(say(texts.NO_ROOM), 404)
        visitor = await self.visitors.of(session, asked.request)
        if visitor.who is None or visitor.link is not None:
            room_named = urlencode({"room": self.addresses.word_for(address)})
            raise Declined(say(texts.LOG_IN_FIRST), 401, log_in=f"/login?{room_named}")
        query = query_of(asked.request)
        word, talk = query.get("talk", ""), self._talk(query)
        is_here = talk is not None and self.addresses.programme.address_by_guid(talk) == address
        if word and not is_here:
            raise Declined(say(texts.TALK_GONE), 404, back=self._moderate(address))
        room = await room_at(session, address)
        about: About = TalkIn(talk, room) if talk is not None and room is not None else room
        may = Permission.SEE_PENDING
        if not await self.access.allows(session, visitor.who, may, about):
            raise Declined(say(texts.NOT_MODERATOR))
        view = _chosen(_SHOWN_TO_HOSTS, query.get("view", ""))
        kept = {"talk": word, "view": query.get("view", "")}
        path = self._moderate(address)
        return Opened(visitor, Topic(view, address, talk), path, _SHOWN_TO_HOSTS, kept)


@dataclass(frozen=True, slots=True)
class TalkPage:
    database: Database
    access: TalkAccess
    forms: TalkForms
    live: Live
    streams: Streams
    rendering: Rendering
    settings: Settings
    clock: Clock

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/talk", self._by_link),
            Route("GET", "/talk/events", self._events_by_link),
            Route("GET", "/r/{room}/moderate", self._by_person),
            Route("GET", "/r/{room}/moderate/events", self._events_by_person),
        ]

    async def _by_link(self, asked: Asked) -> web.StreamResponse:
        async with self.database.read() as session:
            opened = await self.access.by_link(session, asked)
        return await self._show(asked, opened)

    async def _by_person(self, asked: Asked) -> web.StreamResponse:
        if elsewhere := self.access.elsewhere(asked):
            raise web.HTTPFound(elsewhere, headers=page_headers())
        async with self.database.read() as session:
            opened = await self.access.by_person(session, asked)
        return await self._show(asked, opened)

    async def _events_by_link(self, asked: Asked) -> web.StreamResponse:
        async def check() -> Opened:
            async with self.database.read() as session:
                return await self.access.by_link(session, asked)

        return await self.streams.serve(asked.request, (await check()).topic, check)

    async def _events_by_person(self, asked: Asked) -> web.StreamResponse:
        async def check() -> Opened:
            async with self.database.read() as session:
                return await self.access.by_person(session, asked)

        return await self.streams.serve(asked.request, (await check()).topic, check)

    async def _show(self, asked: Asked, opened: Opened) -> web.Response:
        query = query_of(asked.request)
        wanted = query.get("compose", "")
        if wanted:
            with leading_back(opened.address()):
                return await self._form(opened, wanted)
        screen = await self.live.draw(opened.topic)
        template = _TEMPLATES.get(opened.view, "talk.html")
        around: dict[str, object] = {
            "still": "still" in query,
            "reloading": opened.address(),
            "standing": opened.address(still="1"),
        }
        if opened.view is View.ALOUD:
            around |= _aloud(opened, screen, query.get("q", ""))
        text = self.rendering.page(
            template, screen=screen, clock=self._clock(screen), **around, **self._frame(opened)
        )
        frames = framed_hosts(self.settings) if opened.view is View.BACKSTAGE else ()
        headers = page_headers(frames=frames)
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _form(self, opened: Opened, wanted: str) -> web.Response:
        async with self.database.read() as session:
            form = await self.forms.form(session, opened.visitor, opened.topic, wanted)
        text = self.rendering.page("talk_form.html", form=form, **self._frame(opened))
        return web.Response(text=text, content_type="text/html", headers=page_headers())

    def _frame(self, opened: Opened) -> dict[str, object]:
        is_link = opened.visitor.link is not None
        doing = f"{self.access.addresses.base}/talk/do" if is_link else opened.path
        others = [
            (opened.address(view="" if view is opened.views[0] else view), _TITLES[view])
            for view in opened.views
            if view is not opened.view
        ]
        return {
            "words": texts,
            "title": _TITLES[opened.view],
            "view": opened.view.value,
            "others": others,
            "by_person": not is_link,
            "back": opened.address(),
            "events": opened.path + "/events" + opened.address().removeprefix(opened.path),
            "doing": doing + opened.address().removeprefix(opened.path),
            "path": opened.path,
            "query": {name: value for name, value in opened.query.items() if value},
            "act": secrets.token_hex(16),
        }

    def _clock(self, screen: Screen) -> str:
        """As it stands when the page is made; without our module it stands still."""
        if screen.countdown is None:
            return ""
        return clock_text(screen.countdown.until - self.clock.now())


def _aloud(opened: Opened, screen: Screen, before: str) -> dict[str, object]:
    """What is read aloud. `before`: what was read (its id): a page without our module that reloads
    itself says so, and goes on with it."""
    aloud = screen.facts
    if not isinstance(aloud, Aloud):
        return {"part": "", "is_other": False}
    reading = aloud.reading(before)
    read = str(reading.id) if reading is not None else ""
    return {
        "part": aloud.part(before),
        "is_other": reading != aloud.reading(""),
        "reloading": opened.address(q=read),
        "standing": opened.address(q=read, still="1"),
    }


def _chosen(views: tuple[View, ...], named: str) -> View:
    return View(named) if named in views else views[0]


def clock_text(left: timedelta) -> str:
    """`4:05`; of what is over `+0:12`."""
    seconds = -(-left // timedelta(seconds=1))
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    time = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return time if seconds > 0 else f"+{time}"
