"""Votes: by reaction, `!vote 12`, `+1` as a reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.voting import Voting
from fosdembot.chat.acting import actor_of
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.direct import conversations
from fosdembot.chat.edits import versions
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.reading.message import Message
from fosdembot.chat.reading.parser import Call, is_plus_one
from fosdembot.chat.router import Router
from fosdembot.clock import Clock
from fosdembot.conference.addresses import short_name
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, Version, VoteMark
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.relations import annotation, replaced
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.questions import lookup
from fosdembot.questions.emoji import is_only_vote, is_vote
from fosdembot.questions.votes import Cast
from fosdembot.settings import QuestionSettings
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences

VOTE = ("vote", "upvote")
"""The words that vote."""
_LONGEST_VOTE = 20
"""Characters of a reply that is a vote."""


class VotingCommands:
    def __init__(
        self,
        router: Router,
        voting: Voting,
        question_choice: QuestionChoice,
        settings: QuestionSettings,
        clock: Clock,
    ) -> None:
        self._router = router
        self._voting = voting
        self._question_choice = question_choice
        self._settings = settings
        self._clock = clock

    def table(self) -> Commands:
        return {**dict.fromkeys(VOTE, Entry(self._vote)), "unvote": Entry(self._unvote)}

    async def read(
        self, session: WriteSession, room: str, place: Place, message: Message
    ) -> Call | None:
        """`+1`, or what would be a vote as a reaction, in reply to a question."""
        target = message.reply_to
        question = await lookup.by_event(session, target) if target is not None else None
        if question is None or not self._votes(message.text, question):
            return None
        return Call("vote", "", message.nick)

    async def edited(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message: whether it is an edit of one that voted, and still votes. Where it says
        something else now, the vote is taken back, and what it says is looked at."""
        original = replaced(event["content"])
        if original is None:
            return False
        mark = await session.get(VoteMark, original)
        if mark is None:
            return await self._votes_again(session, room, event, original)
        if mark.person != event["sender"]:
            return False
        question = await session.get_one(Question, mark.question_id)
        call = await self._router.call(session, room, event)
        message = self._router.messages.message(event["sender"], event["content"])
        if call is not None and call.word in VOTE:
            if not call.arguments:  # To what it replies an edit does not say: to the same.
                return True
            await self._voting.retract(session, original)
            await self._router.obey(session, room, event, call, original)
            return True
        if message is not None and self._votes(message.text, question):
            return True
        await self._voting.retract(session, original)
        if call is None or await lookup.by_source(session, original) is not None:
            return False
        await self._router.obey(session, room, event, call, original)
        return True

    async def _votes_again(
        self, session: WriteSession, room: str, event: Json, original: str
    ) -> bool:
        """An edit of a message that does not vote: whether it votes as its first words did,
        which it may at any time."""
        call = await self._router.call(session, room, event)
        if call is None or call.word not in VOTE:
            return False
        seen = await session.get(SeenEvent, original)
        if seen is None or seen.sender != event["sender"]:
            return False
        first = await versions.find(session, original)
        before = await versions.newest(session, original)
        if first is None or before is None:
            return False
        if not await self._says_vote(session, room, event, first):
            return False
        if await lookup.by_source(session, original) is not None:
            return False  # It asks; what becomes of that is seen to elsewhere.
        if await self._says_vote(session, room, event, before):
            # What was taken back by `!unvote` does not come back with a correction.
            return not call.arguments
        await self._router.obey(session, room, event, call, original)
        return True

    async def _says_vote(
        self, session: WriteSession, room: str, event: Json, version: Version
    ) -> bool:
        """Whether what a message said before votes."""
        content = {**version.content, **await _relation(session, version)}
        call = await self._router.call(session, room, {**event, "content": content})
        return call is not None and call.word in VOTE

    async def reacted(self, session: WriteSession, room: str, event: Json) -> bool:
        """A reaction: whether it is a vote."""
        found = annotation(event)
        if found is None:
            return False
        target, key = found
        question = await lookup.by_event(session, target)
        if question is None or not self._is_vote(key, question):
            return False
        actor, relay = actor_of(event, self._clock), self._is_relay(event["sender"])
        await self._voting.tap(session, actor, question, relay=relay)
        return True

    def may_go_together(self, event: Json) -> bool:
        """Whether an event is a reaction that votes or means nothing."""
        found = annotation(event)
        return (
            found is not None
            and is_only_vote(found[1], self._settings.vote_emoji)
            and not self._is_relay(event["sender"])
        )

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        """The effect of events (with their rooms) that `may_go_together`: as `reacted`, in a
        few statements for all of them. Returns what is to be done after the commit."""
        return self._voting.tap_at_once(connection, self._casts(connection, events))

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        """The same in a session."""
        connection = await session.connection()
        casts = await connection.run_sync(self._casts, events)
        await self._voting.tap_all(session, casts)

    def _casts(self, connection: Connection, events: Sequence[tuple[str, Json]]) -> Sequence[Cast]:
        found = [(room, event, annotation(event)) for room, event in events]
        reactions = [(room, event, *about) for room, event, about in found if about is not None]
        targets = lookup.targets(connection, {target for _, _, target, _ in reactions})
        casts: list[Cast] = []
        for room, event, about, key in reactions:
            target = targets.get(about)
            if target is None or target.room != room:
                continue
            if is_vote(key, target.number, self._settings.vote_emoji):
                sender, cause = event["sender"], event["event_id"]
                casts.append(Cast(target.question, target.root, sender, cause))
        return casts

    async def _vote(self, command: Command) -> Text | None:
        if command.place is Place.ELSEWHERE:
            # Anybody may bring others into a room of their own with the bot.
            raise Declined(say(texts.VOTE_ELSEWHERE))
        question, rest = await self._question_choice.question(command)
        relay, private = self._is_relay(command.sender), command.place is Place.DIRECT
        await self._voting.vote(
            command.session, command.actor, question, relay=relay, private=private
        )
        return await self._told(command, question, texts.VOTED, rest)

    async def _unvote(self, command: Command) -> Text | None:
        question, rest = await self._question_choice.question(command)
        relay = self._is_relay(command.sender)
        await self._voting.unvote(command.session, command.actor, question, relay=relay)
        return await self._told(command, question, texts.UNVOTED, rest)

    async def _told(
        self, command: Command, question: Question, template: str, rest: str
    ) -> Text | None:
        """Nothing in rooms but what was not done: the board shows the vote, which shall cost no
        message."""
        only = self._question_choice.only_one(command, question, rest)
        if command.place is not Place.DIRECT:
            return sentences(only) if only else None
        session, at = command.session, command.at
        address = await _address(session, question)
        await conversations.is_about(session, command.sender, command.room, address, at)
        said = say(template, number=str(question.number), room=short_name(address))
        return sentences([said, *only])

    def _votes(self, text: str, question: Question) -> bool:
        """Whether a reply votes for the question."""
        return 0 < len(text) <= _LONGEST_VOTE and (
            is_plus_one(text) or self._is_vote(text, question)
        )

    def _is_vote(self, key: str, question: Question) -> bool:
        return is_vote(key, question.number, self._settings.vote_emoji)

    def _is_relay(self, person: str) -> bool:
        return is_bridged_by([person], self._settings.relays)


async def _relation(session: AsyncSession, version: Version) -> Json:
    reply = await versions.reply_of(session, version.original)
    return {"m.relates_to": reply} if reply else {}


async def _address(session: AsyncSession, question: Question) -> str:
    return next(iter(await addresses_of(session, question.room_id)), question.room_id)
