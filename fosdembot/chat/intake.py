"""Takes questions in, however they were asked: reads which talk is named, and words what the
asker is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.asking import Accepted, Ask, Asking
from fosdembot.actions.refused import Refused
from fosdembot.chat.command import Declined
from fosdembot.chat.meant.room import Finder
from fosdembot.chat.meant.talk import with_id
from fosdembot.chat.refusals import Refusals
from fosdembot.conference.addresses import short_name
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Preference, Question
from fosdembot.matrix.power import is_bridged_by
from fosdembot.questions import lookup
from fosdembot.questions.states import State
from fosdembot.settings import Settings
from fosdembot.talks.naming import is_called, title_of
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, lines, say, sentences
from fosdembot.texts.words import count

_NAMED = re.compile(r"(\S{1,255}?)\s?[:：](?:\s+(\S.*)|\s*\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Intake:
    asking: Asking
    _views: RoomViews
    _programme: Programme
    _finder: Finder
    _refusals: Refusals
    _settings: Settings

    async def take(self, session: WriteSession, actor: Actor, ask: Ask) -> Text | None:
        """Make it a question, for the talk that the text may begin with. Returns what the asker
        is to be told besides the chip, if anything. Raises `Declined`."""
        named = await self._named(session, actor, ask)
        relay = is_bridged_by([actor.person], self._settings.relays)
        try:
            accepted = await self.asking.ask(session, actor, replace(named, relay=relay))
        except Refused as refused:
            said = self._refusals.say(refused, sees_edits=self._sees_edits(actor))
            raise Declined(said) from None
        in_words = accepted.in_doubt or accepted.alike is not None
        if in_words or await self._wants_text(session, actor, ask):
            return self._told(actor, ask, accepted)
        return None

    async def _named(self, session: AsyncSession, actor: Actor, ask: Ask) -> Ask:
        """The same with the talk that stands in front of the text, if it is one of the room's."""
        name, rest = split_name(ask.text)
        address = await self._views.address_of(session, ask.room) if name else None
        if address is None:
            return ask
        talks = await self._views.audience(session, address, actor.at)
        slot = with_id([slot for slot in talks.slots if slot.takes_place], name)
        return replace(ask, talk=slot.talk.guid, text=rest) if slot is not None else ask

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

    async def _wants_text(self, session: AsyncSession, actor: Actor, ask: Ask) -> bool:
        if ask.direct or not self._sees_edits(actor):
            return True
        preference = await session.get(Preference, actor.person)
        return preference is not None and preference.confirm_by_text

    def _sees_edits(self, actor: Actor) -> bool:
        """Whether the asker sees reactions and can edit, which nobody does over a bridge."""
        bridges = self._settings.rooms.bridge_users
        return not (actor.relayed or is_bridged_by([actor.person], bridges))

    def _told(self, actor: Actor, ask: Ask, accepted: Accepted) -> Text:
        question, talk = accepted.question, accepted.talk
        title = title_of(talk) if talk is not None else ""
        values = {"p": self._settings.command_prefix, "number": str(question.number)}
        asked = texts.ASKED_DIRECT if ask.direct else texts.ASKED_BY
        name, room = question.asker_name, short_name(accepted.address)
        first = [say(asked, name=name, room=room, title=title, **values)]
        if question.state == State.PENDING:
            first.append(say(texts.PENDING))
        if accepted.in_doubt and not ask.direct:
            first.append(say(texts.FOR_TALK, title=title))
        if not ask.name:
            days = count(self._settings.questions.keep_names_days, "day")
            first.append(say(texts.POSTED_NAMELESS, days=days))
        said = [sentences(first)]
        if accepted.in_doubt and accepted.has_next:
            said.append(say(texts.FOR_NEXT_TALK, **values))
        if accepted.alike is not None:
            template = texts.ALIKE_RELAYED if actor.relayed else texts.ALIKE
            said.append(say(template, other=str(accepted.alike), **values))
        return lines(said)


async def replied(session: AsyncSession, event: str | None) -> Question | None:
    """The question that a message answers, if `event`, to which it replies, is about one."""
    return await lookup.by_event(session, event) if event is not None else None


def split_name(text: str) -> tuple[str, str]:
    """`kernel: How small?` → the name in front, and what follows; "" where there is none."""
    found = _NAMED.match(text)
    return (found[1], (found[2] or "").strip()) if found is not None else ("", text)
