"""Does what somebody wants on a page: in one transaction, once, however often it comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from aiohttp import web

from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Refused
from fosdembot.clock import Clock
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_secrets import hashed
from fosdembot.db.engine import Database, WriteSession
from fosdembot.texts import pages as texts
from fosdembot.texts.render import say

from .refusals import Declined, Refusals
from .visitors import Visitor, Visitors

FACE = "web"
LONGEST_ACT = 64
T = TypeVar("T")
Work = Callable[[WriteSession, Visitor, Actor], Awaitable[T]]
"""Calls one action."""


@dataclass(frozen=True, slots=True)
class Acting:
    database: Database
    visitors: Visitors
    addresses: PageAddresses
    refusals: Refusals
    clock: Clock

    async def do(
        self, request: web.Request, form: Mapping[str, str], work: Work[T]
    ) -> T | DoneBefore:
        """Let somebody do something. `form` has `act`: an id that their page gives to this and to
        nothing else. Raises `Declined`."""
        act, now = form.get("act", ""), self.clock.now()
        if not self.visitors.may_be_known(request):
            # Strangers keep nobody from writing.
            raise Declined(say(texts.NOT_KNOWN), 401)
        async with self.database.write() as session:
            visitor = await self.visitors.of(session, request)
            if visitor.by_cookie:
                check_origin(request, self.addresses)
            if visitor.who is None:
                raise Declined(say(texts.NOT_KNOWN), 401)
            actor = _actor(visitor.who, act, now)
            try:
                return await work(session, visitor, actor)
            except DoneBefore as done:
                return done
            except Refused as refused:
                raise Declined(self.refusals.say(refused)) from None


def check_origin(request: web.Request, addresses: PageAddresses) -> None:
    """Raises `Declined` unless one of our pages sends this. Browsers say so with each POST, and no
    page can change it (Fetch, "Origin header")."""
    if request.headers.get("Origin", "").lower() != addresses.origin:
        raise Declined(say(texts.OTHER_SITE))


def _actor(who: Who, act: str, now: datetime) -> Actor:
    if not (0 < len(act) <= LONGEST_ACT and act.isascii() and act.isalnum()):
        raise Declined(say(texts.NOT_READABLE), 400)
    return Actor(
        who.person,
        who.relayed,
        who.vouched,
        who.bound_to,
        face=FACE,
        # Nobody gives the same to what another does.
        act=f"{hashed(who.person)[:16]}:{act}",
        at=now,
        now=now,
    )
