"""`POST /widget`: who looks at a page in a Matrix client's frame, as their homeserver confirms it.

The client gives the page an OpenID token; it is traded here for a session, whose token the page
keeps in memory and sends in a header: in frames of others, browsers show no cookies. Nothing that a
browser shows by itself counts here, so pages of others gain nothing by sending this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.relays import is_named_relay
from fosdembot.db.engine import Database
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.matrix.members import LONGEST_NAME, display_name, is_joined
from fosdembot.matrix.openid import NotConfirmed, OpenId, TryLater
from fosdembot.texts import page_login as texts
from fosdembot.texts.render import clean, say

from .address_limits import LOGIN_SECONDS, LOGINS, AddressLimit
from .headers import page_headers
from .refusals import Declined
from .requests import form_of, query_of
from .routing import Asked, Route
from .visitors import Visitors

LASTS = timedelta(days=1)
"""As long as somebody may leave a room open; each time it is opened anew, so is the session."""


@dataclass(slots=True)
class WidgetLogin:
    database: Database
    visitors: Visitors
    addresses: PageAddresses
    api: Api
    openid: OpenId
    _limit: AddressLimit = field(init=False)

    def __post_init__(self) -> None:
        proxies = self.visitors.settings.pages.proxies
        self._limit = AddressLimit(self.visitors.clock, proxies, LOGINS, LOGIN_SECONDS)

    def routes(self) -> list[Route]:
        return [Route("POST", "/widget", self._trade)]

    async def _trade(self, asked: Asked) -> web.StreamResponse:
        """`matrix_server_name` and `access_token`, as the client has them; `room`: which page it
        is, in the form or in the address. Answers with `token`, `person` and `name`."""
        request = asked.request
        self._limit.take(request)
        form = await form_of(request)
        room = await self._room(form.get("room") or query_of(request).get("room", ""))
        person = await self._person(
            form.get("matrix_server_name", ""), form.get("access_token", "")
        )
        name = await self._name(room, person)
        sessions = self.visitors.sessions
        async with self.database.write() as session:
            token = await sessions.start(session, person, name, LASTS)
        told = {"token": token, "person": person, "name": name}
        return web.json_response(told, headers=page_headers())

    async def _room(self, word: str) -> str:
        """The Matrix room (its id) whose page it is."""
        address = self.addresses.room_called(word)
        async with self.database.read() as session:
            room = await room_at(session, address) if address is not None else None
        if room is None:
            raise Declined(say(texts.NO_ROOM), 404)
        return room

    async def _person(self, server: str, token: str) -> str:
        try:
            person = await self.openid.whose(server, token)
        except NotConfirmed:
            raise Declined(say(texts.NOT_CONFIRMED)) from None
        except TryLater:
            raise Declined(say(texts.HOMESERVER_BUSY), 503) from None
        if is_named_relay(person, self.visitors.settings):
            raise Declined(say(texts.LOGIN_RELAYED))
        return person

    async def _name(self, room: str, person: str) -> str:
        """What they are called in the room. Raises `Declined` unless they are in it: somebody with
        a homeserver of their own has any number of accounts, but those who come in are seen."""
        async with self.database.read() as session:
            known = await display_name(session, room, person)
            if await is_joined(session, room, person):
                return known
        try:
            found = await self.api.find_state(room, "m.room.member", person)
        except MatrixError:
            found = None
        except HomeserverAway:
            raise Declined(say(texts.HOMESERVER_BUSY), 503) from None
        if found is None or found.get("membership") != "join":
            raise Declined(say(texts.NOT_IN_THE_ROOM))
        name = found.get("displayname")
        return clean(name, LONGEST_NAME) if isinstance(name, str) else known
