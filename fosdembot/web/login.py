"""`/login`: somebody becomes known by way of the chat, and is asked first whether it is them.

Logging in is a POST from this page: previews of links, which open them, log in nobody. Pages of
others cannot make a browser log in as somebody else (`Origin`), nor put this one in a frame and
have its button clicked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import AccessEnded, Changes
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_logins import LASTS, PageLogins, Person
from fosdembot.conference.page_secrets import hashed
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.page_tables import PageLogin
from fosdembot.texts import page_login as texts
from fosdembot.texts.render import say

from .acting import check_origin
from .address_limits import LOGIN_SECONDS, LOGINS, AddressLimit
from .cookies import LOGIN
from .headers import page_headers
from .refusals import Declined
from .rendering import Rendering
from .requests import form_of, query_of
from .routing import Asked, Route
from .visitors import Visitors

YES = "yes"
CAME_IN = "/in"
"""Where a browser goes that was just given a cookie: only then is it known whether it keeps any."""


class LoginPage:
    """`bot`: its Matrix id."""

    def __init__(
        self,
        database: Database,
        visitors: Visitors,
        logins: PageLogins,
        addresses: PageAddresses,
        rendering: Rendering,
        bot: str,
        changes: Changes,
    ) -> None:
        self._changes = changes
        self._database = database
        self._visitors = visitors
        self._sessions = visitors.sessions
        self._cookies = visitors.cookies
        self._logins = logins
        self._addresses = addresses
        self._rendering = rendering
        self._bot = bot
        self._prefix = visitors.settings.command_prefix
        proxies = visitors.settings.pages.proxies
        self._limit = AddressLimit(visitors.clock, proxies, LOGINS, LOGIN_SECONDS)

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/login", self._show),
            Route("GET", "/login/state", self._state),
            Route("POST", "/login", self._answer),
            Route("POST", "/logout", self._log_out),
            Route("GET", CAME_IN, self._came_in),
        ]

    async def _show(self, asked: Asked) -> web.StreamResponse:
        query = query_of(asked.request)
        if key := query.get("key"):
            return await self._show_link(asked.request, key)
        shown = await self._known(asked.request, query) or await self._asked(asked.request, query)
        return shown or await self._begin(asked.request, query)

    async def _known(
        self, request: web.Request, query: Mapping[str, str]
    ) -> web.StreamResponse | None:
        """Who is logged in."""
        async with self._database.read() as session:
            found = await self._sessions.find(session, self._cookies.read(request))
        if found is None or found.talk is not None:
            return None
        return self._page(query, "known", name=found.name, person=found.person)

    async def _asked(
        self, request: web.Request, query: Mapping[str, str]
    ) -> web.StreamResponse | None:
        """The code, or whether it is them who typed it."""
        async with self._database.read() as session:
            login = await self._waiting(session, request)
        if login is None:
            return None
        if login.person is None:
            return self._code(query, login.code or "")
        return self._page(query, "ask", name=login.name, person=login.person, whom=_whom(login))

    async def _begin(self, request: web.Request, query: Mapping[str, str]) -> web.StreamResponse:
        self._limit.take(request)
        async with self._database.write() as session:
            begun = await self._logins.begin(session)
        response = self._code(query, begun.code, is_late="over" in query)
        self._cookies.put(response, begun.browser, LASTS, LOGIN)
        return response

    async def _show_link(self, request: web.Request, key: str) -> web.StreamResponse:
        self._limit.take(request)
        async with self._database.read() as session:
            login = await self._logins.invited(session, key)
        if login is None:
            raise Declined(say(texts.USED, p=self._prefix))
        shown = {"name": login.name, "person": login.person, "whom": _whom(login)}
        return self._page({}, "ask", **shown, key=key)

    async def _state(self, asked: Asked) -> web.StreamResponse:
        """For the page's own script: what it would show."""
        async with self._database.read() as session:
            login = await self._waiting(session, asked.request)
        state = "over" if login is None else "code" if login.person is None else "ask"
        if not self._cookies.any(asked.request):
            state = "no_cookie"
        return web.json_response({"state": state}, headers=page_headers())

    async def _answer(self, asked: Asked) -> web.StreamResponse:
        check_origin(asked.request, self._addresses)
        self._limit.take(asked.request)
        form = await form_of(asked.request)
        key, is_them = form.get("key", ""), form.get("answer") == YES
        async with self._database.write() as session:
            if key:
                login = await self._logins.invited(session, key)
            else:
                login = await self._waiting(session, asked.request)
            if login is not None and form.get("whom", _whom(login)) != _whom(login):
                return self._to("/login", **self._named(form))  # Another one than was asked for.
            if login is not None and not is_them:
                await self._logins.end(session, login)
            person = await self._logins.confirm(session, login) if login and is_them else None
            if person is None:
                token = ""
            else:
                token = await self._log_in(session, asked.request, person)
        if not token:
            return self._not_logged_in(form, is_them=is_them)
        response = self._to(CAME_IN, **self._named(form))
        self._cookies.put(response, token, self._sessions.lasts)
        self._cookies.remove(response, LOGIN)
        return response

    async def _log_in(self, session: WriteSession, request: web.Request, person: Person) -> str:
        """From now on this browser is theirs, whoever used it before."""
        await self._end(session, self._cookies.read(request))
        return await self._sessions.start(session, person.id, person.name)

    async def _end(self, session: WriteSession, token: str) -> None:
        if await self._sessions.end(session, token):
            self._changes.publish(session, AccessEnded())

    def _not_logged_in(self, form: Mapping[str, str], *, is_them: bool) -> web.Response:
        if form.get("key"):
            raise Declined(say(texts.USED if is_them else texts.REFUSED, p=self._prefix))
        said = {"over": "1"} if is_them else {}
        return self._to("/login", **self._named(form), **said)

    async def _came_in(self, asked: Asked) -> web.StreamResponse:
        path = self._room_path(query_of(asked.request))
        if not self._cookies.any(asked.request):
            raise Declined(say(texts.NO_COOKIE), back=f"{self._addresses.base}{path}")
        return self._to(path)

    async def _log_out(self, asked: Asked) -> web.StreamResponse:
        """By cookie, or in a frame by the token in the header."""
        request = asked.request
        token = self._visitors.token_of(request)
        if token is None:
            check_origin(request, self._addresses)
        form = await form_of(request)
        async with self._database.write() as session:
            shown = self._cookies.read(request) if token is None else token
            await self._end(session, shown)
        response = self._to(self._room_path(form))
        if token is None:
            self._cookies.remove(response)
        return response

    async def _waiting(self, session: AsyncSession, request: web.Request) -> PageLogin | None:
        browser = self._cookies.read(request, LOGIN)
        return await self._logins.waiting(session, browser)

    def _code(self, query: Mapping[str, str], code: str, *, is_late: bool = False) -> web.Response:
        bot, prefix = self._bot, self._prefix
        return self._page(
            query,
            "code",
            command=say(texts.COMMAND, p=prefix, code=code),
            bot=bot,
            bot_url=f"https://matrix.to/#/{quote(bot, safe='')}",
            prefix=prefix,
            is_late=is_late,
        )

    def _page(self, query: Mapping[str, str], state: str, **values: Any) -> web.Response:
        page = self._rendering.page(
            "login.html",
            words=texts,
            state=state,
            say=say,
            room=self._room(query),
            on=f"{self._addresses.base}{self._room_path(query)}",
            came_in=came_in(self._addresses, self._room(query)),
            **{"key": "", **values},
        )
        return web.Response(text=page, content_type="text/html", headers=page_headers())

    def _to(self, path: str, **query: str) -> web.Response:
        address = f"{self._addresses.base}{path}"
        address += f"?{urlencode(query)}" if query else ""
        return web.Response(status=303, headers={**page_headers(), "Location": address})

    def _room_path(self, query: Mapping[str, str]) -> str:
        """Where to go on: of our own pages, and of no other site."""
        room = self._room(query)
        return f"/r/{room}" if room else "/"

    def _named(self, query: Mapping[str, str]) -> Mapping[str, str]:
        room = self._room(query)
        return {"room": room} if room else {}

    def _room(self, query: Mapping[str, str]) -> str:
        addresses = self._addresses
        address = addresses.room_called(query.get("room", ""))
        return addresses.word_for(address) if address is not None else ""


def _whom(login: PageLogin) -> str:
    """Stands for who is asked whether it is them, whatever their id looks like."""
    return hashed(login.person or "")


def came_in(addresses: PageAddresses, room: str) -> str:
    """Its path, on the way to a room (the word for it; "": to all rooms)."""
    return f"{addresses.base}{CAME_IN}" + (f"?{urlencode({'room': room})}" if room else "")
