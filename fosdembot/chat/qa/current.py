"""The talk that is on in a room, or just over, as those see it who run it: without the
delay of the stream."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Command
from fosdembot.conference.room_view import RoomViews
from fosdembot.talks.slots import StageSlot


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
