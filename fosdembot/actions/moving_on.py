"""Giving the own question to the next talk, where one hands over to the other."""

from __future__ import annotations

from datetime import timedelta

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused, about
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import talk_room
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import log
from fosdembot.questions.desk import Desk
from fosdembot.schedule.model import Talk
from fosdembot.talks.room_talks import AudienceTalks
from fosdembot.talks.slots import Slot

HAND_OVER = timedelta(minutes=10)
"""Time after asking within which the asker may move the question to the next talk, if it was
asked less than this before the talk's end."""


class MovingOn:
    def __init__(self, desk: Desk, access: Access, programme: Programme, views: RoomViews) -> None:
        self._desk = desk
        self._access = access
        self._programme = programme
        self._views = views

    @once
    async def move_on(self, session: WriteSession, actor: Actor, question: Question) -> Talk:
        """The actor's own question is for the next talk, which is returned; a second time changes
        nothing, as they may not have seen the first. Raises `Refused`."""
        await self._access.demand(session, actor, Permission.MOVE_OWN, question)
        room = await talk_room(session, self._programme, question)
        address = await self._views.address_of(session, room)
        if address is None:
            raise Refused(Denial.NO_TALKS_HERE, question=question)
        talks = await self._views.audience(session, address, actor.at)
        slot, following = talks.of(question.talk), talks.after(question.talk)
        if slot is not None and await _was_moved(session, question, slot, talks):
            return slot.talk
        if slot is None or following is None:
            raise Refused(Denial.NO_NEXT_TALK, question=question)
        during = slot.start <= question.asked_at < slot.end - HAND_OVER
        late = actor.at - question.asked_at > HAND_OVER
        if during or late:
            raise Refused(Denial.TOO_LATE, question=question)
        with about(question):
            guid = following.talk.guid
            await self._desk.move(session, question, guid, actor.by, decided=False)
        return following.talk


async def _was_moved(
    session: WriteSession, question: Question, slot: Slot, talks: AudienceTalks
) -> bool:
    """Whether the talk of a question is not the one in which it was asked, but a later one to which
    somebody moved it."""
    last = await log.last_move(session, question)
    if last is None or last.action != log.MOVE or not last.before:
        return False
    before = talks.of(last.before["talk"])
    return question.asked_at < slot.start and (before is None or before.start < slot.start)
