"""What people do on the page of a talk room: ask, vote, and take either back. Each calls one
action, and says in a sentence what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from fosdembot.actions.actor import Actor
from fosdembot.actions.asking import Accepted, Ask, Asking
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.hall import HallActions
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.voting import Voting
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.power import is_bridged_by
from fosdembot.questions.guests import is_guest
from fosdembot.questions.states import HIDDEN, Action, State
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import page_room as texts
from fosdembot.texts import pages as page_texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import count

from .acting import Acting, Work
from .address_limits import AddressLimit
from .headers import page_headers
from .refusals import Declined, leading_back
from .requests import form_of, id_of
from .room_addresses import here
from .room_personal import name_of, person_of
from .routing import Asked, Route
from .visitors import Visitor

MOST_VOTES = 120
"""Of one person in a minute, given and taken back: nobody reads faster, and each is kept."""


@dataclass(frozen=True, slots=True)
class TakingPart:
    acting: Acting
    asking: Asking
    voting: Voting
    deciding: Deciding
    addresses: PageAddresses
    settings: Settings
    hall: HallActions
    _limit: AddressLimit = field(init=False)
    """Of each person, for what is posted in rooms."""
    _votes: AddressLimit = field(init=False)

    def __post_init__(self) -> None:
        most = self.settings.limits.commands_per_minute
        object.__setattr__(self, "_limit", AddressLimit(self.acting.clock, 0, most, 60))
        object.__setattr__(self, "_votes", AddressLimit(self.acting.clock, 0, MOST_VOTES, 60))

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/r/{room}/ask", self._ask),
            Route("POST", "/r/{room}/vote", self._vote),
            Route("POST", "/r/{room}/unvote", self._unvote),
            Route("POST", "/r/{room}/withdraw", self._withdraw),
        ]

    async def _ask(self, asked: Asked) -> web.Response:
        address, form = self._address(asked), await form_of(asked.request)

        async def work(session: WriteSession, visitor: Visitor, actor: Actor) -> Text:
            _demand_known(visitor)
            _check_pace(self._limit, actor)
            if visitor.guest_of is not None:
                self._check_guest(visitor.guest_of, address)
                text = form.get("text", "")
                return self._accepted(await self.hall.ask(session, actor, visitor.guest_of, text))
            room = await _room(session, address)
            name = "" if form.get("nameless") else await name_of(session, address, visitor)
            relay = is_bridged_by([actor.person], self.settings.relays)
            ask = Ask(
                room=room,
                text=form.get("text", ""),
                name=name,
                talk=form.get("talk", ""),
                direct=True,
                relay=relay,
            )
            return self._accepted(await self.asking.ask(session, actor, ask))

        return await self._do(asked, form, work, texts.ASKED)

    async def _vote(self, asked: Asked) -> web.Response:
        self._address(asked)  # there is such a room
        form = await form_of(asked.request)

        async def work(session: WriteSession, visitor: Visitor, actor: Actor) -> Text:
            _demand_known(visitor)
            _check_pace(self._votes, actor)
            question = await _visible(session, form, actor)
            if visitor.guest_of is not None:
                await self.hall.vote(session, actor, visitor.guest_of, question)
            else:
                relay = is_bridged_by([actor.person], self.settings.relays)
                # The page tells nobody else why it is refused.
                await self.voting.vote(session, actor, question, relay=relay, private=True)
            return say(texts.VOTED, number=str(question.number))

        return await self._do(asked, form, work, texts.VOTED)

    async def _unvote(self, asked: Asked) -> web.Response:
        self._address(asked)  # there is such a room
        form = await form_of(asked.request)

        async def work(session: WriteSession, visitor: Visitor, actor: Actor) -> Text:
            _demand_known(visitor)
            _check_pace(self._votes, actor)
            question = await _visible(session, form, actor)
            if visitor.guest_of is not None:
                await self.hall.unvote(session, actor, visitor.guest_of, question)
            else:
                await self.voting.unvote(session, actor, question)
            return say(texts.UNVOTED, number=str(question.number))

        return await self._do(asked, form, work, texts.UNVOTED)

    async def _withdraw(self, asked: Asked) -> web.Response:
        self._address(asked)  # there is such a room
        form = await form_of(asked.request)

        async def work(session: WriteSession, visitor: Visitor, actor: Actor) -> Text:
            _demand_known(visitor)
            _check_pace(self._limit, actor)
            question = await _visible(session, form, actor)
            await self.deciding.decide(session, actor, question, Action.WITHDRAW)
            return say(texts.WITHDRAWN, number=str(question.number))

        return await self._do(asked, form, work, texts.WITHDRAWN)

    async def _do(
        self, asked: Asked, form: Mapping[str, str], work: Work[Text], before: str
    ) -> web.Response:
        """`before`: what is said where it was done before by the same act."""
        page = self.addresses.base + here(self.addresses, self._address(asked), form)
        with leading_back(page):
            done = await self.acting.do(asked.request, form, work)
        if isinstance(done, DoneBefore):
            number = str(done.question.number) if done.question is not None else ""
            done = say(before, number=number)
        if "application/json" in asked.request.headers.get("Accept", ""):
            return web.json_response({"said": done.plain}, headers=page_headers())
        raise web.HTTPSeeOther(page)

    def _check_guest(self, talk: str, address: str) -> None:
        """Raises `Declined` where a guest came in for a talk of another room."""
        if self.hall.programme.address_by_guid(talk) != address:
            raise Declined(say(hall_texts.OTHER_TALK))

    def _address(self, asked: Asked) -> str:
        address = self.addresses.room_called(asked.parts["room"])
        if address is None:
            raise web.HTTPNotFound
        return address

    def _accepted(self, accepted: Accepted) -> Text:
        question, talk = accepted.question, accepted.talk
        number = str(question.number)
        said = [say(texts.ASKED, number=number)]
        if talk is not None:
            said = [say(texts.ASKED_FOR, number=number, title=title_of(talk))]
        if question.state == State.PENDING:
            said.append(say(texts.PENDING))
        if not question.asker_name and not is_guest(question.asker or ""):
            days = count(self.settings.questions.keep_names_days, "day")
            said.append(say(texts.NAMELESS, days=days))
        if accepted.alike is not None:
            said.append(say(texts.ASKED_ALIKE, number=str(accepted.alike)))
        return sentences(said)


async def _room(session: WriteSession, address: str) -> str:
    """The Matrix room (its id). Raises `Declined`."""
    room = await room_at(session, address)
    if room is None:
        raise Declined(say(texts.NOT_IN_ROOM), 409)
    return room


async def _visible(session: WriteSession, form: Mapping[str, str], actor: Actor) -> Question:
    """The question that is named by its id: its number is another, and that of another question,
    once its talk is in another room. Of those that the audience may not read, its asker alone may
    know that they are there. Raises `Declined`."""
    id_ = id_of(form.get("question", ""))
    question = await session.get(Question, id_) if id_ is not None else None
    if question is None or (question.state in HIDDEN and question.asker != actor.person):
        raise Declined(say(texts.NO_SUCH_QUESTION), 404)
    return question


def _demand_known(visitor: Visitor) -> None:
    if person_of(visitor) is None and visitor.guest_of is None:
        raise Declined(say(page_texts.NOT_KNOWN), 401)


def _check_pace(limit: AddressLimit, actor: Actor) -> None:
    """Raises `Declined` where somebody does that more often."""
    wait = limit.seconds_to_wait(actor.person)
    if wait is not None:
        raise Declined(say(page_texts.TOO_OFTEN), 429, retry_after=wait)
