"""What becomes of a question, vote or answer when its message is edited or redacted."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Actor
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.editing import Editing
from fosdembot.actions.refused import Refused
from fosdembot.actions.voting import Voting
from fosdembot.chat.acting import actor_of
from fosdembot.chat.direct import conversations
from fosdembot.chat.incoming import Edit, Redaction, Said
from fosdembot.chat.intake import Intake
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reading.message import ASK
from fosdembot.chat.reading.parser import Call
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Proposal, Question, VoteMark
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.power import may_redact
from fosdembot.questions import answers, lookup
from fosdembot.questions.retracting import retraction
from fosdembot.texts.render import clean
from fosdembot.texts.words import LONGEST_NAME

_ASKING = (*ASK, "anon")


class Amending:
    def __init__(
        self,
        runner: CommandRunner,
        intake: Intake,
        editing: Editing,
        answering: AnswerActions,
        voting: Voting,
        rate_limit: RateLimit,
        clock: Clock,
    ) -> None:
        self._runner = runner
        self._intake = intake
        self._editing = editing
        self._answering = answering
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

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """A redaction: what it takes back goes. It may concern others as well, so it always
        says that it has not seen to it."""
        target = redaction.target
        if not await self._may_redact(session, redaction.room, redaction.sender, target):
            return False
        await self.take_back(session, target, actor_of(redaction, self._clock))
        proposal = await session.get(Proposal, target)
        if proposal is not None:
            await session.delete(proposal)
        return False

    async def take_back(self, session: WriteSession, event: str, actor: Actor) -> None:
        """What a message, or a reaction, did is taken back; it says nothing any more."""
        await self._voting.retract(session, event)
        await self._editing.redact(session, actor, event)
        await self._editing.redact_mark(session, actor, event)
        await self._answering.redact(session, actor, event)
        await conversations.redacted(session, actor.person, event)

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

    async def _may_redact(self, session: AsyncSession, room: str, sender: str, target: str) -> bool:
        """Whether it is the sender's own, or one that those with the power may take out of
        this room. Homeservers pass on what others send as well."""
        seen = await session.get(SeenEvent, target)
        owner, home = (seen.sender, seen.room_id) if seen is not None else (None, None)
        if owner is None:
            owner, home = await self._known(session, target, sender)
        if owner is None or home not in (None, room):
            return False
        return owner == sender or (home == room and await may_redact(session, room, sender))

    async def _known(
        self, session: AsyncSession, target: str, sender: str
    ) -> tuple[str | None, str | None]:
        """Of an event that was seen long ago, or never: who sent it, and in which room, as
        far as that is known. Where it is forgotten, `sender` is believed: it was the
        homeserver that let the redaction in."""
        if (question := await lookup.by_source(session, target)) is not None:
            return question.asker or sender, None if question.direct else question.room_id
        if (answer := await answers.by_cause(session, target)) is not None:
            return answer.author or sender, None
        mark = await session.get(VoteMark, target)
        return (mark.person, None) if mark is not None else (None, None)
