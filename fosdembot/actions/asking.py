"""Asking: for which talk a question is, and whether it is taken in."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused, about
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions.desk import Desk
from fosdembot.questions.guests import is_guest
from fosdembot.questions.new_question import NewQuestion, alike_let_in
from fosdembot.questions.scopes import scope_of
from fosdembot.schedule.model import Talk
from fosdembot.talks.assignment import Ambiguous
from fosdembot.talks.room_talks import AudienceTalks


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody asks by what they did, for example by a message."""

    room: str
    """The Matrix room (its id) whose talk it is for."""
    text: str
    name: str
    """What others see; empty: asked without a name."""
    talk: str = ""
    """The talk (its guid) that the asker names."""
    reply_to: Question | None = None
    """The question that it answers; its talk is meant, if that is of the same room."""
    direct: bool = False
    """Whether the audience does not see the message that asks it, as in a direct chat. What is
    asked by another face than chat they never see there."""
    relay: bool = False
    """Whether the asker's account is known to speak for many."""
    marked: str = ""
    """What made a question of it, if the asker did not mean it as one: another cause."""
    vouched: bool = False
    """Whether a moderator made it a question."""
    hall: bool = False
    """Whether a guest in the hall may ask it (`HallActions`)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A question that was taken in."""

    question: Question
    address: str
    """At which its room has talks."""
    talk: Talk | None
    """The one it is for; None where the schedule has it no more."""
    in_doubt: bool
    """Whether another talk may be meant."""
    has_next: bool
    """Whether the talk is over, and the asker may move the question to the one after it."""
    alike: int | None
    """The number of another one that asks much the same and that the audience may know of."""


@dataclass(frozen=True, slots=True)
class _Choice:
    guid: str
    talk: Talk | None
    in_doubt: bool = False
    has_next: bool = False


class Asking:
    def __init__(self, desk: Desk, access: Access, programme: Programme, views: RoomViews) -> None:
        self._desk = desk
        self._access = access
        self._programme = programme
        self._views = views

    @once
    async def ask(self, session: WriteSession, actor: Actor, ask: Ask) -> Accepted:
        """Take a question in: for the talk that is named, else that of the question which it
        answers, else the one that is on, was just over or comes next when the actor asked.
        Raises `Refused`."""
        if is_guest(actor.person) and not ask.hall:
            raise Refused(Denial.NOT_AS_GUEST)
        address = await self._views.address_of(session, ask.room)
        if address is None:
            raise Refused(Denial.NO_TALKS_HERE)
        talks = await self._views.audience(session, address, actor.at)
        choice = await self._choose(session, actor, ask, talks)
        may = Permission.ASK_WITHOUT_APPROVAL
        trusted = ask.vouched or await self._access.allows(session, actor, may, ask.room)
        new = NewQuestion(
            room=ask.room,
            talk=choice.guid,
            text=ask.text,
            asker=actor.person,
            name=ask.name,
            cause=actor.cause,
            at=actor.at,
            relayed=actor.relayed,
            relay=ask.relay,
            direct=ask.direct or actor.face != CHAT,
            marked=ask.marked,
            trusted=trusted,
        )
        with about(None):
            question, alike = await self._desk.ask(session, new)
        if alike is not None:
            alike = await alike_let_in(session, question)
        return Accepted(question, address, choice.talk, choice.in_doubt, choice.has_next, alike)

    def checked(self, text: str) -> str:
        """A question's text as it is kept. Raises `Refused` where it is too long or empty."""
        with about(None):
            return self._desk.checked(text)

    async def _choose(
        self, session: WriteSession, actor: Actor, ask: Ask, talks: AudienceTalks
    ) -> _Choice:
        """Raises `Refused` where it cannot be told for which talk the question is."""
        if ask.talk:
            named = talks.of(ask.talk)
            if named is None or not named.takes_place:
                raise Refused(Denial.NO_SUCH_TALK)
            return _Choice(ask.talk, named.talk)
        replied = ask.reply_to
        if replied is not None and replied.scope == await scope_of(session, ask.room):
            return _Choice(replied.talk, self._programme.talks.get(replied.talk))
        found = talks.asked_about
        if found is None:
            raise Refused(Denial.NO_TALK_TODAY)
        if isinstance(found, Ambiguous):
            raise Refused(Denial.NAME_THE_TALK, slots=found.slots)
        slot = found.slot
        # Before a talk, nobody asks about the one after it.
        is_over = slot.end <= actor.at
        has_next = is_over and talks.after(slot.talk.guid) is not None and not actor.relayed
        return _Choice(slot.talk.guid, slot.talk, found.in_doubt, has_next)
