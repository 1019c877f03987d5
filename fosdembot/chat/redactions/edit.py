"""An edit is redacted: its message says again what it said before, and what it said in
between is gone from all that the bot said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from sqlalchemy import select

from fosdembot.chat.acting import actor_of
from fosdembot.chat.commands.vote import VOTE
from fosdembot.chat.edits import versions
from fosdembot.chat.edits.question import QuestionEdits
from fosdembot.chat.incoming import Content, Edit, Redaction
from fosdembot.chat.reading.events import body_of
from fosdembot.chat.redactions.message import RedactedMessages
from fosdembot.chat.relating import may_take_out
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question, QuestionLog, Shown, Version
from fosdembot.db.tables import Outgoing, SeenEvent
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.notifications.cards import Cards
from fosdembot.questions import answers, lookup
from fosdembot.texts.render import clean


class RedactedEdits:
    def __init__(
        self,
        hear: Callable[[WriteSession, Edit], Awaitable[bool]],
        runner: CommandRunner,
        questions: QuestionEdits,
        messages: RedactedMessages,
        cards: Cards,
        answer_news: AnswerNews,
        clock: Clock,
    ) -> None:
        self._hear = hear
        self._runner = runner
        self._questions = questions
        self._messages = messages
        self._cards = cards
        self._answer_news = answer_news
        self._clock = clock

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """Whether a redaction is of an edit."""
        target = redaction.target
        gone = await versions.find(session, target)
        if gone is None:
            return False
        if not await may_take_out(session, redaction.room, redaction.sender, target):
            return False
        said = await self._said(session, redaction, gone)
        was_newest = (await versions.newest(session, gone.original)) is gone
        await session.delete(gone)
        await session.flush()
        if was_newest:
            await self._say_again(session, redaction, gone)
        await self._erase(session, gone.original, said, redaction.event_id)
        return True

    async def _say_again(self, session: WriteSession, redaction: Redaction, gone: Version) -> None:
        """As if the message were edited to say what it said before; where that meant nothing,
        as if it were redacted."""
        before, original = await versions.newest(session, gone.original), gone.original
        content = versions.says(before) if before is not None else await _from_log(session, gone)
        author = (await session.get_one(SeenEvent, gone.event_id)).sender
        # The message took it back, which stands and may ask again.
        said_by = replace(redaction, sender=author or redaction.sender)
        actor = actor_of(said_by, self._clock, act=original)
        if content is None or author is None:
            await self._messages.take_back(session, original, actor)
            return
        again = self._runner.edited(
            said_by, original, content, reply_to=await versions.reply_of(session, original)
        )
        question = await lookup.by_source(session, original)
        if question is None:
            await self._hear(session, again)
        elif not await self._questions.put_back(session, again, question):
            await self._messages.take_back(session, original, actor)
            call = await self._runner.call(session, again)
            if call is not None and call.word in VOTE:
                await self._runner.obey(session, again, call, original)

    async def _said(
        self, session: WriteSession, redaction: Redaction, gone: Version
    ) -> Collection[str]:
        """The texts that may have been taken from a version."""
        content = versions.says(gone)
        call = await self._runner.call(session, self._runner.wrote(redaction, content))
        body = content.body or ""
        question = await lookup.by_source(session, gone.original)
        answer = await answers.by_cause(session, gone.original)
        found = {body, call.text if call is not None else ""}
        found |= {question.text} if question is not None else set()
        found |= {answer.text} if answer is not None else set()
        return {text for each in found if (text := clean(each, len(each) + 1))}

    async def _erase(
        self, session: WriteSession, original: str, said: Collection[str], cause: str
    ) -> None:
        """What a version said leaves our messages, and their history, and the log."""
        question = await lookup.by_source(session, original)
        if question is not None:
            gone = {text for text in said if text != question.text}
            await _scrub_log(session, question, gone)
            if question.text:
                await self._erase_question(session, question, gone, cause)
        answer = await answers.by_cause(session, original)
        if answer is not None:
            await self._erase_answer(session, answer)

    async def _erase_question(
        self, session: WriteSession, question: Question, gone: Collection[str], cause: str
    ) -> None:
        rows = await session.execute(
            select(Shown, Outgoing)
            .outerjoin(Outgoing, Outgoing.key == Shown.message_key)
            .where(Shown.question_id == question.id)
        )
        shown = [(entry, row) for entry, row in rows.all()]
        notices = [
            entry for entry, row in shown if not entry.about and (entry.renewed or _says(row, gone))
        ]
        await self._cards.erase(session, notices)
        for entry, row in shown:
            if entry.about:
                await self._cards.forget_versions(
                    session, entry.message_key, question, cause if _says(row, gone) else None
                )

    async def _erase_answer(self, session: WriteSession, answer: Answer) -> None:
        question = await session.get_one(Question, answer.question_id)
        await self._answer_news.forget_versions(
            session, await lookup.root_of(session, question), answer
        )


async def _from_log(session: WriteSession, gone: Version) -> Content | None:
    """What a question said before this edit, where its message was not kept: it was asked by
    an earlier version of the bot."""
    found = select(QuestionLog.after).where(
        QuestionLog.cause == gone.event_id, QuestionLog.action == "edit"
    )
    before = (await session.scalar(found) or {}).get("old_text")
    return Content("m.text", before) if isinstance(before, str) else None


async def _scrub_log(session: WriteSession, question: Question, gone: Collection[str]) -> None:
    entries: Sequence[QuestionLog] = (
        await session.scalars(select(QuestionLog).where(QuestionLog.question_id == question.id))
    ).all()
    for entry in entries:
        left = {k: v for k, v in entry.after.items() if not (k.endswith("_text") and v in gone)}
        if left != entry.after:
            entry.after = left


def _says(row: Outgoing | None, gone: Collection[str]) -> bool:
    body = body_of(row.content) if row is not None else ""
    return any(text in body for text in gone)
