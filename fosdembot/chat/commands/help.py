"""`!help`: what somebody may type, where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Entry, Place
from fosdembot.chat.meant.room import Finder
from fosdembot.conference.addresses import short_name
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.people import People
from fosdembot.conference.programme import Programme
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts import hosts as hosts_texts
from fosdembot.texts import page_addresses as page_texts
from fosdembot.texts import widget as widget_texts
from fosdembot.texts.render import Text, lines, link, say

_HELP = {
    Place.TALK_ROOM: (texts.HELP, texts.HELP_ATTENDEE, texts.HELP_OWN),
    Place.DIRECT: (texts.HELP_DIRECT, texts.HELP_DIRECT_OWN, texts.HELP_ELSEWHERE),
}


@dataclass(frozen=True, slots=True)
class HelpCommand:
    _programme: Programme
    _finder: Finder
    _access: Access
    _people: People
    _pages: PageAddresses
    _settings: Settings
    _name: Callable[[], str]
    """What the bot is called."""

    def table(self) -> Commands:
        return {"help": Entry(self._help, question=True)}

    async def _help(self, command: Command) -> Text:
        if command.place is Place.HOSTS_ROOM:
            return await self._help_hosts(command)
        here = command.place is Place.TALK_ROOM
        said = [*_HELP.get(command.place, (texts.HELP_ELSEWHERE,))]
        room = command.room if here else None
        may = await self._access.granted(command.session, command.actor, room)
        if Permission.DISMISS in may:
            said += [texts.HELP_QUESTIONS, texts.HELP_MODERATOR]
            if self._settings.transcripts.folder.strip():
                said.append(texts.HELP_TRANSCRIPT)
            if self._pages.are_on:
                said.append(widget_texts.HELP)
        elif here and await self._speaks_here(command):
            said.append(texts.HELP_SPEAKER)
        if Permission.RUN_CONFERENCE in may or command.place is Place.CONTROL_ROOM:
            said.append(texts.HELP_ORGANISER)
        values = {"p": self._settings.command_prefix, "name": self._name()}
        where = Text("", "") if here else Text(texts.ROOM, texts.ROOM)
        helps = [say(text, room=where, **values) for text in said]
        if (page := await self._page(command)) is not None:
            helps.append(say(page_texts.HELP, url=page))
            if command.place is Place.DIRECT:
                helps.append(say(page_texts.HELP_LOGIN, **values))
        return lines(helps)

    async def _page(self, command: Command) -> Text | None:
        """The address of the talk room's page; elsewhere of the one that lists all."""
        if command.place is not Place.TALK_ROOM:
            return link(self._pages.start())
        return link(self._pages.of_room(await addresses_of(command.session, command.room)))

    async def _speaks_here(self, command: Command) -> bool:
        session = command.session
        rooms = await addresses_of(session, command.room)
        talks = [talk.guid for room in rooms for talk in self._programme.talks_at(room)]
        speaks = await self._people.speaks_in(session, command.sender, talks)
        return speaks and not command.relayed

    async def _help_hosts(self, command: Command) -> Text:
        rooms = await self._finder.possible(command.session, command.place, command.room)
        example = short_name(rooms[0]) if rooms else texts.ROOM.strip()
        return lines(say(text, room=example) for text in (hosts_texts.HELP, hosts_texts.HELP_WORDS))
