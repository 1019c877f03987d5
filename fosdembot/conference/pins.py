"""What is pinned in a talk room: the messages that say what is on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import may_send_state
from fosdembot.settings import Settings

MOST = 10
"""Messages that are pinned at the same time, where a room serves many places."""


class Pins:
    def __init__(self, outbox: Outbox, settings: Settings, user_id: str) -> None:
        self._outbox = outbox
        self._wanted = settings.notices.pin
        self._user_id = user_id

    async def are_in(self, session: AsyncSession, room: str | None) -> bool:
        """Whether the bot pins in this room."""
        return (
            self._wanted
            and room is not None
            and await may_send_state(session, room, self._user_id, "m.room.pinned_events")
        )

    async def put(self, session: WriteSession, room: str | None, keys: Sequence[str]) -> None:
        """Pin the messages with these keys, the newest last, and none that we pinned before."""
        if room is not None and await self.are_in(session, room):
            await self._outbox.pin(session, room, *keys[-MOST:])
