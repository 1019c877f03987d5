"""The page of a talk room: what is on, and what is asked; and a talk's board, during the talk and
forever after."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.db.engine import Database
from fosdembot.questions.orders import Order
from fosdembot.talks.page_words import talk_word
from fosdembot.talks.room_talks import AudienceTalks
from fosdembot.texts import page_room as texts
from fosdembot.texts.render import say

from .headers import page_headers
from .refusals import Declined
from .requests import query_of
from .room_addresses import here, order_of, view_of
from .room_drawing import RoomDrawing
from .room_personal import Personal, guest_s, personal
from .room_reading import RoomReading, RoomState
from .routing import Asked, Handler, Route
from .screens import Draw, Screen, Topic
from .streams import Streams
from .visitors import Visitor, Visitors

_ROOM = "room"
_VIEWS = {order: _ROOM if order is Order.VOTES else f"{_ROOM}.{order}" for order in Order}
"""By order, the view of the topic: what is drawn for all who look at the same."""


@dataclass(frozen=True, slots=True)
class RoomPage:
    """`other_views`: what answers `?view=…` in another way, by the word."""

    reading: RoomReading
    drawing: RoomDrawing
    streams: Streams
    visitors: Visitors
    access: Access
    database: Database
    other_views: dict[str, Handler] = field(default_factory=dict)

    @property
    def _addresses(self) -> PageAddresses:
        return self.drawing.addresses

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/r/{room}", self._show),
            Route("GET", "/r/{room}/t/{talk}", self._show),
            Route("GET", "/r/{room}/events", self._events),
            Route("GET", "/r/{room}/mine", self._mine),
        ]

    def draws(self) -> Mapping[str, Draw]:
        return {view: self._draw(order) for order, view in _VIEWS.items()}

    def _draw(self, order: Order) -> Draw:
        async def draw(session: AsyncSession, topic: Topic, now: datetime) -> Screen:
            listed = await self.reading.listed(session, order)
            state = await self.reading.read(session, topic, listed, now)
            drawn = self.drawing.screen(state, order)

            async def redraw(session: AsyncSession, now: datetime) -> Screen:
                other = await self.reading.with_questions(session, state, listed, now)
                return replace(self.drawing.with_questions(drawn, other), redraw=redraw)

            return replace(drawn, redraw=redraw)

        return draw

    async def _show(self, asked: Asked) -> web.StreamResponse:
        query = query_of(asked.request)
        other = self.other_views.get(query.get("view", ""))
        if other is not None and "talk" not in asked.parts:
            return await other(asked)
        order = order_of(query)
        talk = self._talk(asked.parts.get("talk", ""))
        if elsewhere := self._elsewhere(asked, talk):
            said = asked.request.rel_url.raw_query_string
            raise web.HTTPFound(f"{elsewhere}?{said}" if said else elsewhere)
        topic = self._topic(asked, talk, order)
        screen, state = await self._drawn(topic)
        async with self.database.read() as session:
            visitor = await self.visitors.of(session, asked.request)
            you = await self._personal(session, topic, state.talks, visitor)
        pressed = you.pressed if you is not None else frozenset()
        page = self.drawing.rendering.page(
            "room.html",
            title=self.drawing.title(state),
            screen=self.drawing.with_votes(screen, state, pressed),
            own=you.own if you is not None else frozenset(),
            still="still" in query,
            framed_by=" ".join(self._addresses.framed_by),
            orders=self._orders(topic, query),
            events=self._path_of(topic, "events", order),
            mine=self._path_of(topic, "mine", order, view_of(query)),
            **self._around(topic, state, you, order, query),
        )
        headers = page_headers(self._addresses.framed_by)
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _events(self, asked: Asked) -> web.StreamResponse:
        query = query_of(asked.request)
        other = self.other_views.get(f"{query.get('view', '')}/events")
        if other is not None:
            return await other(asked)
        talk, order = self._talk(query.get("talk", "")), order_of(query)

        async def is_here() -> None:
            self._topic(asked, talk, order)

        return await self.streams.serve(asked.request, self._topic(asked, talk, order), is_here)

    async def _mine(self, asked: Asked) -> web.StreamResponse:
        """What is of this person alone, for the module; see `static/mine.js`."""
        query = query_of(asked.request)
        order = order_of(query)
        topic = self._topic(asked, self._talk(query.get("talk", "")), order)
        _, state = await self._drawn(topic)
        async with self.database.read() as session:
            visitor = await self.visitors.of(session, asked.request)
            you = await self._personal(session, topic, state.talks, visitor)
        around = self._around(topic, state, you, order, query)
        answer: dict[str, Any] = {
            "parts": {"you": self.drawing.rendering.page("room_you.html", **around)},
            "pressed": sorted(you.pressed) if you is not None else [],
            "own": sorted(you.own) if you is not None else [],
        }
        again = you.again(self.visitors.sessions.clock) if you is not None else None
        if again is not None:
            answer["again"] = again
        return web.json_response(answer, headers=page_headers())

    async def _drawn(self, topic: Topic) -> tuple[Screen, RoomState]:
        """What all see of it, drawn once for a hall that comes at once."""
        screen = await self.streams.live.draw(topic)
        assert isinstance(screen.facts, RoomState)
        return screen, screen.facts

    async def _personal(
        self, session: AsyncSession, topic: Topic, talks: AudienceTalks, visitor: Visitor
    ) -> Personal | None:
        settings = self.reading.settings
        if visitor.guest_of is not None:
            default = settings.pages.guests
            return await guest_s(session, topic, talks, visitor, default)
        longest = settings.questions.longest
        return await personal(session, topic.address, talks, visitor, longest, self.access)

    def _around(
        self,
        topic: Topic,
        state: RoomState,
        you: Personal | None,
        order: Order,
        query: Mapping[str, str],
    ) -> dict[str, Any]:
        """What both the page and its personal part show."""
        chosen = {**query, "page": topic.talk or ""}
        return {
            "you": you,
            "word": self._addresses.word_for(topic.address),
            "path": self._addresses.room_path(topic.address),
            "here": here(self._addresses, topic.address, chosen),
            "single": topic.talk,
            "single_word": talk_word(topic.talk) if topic.talk else "",
            "order": order.value,
            "view": view_of(query),
            "talks": self.drawing.which(state),
            "guests_may": state.rules.guests.may_ask,
            # Without the module each form that is shown does one thing.
            "act": secrets.token_hex(16),
        }

    def _orders(self, topic: Topic, query: Mapping[str, str]) -> list[dict[str, str]]:
        base, chosen = self._addresses.base, {**query, "page": topic.talk or ""}
        return [
            {
                "name": order.value,
                "url": base + here(self._addresses, topic.address, {**chosen, "order": order}),
            }
            for order in Order
        ]

    def _path_of(self, topic: Topic, what: str, order: Order, view: str = "") -> str:
        query = {"talk": talk_word(topic.talk) if topic.talk else "", "view": view}
        query["order"] = order.value if order is not Order.VOTES else ""
        said = urlencode({name: value for name, value in query.items() if value})
        path = f"{self._addresses.base}{self._addresses.room_path(topic.address)}/{what}"
        return f"{path}?{said}" if said else path

    def _talk(self, word: str) -> str:
        """The talk (its guid) whose board it is; empty: whatever is on. Raises `HTTPNotFound`."""
        talk = self._addresses.talk_called(word) if word else ""
        if talk is None:
            raise web.HTTPNotFound
        return talk

    def _elsewhere(self, asked: Asked, talk: str) -> str:
        """Where a talk's page is, if the talk is in another room by now than is asked for."""
        there = self._addresses.programme.address_by_guid(talk) if talk else None
        here = self._addresses.room_called(asked.parts["room"])
        if there is None or here is None or there == here:
            return ""
        return self._addresses.base + self._addresses.talk_path(there, talk)

    def _topic(self, asked: Asked, talk: str, order: Order = Order.VOTES) -> Topic:
        """Raises `HTTPNotFound`, or `Declined` where the talk is in another room by now: then the
        module loads the page anew."""
        address = self._addresses.room_called(asked.parts["room"])
        if address is None:
            raise web.HTTPNotFound
        if not talk:
            return Topic(_VIEWS[order], address)
        if self._addresses.programme.address_by_guid(talk) is None:
            raise web.HTTPNotFound
        if self._elsewhere(asked, talk):
            raise Declined(say(texts.ELSEWHERE))
        return Topic(_VIEWS[order], address, talk)
