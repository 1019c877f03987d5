"""Why a question was dismissed, where a moderator typed it out of the audience's sight: it goes
to the asker in their direct chat, and into the talk room only if a moderator says so."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Question, Reason
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.notifications.cards import MOST_ASKERS, Cards
from fosdembot.questions.by import is_event
from fosdembot.questions.emoji import Tap
from fosdembot.questions.lookup import group
from fosdembot.questions.states import State
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, literal, say

LONGEST = 500
"""Characters that are kept of a reason."""
_GIVEN = Prepared(
    select(Reason.question_id)
    .where(Reason.question_id.in_(bindparam("questions", expanding=True)))
    .limit(1)
)
"""Most questions have none."""


class Reasons:
    """The only writer of `reasons`."""

    def __init__(self, outbox: Outbox, cards: Cards) -> None:
        self._outbox = outbox
        self._cards = cards

    async def give(
        self, session: WriteSession, question: Question, text: str, *, cause: str, room: str
    ) -> list[Text]:
        """Tell those who asked a question that a command (its event: `cause`) dismissed; ask in
        its `room` about those who have no direct chat. Returns what the moderator is told."""
        text = literal(text, LONGEST).plain
        if not text:
            return []
        reason = Reason(cause=cause, question_id=question.id, text=text)
        session.add(reason)
        told, others = await self._tell(session, question, reason)
        if others:
            await self._ask(session, room, reason)
        if told:
            return [say(texts.REASON_TOLD)]
        return [] if others else [say(texts.REASON_NOT_TOLD)]

    async def give_directly(
        self, session: WriteSession, question: Question, text: str, cause: str
    ) -> None:
        """The same of what somebody did elsewhere (`cause`): nobody else reads it."""
        text = literal(text, LONGEST).plain
        if text:
            reason = Reason(cause=cause, question_id=question.id, text=text)
            session.add(reason)
            await self._tell(session, question, reason)

    async def _tell(
        self, session: WriteSession, question: Question, reason: Reason
    ) -> tuple[bool, bool]:
        """Returns whether anybody is told, and whether somebody with a name is not."""
        told, others = False, False
        for each in await _askers(session, question):
            direct = await self._cards.say_directly(
                session, texts.DISMISSED_DIRECT, question, reason.text
            )
            if await self._cards.tell_directly(session, _key(reason), each, direct):
                told = True
            elif each.asker_name:
                others = True
        return told, others

    async def _ask(self, session: WriteSession, room: str, reason: Reason) -> None:
        """Whether it may be posted, where it was typed."""
        command = reason.cause if is_event(reason.cause) else None
        key, content = _asked_by(reason.cause), notice(_question(reason), reply_to=command)
        await self._outbox.message(session, key, room, content, Urgency.ANSWER)
        await self._outbox.react(
            session, f"{key}/0", room, Tap.CHECK, target=key, urgency=Urgency.BUTTON
        )

    async def reword(self, session: WriteSession, reason: Reason, text: str) -> None:
        """The command that gave a reason says another by now, or none. What a tap has posted
        stays as it was then, unless there is no reason left."""
        text = literal(text, LONGEST).plain
        if text == reason.text:
            return
        reason.text = text
        await self._outbox.edit(session, _asked_by(reason.cause), notice(_question(reason)))
        if not text:
            await self._redact_told(session, reason)
            reason.tap = None
            return
        question = await session.get_one(Question, reason.question_id)
        for each in await _askers(session, question):
            direct = await self._cards.say_directly(session, texts.DISMISSED_DIRECT, question, text)
            await self._cards.correct_directly(session, _key(reason), each, direct)

    async def post(self, session: WriteSession, reason: Reason, tap: str) -> None:
        """A moderator said by this reaction that it may be posted."""
        reason.tap = tap
        await self._post(session, await session.get_one(Question, reason.question_id), reason)

    async def _post(self, session: WriteSession, question: Question, reason: Reason) -> None:
        """To those with a name who were not told directly."""
        others = [
            each
            for each in await _askers(session, question)
            if each.asker_name and not await self._cards.is_told(session, _key(reason), each)
        ]
        key, text = f"{_key(reason)}/{reason.tap}", reason.text
        await self._cards.tell_in_room(session, key, question, others, texts.DISMISSED, text)

    async def gone(self, session: WriteSession, event: str) -> None:
        """An event was redacted: what was posted by a tap goes with the tap, and everything with
        the command that gave the reason."""
        tapped = select(Reason).where((Reason.tap == event) | (Reason.cause == event))
        for reason in (await session.scalars(tapped)).all():
            if reason.cause == event:
                await self._take_back(session, reason)
            else:
                key = f"{_key(reason)}/{reason.tap}"
                await self._outbox.redact(session, f"redact/{key}", target=key)
                reason.tap = None

    async def reconsider(self, session: WriteSession, questions: Iterable[Question]) -> None:
        """These stand otherwise now: of those that are not dismissed any more, no reason why
        they were is left anywhere."""
        ids = [question.id for question in questions if question.state != State.DISMISSED]
        if ids and await _GIVEN.find(session, {"questions": ids}):
            given = select(Reason).where(Reason.question_id.in_(ids))
            for reason in (await session.scalars(given)).all():
                await self._take_back(session, reason)

    async def _take_back(self, session: WriteSession, reason: Reason) -> None:
        await self._redact_told(session, reason)
        asked = _asked_by(reason.cause)
        await self._outbox.redact(session, f"redact/{asked}", target=asked)
        await session.delete(reason)

    async def _redact_told(self, session: WriteSession, reason: Reason) -> None:
        """What askers and the talk room were told."""
        said = select(Outgoing.key).where(
            Outgoing.key.startswith(f"{_key(reason)}/", autoescape=True),
            Outgoing.event_type == "m.room.message",
        )
        for key in (await session.scalars(said)).all():
            await self._outbox.redact(session, f"redact/{key}", target=key)


async def _askers(session: AsyncSession, question: Question) -> list[Question]:
    return (await group(session, question))[:MOST_ASKERS]


async def is_told(session: AsyncSession, question: Question, cause: str) -> bool:
    """Whether anybody who asked a question is told the reason that this cause gave."""
    told = Outgoing.key.startswith(f"{_key_of(question.id, cause)}/", autoescape=True)
    return await session.scalar(select(Outgoing.key).where(told).limit(1)) is not None


async def asked_at(session: AsyncSession, event: str) -> Reason | None:
    """The reason of which a message of ours asks whether it may be posted."""
    ours = select(Outgoing.key).where(Outgoing.event_id == event)
    key = await session.scalar(ours.limit(1))
    if key is None or not key.startswith(_asked_by("")):
        return None
    return await session.get(Reason, key.removeprefix(_asked_by("")))


def _question(reason: Reason) -> Text:
    """Whether it may be posted."""
    if not reason.text:
        return say(texts.REASON_GONE)
    return say(texts.REASON_ASK, reason=literal(reason.text, LONGEST))


def _asked_by(cause: str) -> str:
    """The key of the question whether a reason may be posted."""
    return f"reason/{cause}"


def _key(reason: Reason) -> str:
    return _key_of(reason.question_id, reason.cause)


def _key_of(question: int, cause: str) -> str:
    """With which the keys of what is told of a reason begin."""
    return f"dismissed/{question}/{cause}"
