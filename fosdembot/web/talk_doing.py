"""What is done on a talk's pages: each calls one action, and says what came of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from fosdembot.actions.access import TalkIn
from fosdembot.actions.actor import Actor
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Denial, Refused
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions.states import Action
from fosdembot.texts import page_talk as texts
from fosdembot.texts import questions as question_texts
from fosdembot.texts.render import Text, say

from .acting import Acting
from .headers import page_headers
from .refusals import Declined
from .requests import form_of, query_of
from .routing import Asked, Route
from .talk_tools import TalkTools
from .visitors import Visitor

_DECISIONS = {
    action.value: action
    for action in (Action.TAKE, Action.DONE, Action.SKIP, Action.STAR, Action.UNSTAR)
}

_ID = re.compile(r"[0-9]{1,9}")
_KEPT = ("key", "view")
"""What stays in the address of the page."""


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody wants."""

    visitor: Visitor
    actor: Actor
    form: Mapping[str, str]
    about: str
    """A question (its id), or a talk (its guid)."""


Do = Callable[[WriteSession, Case], Awaitable[Text]]


@dataclass(frozen=True, slots=True)
class TalkDoing:
    acting: Acting
    tools: TalkTools
    programme: Programme
    addresses: PageAddresses

    def routes(self) -> list[Route]:
        return [Route("POST", "/talk/do", self._do)]

    async def _do(self, asked: Asked) -> web.StreamResponse:
        """The form's `do` is what is done, and to what: `take 12`. So a button says both."""
        form = await form_of(asked.request)
        word, _, about = form.get("do", "").partition(" ")
        do = self._works().get(word)
        if do is None:
            raise Declined(say(texts.NO_SUCH_ACTION), 400)

        async def work(session: WriteSession, visitor: Visitor, actor: Actor) -> Text:
            return await do(session, Case(visitor, actor, form, about))

        said = await self.acting.do(asked.request, form, work)
        return _answer(asked, self.addresses, _again(said))

    def _works(self) -> Mapping[str, Do]:
        decisions = dict.fromkeys(_DECISIONS, self._decide)
        return {**decisions, "next": self._next, "undo": self._undo}

    async def _decide(self, session: WriteSession, case: Case) -> Text:
        action = _DECISIONS[case.form["do"].partition(" ")[0]]
        question = await _question(session, case.about)
        changed = await self.tools.deciding.decide(session, case.actor, question, action)
        return decided(action, question, is_new=bool(changed))

    async def _next(self, session: WriteSession, case: Case) -> Text:
        """Done with this one, take the next."""
        deciding = self.tools.deciding
        room = await self._room(session, case)
        try:
            taken = await deciding.decide_current(
                session, case.actor, room, Action.TAKE, case.about
            )
        except Refused as refused:
            if refused.why is not Denial.NOTHING_WAITS:
                raise
        else:
            return decided(Action.TAKE, taken.question, is_new=bool(taken.changed))
        await deciding.decide_current(session, case.actor, room, Action.DONE, case.about)
        return say(texts.NOTHING_LEFT)

    async def _undo(self, session: WriteSession, case: Case) -> Text:
        room = await self._room(session, case)
        talk = TalkIn(case.about, room)
        undone = await self.tools.undoing.undo_in_talk(session, case.actor, talk)
        if undone is None:
            return say(texts.NOTHING_TO_UNDO)
        template = texts.UNDONE if undone.restored else texts.UNDONE_TOO_LATE
        return say(template, number=str(undone.last.number))

    async def _room(self, session: WriteSession, case: Case) -> str:
        """The Matrix room (its id) of the talk."""
        address = self.programme.address_by_guid(case.about)
        room = await room_at(session, address) if address is not None else None
        if room is None:
            raise Declined(say(texts.NOT_HERE))
        return room


async def _question(session: WriteSession, id_: str) -> Question:
    question = await session.get(Question, int(id_)) if _ID.fullmatch(id_) else None
    if question is None:
        raise Declined(say(texts.QUESTION_GONE), 404)
    return question


def decided(action: Action, question: Question, *, is_new: bool) -> Text:
    number = str(question.number)
    if is_new:
        return say(texts.DECIDED[action], number=number)
    return say(question_texts.ALREADY, number=number, state=question_texts.STATES[question.state])


def _again(said: Text | DoneBefore) -> Text:
    """What comes of something that was done before."""
    return say(texts.IS_DONE) if isinstance(said, DoneBefore) else said


def _answer(asked: Asked, addresses: PageAddresses, said: Text) -> web.StreamResponse:
    """To the module of the page what came of it; a page without one is shown anew."""
    if "application/json" in asked.request.headers.get("Accept", ""):
        return web.json_response({"said": said.plain}, headers=page_headers())
    query = {name: value for name, value in query_of(asked.request).items() if name in _KEPT}
    raise web.HTTPSeeOther(f"{addresses.base}/talk?{urlencode(query)}", headers=page_headers())
