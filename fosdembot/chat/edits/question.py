"""A question follows the edits of its message."""

from __future__ import annotations

from fosdembot.actions.editing import Editing
from fosdembot.actions.refused import Refused
from fosdembot.actions.voting import Voting
from fosdembot.chat.acting import actor_of
from fosdembot.chat.incoming import Edit, Said
from fosdembot.chat.intake import Intake
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reading.message import ASK
from fosdembot.chat.reading.parser import Call
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import lookup
from fosdembot.questions.retracting import retraction
from fosdembot.texts.render import clean
from fosdembot.texts.words import LONGEST_NAME

_ASKING = (*ASK, "anon")


class QuestionEdits:
    def __init__(
        self,
        runner: CommandRunner,
        intake: Intake,
        editing: Editing,
        voting: Voting,
        rate_limit: RateLimit,
        clock: Clock,
    ) -> None:
        self._runner = runner
        self._intake = intake
        self._editing = editing
        self._voting = voting
        self._rate_limit = rate_limit
        self._clock = clock

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        """Whether it edits a message that asked a question, which follows."""
        question = await lookup.by_source(session, edit.original)
        if question is None:
            return False
        if edit.sender == question.asker and edit.said is not None:
            await self._follow(session, edit, question, edit.said)
        return True

    def _text(self, question: Question, call: Call | None, said: Said) -> str | None:
        """What the message asks now; None where it is none of the asker's words."""
        nick = clean(said.nick or "", LONGEST_NAME)
        if question.relayed and nick not in ("", question.asker_name):
            return None
        if call is not None and call.word in _ASKING:
            return self._intake.without_name(question, call.text)
        return said.text

    async def _follow(
        self, session: WriteSession, edit: Edit, question: Question, said: Said
    ) -> None:
        """The asker's message says something else now."""
        call, original = await self._runner.call(session, edit), edit.original
        text = self._text(question, call, said)
        if text is None:
            return
        command = self._runner.messages.call(said)
        actor = actor_of(edit, self._clock)
        if command is not None and command.word not in _ASKING and self._runner.knows(command.word):
            taken_back = await self._editing.retract(session, actor, question, original)
            # Where something was decided about the question, both stay as they are.
            if taken_back or await retraction(session, question) is not None:
                await self._runner.obey(session, edit, command, original)
            return
        asks = call is not None and call.word in _ASKING
        try:
            if not asks or not await self._editing.ask_again(
                session, actor, question, text, original
            ):
                await self._editing.edit(session, actor, question, text)
        except Refused as refused:
            if not self._rate_limit.allows(actor.person, actor.act, actor.at):
                return
            why = self._runner.refusals.say(refused)
            await self._runner.replies.reply(session, edit.room, actor.act, why, to=question.source)

    async def put_back(self, session: WriteSession, edit: Edit, question: Question) -> bool:
        """`edit` says what a question's message said before an edit that was redacted:
        whether it still asks something."""
        call = await self._runner.call(session, edit)
        text = self._text(question, call, edit.said) if edit.said is not None else None
        if text is None or (call is not None and call.word not in _ASKING):
            return False
        actor = actor_of(edit, self._clock)
        original = question.source or ""
        # The edit may have been a command: what it voted for, it votes for no more.
        await self._voting.retract(session, original)
        try:
            if not await self._editing.ask_again(session, actor, question, text, original):
                await self._editing.put_back(session, actor, question, text)
        except Refused:
            return False
        return True
