"""Decisions about questions, however they were made: typed, tapped or by a reply.

Who may is checked here, what is possible by the desk, which also tells whom it concerns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor
from fosdembot.actions.permissions import Permission
from fosdembot.chat.allowing import demand
from fosdembot.chat.command import Declined
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog
from fosdembot.questions import log, lookup, retracting
from fosdembot.questions.desk import Desk
from fosdembot.questions.log import By
from fosdembot.questions.refusals import Refusal, Refused
from fosdembot.questions.states import Action, State
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say

_CLOSED = (State.ANSWERED, State.DISMISSED, State.MERGED)
"""The states that a moderator can take back at any time."""


class Decisions:
    def __init__(self, desk: Desk, access: Access, prefix: str) -> None:
        self._desk = desk
        self._access = access
        self._prefix = prefix

    async def act(
        self,
        session: WriteSession,
        question: Question,
        action: Action,
        by: By,
        *,
        relayed: bool = False,
    ) -> Sequence[Question]:
        """Do `action`. Returns the questions that stand otherwise now. Raises `Declined`."""
        await self.check(session, question, action, by, relayed)
        try:
            return await self._desk.act(session, question, action, by)
        except Refused as refused:
            raise Declined(self.refusal(refused, question)) from None

    async def merge(
        self, session: WriteSession, question: Question, into: Question, by: By, relayed: bool
    ) -> None:
        """Raises `Declined`."""
        await self.check(session, question, Action.MERGE, by, relayed)
        try:
            await self._desk.merge(session, question, into, by)
        except Refused as refused:
            raise Declined(self.refusal(refused, question)) from None

    async def move(
        self, session: WriteSession, question: Question, talk: str, by: By, relayed: bool
    ) -> None:
        """The question is for another talk (its guid) of the room. Raises `Declined`."""
        actor = Actor(by.person, relayed)
        await demand(self._access, session, actor, Permission.MOVE, question)
        try:
            await self._desk.move(session, question, talk, by, decided=True)
        except Refused as refused:
            raise Declined(self.refusal(refused, question)) from None

    async def undo(
        self, session: WriteSession, entries: Sequence[QuestionLog], by: By
    ) -> list[Question]:
        """Take decisions back; returns the questions that stand as before."""
        return await self._desk.undo(session, entries, by)

    async def undo_event(self, session: WriteSession, event: str, by: By) -> list[Question]:
        """What this event decided is taken back, as far as it still stands."""
        return await self.undo(session, await log.caused_by(session, event), by)

    async def edited(self, session: WriteSession, question: Question, text: str, by: By) -> None:
        """The asker's message says something else now. Raises `Refused`."""
        await self._desk.edit(session, question, text, by)

    async def retract(self, session: WriteSession, question: Question, by: By) -> bool:
        """Its message asks a question no more; see `questions/retracting.py`."""
        return await retracting.retract(self._desk, session, question, by)

    async def ask_again(
        self, session: WriteSession, question: Question, text: str, by: By, cause: str
    ) -> bool:
        """Its message asks again, and says this `text` since the event `cause`; whether the
        question had been taken back so. Raises `Refused`."""
        return await retracting.ask_again(self._desk, session, question, text, by, cause)

    async def unmarked(self, session: WriteSession, mark: str, by: By) -> None:
        """What made questions of messages is taken back: so are they, while nobody has voted
        or decided."""
        for id_ in await log.asked_by(session, mark):
            question = await session.get_one(Question, id_)
            if question.source != mark and await retracting.is_untouched(session, question):
                await self.retract(session, question, replace(by, event=mark))

    async def put_back(self, session: WriteSession, question: Question, text: str, by: By) -> None:
        """The asker's message says again what it said before an edit. Raises `Refused`."""
        await self._desk.put_back(session, question, text, by)

    async def redacted(self, session: WriteSession, event: str, by: By) -> bool:
        """An event was redacted: whether it was a question's message."""
        question = await lookup.by_source(session, event)
        if question is None:
            return False
        await self._desk.redact(session, question, by)
        return True

    async def check(
        self, session: WriteSession, question: Question, action: Action, by: By, relayed: bool
    ) -> None:
        """Whether somebody may do that. Raises `Declined`."""
        actor, permission = Actor(by.person, relayed), Permission[action.name]
        if action is not Action.WITHDRAW:
            await demand(self._access, session, actor, permission, question)
        elif not await self._access.allows(session, actor, permission, question):
            whose = texts.NOT_YOURS_RELAYED if relayed else texts.NOT_YOURS
            raise Declined(self._say(whose, question))

    async def check_own_move(self, session: WriteSession, question: Question, actor: Actor) -> None:
        """Whether an asker moves a question of their own. Raises `Declined`."""
        await demand(self._access, session, actor, Permission.MOVE_OWN, question)

    def refusal(self, refused: Refused, question: Question) -> Text:
        """Why the desk does not do something with `question`."""
        if refused.why is Refusal.OTHER_TALK:
            return self._say(texts.OTHER_TALK, question)
        if refused.why is Refusal.ITSELF:
            return self._say(texts.ITSELF, question)
        closed = question.state in _CLOSED
        return self._say(texts.STATE_CLOSED if closed else texts.STATE, question)

    def _say(self, template: str, question: Question) -> Text:
        return standing(template, question, p=self._prefix)


def standing(template: str, question: Question, **values: str) -> Text:
    """A sentence that may name a question's number and state."""
    state = texts.SKIPPED if question.skipped else texts.STATES[question.state]
    return say(template, number=str(question.number), state=state, **values)
