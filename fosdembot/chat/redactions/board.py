"""A moderator deletes the pinned message."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.changes import Changes, TalksChanged
from fosdembot.chat.incoming import Redaction
from fosdembot.conference.board import Boards
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.power import may_redact
from fosdembot.matrix.room_addresses import addresses_of


@dataclass(frozen=True, slots=True)
class RedactedBoards:
    _boards: Boards
    _changes: Changes

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """Somebody takes a message out of a room, perhaps a board. It may concern others as
        well."""
        room = redaction.room
        if not await may_redact(session, room, redaction.sender):
            return False
        if await self._boards.deleted(session, redaction.target, room):
            addresses = frozenset(await addresses_of(session, room))
            self._changes.publish(session, TalksChanged(addresses))
        return False
