"""Lets people in the hall in, by the code on the stage's page. Each gets a cookie for the talk that
is on, and nothing else is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.hall import HallActions
from fosdembot.conference.addresses import short_name
from fosdembot.conference.hall_codes import LONGEST as LONGEST_TYPED
from fosdembot.conference.hall_codes import HallCodes, letters_of
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.room_view import RoomViews
from fosdembot.questions.board import closed_among
from fosdembot.questions.guests import LONGEST, Guests
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import AudienceSlot
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import page_hall as texts
from fosdembot.texts import pages as page_texts
from fosdembot.texts.render import Text, say

from .acting import Acting, check_origin
from .address_limits import AddressLimit
from .headers import page_headers
from .login import came_in
from .refusals import Declined
from .rendering import Rendering
from .requests import form_of, query_of
from .routing import Asked, Route
from .visitors import Visitor

AFTER_TALK = timedelta(hours=1)
"""A guest may look at their questions, and vote, for so long after the talk; it may be delayed, as
well."""
MOST_FROM_ADDRESS = 3000
"""Requests in a minute: a hall of 1,000 comes in behind one address, each with a page and a button,
and some reload it. Who guesses that often finds a code of some room in half a day, and may ask as a
guest there until its talk is over."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a code leads."""

    address: str
    guests: Guests
    talks: tuple[AudienceSlot, ...]
    """Those that are on: mostly one."""
    is_closed: bool
    """Whether none of them takes more questions."""


@dataclass(frozen=True, slots=True)
class HallPage:
    acting: Acting
    sessions: PageSessions
    hall: HallActions
    codes: HallCodes
    views: RoomViews
    rendering: Rendering
    limit: AddressLimit = field(init=False)

    def __post_init__(self) -> None:
        proxies = self.hall.rooms.settings.pages.proxies
        limit = AddressLimit(self.acting.clock, proxies, MOST_FROM_ADDRESS, 60)
        object.__setattr__(self, "limit", limit)

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/g", self._take_code),
            Route("GET", "/g/{code}", self._ask_in),
            Route("POST", "/g/{code}", self._let_in),
        ]

    async def _take_code(self, asked: Asked) -> web.StreamResponse:
        """For phones that cannot scan. What was typed leads to its page."""
        typed = query_of(asked.request).get("code")
        if typed is None:
            return self._asks_for_code(texts.ASK_CODE, 200)
        self.limit.take(asked.request)
        if self.codes.room_of(typed) is None:
            return self._asks_for_code(texts.TOO_OLD, 410)
        return _to(f"{self.acting.addresses.base}/g/{letters_of(typed)}")

    def _asks_for_code(self, why: str, status: int) -> web.Response:
        page = self.rendering.page("hall_code.html", words=texts, why=why, longest=LONGEST_TYPED)
        return web.Response(
            text=page, status=status, content_type="text/html", headers=page_headers()
        )

    async def _ask_in(self, asked: Asked) -> web.StreamResponse:
        """A page with a button: whatever looks at addresses before people do (previews of
        messengers, scanners) takes no place in the hall."""
        self.limit.take(asked.request)
        address = self.codes.room_of(asked.parts["code"])
        if address is None:
            return self._asks_for_code(texts.TOO_OLD, 410)
        async with self.acting.database.read() as session:
            visitor = await self.acting.visitors.of(session, asked.request)
            found = await self._found(session, address)
        if self._is_known(visitor, found):
            return self._to_room(found)
        page = self.rendering.page(
            "hall.html",
            words=texts,
            room=say(texts.WELCOME, room=short_name(found.address)),
            rules=_rules(found),
            may_vote=found.guests.may_vote and not found.is_closed,
            talks=[(slot.talk.guid, title_of(slot.talk)) for slot in found.talks],
            path=self.acting.addresses.base + asked.request.rel_url.raw_path,
        )
        return web.Response(text=page, content_type="text/html", headers=page_headers())

    async def _let_in(self, asked: Asked) -> web.StreamResponse:
        self.limit.take(asked.request)
        check_origin(asked.request, self.acting.addresses)
        # Who guesses keeps nobody from writing.
        address = self.codes.room_of(asked.parts["code"])
        if address is None:
            return self._asks_for_code(texts.TOO_OLD, 410)
        form = await form_of(asked.request)
        async with self.acting.database.write() as session:
            visitor = await self.acting.visitors.of(session, asked.request)
            found = await self._found(session, address)
            if self._is_known(visitor, found):
                return self._to_room(found)
            slot = _chosen(found, form)
            expires = slot.end + AFTER_TALK
            token = await self.sessions.start_guest(session, slot.talk.guid, expires)
        if token is None:
            raise Declined(say(texts.HALL_FULL), 503)
        clock = self.acting.clock
        addresses = self.acting.addresses
        answer = _to(came_in(addresses, addresses.word_for(found.address)))
        lasts = clock.to_wall(expires) - clock.to_wall(clock.now())
        self.acting.visitors.cookies.put(answer, token, lasts)
        return answer

    async def _found(self, session: AsyncSession, address: str) -> _Found:
        """Raises `Declined` where nobody comes in."""
        room = await room_at(session, address)
        guests = await self.hall.guests(session, room) if room is not None else Guests.OFF
        if not guests.may_ask:
            raise Declined(say(hall_texts.NO_GUESTS))
        talks = await self.views.audience(session, address, self.acting.clock.now())
        if not talks.current:
            raise Declined(say(texts.NO_TALK), 409)
        guids = {slot.talk.guid for slot in talks.current}
        is_closed = await closed_among(session, guids) == guids
        return _Found(address, guests, talks.current, is_closed)

    def _is_known(self, visitor: Visitor, found: _Found) -> bool:
        """Whether it is somebody with an account, or who is in already: nobody is two."""
        if visitor.who is None:
            return False
        return visitor.guest_of is None or visitor.guest_of in _guids(found)

    def _to_room(self, found: _Found) -> web.Response:
        addresses = self.acting.addresses
        return _to(addresses.base + addresses.room_path(found.address))


def _to(path: str) -> web.Response:
    return web.Response(status=303, headers={**page_headers(), "Location": path})


def _rules(found: _Found) -> Text:
    """What a guest may do."""
    if not found.is_closed:
        return say(texts.MAY_ASK, most=LONGEST)
    return say(texts.CLOSED if found.guests.may_vote else texts.NO_MORE)


def _guids(found: _Found) -> list[str]:
    return [slot.talk.guid for slot in found.talks]


def _chosen(found: _Found, form: Mapping[str, str]) -> AudienceSlot:
    talk = form.get("talk", "")
    slots = [slot for slot in found.talks if slot.talk.guid == talk] or list(found.talks)
    if len(slots) != 1:
        raise Declined(say(page_texts.NOT_READABLE), 400)
    return slots[0]
