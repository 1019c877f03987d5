"""A claim to be a speaker is void once its message says something else."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.speakers import SpeakerActions
from fosdembot.chat.incoming import Edit
from fosdembot.conference.speakers import claimed_by
from fosdembot.db.engine import WriteSession


@dataclass(frozen=True, slots=True)
class ClaimEdits:
    _speakers: SpeakerActions

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        """Whether it edits a claim that nobody had confirmed, which is void then."""
        claim = await claimed_by(session, edit.original)
        if claim is None:
            return False
        # Homeservers let anybody send one; it counts only from whoever wrote the message.
        if edit.sender == claim.person:
            await self._speakers.retract(session, edit.original)
        return True
