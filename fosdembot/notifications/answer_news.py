"""What the bot says of a written answer: to the room, where it was given elsewhere, and to
who asked elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import literal as sql_literal
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import short_name
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import talk_room
from fosdembot.conference.room_settings import edits_in
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Answer, Question
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.content import mentioned, to_persons
from fosdembot.matrix.direct import direct_chat
from fosdembot.matrix.outbox import Outbox, Urgency, edit_key
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.notifications.cards import MOST_ASKERS
from fosdembot.notifications.places_of_question import seen_as
from fosdembot.questions.answers import LONGEST
from fosdembot.questions.events import Answered, AnswerEvent, AnswerReworded, AnswerTakenBack
from fosdembot.questions.lookup import group
from fosdembot.settings import Settings
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, lines, literal, say
from fosdembot.texts.words import names

_POST = "written/"
"""Begins the key of what posts an answer."""


class AnswerNews:
    """`question` is always the one that the others were merged into."""

    def __init__(self, outbox: Outbox, programme: Programme, settings: Settings) -> None:
        self._outbox = outbox
        self._programme = programme
        self._settings = settings

    async def hear(self, session: WriteSession, event: AnswerEvent) -> None:
        question, answer = event.question, event.answer
        match event:
            case Answered(post=post):
                if post:
                    await self._post(session, question, answer)
                await self._tell_directly(session, question, answer, posted=post)
            case AnswerReworded():
                await self._renew_all(session, question, answer)
            case AnswerTakenBack():
                await self._take_back(session, question, answer)

    async def _post(self, session: WriteSession, question: Question, answer: Answer) -> None:
        """Post it in the talk room, in reply to the question, whose askers are notified."""
        room = await self.talk_room(session, question)
        asked = [each for each in await _askers(session, question) if each.asker_name]
        people = [each.asker for each in asked if each.asker is not None and not each.relayed]
        here = await seen_as(session, self._outbox, question) if room == question.room_id else None
        content = to_persons(_in_room(question, answer, asked), people, here)
        await self._outbox.message(session, _key(answer), room, content, Urgency.CHANGE)

    async def _tell_directly(
        self, session: WriteSession, question: Question, answer: Answer, *, posted: bool
    ) -> None:
        """Tell who asked in a direct chat, and may not see it in the room; `posted`: those
        with a name were notified there."""
        for each in await _askers(session, question):
            if not each.direct or (posted and each.asker_name) or each.asker == answer.author:
                continue
            chat = await direct_chat(session, each.asker)
            if chat is not None and each.asker is not None:
                content = to_persons(await self._directly(session, each, answer), [each.asker])
                key = _key(answer, each)
                await self._outbox.message(session, key, chat, content, Urgency.CHANGE)

    async def _renew_all(self, session: WriteSession, question: Question, answer: Answer) -> None:
        """It says something else now."""
        asked = await _askers(session, question)
        named = [each for each in asked if each.asker_name]
        await self._renew(session, _key(answer), _in_room(question, answer, named))
        for each in asked:
            text = await self._directly(session, each, answer)
            await self._renew(session, _key(answer, each), text)

    async def _take_back(self, session: WriteSession, question: Question, answer: Answer) -> None:
        """Its author redacted it."""
        others = [_key(answer, each) for each in await _askers(session, question)]
        for key in (_key(answer), *others):
            await self._outbox.redact(session, f"redact/{key}", target=key)

    async def forget_versions(
        self, session: WriteSession, question: Question, answer: Answer
    ) -> None:
        """What it said before its last edit leaves the history of what was told."""
        others = [_key(answer, each) for each in await _askers(session, question)]
        edits = [edit_key(key) for key in (_key(answer), *others)]
        await self._outbox.redact_versions(session, edits)

    async def was_posted(self, session: AsyncSession, answer: Answer) -> bool:
        return await self._outbox.find(session, _key(answer)) is not None

    async def posted_as(self, session: AsyncSession, event: str, room: str) -> Answer | None:
        """The answer that this event, a message of ours in a Matrix room (its id), posted there,
        unless it was taken back."""
        posted = select(Answer).join(Outgoing, Outgoing.key == sql_literal(_POST) + Answer.cause)
        answer: Answer | None = await session.scalar(
            posted.where(Outgoing.event_id == event, Outgoing.room_id == room)
        )
        if answer is None or await self._outbox.unredacted(session, _key(answer)) is None:
            return None
        return answer

    async def talk_room(self, session: WriteSession, question: Question) -> str:
        """The Matrix room in which it is read."""
        return await talk_room(session, self._programme, question)

    async def address(self, session: AsyncSession, room: str) -> str:
        return next(iter(await addresses_of(session, room)), room)

    async def edits(self, session: AsyncSession, room: str) -> bool:
        """Whether messages are edited in a room."""
        return await edits_in(session, self._settings, room)

    async def _renew(self, session: WriteSession, key: str, text: Text) -> None:
        row = await self._outbox.unredacted(session, key)
        if row is not None and await self.edits(session, row.room_id):
            again = to_persons(text, mentioned(row.content))
            await self._outbox.edit(session, key, again)

    async def _directly(self, session: AsyncSession, asked: Question, answer: Answer) -> Text:
        room = short_name(await self.address(session, asked.room_id))
        return _say(texts.ANSWER_DIRECT, asked, answer, name="", room=room)


async def _askers(session: AsyncSession, question: Question) -> list[Question]:
    return (await group(session, question))[:MOST_ASKERS]


def _in_room(question: Question, answer: Answer, asked: Sequence[Question]) -> Text:
    called = names(list(dict.fromkeys(each.asker_name for each in asked)))
    template = texts.ANSWER if called else texts.ANSWER_NAMELESS
    return _say(template, question, answer, name=called, room="")


def _say(template: str, question: Question, answer: Answer, **values: str) -> Text:
    text = lines(literal(line, LONGEST) for line in answer.text.split("\n"))
    number, speaker = str(question.number), answer.author_name
    return say(template, number=number, speaker=speaker, text=text, **values)


def _key(answer: Answer, asked: Question | None = None) -> str:
    """In the outbox: of the post in the room, or of what one who `asked` is told."""
    key = f"{_POST}{answer.cause}"
    return f"{key}/{asked.id}" if asked is not None else key
