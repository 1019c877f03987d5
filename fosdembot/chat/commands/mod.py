"""`!mod`, which calls a moderator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from fosdembot.chat.command import Command, Commands, Entry, Place
from fosdembot.chat.direct import conversations
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.api import Json
from fosdembot.matrix.content import to_persons
from fosdembot.matrix.members import display_name
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.settings import Settings
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, literal, room_link, say
from fosdembot.texts.words import LONGEST_NAME

AGAIN_AFTER = timedelta(minutes=2)
MOST_TAKEN_BACK = 2
"""Calls in that time that somebody may take back and make anew."""
LONGEST_CALL = 300
WORD = "mod"
MOST_OF_RELAY = 5
"""Calls by people behind one account in that time."""


class CallingCommands:
    def __init__(
        self,
        hosts: Hosts,
        control_room: ControlRoom,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._hosts = hosts
        self._control_room = control_room
        self._outbox = outbox
        self._settings = settings

    def table(self) -> Commands:
        return {WORD: Entry(self._mod)}

    async def _mod(self, command: Command) -> Text:
        session = command.session
        about = await self._about(command)
        rooms = [room for address in about for room in await self._hosts.rooms_of(session, address)]
        if not rooms:
            control = await self._control_room.room(session)
            rooms = [control] if control is not None else []
        if not rooms:
            return say(texts.MOD_NOBODY)
        where = room_link(next(iter(about), command.room))
        if command.place is Place.DIRECT and not about:
            where = say(texts.DIRECT_CHAT)
        content = to_persons(await self._call(command, where), [])
        called = [await self._put(command, room, content) for room in dict.fromkeys(rooms)]
        return say(texts.MOD_CALLED if any(called) else texts.MOD_CALLED_ALREADY)

    async def _put(self, command: Command, room: str, content: Json) -> bool:
        """Call those in `room`, once for a person in two minutes; whether that was now. Behind
        a relay there are more, who can be anybody: some of them, then."""
        period = (command.at - datetime.fromtimestamp(0, UTC)) // AGAIN_AFTER
        cause, nick = f"mod/{command.sender}/{period}", ""
        if command.nick is not None and is_bridged_by([command.sender], self._settings.relays):
            # PostgreSQL keeps no text with a NUL.
            nick = clean(command.nick, LONGEST_NAME)
            of_relay = select(func.count(Outgoing.id)).where(
                Outgoing.key.startswith(f"{cause}/", autoescape=True), Outgoing.room_id == room
            )
            if (await command.session.scalar(of_relay) or 0) >= MOST_OF_RELAY:
                return False
        key = f"{cause}/{nick}/{room}/"
        before = select(Outgoing.key).where(Outgoing.key.startswith(key, autoescape=True))
        called = list(await command.session.scalars(before))
        left = [each for each in called if await self._outbox.unredacted(command.session, each)]
        if left or len(called) > MOST_TAKEN_BACK:
            return False
        key += command.event_id
        return await self._outbox.message(command.session, key, room, content, Urgency.CHANGE)

    async def _about(self, command: Command) -> list[str]:
        """The addresses of the talk room in which a moderator is wanted, if it is one."""
        if command.place is Place.DIRECT:
            row = await conversations.current(command.session, command.sender, command.at)
            return [row.address] if row is not None and row.address is not None else []
        if command.place is Place.TALK_ROOM:
            return await addresses_of(command.session, command.room)
        return []

    async def _call(self, command: Command, where: Text) -> Text:
        name = clean(command.nick or "", LONGEST_NAME)
        name = name or await display_name(command.session, command.room, command.sender)
        text = literal(command.text, LONGEST_CALL)
        return say(
            texts.MOD_CALL if text.plain else texts.MOD_CALL_BARE,
            name=clean(name, LONGEST_NAME),
            person=clean(command.sender, 255),
            room=where,
            text=text,
        )
