"""Who looks at a page, and by what we know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Who
from fosdembot.clock import Clock
from fosdembot.conference.page_links import Link, LinkKind, NoLink, PageLinks
from fosdembot.conference.page_sessions import Known, PageSessions
from fosdembot.conference.relays import is_named_relay
from fosdembot.conference.roles import Role
from fosdembot.settings import Settings
from fosdembot.texts import pages as texts
from fosdembot.texts.render import say

from .cookies import Cookies
from .refusals import Declined
from .requests import query_of

__all__ = ["NOBODY", "Link", "LinkKind", "Visitor", "Visitors"]

KEY_HEADER = "X-Page-Key"
BEARER = "bearer "
_VOUCHED = {LinkKind.SPEAKER: Role.SPEAKER, LinkKind.MODERATOR: Role.MODERATOR}
"""By an overlay's link nobody does anything."""
_BY_LINK = ("talk", "overlay")
"""Where paths begin with this, a link's key decides, whoever is logged in besides."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever sent a request."""

    who: Who | None = None
    """Whose permissions count; None: nobody is known, who may only read."""
    name: str = ""
    """What others see of a person where no room knows them."""
    guest_of: str | None = None
    """Of a guest in the hall: the talk (its guid) for which they came in."""
    link: Link | None = None
    """By which they came."""
    by_cookie: bool = False
    """Whether their browser shows it by itself: what other sites make it send must not count."""


NOBODY = Visitor()
Way = Callable[[AsyncSession, web.Request], Awaitable[Visitor | None]]
"""Finds out who somebody is in one way; None where they do not try it."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """Reads in the session that it is given."""

    links: PageLinks
    sessions: PageSessions
    cookies: Cookies
    settings: Settings
    clock: Clock

    async def of(self, session: AsyncSession, request: web.Request) -> Visitor:
        """Who sent this request: by `Authorization: Bearer` (a session in a frame), by a secret
        link's key (`?key=`, or the header `X-Page-Key`), else by the session's cookie. Raises
        `Declined` where a key is not in force."""
        for way in self._ways(request.rel_url.raw_path):
            visitor = await way(session, request)
            if visitor is not None:
                return visitor
        return NOBODY

    def may_be_known(self, request: web.Request) -> bool:
        """Whether a request shows anything by which `of` may find somebody."""
        return bool(
            self.token_of(request) is not None or self._key(request) or self.cookies.read(request)
        )

    def _ways(self, path: str) -> tuple[Way, ...]:
        if path.removeprefix("/").partition("/")[0] in _BY_LINK:
            return self._by_key, self._by_token, self._by_cookie
        return self._by_token, self._by_cookie, self._by_key

    async def _by_key(self, session: AsyncSession, request: web.Request) -> Visitor | None:
        key = self._key(request)
        if not key:
            return None
        try:
            link = await self.links.find(session, key, self.clock.now())
        except NoLink as wrong:
            raise Declined(say(texts.LINK_OVER if wrong.is_over else texts.LINK_INVALID)) from None
        vouched = _VOUCHED.get(link.kind)
        who = Who(f"link:{link.id}", vouched=vouched, bound_to=link.talk) if vouched else None
        return Visitor(who, link.name, link=link)

    @staticmethod
    def _key(request: web.Request) -> str:
        return request.headers.get(KEY_HEADER) or query_of(request).get("key", "")

    async def _by_token(self, session: AsyncSession, request: web.Request) -> Visitor | None:
        token = self.token_of(request)
        if token is None:
            return None
        row = await self.sessions.find(session, token)
        if row is None:
            raise Declined(say(texts.SESSION_OVER), 401)
        return self._logged_in(row)

    @staticmethod
    def token_of(request: web.Request) -> str | None:
        """The token of a session in a frame, whether it is in force or not."""
        given = request.headers.get("Authorization", "")
        return given[len(BEARER) :].strip() if given.lower().startswith(BEARER) else None

    async def _by_cookie(self, session: AsyncSession, request: web.Request) -> Visitor | None:
        row = await self.sessions.find(session, self.cookies.read(request))
        return self._logged_in(row, by_cookie=True) if row is not None else None

    def _logged_in(self, row: Known, *, by_cookie: bool = False) -> Visitor:
        # An account may have become a relay since.
        who = Who(row.person, relayed=is_named_relay(row.person, self.settings))
        return Visitor(who, row.name, guest_of=row.talk, by_cookie=by_cookie)
