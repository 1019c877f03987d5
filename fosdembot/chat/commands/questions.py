"""`!questions`: what was asked for the talk that is on, or just over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Entry, Listed, Place
from fosdembot.chat.commands.question_list import BRIDGED, QuestionList
from fosdembot.chat.meant.room import Finder
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.room_view import RoomViews
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import is_bridged
from fosdembot.notifications.lists import Section, compose, keep
from fosdembot.talks.naming import title_of
from fosdembot.texts import listing as texts
from fosdembot.texts import page_addresses as page_texts
from fosdembot.texts.render import Text, link, say, sentences

ALL = "all"
_SEE_PENDING = (Place.HOSTS_ROOM, Place.DIRECT)
_MAY_ASK = (Place.TALK_ROOM, Place.DIRECT)


@dataclass(frozen=True)
class Listing:
    _finder: Finder
    _access: Access
    _views: RoomViews
    _outbox: Outbox
    _pages: PageAddresses
    _prefix: str

    def table(self) -> Commands:
        return {"questions": Entry(self._questions, question=True, asks_with=frozenset({ALL}))}

    async def _questions(self, command: Command) -> Text | Listed:
        words = command.arguments.split()
        others = [word for word in words if word.casefold() != ALL]
        found = await self._finder.room(replace(command, arguments=" ".join(others)))
        session, room = command.session, await room_at(command.session, found.address)
        talks = await self._views.audience(session, found.address, command.now)
        if not talks.current:
            return say(texts.NO_TALK, p=self._prefix)
        listed = QuestionList(
            prefix=self._prefix,
            typed=found.typed(f"{command.word} {ALL}"),
            talks=min(len(talks.current), BRIDGED),
            all=others != words,
            bridged=await is_bridged(session, command.room),
            pending=await self._sees_pending(command, room),
            may_ask=command.place in _MAY_ASK,
        )
        view = await self._views.room(session, talks, room, listed.wanted, most_talks=BRIDGED)
        sections = [
            listed.section(title_of(talk.slot.talk), talk.questions)
            for talk in view.current.entries
        ]
        sections = _with_page(sections, self._pages.of_room([found.address]))
        return Listed(compose(sections), lambda key: keep(self._outbox, session, key, sections))

    async def _sees_pending(self, command: Command, room: str | None) -> bool:
        may = Permission.SEE_PENDING
        return command.place in _SEE_PENDING and await self._access.allows(
            command.session, command.actor, may, room
        )


def _with_page(sections: Sequence[Section], url: str) -> list[Section]:
    """Where something is left out, the address of the page that shows all."""
    page, said = link(url), list(sections)
    for index in reversed(range(len(said))):
        rest = said[index].rest
        if page is not None and rest is not None:
            there = say(page_texts.ALL_QUESTIONS, url=page)
            said[index] = replace(said[index], rest=sentences([rest, there]))
            break
    return said
