"""Decisions about talks: delay, start, end, cancel and so on, and taking the last one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused, about_talk
from fosdembot.conference.events import Hears, TalkDecided
from fosdembot.conference.programme import Programme, RoomProgramme
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.talk_json import override_from_json
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import TalkLog
from fosdembot.talks import decisions, delays
from fosdembot.talks.decisions import Decision
from fosdembot.talks.phases import coming
from fosdembot.talks.slots import StageSlot


@dataclass(frozen=True, slots=True)
class TalkActions:
    """`address` is that of the talk room. Each method raises `Refused` before it changes
    anything."""

    programme: Programme
    access: Access
    hears: Hears

    async def check(self, session: AsyncSession, actor: Who, address: str) -> None:
        """Raises `Refused` where the actor may not change the talks of the room."""
        room = await room_at(session, address)
        await self.access.demand(session, actor, Permission.CHANGE_TALK, room)

    @once
    async def change(
        self,
        session: WriteSession,
        actor: Actor,
        address: str,
        decision: Decision,
        guid: str,
        *,
        minutes: int = 0,
        answered_there: bool = False,
    ) -> TalkDecided | None:
        """Put a decision about a talk of the room in force; None where it is so already.
        `minutes`: of a delay; `answered_there`: see `TalkDecided`."""
        await self.check(session, actor, address)
        before = await self.programme.room(session, address)
        slot = talk_in(before, guid)
        with about_talk(slot, minutes):
            changes = decisions.decide(
                decision, before.neighbours, before.overrides, guid, actor.at, minutes
            )
        if not changes:
            return None
        # The talk that was meant comes first in the log.
        ordered = {guid: changes[guid]} if guid in changes else {}
        said = f"{decision} {minutes}" if decision is Decision.DELAY else str(decision)
        await self.programme.decide(session, address, actor.person, said, {**ordered, **changes})
        return await self._told(session, actor, guid, decision, before, answered_there)

    async def taken_off_just_now(
        self, session: AsyncSession, room: RoomProgramme, at: datetime, decision: Decision
    ) -> StageSlot | None:
        """The talk that was taken off by the same decision a moment before `at`, where whoever
        names none meant that one."""
        last = await self.programme.last_decision(session, room.address)
        if decision not in decisions.TAKES_OFF or last is None or last.action != decision:
            return None
        if abs(at - last.at) >= decisions.AT_ONCE:
            return None
        change = last.changes[0]
        before, after = (override_from_json(change[name]) for name in ("before", "after"))
        guid, zone = change["guid"], self.programme.zone
        if not decisions.is_again(room.slots, guid, before, after.ended or last.at, zone, decision):
            return None
        return next(slot for slot in room.slots if slot.talk.guid == guid)

    @once
    async def take_back(
        self,
        session: WriteSession,
        actor: Actor,
        address: str,
        entry: TalkLog | None = None,
        *,
        answered_there: bool = False,
    ) -> TalkDecided | None:
        """Take back this decision about a talk of the room, else the last that still stands; None
        if there is none. Which of these, or of those about questions, is meant: `undoing.py`."""
        room = await room_at(session, address)
        await self.access.demand(session, actor, Permission.UNDO, room)
        before = await self.programme.room(session, address)
        entry = await self.programme.undo(session, address, entry)
        if entry is None:
            return None
        guid = entry.changes[0]["guid"]
        return await self._told(session, actor, guid, None, before, answered_there)

    async def _told(
        self,
        session: WriteSession,
        actor: Actor,
        guid: str,
        decision: Decision | None,
        before: RoomProgramme,
        answered_there: bool,
    ) -> TalkDecided:
        after = await self.programme.room(session, before.address)
        decided = TalkDecided(guid, decision, before, after, actor.cause, actor.at, answered_there)
        await self.hears(session, decided)
        return decided


def talk_in(room: RoomProgramme, guid: str) -> StageSlot:
    """The slot of a talk of the room. Raises `Refused`."""
    slot = next((slot for slot in room.slots if slot.talk.guid == guid), None)
    if slot is None:
        raise Refused(delays.Refusal.UNKNOWN)
    if guid in room.vanished:
        raise Refused(Denial.NOT_PUBLISHED, slot=slot)
    return slot


def talk_meant(
    room: RoomProgramme, at: datetime, zone: tzinfo, decision: Decision | None = None
) -> StageSlot:
    """The talk of the room that somebody means who names none. Raises `Refused`."""
    decided = room.overrides.keys() - room.vanished
    candidates = decisions.meant(room.slots, decided, at, zone, decision)
    if len(candidates) == 1:
        return candidates[0]
    if decision is Decision.RESET:
        raise Refused(Denial.NOTHING_DECIDED)
    possible = candidates or coming(room.slots, at)
    if not possible:
        raise Refused(Denial.NO_TALK_LEFT)
    raise Refused(Denial.WHICH_TALK, slots=possible)
