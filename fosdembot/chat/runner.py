"""Runs what people command: finds the command, looks whether somebody may, here, and so often,
and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence

from fosdembot.actions.access import Access
from fosdembot.actions.refused import Refused
from fosdembot.chat.command import (
    Answer,
    Command,
    Commands,
    Declined,
    Entry,
    Place,
    Quietly,
)
from fosdembot.chat.incoming import Content, Edit, Incoming, Message, Said
from fosdembot.chat.places import Places
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reading.message import ASK, MessageReader
from fosdembot.chat.reading.parser import Call, nearest
from fosdembot.chat.refusals import Refusals
from fosdembot.chat.replies import Replies, answer_key, named
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.mentions import linked
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import is_bridged_by
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say

WithoutPrefix = Callable[[WriteSession, Place, Message, Said], Awaitable[Call | None]]
"""`(session, place, message, its words)`: the command that a message is after all, in a place
where it needs no prefix."""


class CommandRunner:
    def __init__(
        self,
        outbox: Outbox,
        places: Places,
        access: Access,
        clock: Clock,
        settings: Settings,
        messages: MessageReader,
    ) -> None:
        self._outbox = outbox
        self._places = places
        self._access = access
        self._clock = clock
        self._settings = settings
        self.messages = messages
        self.replies = Replies(outbox)
        self.refusals = Refusals(settings.command_prefix, settings.questions.longest)
        self._rate_limit = RateLimit(settings.limits.commands_per_minute)
        self._relay_rate_limit = RateLimit(settings.limits.relay_commands_per_minute)
        self.commands: Commands = {}
        self.without_prefix: Sequence[WithoutPrefix] = ()
        """In this order, where nothing is typed with a prefix."""

    def add(self, commands: Commands) -> None:
        self.commands |= commands

    async def obey(self, session: WriteSession, message: Message, call: Call, origin: str) -> None:
        """Do what a message asks. `origin`: its event; of an edit that of the edited message,
        with which it is one command."""
        command = await self.command(session, message, call, origin)
        try:
            answer = await self._answer(command, call, message.event_id)
        except Declined as declined:
            await self.replies.decline(session, message, named(command, declined.answer))
            return
        except Refused as refused:
            why = self.refusals.say(refused, relayed=command.relayed, command=command.word)
            await self.replies.decline(session, message, named(command, why))
            return
        if answer is not None:
            await self.replies.tell(command, answer)

    async def command(
        self, session: WriteSession, message: Message, call: Call, origin: str
    ) -> Command:
        """What a message asks, with who asks it and where; as for `obey`."""
        room, sender = message.room, message.sender
        answered = await self._outbox.find(session, answer_key(origin)) is not None
        return Command(
            session=session,
            room=room,
            place=await self._places.of_person(session, room, sender),
            sender=sender,
            nick=call.nick,
            bridged=is_bridged_by([sender], self._settings.rooms.bridge_users),
            event_id=origin,
            answers=message.event_id if answered else origin,
            at=message.at,
            arrived=message.arrived,
            now=self._clock.now(),
            word=call.word,
            arguments=call.arguments,
            text=call.text,
            edited=call.edited,
            thread=await self.replies.thread(session, message),
            reply_to=message.reply_to,
            linked=tuple(linked(message.content.html or "")),
        )

    def knows(self, word: str) -> bool:
        """Whether there is such a command."""
        return word in self.commands

    def keeps(self, word: str) -> bool:
        """Whether what is typed behind this word may be kept."""
        entry = self.commands.get(word)
        return entry is None or not entry.may_hold_secrets

    async def call(self, session: WriteSession, message: Message) -> Call | None:
        """What a message, or an edit, asks of the bot; not necessarily a command that there
        is."""
        said = message.said
        if said is None:
            return None
        place = await self._places.of_person(session, message.room, message.sender)
        call = self.messages.call(said, direct=place is Place.DIRECT)
        for reader in self.without_prefix:
            call = call or await reader(session, place, message, said)
        return None if said.emote and call is not None and call.word not in ASK else call

    def wrote(self, came: Incoming, content: Content) -> Message:
        """What came, as if it were a message with this content."""
        said = self.messages.message(came.sender, content)
        place = (came.room, came.event_id, came.sender, came.at, came.arrived)
        return Message(*place, content, said, content.reply_to, content.thread)

    def edited(self, came: Incoming, original: str, content: Content, reply_to: str | None) -> Edit:
        """What came, as if it were an edit that turns `original` into this."""
        said = self.messages.message(came.sender, content)
        place = (came.room, came.event_id, came.sender, came.at, came.arrived)
        return Edit(*place, content, said, reply_to, None, original)

    async def _answer(self, command: Command, call: Call, cause: str) -> Answer | None:
        """`cause`: the message, or its edit, which counts as one more. Raises `Declined`
        or `Refused` where the command has no effect."""
        entry = self.commands.get(call.word) or self.commands.get(call.word.rstrip("!"))
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
        match nearest(call.word, self.commands):
            case [word]:
                return say(texts.DID_YOU_MEAN, p=prefix, word=word)
            case [word, other]:
                return say(texts.DID_YOU_MEAN_EITHER, p=prefix, word=word, other=other)
        if call.addressed or command.place is Place.DIRECT:
            return say(texts.NOT_A_COMMAND, p=prefix)
        return None
