"""Takes in what is done on a talk's pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from fosdembot.actions.actor import Actor
from fosdembot.actions.once import DoneBefore
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.db.engine import WriteSession
from fosdembot.texts import page_talk as texts
from fosdembot.texts.render import Text, say

from .acting import Acting
from .headers import page_headers
from .refusals import Declined, leading_back
from .requests import form_of, query_of
from .routing import Asked, Route
from .talk_deeds import Case, QuestionDeeds
from .talk_offers import Deed
from .talk_room_deeds import RoomDeeds
from .visitors import Visitor

_KEPT = ("key", "view", "talk")
"""What stays in the address of the page."""


@dataclass(frozen=True, slots=True)
class TalkDoing:
    acting: Acting
    questions: QuestionDeeds
    rooms: RoomDeeds
    addresses: PageAddresses

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/talk/do", self._by_link),
            Route("POST", "/r/{room}/moderate", self._by_person),
        ]

    async def _by_link(self, asked: Asked) -> web.StreamResponse:
        return await self._do(asked, "/talk")

    async def _by_person(self, asked: Asked) -> web.StreamResponse:
        address = self.addresses.room_called(asked.parts["room"])
        if address is None:
            raise Declined(say(texts.NO_ROOM), 404)
        return await self._do(asked, f"{self.addresses.room_path(address)}/moderate")

    async def _do(self, asked: Asked, path: str) -> web.StreamResponse:
        """The form's `do` is what is done, and to what: `take 12`. So a button says both."""
        query = {name: value for name, value in query_of(asked.request).items() if name in _KEPT}
        page = f"{self.addresses.base}{path}?{urlencode(query)}"
        with leading_back(page):
            words = await self._done(asked.request)
        if "application/json" in asked.request.headers.get("Accept", ""):
            return web.json_response({"said": words.plain}, headers=page_headers())
        # A page without our module is shown anew.
        raise web.HTTPSeeOther(page, headers=page_headers())

    async def _done(self, request: web.Request) -> Text:
        """Do it. Returns what came of it; raises `Declined`."""
        form = await form_of(request)
        word, _, about = form.get("do", "").partition(" ")
        table = {**self.questions.table(), **self.rooms.table()}
        do = table.get(Deed(word)) if word in set(Deed) else None
        if do is None:
            raise Declined(say(texts.NO_SUCH_ACTION), 400)

        async def work(session: WriteSession, visitor: Visitor, actor: Actor) -> Text:
            return await do(session, Case(visitor, actor, Deed(word), about, form))

        said = await self.acting.do(request, form, work)
        return say(texts.IS_DONE) if isinstance(said, DoneBefore) else said
