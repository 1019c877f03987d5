"""`!move`: a question is for another talk of its room."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Declined, Entry, Quietly
from fosdembot.chat.commands.move_next import MoveNext
from fosdembot.chat.commands.undo_hint import UndoHint
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.meant.room import choices
from fosdembot.chat.meant.talk import with_id
from fosdembot.chat.reading.parser import first_word
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import talk_room
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.question_tables import Question
from fosdembot.questions import log
from fosdembot.talks.decisions import AT_ONCE
from fosdembot.talks.naming import title_of
from fosdembot.talks.room_talks import StageTalks
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say


@dataclass(frozen=True)
class MoveTarget:
    _views: RoomViews
    _programme: Programme
    _prefix: str

    async def find(self, command: Command, question: Question, name: str) -> Slot:
        """The talk that a question shall be for: the `next` one, or the one with this id."""
        if not name:
            raise Declined(say(texts.MOVE_USAGE, p=self._prefix, number=str(question.number)))
        room = await talk_room(command.session, self._programme, question)
        talks = await self._views.stage_of_room(command.session, room, command.at)
        if name.lower() == "next":
            slot = await _just_moved(command, question, talks) or talks.after(question.talk)
            if slot is None:
                raise Declined(say(texts.NO_NEXT))
            return slot
        possible = [slot for slot in talks.slots if slot.takes_place]
        slot = with_id(possible, name)
        if slot is None:
            others = choices(s for s in possible if s.talk.guid != question.talk)
            raise Declined(say(command_texts.NO_SUCH_TALK, choices=others))
        return slot


async def _just_moved(command: Command, question: Question, talks: StageTalks) -> Slot | None:
    """The talk to which a question was given a moment ago, where that was the next one: who says it
    once more means the same."""
    last = await log.newest(command.session, question)
    if last is None or last.action != log.MOVE or last.acted_at is None or not last.before:
        return None
    if abs(command.at - last.acted_at) >= AT_ONCE:
        return None
    slot = talks.after(last.before["talk"])
    return slot if slot is not None and slot.talk.guid == question.talk else None


@dataclass(frozen=True)
class MoveCommand:
    """`own`: what somebody may do with their own question who does not moderate the room."""

    _question_choice: QuestionChoice
    _deciding: Deciding
    _access: Access
    _target: MoveTarget
    _own: MoveNext
    _hint: UndoHint

    def table(self) -> Commands:
        return {"move": Entry(self._move)}

    async def _move(self, command: Command) -> Text | Quietly:
        question, rest = await self._question_choice.question(command)
        name = first_word(rest)[0].rstrip(".!")
        session, actor = command.session, command.actor
        if name.lower() != "next":
            await self._access.demand(session, actor, Permission.MOVE, question)
        elif not await self._access.allows(session, actor, Permission.MOVE, question):
            return await self._own.move(command, question)
        slot = await self._target.find(command, question, name)
        talk, values = slot.talk, {"number": str(question.number), "title": title_of(slot.talk)}
        if talk.guid == question.talk:
            return Quietly(say(texts.MOVED_ALREADY, **values))
        await self._deciding.move(session, actor, question, talk.guid)
        return Quietly(await self._hint.after(command, question, say(texts.MOVED, **values)))
