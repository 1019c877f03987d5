"""What organisers command: `!conf …`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Entry, Place
from fosdembot.chat.commands.conf_hosts import ConfHosts
from fosdembot.chat.commands.conf_pauses import ConfPauses
from fosdembot.chat.commands.conf_rooms import RoomList
from fosdembot.chat.commands.conf_status import Status
from fosdembot.chat.reading.parser import first_word
from fosdembot.conference.schedule_poller import SchedulePoller
from fosdembot.matrix.rooms import Rooms
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, lines, say

IN_CONTROL_ROOM = frozenset({Place.CONTROL_ROOM, Place.DIRECT})

_HELP = (
    texts.CONF_HELP,
    texts.CONF_HELP_LOOK,
    texts.CONF_HELP_MEETINGS,
    texts.CONF_HELP_SCHEDULE,
    texts.CONF_HELP_PAUSE,
    texts.CONF_HELP_HOSTS,
    texts.CONF_HELP_ANNOUNCE,
)

_Action = Callable[[Command, str], Awaitable[Text]]


class OrganiserCommands:
    def __init__(
        self,
        schedule_poller: SchedulePoller,
        rooms: Rooms,
        status: Status,
        room_list: RoomList,
        hosts: ConfHosts,
        pauses: ConfPauses,
        settings: Settings,
    ) -> None:
        self._schedule_poller = schedule_poller
        self._rooms = rooms
        self._status = status
        self._room_list = room_list
        self._settings = settings
        self._actions: dict[str, _Action] = {
            "status": self._show_status,
            "rooms": self._show_rooms,
            "talk": self._show_talk,
            "reload": self._reload,
            "schedule": self._schedule,
            "pause": pauses.pause,
            "resume": pauses.resume,
            "hosts": hosts,
            "help": self._help,
        }

    def table(self) -> Commands:
        return {"conf": Entry(self._conf, Permission.RUN_CONFERENCE, IN_CONTROL_ROOM)}

    async def _conf(self, command: Command) -> Text:
        word, rest = first_word(command.arguments)
        action = self._actions.get(word.lower())
        if action is None:
            return self._say(texts.CONF_USAGE)
        return await action(command, rest)

    async def _help(self, command: Command, _: str) -> Text:
        return lines(map(self._say, _HELP))

    async def _show_status(self, command: Command, _: str) -> Text:
        return await self._status.overview(command.session, command.at)

    async def _show_rooms(self, command: Command, page: str) -> Text:
        number = int(page) if page.isdecimal() and len(page) < 6 else 1
        return await self._room_list.page(command.session, number)

    async def _show_talk(self, command: Command, name: str) -> Text:
        if not name:
            return self._say(texts.TALK_USAGE_CONF)
        return await self._status.talk(command.session, name, command.at)

    async def _reload(self, command: Command, _: str) -> Text:
        command.session.after_commit(self._schedule_poller.reload)
        command.session.after_commit(self._rooms.retry)
        return self._say(texts.RELOADING)

    async def _schedule(self, command: Command, word: str) -> Text:
        if word.lower() != "accept":
            return self._say(texts.CONF_USAGE)
        accepted = await self._schedule_poller.accept(command.session)
        return self._say(texts.ACCEPTED if accepted else texts.NOTHING_HELD)

    def _say(self, template: str, **values: str | int | Text) -> Text:
        return say(template, p=self._settings.command_prefix, **values)
