"""What anybody may ask: `!talk`, `!next`, `!schedule`, `!help`."""

from __future__ import annotations

from collections.abc import Callable

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Entry, Place
from fosdembot.chat.meant.room import Finder
from fosdembot.conference.addresses import short_name
from fosdembot.conference.people import People
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.settings import Settings
from fosdembot.talks.answers import rest_of_day, whats_next, whats_on
from fosdembot.talks.room_talks import AudienceTalks
from fosdembot.texts import commands as texts
from fosdembot.texts import hosts as hosts_texts
from fosdembot.texts.render import Text, lines, say

_Answer = Callable[[AudienceTalks, str], Text]


_HELP = {
    Place.TALK_ROOM: (texts.HELP, texts.HELP_ATTENDEE, texts.HELP_OWN),
    Place.DIRECT: (texts.HELP_DIRECT, texts.HELP_DIRECT_OWN, texts.HELP_ELSEWHERE),
}


class AttendeeCommands:
    def __init__(
        self,
        programme: Programme,
        views: RoomViews,
        finder: Finder,
        access: Access,
        people: People,
        settings: Settings,
        name: Callable[[], str],
    ) -> None:
        self._programme = programme
        self._views = views
        self._finder = finder
        self._access = access
        self._people = people
        self._settings = settings
        self._name = name

    def table(self) -> Commands:
        return {
            "next": Entry(self._next, question=True),
            "schedule": Entry(self._schedule, question=True),
            "help": Entry(self._help, question=True),
        }

    async def talk(self, command: Command) -> Text:
        """`!talk` alone; with more it is `talk.py`'s."""
        return await self._answer(command, whats_on)

    async def _next(self, command: Command) -> Text:
        return await self._answer(command, whats_next)

    async def _schedule(self, command: Command) -> Text:
        return await self._answer(command, rest_of_day)

    async def _answer(self, command: Command, answer: _Answer) -> Text:
        found = await self._finder.room(command)
        talks = await self._views.audience(command.session, found.address, command.now)
        return answer(talks, self._settings.command_prefix)

    async def _help(self, command: Command) -> Text:
        if command.place is Place.HOSTS_ROOM:
            return await self._help_hosts(command)
        here = command.place is Place.TALK_ROOM
        said = [*_HELP.get(command.place, (texts.HELP_ELSEWHERE,))]
        room = command.room if here else None
        may = await self._access.granted(command.session, command.actor, room)
        if Permission.DISMISS in may:
            said += [texts.HELP_QUESTIONS, texts.HELP_MODERATOR]
        elif here and await self._speaks_here(command):
            said.append(texts.HELP_SPEAKER)
        if Permission.RUN_CONFERENCE in may or command.place is Place.CONTROL_ROOM:
            said.append(texts.HELP_ORGANISER)
        values = {"p": self._settings.command_prefix, "name": self._name()}
        where = Text("", "") if here else Text(texts.ROOM, texts.ROOM)
        return lines(say(text, room=where, **values) for text in said)

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
