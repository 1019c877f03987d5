"""`!withdraw`: the asker takes a question back."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.deciding import Deciding
from fosdembot.chat.command import Command, Commands, Entry, Place, Quietly
from fosdembot.chat.meant.question import QuestionChoice, split_number
from fosdembot.conference.addresses import short_name
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.questions import lookup
from fosdembot.questions.scopes import scope_of
from fosdembot.questions.states import Action
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences


@dataclass(frozen=True, slots=True)
class WithdrawCommand:
    _deciding: Deciding
    _question_choice: QuestionChoice

    def table(self) -> Commands:
        return {"withdraw": Entry(self._withdraw)}

    async def _withdraw(self, command: Command) -> Text | Quietly:
        question, rest = await self._own(command), ""
        if question is None:
            question, rest = await self._question_choice.question(command, self._newest)
        session, actor = command.session, command.actor
        await self._deciding.decide(session, actor, question, Action.WITHDRAW)
        template = texts.WITHDRAWN_DIRECT if command.place is Place.DIRECT else texts.WITHDRAWN
        address = next(iter(await addresses_of(command.session, question.room_id)), "")
        room = short_name(address)
        said = say(template, number=str(question.number), room=room)
        only = self._question_choice.only_one(command, question, rest)
        return sentences([said, *only]) if only else Quietly(said)

    async def _own(self, command: Command) -> Question | None:
        """In a direct chat only the own questions are meant, of whatever room."""
        if command.place is not Place.DIRECT:
            return None
        number, rest = split_number(command.arguments)
        if rest or command.reply_to is not None:
            return None
        if number is None:
            return await lookup.newest_open(command.session, None, command.sender)
        own = await lookup.of_person(command.session, command.sender, 100)
        fitting = [question for question in own if question.number == number]
        return fitting[0] if len(fitting) == 1 else None

    async def _newest(self, command: Command, room: str) -> Question | None:
        """The own newest one that is open."""
        if command.relayed:
            return None
        scope = await scope_of(command.session, room)
        return await lookup.newest_open(command.session, scope, command.sender)
