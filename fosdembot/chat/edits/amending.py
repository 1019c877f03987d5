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
from fosdembot.chat.intake import Intake
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reading.message import ASK, Message
from fosdembot.chat.reading.parser import Call
from fosdembot.chat.router import Router
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Proposal, Question, VoteMark
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.power import may_redact
from fosdembot.matrix.relations import redacts, replaced
from fosdembot.questions import answers, lookup
from fosdembot.questions.retracting import retraction
from fosdembot.texts.render import clean
from fosdembot.texts.words import LONGEST_NAME

_ASKING = (*ASK, "anon")


class Amending:
    def __init__(
        self,
        router: Router,
        intake: Intake,
        editing: Editing,
        answering: AnswerActions,
        voting: Voting,
        rate_limit: RateLimit,
        clock: Clock,
    ) -> None:
        self._router = router
        self._intake = intake
        self._editing = editing
        self._answering = answering
        self._voting = voting
        self._rate_limit = rate_limit
        self._clock = clock

    async def edited(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message: whether it is an edit of one that asked a question, which follows."""
        original = replaced(event["content"])
        if original is None:
            return False
        question = await lookup.by_source(session, original)
        if question is None:
            return False
        message = self._router.messages.message(event["sender"], event["content"])
        if event["sender"] == question.asker and message is not None:
            await self._follow(session, room, event, question, original, message)
        return True

    def _text(self, question: Question, call: Call | None, message: Message) -> str | None:
        """What the message asks now; None where it is none of the asker's words."""
        nick = clean(message.nick or "", LONGEST_NAME)
        if question.relayed and nick not in ("", question.asker_name):
            return None
        if call is not None and call.word in _ASKING:
            return self._intake.without_name(question, call.text)
        return message.text

    async def _follow(
        self,
        session: WriteSession,
        room: str,
        event: Json,
        question: Question,
        original: str,
        message: Message,
    ) -> None:
        """The asker's message (its event: `original`) says something else now."""
        call = await self._router.call(session, room, event)
        text = self._text(question, call, message)
        if text is None:
            return
        command = self._router.messages.call(message)
        if command is not None and command.word not in _ASKING and self._router.knows(command.word):
            actor = actor_of(event, self._clock)
            taken_back = await self._editing.retract(session, actor, question, original)
            # Where something was decided about the question, both stay as they are.
            if taken_back or await retraction(session, question) is not None:
                await self._router.obey(session, room, event, command, original)
            return
        actor = actor_of(event, self._clock)
        asks = call is not None and call.word in _ASKING
        try:
            if not asks or not await self._editing.ask_again(
                session, actor, question, text, original
            ):
                await self._editing.edit(session, actor, question, text)
        except Refused as refused:
            if not self._rate_limit.allows(actor.person, actor.act, actor.at):
                return
            why = self._router.refusals.say(refused)
            await self._router.replies.reply(session, room, actor.act, why, to=question.source)

    async def redacted(self, session: WriteSession, room: str, event: Json) -> bool:
        """A redaction: what it takes back goes. It may concern others as well, so it always
        says that it has not seen to it."""
        target, sender = redacts(event), event["sender"]
        if target is None or not await self._may_redact(session, room, sender, target):
            return False
        await self.take_back(session, target, actor_of(event, self._clock))
        proposal = await session.get(Proposal, target)
        if proposal is not None:
            await session.delete(proposal)
        return False

    async def take_back(self, session: WriteSession, event: str, actor: Actor) -> None:
        """What a message, or a reaction, did is taken back; it says nothing any more."""
        await self._voting.retract(session, event)
        await self._editing.redact(session, actor, event)
        await self._editing.unmark(session, actor, event)
        await self._answering.redact(session, actor, event)
        await conversations.redacted(session, actor.person, event)

    async def put_back(
        self, session: WriteSession, room: str, event: Json, question: Question
    ) -> bool:
        """`event` says what a question's message said before an edit that was redacted:
        whether it still asks something."""
        call = await self._router.call(session, room, event)
        message = self._router.messages.message(event["sender"], event["content"])
        text = self._text(question, call, message) if message is not None else None
        if text is None or (call is not None and call.word not in _ASKING):
            return False
        actor = actor_of(event, self._clock)
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
