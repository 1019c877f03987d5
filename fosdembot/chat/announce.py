"""`!announce TRACK|all: TEXT`: an organiser's words in many rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fosdembot.chat.command import Command, Commands, Entry
from fosdembot.chat.organiser import IN_CONTROL_ROOM
from fosdembot.chat.roles import Role
from fosdembot.chat.scopes import Scopes
from fosdembot.matrix.content import notice, to_everybody
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.rooms import room_of
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import count

ROOMS_UNASKED = 5
ASKS_FOR = timedelta(minutes=5)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class _Announcement:
    addresses: tuple[str, ...]
    text: str
    notify: bool
    asked_at: datetime


class AnnounceCommands:
    """Above five rooms it asks back; what it asks about is forgotten at a restart."""

    def __init__(self, scopes: Scopes, outbox: Outbox, settings: Settings) -> None:
        self._scopes = scopes
        self._outbox = outbox
        self._settings = settings
        self._asked: dict[str, _Announcement] = {}

    def table(self) -> Commands:
        return {
            "announce": Entry(self._announce, Role.ORGANISER, IN_CONTROL_ROOM),
            "announce!": Entry(self._announce, Role.ORGANISER, IN_CONTROL_ROOM),
        }

    async def _announce(self, command: Command) -> Text:
        notify = command.word.endswith("!")
        scope_words, colon, text = command.arguments.partition(":")
        if not colon:
            if command.arguments.strip().casefold() == "yes":
                return await self._confirm(command)
            return self._say(texts.ANNOUNCE_USAGE)
        scope, rest = self._scopes.parse(scope_words, "announce")
        if rest or not text.strip():
            return self._say(texts.ANNOUNCE_USAGE)
        addresses = tuple(self._scopes.addresses(scope))
        announcement = _Announcement(addresses, text.strip(), notify, command.at)
        if len(addresses) > ROOMS_UNASKED:
            self._asked[command.sender] = announcement
            return self._say(texts.ANNOUNCE_CONFIRM, rooms=count(len(addresses), "room"))
        return await self._send(command, announcement)

    async def _confirm(self, command: Command) -> Text:
        asked = self._asked.get(command.sender)
        if asked is None or command.at - asked.asked_at > ASKS_FOR:
            return self._say(texts.ANNOUNCE_NOTHING)
        command.session.after_commit(lambda: self._forget(command.sender))
        return await self._send(command, asked)

    def _forget(self, sender: str) -> None:
        self._asked.pop(sender, None)

    async def _send(self, command: Command, announcement: _Announcement) -> Text:
        text = say(texts.ANNOUNCEMENT, text=clean(announcement.text, LONGEST))
        content = to_everybody(text) if announcement.notify else notice(text)
        rooms = {await room_of(command.session, address) for address in announcement.addresses}
        rooms.discard(None)
        for room in rooms:
            assert room is not None
            key = f"announce/{command.event_id}/{room}"
            await self._outbox.message(command.session, key, room, content, Urgency.ANNOUNCEMENT)
        return self._say(texts.ANNOUNCED, rooms=count(len(rooms), "room"))

    def _say(self, template: str, **values: str) -> Text:
        return say(template, p=self._settings.command_prefix, **values)
