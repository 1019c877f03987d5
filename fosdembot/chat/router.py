"""From room events to what they do, all in the inbox's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from fosdembot.actions.access import Access
from fosdembot.actions.refused import Refused
from fosdembot.changes import Changes, TalksChanged, Unreadable, Upgraded
from fosdembot.chat.command import (
    Answer,
    Command,
    Commands,
    Declined,
    Entry,
    Place,
    Quietly,
)
from fosdembot.chat.edits import versions
from fosdembot.chat.places import Places
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reading.message import ASK, Message, MessageReader
from fosdembot.chat.reading.parser import Call, nearest, question_in
from fosdembot.chat.refusals import Refusals
from fosdembot.chat.relating import within_its_room
from fosdembot.chat.replies import Replies, answer_key, named
from fosdembot.chat.together import Together
from fosdembot.clock import Clock, from_server_ts
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Letter
from fosdembot.db.tables import Room, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.content import notice
from fosdembot.matrix.items import arrival
from fosdembot.matrix.known import KnownRoom
from fosdembot.matrix.mentions import linked
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.relations import new_content, replaced, replied_to
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.matrix.upgrades import follow_upgrade
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say

EDITS_WITHIN = timedelta(minutes=5)
_SURELY_OURS = (Place.TALK_ROOM, Place.HOSTS_ROOM, Place.CONTROL_ROOM)
_ENCRYPTED = {
    Place.TALK_ROOM: texts.ENCRYPTED_TALKS,
    Place.HOSTS_ROOM: texts.ENCRYPTED_HOSTS,
    Place.CONTROL_ROOM: texts.ENCRYPTED_CONTROL,
}

Listener = Callable[[WriteSession, str, Json], Awaitable[bool]]
"""`(session, room id, event)`: whether it has seen to the event, which then is no command."""
Reader = Callable[[WriteSession, str, Place, Message], Awaitable[Call | None]]
"""`(session, room id, place, message)`: the command that a message is after all, in a
place where it needs no prefix."""


class Router:
    """The inbox's handler.

    `is_shared` says whether other instances use the account as well. Then only the rooms
    that our schedule and settings name are surely ours, and the chats of our letters.
    """

    def __init__(
        self,
        outbox: Outbox,
        places: Places,
        access: Access,
        clock: Clock,
        settings: Settings,
        names: Callable[[], Collection[str]],
        changes: Changes,
        is_shared: Callable[[], bool],
    ) -> None:
        self._outbox = outbox
        self.replies = Replies(outbox)
        self.refusals = Refusals(settings.command_prefix, settings.questions.longest)
        self._places = places
        self._access = access
        self._clock = clock
        self._settings = settings
        self.messages = MessageReader(settings, names)
        self._changes = changes
        self._is_shared = is_shared
        self._rate_limit = RateLimit(settings.limits.commands_per_minute)
        self._relay_rate_limit = RateLimit(settings.limits.relay_commands_per_minute)
        self._commands: Commands = {}
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self._remarks: list[Listener] = []
        self._readers: list[Reader] = []
        self._together: dict[str, Together] = {}

    def add(self, commands: Commands) -> None:
        self._commands |= commands

    def listen(self, event_type: str, listener: Listener) -> None:
        """Give it the events of this type, before they may be commands; but no messages of talk
        rooms that relate to nothing and are no commands."""
        self._listeners[event_type].append(listener)

    def hear_remarks(self, listener: Listener) -> None:
        """Give it the messages that are no commands; as `listen`."""
        self._remarks.append(listener)

    def read_by(self, reader: Reader) -> None:
        """Let it find commands where none is typed with a prefix."""
        self._readers.append(reader)

    def let_go_together(self, event_type: str, together: Together) -> None:
        """Give it runs of events of this type, for which no other listener need be asked."""
        self._together[event_type] = together

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        """Whether `take_together` does the same for it as `handle`."""
        if self._is_shared():
            return False
        if is_bridged_by([event["sender"]], self._settings.rooms.bridge_users):
            return False
        if event["type"] == "m.room.message":
            return self._is_chat(room, event)
        together = self._together.get(event["type"])
        return together is not None and together.may_go_together(event)

    def _is_chat(self, room: KnownRoom, event: Json) -> bool:
        """Whether a message means nothing to anybody here."""
        content = event["content"]
        if not room.is_talk_room or "state_key" in event or "m.relates_to" in content:
            return False
        message = self.messages.message(event["sender"], content)
        return message is None or not (
            message.nick is not None or self.messages.call(message) or question_in(message.text)
        )

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        """The effect of events (with their rooms) that `may_go_together`. Returns what is to be
        done after the commit."""
        after = [
            together.take_together(connection, those)
            for together, those in self._sorted_together(events)
        ]

        def do() -> None:
            for each in after:
                each()

        return do

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        """The same in a session."""
        for together, those in self._sorted_together(events):
            await together.handle_together(session, those)

    def _sorted_together(
        self, events: Sequence[tuple[str, Json]]
    ) -> Iterator[tuple[Together, Sequence[tuple[str, Json]]]]:
        """Chat is given to nobody."""
        for kind, together in self._together.items():
            if those := [(room, event) for room, event in events if event["type"] == kind]:
                yield together, those

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        """The effect of one event that somebody sent to a room that the bot is in."""
        self._places.forget(session)
        if self._is_shared() and not await self._is_ours(session, room):
            return
        await self._notice_bridge(session, room, event)
        counting = await within_its_room(session, room, event)
        if counting is None:
            return
        event, kind = counting, counting["type"]
        if kind == "m.room.message":
            event = await versions.with_reply(session, event)
            mattered = await self.message(session, room, event)
            await versions.keep(session, event, mattered=mattered)
            return
        await versions.forget_redacted(session, room, event)
        for listener in self._listeners[kind]:
            if await listener(session, room, event):
                return
        if kind == "m.room.encrypted" or (kind == "m.room.encryption" and "state_key" in event):
            await self._encrypted(session, room)
        elif kind == "m.room.tombstone" and event.get("state_key") == "":
            await self._upgrade(session, room, event)

    async def _encrypted(self, session: WriteSession, room: str) -> None:
        """What cannot be read; a direct chat is answered by `conference/plain_chats.py`."""
        place = await self._places.of(session, room)
        if place is Place.DIRECT:
            self._changes.publish(session, Unreadable())
            return
        said = say(_ENCRYPTED.get(place, texts.ENCRYPTED), p=self._settings.command_prefix)
        await self._say_once(session, room, "encrypted", said)

    async def message(self, session: WriteSession, room: str, event: Json) -> bool:
        """What a message, or an edit, does; whether it means something to the bot."""
        for listener in self._listeners["m.room.message"]:
            if await listener(session, room, event):
                return True
        return await self._message(session, room, event)

    async def _is_ours(self, session: WriteSession, room: str) -> bool:
        """Whether a room is surely meant for this instance: named, or of its own letters."""
        if await self._places.of(session, room) in _SURELY_OURS:
            return True
        letters = select(Letter.talk).where(Letter.room_id == room)
        return await session.scalar(letters.limit(1)) is not None

    async def _upgrade(self, session: WriteSession, room: str, event: Json) -> None:
        if await follow_upgrade(session, room, event):
            self._changes.publish(session, Upgraded())

    async def _notice_bridge(self, session: WriteSession, room: str, event: Json) -> None:
        """Remember where people sit behind a bridge."""
        if not is_bridged_by([event["sender"]], self._settings.rooms.bridge_users):
            return
        row = await session.get(Room, room)
        if row is not None and not row.bridged:
            row.bridged = True
            addresses = frozenset(await addresses_of(session, room))
            self._changes.publish(session, TalksChanged(addresses))

    async def _say_once(self, session: WriteSession, room: str, what: str, text: Text) -> None:
        await self._outbox.message(session, f"{what}/{room}", room, notice(text), Urgency.ANSWER)

    async def _message(self, session: WriteSession, room: str, event: Json) -> bool:
        """Whether it is a command, or a remark that means something."""
        call = await self.call(session, room, event)
        if call is None:
            for listener in self._remarks:
                if await listener(session, room, event):
                    return True
            return False
        # An edit answers for the message it edits: together they are one command.
        origin = await self._origin(session, room, event)
        if origin is not None:
            await self.obey(session, room, event, call, origin)
        return True

    async def obey(
        self, session: WriteSession, room: str, event: Json, call: Call, origin: str
    ) -> None:
        """Do what a message asks. `origin`: its event; of an edit that of the edited message,
        with which it is one command."""
        command = await self.command(session, room, event, call, origin)
        try:
            answer = await self._answer(command, call, event["event_id"])
        except Declined as declined:
            await self.replies.decline(session, room, event, named(command, declined.answer))
            return
        except Refused as refused:
            why = self.refusals.say(refused, relayed=command.relayed, command=command.word)
            await self.replies.decline(session, room, event, named(command, why))
            return
        if answer is not None:
            await self.replies.tell(command, answer)

    async def command(
        self, session: WriteSession, room: str, event: Json, call: Call, origin: str
    ) -> Command:
        """What a message asks, with who asks it and where; as for `obey`."""
        sender = event["sender"]
        answered = await self._outbox.find(session, answer_key(origin)) is not None
        return Command(
            session=session,
            room=room,
            place=await self._places.of_person(session, room, sender),
            sender=sender,
            nick=call.nick,
            bridged=is_bridged_by([sender], self._settings.rooms.bridge_users),
            event_id=origin,
            answers=event["event_id"] if answered else origin,
            at=from_server_ts(self._clock, event["origin_server_ts"]),
            arrived=arrival(event),
            now=self._clock.now(),
            word=call.word,
            arguments=call.arguments,
            text=call.text,
            edited=call.edited,
            thread=await self.replies.thread(session, event),
            reply_to=replied_to(event["content"]),
            linked=tuple(linked(new_content(event["content"]))),
        )

    def knows(self, word: str) -> bool:
        """Whether there is such a command."""
        return word in self._commands

    async def call(self, session: WriteSession, room: str, event: Json) -> Call | None:
        """What a message, or an edit, asks of the bot; not necessarily a command that there
        is."""
        message = self.messages.message(event["sender"], event["content"])
        if message is None:
            return None
        place = await self._places.of_person(session, room, event["sender"])
        call = self.messages.call(message, direct=place is Place.DIRECT)
        for reader in self._readers:
            call = call or await reader(session, room, place, message)
        return None if message.emote and call is not None and call.word not in ASK else call

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        """Handling `event` failed by a fault of ours: whoever commanded shall know."""
        call = await self.call(session, room, event)
        if call is not None and call.word in self._commands:
            await self.replies.decline(session, room, event, say(texts.WENT_WRONG))

    async def _origin(self, session: WriteSession, room: str, event: Json) -> str | None:
        """The event that the answer is for; None for an edit that comes too late, of somebody
        else's message, or of one that was a command already."""
        original = replaced(event["content"])
        if original is None:
            return str(event["event_id"])
        seen = await session.get(SeenEvent, original)
        edited_at = from_server_ts(self._clock, event["origin_server_ts"])
        if seen is None or seen.room_id != room or edited_at - seen.at > EDITS_WITHIN:
            return None
        # Homeservers let anybody send one; it counts only from whoever wrote the message.
        if seen.sender not in (None, event["sender"]):
            return None
        # What was only declined may be typed better.
        answered = await self._outbox.find(session, answer_key(original)) is not None
        return None if answered else original

    async def _answer(self, command: Command, call: Call, cause: str) -> Answer | None:
        """`cause`: the message, or its edit, which counts as one more. Raises `Declined`
        or `Refused` where the command has no effect."""
        entry = self._commands.get(call.word) or self._commands.get(call.word.rstrip("!"))
        if entry is None:
            hint = self._hint(command, call)
            if hint is not None and self._is_within_limit(command, cause):
                raise Declined(hint)
            return None
        if not self._is_within_limit(command, cause):
            return None
        await self._check_permission(command, entry)
        answer = await entry.handler(command)
        if answer is None or isinstance(answer, Quietly) or not entry.question:
            return answer
        arguments = command.arguments.lower()
        if arguments not in ("", *entry.asks_with) or command.place is not Place.TALK_ROOM:
            return answer
        question = f"{command.word} {arguments}".strip()
        return await self.replies.unless_repeated(command, question, answer)

    def _is_within_limit(self, command: Command, cause: str) -> bool:
        """Whether the command is looked at. Raises `Declined` for the first that is not."""
        for rate_limit, person in self._counted(command):
            if not rate_limit.allows(person, cause, command.arrived or command.at):
                if rate_limit.is_first_refusal(person, cause):
                    raise Declined(say(texts.TOO_MANY))
                return False
        return True

    def _counted(self, command: Command) -> Iterator[tuple[RateLimit, str]]:
        """As whose a command counts. Anybody may write `<nick> text`, with any nick."""
        sender, nick = command.sender, command.nick
        if nick is None or not is_bridged_by([sender], self._settings.relays):
            yield self._rate_limit, sender
            return
        yield self._relay_rate_limit, sender
        yield self._rate_limit, f"{sender} {nick}"

    async def _check_permission(self, command: Command, entry: Entry) -> None:
        """Raises `Refused` where somebody may not do that, `Declined` where not here."""
        if entry.permission is not None:
            room = None if command.place is Place.DIRECT else command.room
            actor, needed = command.actor, entry.permission
            await self._access.demand(command.session, actor, needed, room)
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
