"""Takes questions in, however they were asked: for which talk, and what the asker is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Refused, about
from fosdembot.chat.command import Declined
from fosdembot.chat.finder import Finder
from fosdembot.chat.refusals import Refusals
from fosdembot.chat.talk_choice import with_id
from fosdembot.conference.addresses import short_name
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Preference, Question
from fosdembot.matrix.power import is_bridged_by
from fosdembot.questions import lookup
from fosdembot.questions.desk import Desk
from fosdembot.questions.new_question import NewQuestion, alike_let_in
from fosdembot.questions.scopes import scope_of
from fosdembot.questions.states import State
from fosdembot.settings import Settings
from fosdembot.talks.assignment import Ambiguous
from fosdembot.talks.naming import is_called, title_of
from fosdembot.talks.room_talks import AudienceTalks
from fosdembot.talks.slots import AudienceSlot
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, lines, say, sentences
from fosdembot.texts.words import count

_NAMED = re.compile(r"(\S{1,255}?)\s?[:：]\s+(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asks in a talk room, or for one."""

    session: WriteSession
    room: str
    """The talk room (its id)."""
    text: str
    asker: str
    name: str
    """What others see; empty: asked without a name."""
    event: str
    at: datetime
    """When it was sent."""
    reply_to: str | None = None
    relayed: bool = False
    direct: bool = False
    marked: str = ""
    """The reaction that made a question of the message."""
    vouched: bool = False
    """Whether a moderator made it a question."""


@dataclass(frozen=True, slots=True)
class _Choice:
    talk: str
    title: str
    text: str
    """Without the name of the talk."""
    in_doubt: bool = False
    has_next: bool = False
    """Whether it is over, and another talk comes after it on the same day."""


class Intake:
    def __init__(
        self,
        desk: Desk,
        programme: Programme,
        views: RoomViews,
        access: Access,
        finder: Finder,
        refusals: Refusals,
        settings: Settings,
    ) -> None:
        self._desk = desk
        self._programme = programme
        self._views = views
        self._access = access
        self._finder = finder
        self._refusals = refusals
        self._settings = settings
        self._prefix = settings.command_prefix

    async def take(self, asking: Asking) -> Text | None:
        """Make it a question. Returns what the asker is to be told besides the chip, if
        anything. Raises `Declined`."""
        session = asking.session
        address = await self.address_of(session, asking.room)
        choice = await self._choose(asking, address)
        new = NewQuestion(
            room=asking.room,
            talk=choice.talk,
            text=choice.text,
            asker=asking.asker,
            name=asking.name,
            event=asking.event,
            at=asking.at,
            relayed=asking.relayed,
            relay=is_bridged_by([asking.asker], self._settings.relays),
            direct=asking.direct,
            marked=asking.marked,
            trusted=asking.vouched or await self._is_trusted(asking),
        )
        try:
            with about(None):
                question, alike = await self._desk.ask(session, new)
        except Refused as refused:
            said = self._refusals.say(refused, sees_edits=self._sees_edits(asking))
            raise Declined(said) from None
        if alike is not None:
            alike = await alike_let_in(session, question)
        if choice.in_doubt or alike is not None or await self._wants_text(asking):
            return self._told(asking, question, choice, alike, address)
        return None

    async def _is_trusted(self, asking: Asking) -> bool:
        actor, may = Who(asking.asker, asking.relayed), Permission.ASK_WITHOUT_APPROVAL
        return await self._access.allows(asking.session, actor, may, asking.room)

    async def address_of(self, session: AsyncSession, room: str) -> str:
        """The address at which a room has talks. Raises `Declined` where it has none."""
        address = await self._views.address_of(session, room)
        if address is None:
            raise Declined(say(command_texts.NO_TALKS_HERE))
        return address

    async def talks(self, session: AsyncSession, address: str, at: datetime) -> AudienceTalks:
        """The talks of a room as its attendees see them."""
        return await self._views.audience(session, address, at)

    def without_name(self, question: Question, text: str) -> str:
        """What an edited message asks, without the talk or room that it names first."""
        name, rest = split_name(text)
        address = self._programme.address_by_guid(question.talk)
        if address is None or not name:
            return text
        talks = self._programme.talks_at(address)
        names_it = any(is_called(talk, name) for talk in talks)
        if question.direct:
            names_it = names_it or address in self._finder.fitting(name)
        return rest if names_it else text

    async def _choose(self, asking: Asking, address: str) -> _Choice:
        """Raises `Declined`."""
        talks = await self.talks(asking.session, address, asking.at)
        name, rest = split_name(asking.text)
        possible = [slot for slot in talks.slots if slot.takes_place]
        if name and (slot := with_id(possible, name)) is not None:
            return _Choice(slot.talk.guid, title_of(slot.talk), rest)
        replied = await self._replied(asking)
        if replied is not None:
            talk = self._programme.talks.get(replied.talk)
            return _Choice(replied.talk, title_of(talk) if talk else "", asking.text)
        found = talks.asked_about
        if found is None:
            raise Declined(say(texts.ASK_NO_TALK, p=self._prefix))
        if isinstance(found, Ambiguous):
            raise Declined(self._which(found.slots))
        talk = found.slot.talk
        following = talks.after(talk.guid)
        # Before a talk, nobody asks about the one after it.
        is_over = found.slot.end <= asking.at
        has_next = is_over and following is not None and not asking.relayed
        return _Choice(talk.guid, title_of(talk), asking.text, found.in_doubt, has_next)

    async def _replied(self, asking: Asking) -> Question | None:
        """The question that the message answers, if it is of the same room."""
        if asking.reply_to is None:
            return None
        question = await lookup.by_event(asking.session, asking.reply_to)
        if question is None or question.scope != await scope_of(asking.session, asking.room):
            return None
        return question

    def _which(self, slots: Sequence[AudienceSlot]) -> Text:
        example = clean(slots[0].talk.id, 20)
        choices = self._finder.choices(slots)
        return say(texts.ASK_WHICH_TALK, p=self._prefix, example=example, choices=choices)

    async def _wants_text(self, asking: Asking) -> bool:
        if asking.direct or asking.relayed or not self._sees_edits(asking):
            return True
        preference = await asking.session.get(Preference, asking.asker)
        return preference is not None and preference.confirm_by_text

    def _sees_edits(self, asking: Asking) -> bool:
        """Whether the asker sees reactions and can edit, which nobody does over a bridge."""
        bridges = self._settings.rooms.bridge_users
        return not (asking.relayed or is_bridged_by([asking.asker], bridges))

    def _told(
        self,
        asking: Asking,
        question: Question,
        choice: _Choice,
        alike: int | None,
        address: str,
    ) -> Text:
        number = str(question.number)
        values = {"p": self._prefix, "number": number, "title": choice.title}
        asked = texts.ASKED_DIRECT if asking.direct else texts.ASKED_BY
        name, room = question.asker_name, short_name(address)
        first = [say(asked, name=name, room=room, **values)]
        if question.state == State.PENDING:
            first.append(say(texts.PENDING))
        if choice.in_doubt and not asking.direct:
            first.append(say(texts.FOR_TALK, **values))
        if not asking.name:
            days = count(self._settings.questions.keep_names_days, "day")
            first.append(say(texts.POSTED_NAMELESS, days=days))
        said = [sentences(first)]
        if choice.in_doubt and choice.has_next:
            said.append(say(texts.FOR_NEXT_TALK, **values))
        if alike is not None:
            template = texts.ALIKE_RELAYED if asking.relayed else texts.ALIKE
            said.append(say(template, other=str(alike), **values))
        return lines(said)


def split_name(text: str) -> tuple[str, str]:
    """`kernel: How small?` → the name in front, and what follows; "" where there is none."""
    found = _NAMED.match(text)
    return (found[1], found[2].strip()) if found is not None else ("", text)
