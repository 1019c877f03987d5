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
from fosdembot.chat.incoming import Edit, Message, Reaction, Said, Tap
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.reading.parser import Call, is_plus_one
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.conference.addresses import short_name
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, Version, VoteMark
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.power import is_bridged_by
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
        runner: CommandRunner,
        voting: Voting,
        question_choice: QuestionChoice,
        settings: QuestionSettings,
        clock: Clock,
    ) -> None:
        self._runner = runner
        self._voting = voting
        self._question_choice = question_choice
        self._settings = settings
        self._clock = clock

    def table(self) -> Commands:
        return {**dict.fromkeys(VOTE, Entry(self._vote)), "unvote": Entry(self._unvote)}

    async def read(
        self, session: WriteSession, place: Place, message: Message, said: Said
    ) -> Call | None:
        """`+1`, or what would be a vote as a reaction, in reply to a question."""
        target = message.reply_to
        question = await lookup.by_event(session, target) if target is not None else None
        if question is None or not self._votes(said.text, question):
            return None
        return Call("vote", "", said.nick)

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        """Whether it edits a message that voted, and still votes. Where it says something else
        now, the vote is taken back, and what it says is looked at."""
        original = edit.original
        mark = await session.get(VoteMark, original)
        if mark is None:
            return await self._votes_again(session, edit)
        if mark.person != edit.sender:
            return False
        question = await session.get_one(Question, mark.question_id)
        call = await self._runner.call(session, edit)
        if call is not None and call.word in VOTE:
            if not call.arguments:  # To what it replies an edit does not say: to the same.
                return True
            await self._voting.retract(session, original)
            await self._runner.obey(session, edit, call, original)
            return True
        if edit.said is not None and self._votes(edit.said.text, question):
            return True
        await self._voting.retract(session, original)
        if call is None or await lookup.by_source(session, original) is not None:
            return False
        await self._runner.obey(session, edit, call, original)
        return True

    async def _votes_again(self, session: WriteSession, edit: Edit) -> bool:
        """An edit of a message that does not vote: whether it votes as its first words did,
        which it may at any time."""
        call, original = await self._runner.call(session, edit), edit.original
        if call is None or call.word not in VOTE:
            return False
        seen = await session.get(SeenEvent, original)
        if seen is None or seen.sender != edit.sender:
            return False
        first = await versions.find(session, original)
        before = await versions.newest(session, original)
        if first is None or before is None:
            return False
        if not await self._says_vote(session, edit, first):
            return False
        if await lookup.by_source(session, original) is not None:
            return False  # It asks; what becomes of that is seen to elsewhere.
        if await self._says_vote(session, edit, before):
            # What was taken back by `!unvote` does not come back with a correction.
            return not call.arguments
        await self._runner.obey(session, edit, call, original)
        return True

    async def _says_vote(self, session: WriteSession, edit: Edit, version: Version) -> bool:
        """Whether what a message said before votes."""
        said = versions.says(version)
        to = await versions.reply_of(session, version.original) or said.reply_to
        before = self._runner.wrote(edit, said._replace(reply_to=to))
        call = await self._runner.call(session, before)
        return call is not None and call.word in VOTE

    async def reacted(self, session: WriteSession, reaction: Reaction) -> bool:
        """Whether a reaction is a vote."""
        question = await lookup.by_event(session, reaction.target)
        if question is None or not self._is_vote(reaction.key, question):
            return False
        actor, relay = actor_of(reaction, self._clock), self._is_relay(reaction.sender)
        await self._voting.tap(session, actor, question, relay=relay)
        return True

    def may_go_together(self, tap: Tap) -> bool:
        """Whether a reaction votes or means nothing."""
        return is_only_vote(tap.key, self._settings.vote_emoji) and not self._is_relay(tap.sender)

    def take_together(self, connection: Connection, taps: Sequence[Tap]) -> Callable[[], None]:
        """The effect of reactions that `may_go_together`: as `reacted`, in a few statements for
        all of them. Returns what is to be done after the commit."""
        return self._voting.tap_at_once(connection, self._casts(connection, taps))

    async def handle_together(self, session: WriteSession, taps: Sequence[Tap]) -> None:
        """The same in a session."""
        connection = await session.connection()
        casts = await connection.run_sync(self._casts, taps)
        await self._voting.tap_all(session, casts)

    def _casts(self, connection: Connection, taps: Sequence[Tap]) -> Sequence[Cast]:
        targets = lookup.targets(connection, {tap.target for tap in taps})
        casts: list[Cast] = []
        for tap in taps:
            target = targets.get(tap.target)
            if target is None or target.room != tap.room:
                continue
            if is_vote(tap.key, target.number, self._settings.vote_emoji):
                casts.append(Cast(target.question, target.root, tap.sender, tap.event_id))
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


async def _address(session: AsyncSession, question: Question) -> str:
    return next(iter(await addresses_of(session, question.room_id)), question.room_id)
