"""From room events to commands and their answers, all in the inbox's transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from datetime import timedelta

from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.parser import Call, nearest, parse
from fosdembot.chat.patience import Patience
from fosdembot.chat.roles import Role, role_of
from fosdembot.clock import Clock, from_server_ts
from fosdembot.conference.control_room import ControlRoom
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import RecentAnswer, Room, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.rooms import addresses_of, follow_upgrade
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say

REPEATS_WITHIN = timedelta(minutes=2)
EDITS_WITHIN = timedelta(minutes=5)
_SURELY_OURS = (Place.TALK_ROOM, Place.CONTROL_ROOM)
_LENGTHS = re.compile(r"\d+ (?:minute|hour|day)s?\b")


class Router:
    """The inbox's handler.

    `is_shared` says whether other instances use the account as well. Then only the rooms
    that our schedule and settings name are surely ours.
    """

    def __init__(
        self,
        outbox: Outbox,
        control_room: ControlRoom,
        clock: Clock,
        settings: Settings,
        names: Callable[[], Collection[str]],
        upgraded: Callable[[], None],
        bridged: Callable[[Collection[str]], None],
        is_shared: Callable[[], bool],
    ) -> None:
        self._outbox = outbox
        self._control_room = control_room
        self._clock = clock
        self._settings = settings
        self._names = names
        self._upgraded = upgraded
        self._bridged = bridged
        self._is_shared = is_shared
        self._patience = Patience(settings.limits.commands_per_minute)
        self._commands: Commands = {}

    def add(self, commands: Commands) -> None:
        self._commands |= commands

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        """The effect of one event that somebody sent to a room that the bot is in."""
        if self._is_shared() and await self._place(session, room) not in _SURELY_OURS:
            return
        await self._notice_bridge(session, room, event)
        kind = event["type"]
        if kind == "m.room.message":
            await self._message(session, room, event)
        elif kind == "m.room.encrypted" or (kind == "m.room.encryption" and "state_key" in event):
            await self._say_once(session, room, "encrypted", say(texts.ENCRYPTED))
        elif kind == "m.room.tombstone" and event.get("state_key") == "":
            await self._upgrade(session, room, event)

    async def _upgrade(self, session: WriteSession, room: str, event: Json) -> None:
        if await follow_upgrade(session, room, event):
            session.after_commit(self._upgraded)

    async def _notice_bridge(self, session: WriteSession, room: str, event: Json) -> None:
        """Remember where people sit behind a bridge."""
        if not is_bridged_by([event["sender"]], self._settings.rooms.bridge_users):
            return
        row = await session.get(Room, room)
        if row is not None and not row.bridged:
            row.bridged = True
            addresses = await addresses_of(session, room)
            session.after_commit(lambda: self._bridged(addresses))

    async def _say_once(self, session: WriteSession, room: str, what: str, text: Text) -> None:
        await self._outbox.message(session, f"{what}/{room}", room, notice(text), Urgency.ANSWER)

    async def _message(self, session: WriteSession, room: str, event: Json) -> None:
        call = await self._call(session, room, event)
        if call is None:
            return
        # An edit answers for the message it edits: together they are one command.
        origin = await self._origin(session, room, event)
        if origin is None:
            return
        command = Command(
            session=session,
            room=room,
            place=await self._place(session, room),
            sender=event["sender"],
            relayed=call.nick is not None,
            event_id=origin,
            at=from_server_ts(self._clock, event["origin_server_ts"]),
            now=self._clock.now(),
            word=call.word,
            arguments=call.arguments,
        )
        answer = await self._answer(command, call)
        if answer is not None:
            await self._reply(command, answer)

    async def _call(self, session: WriteSession, room: str, event: Json) -> Call | None:
        body = _body(event["content"])
        if body is None:
            return None
        row = await session.get(Room, room)
        direct = row is not None and row.direct_with is not None
        call = parse(body, self._settings.command_prefix, self._names(), direct)
        if call is not None and direct and await self._place(session, room) is not Place.DIRECT:
            # Made as a direct chat, used as a room: not everything is meant for the bot.
            return parse(body, self._settings.command_prefix, self._names())
        return call

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        """Handling `event` failed by a fault of ours: whoever commanded shall know."""
        call = await self._call(session, room, event)
        if call is not None and call.word in self._commands:
            key = _answer_key(event["event_id"])
            content = notice(say(texts.WENT_WRONG), reply_to=event["event_id"])
            await self._outbox.message(session, key, room, content, Urgency.ANSWER)

    async def _place(self, session: WriteSession, room: str) -> Place:
        if room == await self._control_room.room(session):
            return Place.CONTROL_ROOM
        if await addresses_of(session, room):
            return Place.TALK_ROOM
        row = await session.get(Room, room)
        return Place.DIRECT if row is not None and row.direct_with else Place.ELSEWHERE

    async def _origin(self, session: WriteSession, room: str, event: Json) -> str | None:
        """The event that the answer is for; None for an edit that comes too late, or of
        a message that was a command already."""
        original = _edited(event["content"])
        if original is None:
            return str(event["event_id"])
        seen = await session.get(SeenEvent, original)
        edited_at = from_server_ts(self._clock, event["origin_server_ts"])
        if seen is None or seen.room_id != room or edited_at - seen.at > EDITS_WITHIN:
            return None
        answered = await self._outbox.find(session, _answer_key(original))
        return original if answered is None else None

    async def _answer(self, command: Command, call: Call) -> Text | None:
        entry = self._commands.get(call.word) or self._commands.get(call.word.rstrip("!"))
        hint = self._hint(command, call) if entry is None else None
        if entry is None and hint is None:
            return None
        person = f"{command.sender} {call.nick or ''}"
        if not self._patience.allows(person, command.event_id, command.at):
            first = self._patience.is_first_refusal(person, command.event_id)
            return say(texts.TOO_MANY) if first else None
        if entry is None:
            return hint
        try:
            await self._check_role(command, entry)
            answer = await entry.handler(command)
        except Declined as declined:
            return declined.answer
        if answer is None or not entry.question or command.place is not Place.TALK_ROOM:
            return answer
        return answer if command.arguments else await self._unless_repeated(command, answer)

    async def _check_role(self, command: Command, entry: Entry) -> None:
        """Raises `Declined` where somebody may not do that, or not here."""
        if entry.role is not Role.ATTENDEE:
            room = None if command.place is Place.DIRECT else command.room
            role = await role_of(
                command.session, self._settings, command.sender, room, command.relayed
            )
            if role < entry.role:
                organisers = entry.role is Role.ORGANISER
                raise Declined(say(texts.ONLY_ORGANISERS if organisers else texts.ONLY_MODERATORS))
        if command.place not in entry.places:
            raise Declined(say(texts.IN_CONTROL_ROOM))

    def _hint(self, command: Command, call: Call) -> Text | None:
        """For an unknown word: nothing, unless the person surely meant the bot."""
        prefix = self._settings.command_prefix
        if (word := nearest(call.word, self._commands)) is not None:
            return say(texts.DID_YOU_MEAN, p=prefix, word=word)
        if call.addressed or command.place is Place.DIRECT:
            return say(texts.NOT_A_COMMAND, p=prefix)
        return None

    async def _unless_repeated(self, command: Command, answer: Text) -> Text:
        """The answer; only a pointer to it where the room got the same just before."""
        # "For 12 minutes more" and "for 11 minutes more" say the same.
        same = _LENGTHS.sub("", answer.plain)
        digest = hashlib.sha256(same.encode()).hexdigest()[:32]
        last = await command.session.get(RecentAnswer, (command.room, command.word))
        if last is None:
            last = RecentAnswer(room_id=command.room, question=command.word)
            command.session.add(last)
        elif last.answer == digest and command.now - last.at < REPEATS_WITHIN:
            return say(texts.ANSWERED_ABOVE)
        last.at, last.answer = command.now, digest
        return answer

    async def _reply(self, command: Command, answer: Text) -> None:
        key = _answer_key(command.event_id)
        content = notice(answer, reply_to=command.event_id)
        await self._outbox.message(command.session, key, command.room, content, Urgency.ANSWER)


def _answer_key(event_id: str) -> str:
    return f"answer/{event_id}"


def _body(content: Json) -> str | None:
    """What somebody wrote; bots speak in notices, which nobody answers."""
    new = content.get("m.new_content")
    if _edited(content) is not None and isinstance(new, dict):
        content = new
    body = content.get("body")
    return body if content.get("msgtype") == "m.text" and isinstance(body, str) else None


def _edited(content: Json) -> str | None:
    """The event that a message replaces ("Event replacements")."""
    relation = content.get("m.relates_to")
    if not isinstance(relation, dict) or relation.get("rel_type") != "m.replace":
        return None
    original = relation.get("event_id")
    return original if isinstance(original, str) else None
