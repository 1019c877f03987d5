"""Nobody may read a question any more: whatever transcript has it is to be made again."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.conference import transcripts
from fosdembot.db.engine import WriteSession
from fosdembot.questions import lookup
from fosdembot.questions.events import Changed, DeskEvent, Hears
from fosdembot.questions.states import HIDDEN


@dataclass(frozen=True, slots=True)
class HiddenQuestions:
    """Only takes note. Which transcripts have it is found out later (`transcripts/maker.py`)."""

    changes: Changes
    clock: Clock
    others: Hears
    """Who hears the same."""

    async def hear(self, session: WriteSession, event: DeskEvent) -> None:
        if isinstance(event, Changed):
            gone = [each for each in event.questions if each.state in HIDDEN]
            hidden = [part for each in gone for part in await lookup.group(session, each)]
            await transcripts.note_hidden(session, self.changes, hidden, self.clock.now())
        await self.others(session, event)
