"""How to take back what was decided, said behind it to those who may."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Place
from fosdembot.conference.addresses import short_name
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import talk_room
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.texts import commands as command_texts
from fosdembot.texts.render import Text, say, sentences


@dataclass(frozen=True)
class UndoHint:
    _programme: Programme
    _access: Access
    _prefix: str

    async def after(self, command: Command, question: Question, said: Text) -> Text:
        """What was said of a question, with how to take that back."""
        session = command.session
        room = await talk_room(session, self._programme, question)
        if not await self._access.allows(session, command.actor, Permission.UNDO, room):
            return said
        undo = f"{self._prefix}undo"
        if command.place is not Place.TALK_ROOM:
            address = next(iter(await addresses_of(session, room)), room)
            undo = f"{undo} {short_name(address)}"
        return sentences([said, say(command_texts.WRONG, undo=undo)])
