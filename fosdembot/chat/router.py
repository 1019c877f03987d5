"""From what comes in rooms to what it does, all in the inbox's transaction: each event is read into
a value, and goes to those who hear it, in the order of `order.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from fosdembot.changes import Changes, RightsChanged, TalksChanged, Unreadable, Upgraded
from fosdembot.chat.command import Place
from fosdembot.chat.edits import versions
from fosdembot.chat.incoming import (
    Edit,
    Encrypted,
    Incoming,
    Membership,
    Message,
    Reaction,
    Redaction,
    RightsChange,
    Upgrade,
)
from fosdembot.chat.order import Listener, Order, T
from fosdembot.chat.places import Places
from fosdembot.chat.reading.events import EventReader
from fosdembot.chat.relating import are_elsewhere
from fosdembot.chat.replies import answer_key
from fosdembot.chat.runner import CommandRunner
from fosdembot.chat.together import Runs
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Letter
from fosdembot.db.tables import Room, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.content import notice
from fosdembot.matrix.known import KnownRoom
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.remembered import remembering
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.matrix.upgrades import follow_upgrade
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts.render import say

EDITS_WITHIN = timedelta(minutes=5)
_SURELY_OURS = (Place.TALK_ROOM, Place.HOSTS_ROOM, Place.CONTROL_ROOM)
_ENCRYPTED = {
    Place.TALK_ROOM: texts.ENCRYPTED_TALKS,
    Place.HOSTS_ROOM: texts.ENCRYPTED_HOSTS,
    Place.CONTROL_ROOM: texts.ENCRYPTED_CONTROL,
}


class Router:
    """The inbox's handler.

    `is_shared` says whether other instances use the account as well. Then only the rooms
    that our schedule and settings name are surely ours, and the chats of our letters.
    """

    order: Order
    _runs: Runs

    def __init__(
        self,
        reader: EventReader,
        runner: CommandRunner,
        outbox: Outbox,
        places: Places,
        settings: Settings,
        changes: Changes,
        is_shared: Callable[[], bool],
    ) -> None:
        self.reader = reader
        self.runner = runner
        self._outbox = outbox
        self._places = places
        self._settings = settings
        self._changes = changes
        self._is_shared = is_shared

    def follow(self, order: Order, together: Runs) -> None:
        """Let these hear what comes; once, when all of them are made."""
        self.order, self._runs = order, together
        self.runner.without_prefix = order.without_prefix

    # Many together.

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        """Whether `take_together` does the same for it as `handle`."""
        if self._is_shared() or self._is_bridged(event["sender"]):
            return False
        return self._runs.may_go_together(room, event)

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        """The effect of events (with their rooms) that `may_go_together`. Returns what is to be
        done after the commit."""
        return self._runs.take_together(connection, events)

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        """The same in a session."""
        await self._runs.handle_together(session, events)

    # One by one.

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        """The effect of one event that somebody sent to a room that the bot is in."""
        self._places.forget(session)
        with remembering(session):
            await self._handle(session, room, event)

    async def _handle(self, session: WriteSession, room: str, event: Json) -> None:
        if self._is_shared() and not await self._is_ours(session, room):
            return
        came = self.reader.read(room, event)
        await self._notice_bridge(session, came)
        related = self.reader.related(event)
        if await are_elsewhere(session, room, related.acts_on):
            return
        if await are_elsewhere(session, room, related.mentions):
            came = self.reader.read(room, self.reader.alone(event))
        await self._hear(session, came)

    async def _hear(self, session: WriteSession, came: Incoming) -> None:
        order = self.order
        match came:
            case Message():
                message = await versions.with_reply(session, came)
                mattered = await self.message(session, message)
                await versions.keep(session, message, mattered=mattered)
            case Reaction():
                await first(order.reactions, session, came)
            case Redaction():
                await versions.forget_redacted(session, came)
                await first(order.redactions, session, came)
            case Membership():
                await first(order.memberships, session, came)
            case RightsChange():
                self._changes.publish(session, RightsChanged(came.room))
            case Encrypted():
                if came.from_now_on:
                    self._changes.publish(session, RightsChanged(came.room))
                await self._cannot_read(session, came)
            case Upgrade():
                if await follow_upgrade(session, came.room, came.replacement, came.sender):
                    self._changes.publish(session, Upgraded())

    async def message(self, session: WriteSession, message: Message) -> bool:
        """What a message, or an edit, does; whether it means something to the bot that is to be
        kept."""
        if isinstance(message, Edit):
            if await first(self.order.edits, session, message):
                return True
        elif await first(self.order.messages, session, message):
            return True
        call = await self.runner.call(session, message)
        if call is None:
            return not isinstance(message, Edit) and await first(
                self.order.remarks, session, message
            )
        # An edit answers for the message it edits: together they are one command.
        origin = await self._origin(session, message)
        if origin is not None:
            await self.runner.obey(session, message, call, origin)
        return self.runner.keeps(call.word)

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        """Handling `event` failed by a fault of ours: whoever commanded shall know."""
        message = self.reader.read(room, event)
        if not isinstance(message, Message):
            return
        call = await self.runner.call(session, message)
        if call is not None and self.runner.knows(call.word):
            await self.runner.replies.decline(session, message, say(texts.WENT_WRONG))

    async def _origin(self, session: WriteSession, message: Message) -> str | None:
        """The event that the answer is for; None for an edit that comes too late, of somebody
        else's message, or of one that was a command already."""
        if not isinstance(message, Edit):
            return message.event_id
        original = message.original
        seen = await session.get(SeenEvent, original)
        if seen is None or seen.room_id != message.room or message.at - seen.at > EDITS_WITHIN:
            return None
        # Homeservers let anybody send one; it counts only from whoever wrote the message.
        if seen.sender not in (None, message.sender):
            return None
        # What was only declined may be typed better.
        answered = await self._outbox.find(session, answer_key(original)) is not None
        return None if answered else original

    async def _cannot_read(self, session: WriteSession, came: Encrypted) -> None:
        """What cannot be read; a direct chat is answered by `conference/plain_chats.py`."""
        room, place = came.room, await self._places.of(session, came.room)
        if place is Place.DIRECT:
            self._changes.publish(session, Unreadable())
            return
        said = say(_ENCRYPTED.get(place, texts.ENCRYPTED), p=self._settings.command_prefix)
        await self._outbox.message(session, f"encrypted/{room}", room, notice(said), Urgency.ANSWER)

    async def _is_ours(self, session: WriteSession, room: str) -> bool:
        """Whether a room is surely meant for this instance: named, or of its own letters."""
        if await self._places.of(session, room) in _SURELY_OURS:
            return True
        letters = select(Letter.talk).where(Letter.room_id == room)
        return await session.scalar(letters.limit(1)) is not None

    async def _notice_bridge(self, session: WriteSession, came: Incoming) -> None:
        """Remember where people sit behind a bridge."""
        if not self._is_bridged(came.sender):
            return
        row = await session.get(Room, came.room)
        if row is not None and not row.bridged:
            row.bridged = True
            addresses = frozenset(await addresses_of(session, came.room))
            self._changes.publish(session, TalksChanged(addresses))

    def _is_bridged(self, sender: str) -> bool:
        return is_bridged_by([sender], self._settings.rooms.bridge_users)


async def first(listeners: Sequence[Listener[T]], session: WriteSession, came: T) -> bool:
    """Whether one of them saw to it; those after that one do not hear it."""
    for listener in listeners:
        if await listener(session, came):
            return True
    return False
