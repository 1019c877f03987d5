"""A message changes that may stand in a transcript: it is redacted, edited or answered.

These only take note. Which transcripts have it is found out later (`transcripts/maker.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.changes import Changes
from fosdembot.chat.incoming import Edit, Message, Redaction
from fosdembot.clock import Clock
from fosdembot.conference import transcripts
from fosdembot.db.engine import WriteSession


@dataclass(frozen=True, slots=True)
class ChangedMessages:
    _changes: Changes
    _clock: Clock

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        await self._note(session, redaction.room, redaction.target, removed=True)
        return False

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        await self._note(session, edit.room, edit.original)
        return False

    async def answered(self, session: WriteSession, message: Message) -> bool:
        for target in {message.reply_to, message.thread} - {None}:
            assert target is not None
            await self._note(session, message.room, target)
        return False

    async def _note(
        self, session: WriteSession, room: str, event: str, *, removed: bool = False
    ) -> None:
        # Also while transcripts are switched off: what is published stays so.
        now = self._clock.now()
        await transcripts.note_change(session, self._changes, room, event, now, removed=removed)
