"""`!vote 12`, `!unvote 12`, `+1` as a reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.voting import Voting
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.direct import conversations
from fosdembot.chat.incoming import Message, Said
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.reading.parser import Call, is_plus_one
from fosdembot.conference.addresses import short_name
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.questions import lookup
from fosdembot.questions.emoji import is_vote
from fosdembot.settings import QuestionSettings
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences

VOTE = ("vote", "upvote")
"""The words that vote."""
_LONGEST_VOTE = 20
"""Characters of a reply that is a vote."""


@dataclass(frozen=True, slots=True)
class VotingCommands:
    _voting: Voting
    _question_choice: QuestionChoice
    _settings: QuestionSettings

    def table(self) -> Commands:
        return {**dict.fromkeys(VOTE, Entry(self._vote)), "unvote": Entry(self._unvote)}

    async def read(
        self, session: WriteSession, place: Place, message: Message, said: Said
    ) -> Call | None:
        """`+1`, or what would be a vote as a reaction, in reply to a question."""
        target = message.reply_to
        question = await lookup.by_event(session, target) if target is not None else None
        if question is None or not says_vote(said.text, question, self._settings.vote_emoji):
            return None
        return Call("vote", "", said.nick)

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

    def _is_relay(self, person: str) -> bool:
        return is_bridged_by([person], self._settings.relays)


def says_vote(text: str, question: Question, emoji: Sequence[str]) -> bool:
    """Whether a reply votes for the question."""
    return 0 < len(text) <= _LONGEST_VOTE and (
        is_plus_one(text) or is_vote(text, question.number, emoji)
    )


async def _address(session: AsyncSession, question: Question) -> str:
    return next(iter(await addresses_of(session, question.room_id)), question.room_id)
