"""What becomes of a question when the message that asked it says something else, or is gone.

Questions are reworded and taken back by those who asked them. A redaction is always obeyed, also of
an edit or of what made a question of a message: the face has seen to it that whoever redacted it
may, or the homeserver has.
"""

from __future__ import annotations

from dataclasses import replace

from fosdembot.actions.actor import Actor
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused, about
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import log, lookup, retracting
from fosdembot.questions.desk import Desk


class Editing:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @once
    async def edit(
        self, session: WriteSession, actor: Actor, question: Question, text: str
    ) -> None:
        """The message says something else now. Raises `Refused`."""
        _check_asker(actor, question)
        with about(question):
            await self._desk.edit(session, question, text, actor.by)

    @once
    async def put_back(
        self, session: WriteSession, actor: Actor, question: Question, text: str
    ) -> None:
        """The message says again what it said before an edit, which is redacted. Raises
        `Refused`."""
        with about(question):
            await self._desk.put_back(session, question, text, actor.by)

    @once
    async def retract(
        self, session: WriteSession, actor: Actor, question: Question, cause: str
    ) -> bool:
        """The message asks no more. `cause`: itself. Returns whether the question is taken back;
        not, if something was decided about it. Raises `Refused`."""
        _check_asker(actor, question)
        return await self._retract(session, actor, question, cause)

    async def _retract(
        self, session: WriteSession, actor: Actor, question: Question, cause: str
    ) -> bool:
        by = replace(actor.by, cause=cause)
        return await retracting.retract(self._desk, session, question, by)

    @once
    async def ask_again(
        self, session: WriteSession, actor: Actor, question: Question, text: str, cause: str
    ) -> bool:
        """The message asks again, and says `text` by what the actor did, who may make a question of
        it; the face has seen to that. `cause`: the message, or what makes a question of it. Returns
        whether the question had been taken back so. Raises `Refused`."""
        by = replace(actor.by, cause=cause)
        with about(question):
            return await retracting.ask_again(self._desk, session, question, text, by, actor.cause)

    @once
    async def redact_mark(self, session: WriteSession, actor: Actor, mark: str) -> None:
        """What made questions of messages is redacted: they are taken back, while nobody has
        voted or decided."""
        for id_ in await log.asked_by(session, mark):
            question = await session.get_one(Question, id_)
            if question.source != mark and await retracting.is_untouched(session, question):
                await self._retract(session, actor, question, mark)

    @once
    async def redact(self, session: WriteSession, actor: Actor, source: str) -> None:
        """A message is redacted: if it asked a question, that is withdrawn, and its text gone."""
        question = await lookup.by_source(session, source)
        if question is not None:
            await self._desk.redact(session, question, actor.by)


def _check_asker(actor: Actor, question: Question) -> None:
    """Raises `Refused` where another account asked it. Of those for whom a relay speaks, the face
    knows which one says something."""
    if question.asker != actor.person:
        why, lacks = Denial.NOT_ALLOWED, Permission.WITHDRAW
        raise Refused(why, permission=lacks, question=question)
