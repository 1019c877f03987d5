"""`!announce TRACK|all: TEXT`: an organiser's words in many rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Declined, Entry
from fosdembot.chat.commands.announcer import Announcer, announcement
from fosdembot.chat.commands.conf import IN_CONTROL_ROOM
from fosdembot.chat.meant.scope import Scopes
from fosdembot.chat.reading.parser import first_word
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import count

ROOMS_UNASKED = 5
ASKS_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Announcement:
    addresses: tuple[str, ...]
    text: Text
    notify: bool
    asked_at: datetime


class AnnounceCommands:
    """Above five rooms it asks back; what it asks about is forgotten at a restart."""

    def __init__(self, scopes: Scopes, announcer: Announcer, settings: Settings) -> None:
        self._scopes = scopes
        self._announcer = announcer
        self._settings = settings
        self._asked: dict[str, _Announcement] = {}

    def table(self) -> Commands:
        return {
            "announce": Entry(self._announce, Permission.ANNOUNCE, IN_CONTROL_ROOM),
            "announce!": Entry(self._announce, Permission.ANNOUNCE, IN_CONTROL_ROOM),
        }

    async def _announce(self, command: Command) -> Text:
        if command.arguments.casefold() == "yes":
            return await self._confirm(command)
        scope_words, text = _split(command.arguments)
        if not scope_words or not text:
            raise Declined(self._say(texts.ANNOUNCE_USAGE))
        scope, rest = self._scopes.parse(scope_words, "announce")
        if rest:
            raise Declined(self._say(texts.ANNOUNCE_USAGE))
        addresses = tuple(self._scopes.addresses(scope))
        notify = command.word.endswith("!")
        asked = _Announcement(addresses, announcement(text), notify, command.at)
        if len(addresses) > ROOMS_UNASKED:
            self._asked[command.sender] = asked
            template = texts.ANNOUNCE_CONFIRM_PING if notify else texts.ANNOUNCE_CONFIRM
            return self._say(template, rooms=count(len(addresses), "room"))
        return await self._send(command, asked)

    async def _confirm(self, command: Command) -> Text:
        asked = self._asked.get(command.sender)
        if asked is None or command.at - asked.asked_at > ASKS_FOR:
            raise Declined(self._say(texts.ANNOUNCE_NOTHING))
        command.session.after_commit(lambda: self._forget(command.sender))
        return await self._send(command, asked)

    def _forget(self, sender: str) -> None:
        self._asked.pop(sender, None)

    async def _send(self, command: Command, asked: _Announcement) -> Text:
        reach = await self._announcer.broadcast(command, asked.addresses, asked.text, asked.notify)
        return self._announcer.reached(reach)

    def _say(self, template: str, **values: str) -> Text:
        return say(template, p=self._settings.command_prefix, **values)


def _split(arguments: str) -> tuple[str, str]:
    """For whom, and what: at the first colon, unless the address of a room comes first,
    which has one itself."""
    if arguments.startswith(("#", "!")):
        address, text = first_word(arguments)
        return address.removesuffix(":"), text
    scope, _, text = arguments.partition(":")
    return scope.strip(), text.strip()
