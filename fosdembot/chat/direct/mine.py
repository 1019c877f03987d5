"""`!mine`: what somebody asked, and how that stands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.replies import answer_key
from fosdembot.conference.addresses import short_name
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.questions import lookup
from fosdembot.questions.shown import show
from fosdembot.questions.states import ON_BOARD, State
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, lines, literal, say
from fosdembot.texts.words import count

MOST_OF_MINE = 10
_LONGEST_OF_MINE = 150


@dataclass(frozen=True, slots=True)
class MineCommand:
    _prefix: str

    def table(self) -> Commands:
        return {"mine": Entry(self._mine)}

    async def _mine(self, command: Command) -> Text:
        if command.place is not Place.DIRECT:
            raise Declined(say(texts.MINE_ELSEWHERE, p=self._prefix))
        session = command.session
        own = await lookup.of_person(session, command.sender, MOST_OF_MINE)
        if not own:
            return say(texts.MINE_NONE, p=self._prefix)
        shown = [question.id for question in own]
        await show(session, answer_key(command.answers), shown, renewed=False)
        return lines([await self._line(session, question) for question in own])

    async def _line(self, session: AsyncSession, question: Question) -> Text:
        address = next(iter(await addresses_of(session, question.room_id)), question.room_id)
        state = texts.STATES[question.state]
        counts = question.state in (State.PENDING, *ON_BOARD, State.ANSWERED)
        return say(
            texts.MINE if question.text else texts.MINE_GONE,
            room=short_name(address),
            number=str(question.number),
            state=f"{state}, {count(question.votes, 'vote')}" if counts else state,
            text=literal(question.text, _LONGEST_OF_MINE),
        )
