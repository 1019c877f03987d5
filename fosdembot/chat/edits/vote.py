"""A vote follows the edits of its message: `!vote 12`, `+1`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.actions.voting import Voting
from fosdembot.chat.commands.vote import VOTE, says_vote
from fosdembot.chat.edits import versions
from fosdembot.chat.incoming import Edit
from fosdembot.chat.runner import CommandRunner
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, Version, VoteMark
from fosdembot.db.tables import SeenEvent
from fosdembot.questions import lookup


@dataclass(frozen=True, slots=True)
class VoteEdits:
    _runner: CommandRunner
    _voting: Voting
    _emoji: Sequence[str]

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
        if edit.said is not None and says_vote(edit.said.text, question, self._emoji):
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
