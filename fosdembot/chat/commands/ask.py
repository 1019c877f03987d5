"""Asking in a talk room: `!ask`, `Q:`; and `!confirm`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fosdembot.actions.asking import Ask
from fosdembot.actions.editing import Editing
from fosdembot.actions.refused import Refused
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.commands.question import Showing
from fosdembot.chat.direct.questions import DirectChats
from fosdembot.chat.incoming import Message, Said
from fosdembot.chat.intake import Intake, replied
from fosdembot.chat.reading.message import ASK, spoken_by
from fosdembot.chat.reading.parser import Call, first_word, question_in
from fosdembot.chat.refusals import Refusals
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Preference, Question
from fosdembot.matrix.members import display_name
from fosdembot.questions import lookup, similar
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.scopes import scope_of
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import LONGEST_NAME

EDITED_WITHIN = timedelta(minutes=10)
"""Later, an edit that asks something quite different is another question."""


@dataclass(frozen=True)
class AskingCommands:
    _intake: Intake
    _direct: DirectChats
    _showing: Showing
    _editing: Editing
    _refusals: Refusals
    _prefix: str

    def table(self) -> Commands:
        ask = Entry(self._ask)
        return {
            **dict.fromkeys(ASK, ask),
            "confirm": Entry(self._confirm),
        }

    async def read(
        self, session: WriteSession, place: Place, message: Message, said: Said
    ) -> Call | None:
        """`Q: TEXT`, where questions are asked."""
        call = question_in(said.text) if place is Place.TALK_ROOM else None
        return spoken_by(said, call) if call is not None else None

    async def _ask(self, command: Command) -> Text | None:
        if self._showing.is_meant(command):
            if command.word != "ask":
                return await self._showing.show(command)
            number = command.text.rstrip(".?! ").lstrip("#qQ ")
            raise Declined(say(texts.ASK_NUMBER, p=self._prefix, number=number))
        if command.place is Place.DIRECT:
            return await self._direct.ask(command, nameless=False)
        if command.place is not Place.TALK_ROOM:
            raise Declined(say(texts.ASK_ELSEWHERE))
        name = clean(command.nick or "", LONGEST_NAME)
        if command.edited and (question := await self._asked_before(command, name)) is not None:
            return await self._edit(command, question)
        name = name or await display_name(command.session, command.room, command.sender)
        to = await replied(command.session, command.reply_to)
        ask = Ask(room=command.room, text=command.text, name=name, reply_to=to)
        return await self._intake.take(command.session, command.actor, ask)

    async def _asked_before(self, command: Command, name: str) -> Question | None:
        """The question that a relay's edit changes: that of the same nick which asks much the
        same, else the last one, if that was just before."""
        session, scope = command.session, await scope_of(command.session, command.room)
        asked = await lookup.open_by_nick(session, scope, command.sender, name)
        texts_of = [(question.id, question.text) for question in asked]
        alike = similar.alike(command.text, texts_of, threshold=similar.EDITED)
        for question in asked:
            if question.id == alike:
                return question
        recent = [each for each in asked if command.at - each.asked_at < EDITED_WITHIN]
        return recent[0] if recent else None

    async def _edit(self, command: Command, question: Question) -> Text:
        text = self._intake.without_name(question, command.text)
        try:
            await self._editing.edit(command.session, command.actor, question, text)
        except Refused as refused:
            raise Declined(self._refusals.say(refused, sees_edits=False)) from None
        if question.text != clean(text, len(text) + 1):
            raise Refused(Refusal.STATE, question=question)
        number, name = str(question.number), question.asker_name
        return say(texts.EDITED_BY, name=name, number=number)

    async def _confirm(self, command: Command) -> Text:
        word, _ = first_word(command.arguments)
        on = {"on": True, "off": False}.get(word.lower().rstrip(".!"))
        if command.relayed or command.bridged:
            return say(texts.CONFIRM_ALWAYS)
        if on is None:
            raise Declined(say(texts.CONFIRM_USAGE, p=self._prefix))
        await command.session.merge(Preference(person=command.sender, confirm_by_text=on))
        return say(texts.CONFIRM_ON if on else texts.CONFIRM_OFF)
