"""What an attendee does with the own questions: `!ask`, `Q:`, `!confirm`, `!withdraw`,
`!move 12 next`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fosdembot.actions.deciding import Deciding
from fosdembot.actions.editing import Editing
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Refused, about
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place, Quietly
from fosdembot.chat.parser import Call, first_word, question_in
from fosdembot.chat.qa.direct import DirectChats
from fosdembot.chat.qa.intake import Asking, Intake
from fosdembot.chat.qa.pointing import Pointing, split_number
from fosdembot.chat.qa.showing import Showing
from fosdembot.chat.reading import ASK, Message, spoken_by
from fosdembot.chat.refusals import Refusals
from fosdembot.conference.addresses import short_name
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import talk_room
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Preference, Question
from fosdembot.matrix.members import display_name
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.questions import lookup, similar
from fosdembot.questions.desk import Desk
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.scopes import scope_of
from fosdembot.questions.states import Action
from fosdembot.talks.naming import title_of
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, say, sentences
from fosdembot.texts.words import LONGEST_NAME

EDITED_WITHIN = timedelta(minutes=10)
"""Later, an edit that asks something quite different is another question."""
HAND_OVER = timedelta(minutes=10)
"""So long after asking, the asker may move the question to the next talk, if it was asked
less than this before the talk's end."""


@dataclass(frozen=True)
class AskingCommands:
    _intake: Intake
    _direct: DirectChats
    _pointing: Pointing
    _deciding: Deciding
    _editing: Editing
    _desk: Desk
    _showing: Showing
    _programme: Programme
    _refusals: Refusals
    _prefix: str

    def table(self) -> Commands:
        ask = Entry(self._ask)
        return {
            **dict.fromkeys(ASK, ask),
            "confirm": Entry(self._confirm),
            "withdraw": Entry(self._withdraw),
        }

    async def read(
        self, session: WriteSession, room: str, place: Place, message: Message
    ) -> Call | None:
        """`Q: TEXT`, where questions are asked."""
        call = question_in(message.text) if place is Place.TALK_ROOM else None
        return spoken_by(message, call) if call is not None else None

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
        return await self._intake.take(
            Asking(
                session=command.session,
                room=command.room,
                text=command.text,
                asker=command.sender,
                name=name,
                event=command.event_id,
                at=command.at,
                reply_to=command.reply_to,
                relayed=command.relayed,
            )
        )

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

    async def _withdraw(self, command: Command) -> Text | Quietly:
        question, rest = await self._own(command), ""
        if question is None:
            question, rest = await self._pointing.question(command, self._newest)
        session, actor = command.session, command.actor
        await self._deciding.decide(session, actor, question, Action.WITHDRAW)
        template = texts.WITHDRAWN_DIRECT if command.place is Place.DIRECT else texts.WITHDRAWN
        address = next(iter(await addresses_of(command.session, question.room_id)), "")
        room = short_name(address)
        said = say(template, number=str(question.number), room=room)
        only = self._pointing.only_one(command, question, rest)
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

    async def move_next(self, command: Command, question: Question) -> Quietly:
        """`!move 12 next` by the asker, without power. Raises `Declined`."""
        session = command.session
        await self._deciding.check(session, command.actor, question, Permission.MOVE_OWN)
        room = await talk_room(session, self._programme, question)
        address = await self._intake.address_of(session, room)
        talks = await self._intake.talks(session, address, command.at)
        slot, following = talks.of(question.talk), talks.after(question.talk)
        if slot is None or following is None:
            raise Declined(say(texts.OWN_NO_NEXT))
        during = slot.start <= question.asked_at < slot.end - HAND_OVER
        late = command.at - question.asked_at > HAND_OVER
        if during or late:
            raise Declined(say(texts.OWN_MOVE_LATE, p=self._prefix))
        with about(question):
            await self._desk.move(session, question, following.talk.guid, command.by, decided=False)
        title = title_of(following.talk)
        return Quietly(say(texts.MOVED, number=str(question.number), title=title))
