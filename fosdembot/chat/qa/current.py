"""The talk that is on in a room, or just over, as those see it who run it: without the
delay of the stream."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Command
from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import QuestionLog
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.questions.assignment import Ambiguous, Chosen, talk_for
from fosdembot.talks.slots import Slot

AT_ONCE = timedelta(seconds=5)
"""Two people who decide the same within this time did so without knowing of each other."""


class Current:
    def __init__(self, programme: Programme) -> None:
        self._programme = programme

    async def slots(self, session: AsyncSession, room: str) -> list[Slot]:
        """All talks of a Matrix room (its id)."""
        slots: dict[str, Slot] = {}
        for address in await addresses_of(session, room):
            found = await self._programme.room(session, address)
            slots |= {slot.talk.guid: slot for slot in found.slots}
        return list(slots.values())

    async def talks(self, command: Command, room: str) -> list[Slot]:
        """The talk that questions are for when `command` was sent, in a Matrix room; several
        where they are on at once."""
        slots = await self.slots(command.session, room)
        match talk_for(slots, command.at, self._programme.zone):
            case Chosen(slot=slot):
                return [slot]
            case Ambiguous(slots=several):
                return list(several)
        return []


async def is_again(
    session: AsyncSession, last: QuestionLog | None, action: str, at: datetime
) -> bool:
    """Whether the `last` decision was this `action`, so shortly before `at` that it is done
    only once. Both are the times at which the events were sent."""
    if last is None or last.action != action:
        return False
    cause = await session.get(SeenEvent, last.cause)
    return cause is not None and at - cause.at < AT_ONCE
