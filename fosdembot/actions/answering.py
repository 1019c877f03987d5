"""Written answers: given in the talk room, or by the speaker afterwards; what becomes of them when
their message changes; and remarks that become answers.

An answer is what the talk's speaker replies to a question; or a moderator's reply, if its words
say so, or a moderator marks it. What else moderators reply is a remark.
"""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.access import Access, TalkIn
from fosdembot.actions.actor import Actor
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import Changes, QuestionsChanged
from fosdembot.conference.people import People
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.questions import answers, log, lookup
from fosdembot.questions.by import By
from fosdembot.questions.events import (
    Answered,
    AnswerEvent,
    AnswerReworded,
    AnswerTakenBack,
    Hears,
)
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import ON_BOARD, Action, State

_ANSWERABLE = (*ON_BOARD, State.ANSWERED)
"""The states, of the question or of the one that it was merged into."""


@dataclass(frozen=True, slots=True)
class AnswerActions:
    """`name`: what others call the actor. Each method raises `Refused` before it changes
    anything."""

    deciding: Deciding
    access: Access
    people: People
    changes: Changes
    hears: Hears

    @once
    async def answer(
        self, session: WriteSession, actor: Actor, question: Question, text: str, name: str
    ) -> Answer:
        """Answer a question where it was asked. It stays as it is: somebody closes it."""
        await self.access.demand(session, actor, Permission.ANSWER, question)
        root = await lookup.root_of(session, question)
        answer = await self._add(session, actor, question, root, text, name)
        await self._tell(session, Answered(root, answer, post=False))
        return answer

    @once
    async def answer_afterwards(
        self, session: WriteSession, actor: Actor, question: Question, text: str, name: str
    ) -> Answer:
        """Answer a question elsewhere, as in reply to a letter: the answer is posted in the talk
        room, and the question closed."""
        root = await lookup.root_of(session, question)
        await self.deciding.check(session, actor, root, Permission.DONE)
        answer = await self._add(session, actor, question, root, text, name)
        await self.deciding.decide(session, actor, root, Action.DONE)
        await self._tell(session, Answered(root, answer, post=True))
        return answer

    async def _add(
        self,
        session: WriteSession,
        actor: Actor,
        question: Question,
        root: Question,
        text: str,
        name: str,
    ) -> Answer:
        if root.state not in _ANSWERABLE:
            raise Refused(Refusal.STATE, question=root)
        if answers.is_empty(text):
            raise Refused(Denial.ANSWER_EMPTY, question=question)
        answer = await answers.add(session, question, text, _said_by(actor), name)
        if answer is None:
            raise Refused(Denial.ANSWERS_FULL, question=question, number=answers.MOST)
        return answer

    @once
    async def reply(
        self,
        session: WriteSession,
        actor: Actor,
        question: Question,
        room: str,
        text: str,
        name: str,
        *,
        says_so: bool,
    ) -> Answer | None:
        """Somebody says something in reply to a question, in its Matrix room (the id). `says_so`:
        whether the words say that it is an answer. Returns it, or a remark that may become one;
        None where it is neither."""
        root = await lookup.root_of(session, question)
        if root.state not in _ANSWERABLE or actor.person == question.asker:
            return None
        talk = TalkIn(question.talk, room)
        if not await self.access.allows(session, actor, Permission.ANSWER, talk):
            return None
        counts = says_so or await self.people.speaks(session, actor.person, question.talk)
        said_by = _said_by(actor)
        answer = await answers.add(session, question, text, said_by, name, counts=counts)
        if answer is not None and counts:
            await self._tell(session, Answered(root, answer, post=False))
        return answer

    # Marked.

    @once
    async def mark(self, session: WriteSession, actor: Actor, answer: Answer) -> bool:
        """A moderator makes an answer of a remark; returns whether it became one."""
        if answer.counts or not answer.text:
            return False
        question, root = await _about(session, answer)
        if root.state not in _ANSWERABLE:
            return False
        await self.access.demand(session, actor, Permission.MARK_AS_ANSWER, question)
        answers.mark(answer, actor.cause)
        await self._count(session, answer)
        return True

    @once
    async def redact_mark(self, session: WriteSession, actor: Actor, answer: Answer) -> None:
        """What made an answer of a remark is redacted, which is always obeyed."""
        answers.mark(answer, None)
        await self._discount(session, actor, answer)

    async def _count(self, session: WriteSession, answer: Answer) -> None:
        """A remark is an answer from now on."""
        answers.count(answer, True)
        _, root = await _about(session, answer)
        await self._tell(session, Answered(root, answer, post=False))

    async def _discount(self, session: WriteSession, actor: Actor, answer: Answer) -> None:
        """An answer is only a remark from now on."""
        answers.count(answer, False)
        await self._gone(session, actor, answer)

    # Edited, by its author, and redacted.

    @once
    async def edit(
        self, session: WriteSession, actor: Actor, answer: Answer, text: str, *, says_so: bool
    ) -> None:
        """The message of an answer, or of a remark, says something else now, and may be the other
        by that. `says_so`: as in `reply`."""
        await self.reword(session, actor, answer, text)
        question, _ = await _about(session, answer)
        speaks = await self.people.speaks(session, actor.person, question.talk)
        is_one = says_so or answer.mark is not None or speaks
        if is_one and not answer.counts and answer.text:
            await self._count(session, answer)
        elif answer.counts and not is_one:
            await self._discount(session, actor, answer)

    @once
    async def reword(self, session: WriteSession, actor: Actor, answer: Answer, text: str) -> None:
        """An answer says something else now."""
        await _check_author(session, actor, answer)
        if answers.edit(answer, text) and answer.counts:
            _, root = await _about(session, answer)
            await self._tell(session, AnswerReworded(root, answer))

    @once
    async def take_back(self, session: WriteSession, actor: Actor, answer: Answer) -> None:
        """The message of an answer means something else now."""
        await _check_author(session, actor, answer)
        if answer.counts:
            await self._discount(session, actor, answer)

    @once
    async def remove(self, session: WriteSession, actor: Actor, answer: Answer) -> None:
        """The message of an answer answers another question now."""
        await self.take_back(session, actor, answer)
        await answers.remove(session, answer)

    @once
    async def redact(self, session: WriteSession, actor: Actor, cause: str) -> None:
        """What said an answer, perhaps, is redacted, which is always obeyed."""
        answer = await answers.by_cause(session, cause)
        if answer is not None:
            answers.redact(answer)
            await self._gone(session, actor, answer)

    async def _tell(self, session: WriteSession, event: AnswerEvent) -> None:
        """Whom it concerns hears of it, and after the commit whoever shows the talk's questions."""
        self.changes.publish(session, QuestionsChanged(frozenset({event.question.talk})))
        await self.hears(session, event)

    async def _gone(self, session: WriteSession, actor: Actor, answer: Answer) -> None:
        """An answer is none any more. A question that was closed by answers of which none is
        left waits as before."""
        _, root = await _about(session, answer)
        await self._tell(session, AnswerTakenBack(root, answer))
        if not await answers.to(session, root):
            for said_by in await answers.causes(session, root):
                closed = await log.decided_by(session, said_by)
                await self.deciding.desk.undo(session, closed, actor.by)


async def _check_author(session: WriteSession, actor: Actor, answer: Answer) -> None:
    """Raises `Refused` where the answer is somebody else's; or its question was given to another
    talk than the one to which the author is bound."""
    question = await session.get_one(Question, answer.question_id)
    if answer.author != actor.person or actor.bound_to not in (None, question.talk):
        raise Refused(Denial.NOT_ALLOWED, permission=Permission.ANSWER)


async def _about(session: WriteSession, answer: Answer) -> tuple[Question, Question]:
    """The question that is answered, and the one that it was merged into."""
    question = await session.get_one(Question, answer.question_id)
    return question, await lookup.root_of(session, question)


def _said_by(actor: Actor) -> By:
    """It was said when they said it, whenever it takes effect."""
    return By(actor.person, actor.cause, actor.at)
