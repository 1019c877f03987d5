"""The talk that is on in a room, or just over, as those see it who run it: without the
delay of the stream."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Command
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.question_tables import QuestionLog
from fosdembot.talks.slots import StageSlot

AT_ONCE = timedelta(seconds=5)
"""Two people who decide the same within this time did so without knowing of each other."""


class Current:
    def __init__(self, views: RoomViews) -> None:
        self._views = views

    async def slots(self, session: AsyncSession, room: str) -> tuple[StageSlot, ...]:
        """All talks of a Matrix room (its id)."""
        return await self._views.slots_of_room(session, room)

    async def talks(self, command: Command, room: str) -> tuple[StageSlot, ...]:
        """The talk that questions are for when `command` was sent, in a Matrix room; several
        where they are on at once."""
        return (await self._views.stage_of_room(command.session, room, command.at)).current


def is_again(last: QuestionLog | None, action: str, at: datetime) -> bool:
    """Whether the `last` decision was this `action`, so shortly before `at` that it is done
    only once. Both are the times at which people did it."""
    if last is None or last.action != action or last.acted_at is None:
        return False
    return at - last.acted_at < AT_ONCE
