"""Finds talks that are over and have no transcript yet, and transcripts that are too old."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.conference import transcripts
from fosdembot.conference.addresses import names_of
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import room_of
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.file_name import file_name
from fosdembot.talks.slots import is_talk

from . import model_file
from .folder import Folder
from .retention import expired
from .window import windows

_TOGETHER = 20
"""Rooms that are read in one transaction."""
AGAIN_AFTER = 10 * 60.0
"""Seconds after which talks are looked at again that have nothing to be kept: somebody may ask
something after all, or the bot may come into their room."""


@dataclass
class WantedTalks:
    programme: Programme
    settings: Settings
    changes: Changes
    clock: Clock
    _nothing: dict[str, float] = field(default_factory=dict)
    """Talks (their guids) of which there is nothing to keep, and when that was found out."""
    _forgot: datetime | None = None
    """Until when it was known who wrote what, where those of before are marked."""
    _held: dict[str, datetime] = field(default_factory=dict)
    """When talks ended that have a transcript, and are to come again by the schedule of now."""

    async def look(self, database: Database) -> Sequence[str]:
        """Note the talks that are over. Returns those whose transcript is kept no longer."""
        async with database.read() as session:
            known = await transcripts.known(session)
        now = self.clock.now()
        by_address: defaultdict[str | None, list[Talk]] = defaultdict(list)
        for talk in self.programme.talks.values():
            if talk.guid not in known and self._may_be_over(talk, now):
                by_address[self.programme.address_for(talk)].append(talk)
        addresses = list(by_address)
        for first in range(0, len(addresses), _TOGETHER):
            some = addresses[first : first + _TOGETHER]
            async with database.read() as session:
                found = [
                    wish
                    for address in some
                    for wish in await self._wishes(session, address, by_address[address], now)
                ]
            if found:
                async with database.write() as session:
                    for guid, room, due in found:
                        await transcripts.want(session, guid, room, due)
            await asyncio.sleep(0)
        await self._forget_who(database, now)
        moved = {guid for guid in known if self._is_to_come(guid, now)}
        self._held = {guid: end for guid, end in self._held.items() if guid in moved}
        if moved and self.settings.transcripts.keep_days > 0:
            await asyncio.to_thread(self._read_ends, moved - self._held.keys())
        return [guid for guid in known if self._is_expired(guid, now, guid in moved)]

    async def _forget_who(self, database: Database, now: datetime) -> None:
        """Once nobody needs to know any more who wrote what, transcripts say it no more."""
        until = self.programme.names_until()
        if until is not None and until < now and until != self._forgot:
            async with database.write() as session:
                await transcripts.mark_due(session, self.changes, now, before=until)
            self._forgot = until

    def _may_be_over(self, talk: Talk, now: datetime) -> bool:
        if not is_talk(talk, self.settings) or expired(self.settings, talk.end, now):
            return False
        looked = self._nothing.get(talk.guid)
        if looked is not None and self.clock.monotonic() - looked < AGAIN_AFTER:
            return False
        # It may have been ended early, but not before it was to begin.
        return talk.start < now

    def _is_expired(self, guid: str, now: datetime, is_moved: bool) -> bool:
        talk = self.programme.talks.get(guid)
        end = talk.end if talk is not None else None
        if is_moved:
            end = self._held.get(guid)
        return end is not None and expired(self.settings, end, now)

    def _is_to_come(self, guid: str, now: datetime) -> bool:
        talk = self.programme.talks.get(guid)
        return talk is not None and talk.end > now

    def _read_ends(self, talks: Iterable[str]) -> None:
        """In a thread."""
        folder = Folder(Path(self.settings.transcripts.folder).expanduser())
        for talk in talks:
            with suppress(model_file.BadModel):
                made = model_file.read(folder.model(file_name(talk)))
                self._held[talk] = made.talk.actual.end

    async def _wishes(
        self, session: AsyncSession, address: str | None, talks: Iterable[Talk], now: datetime
    ) -> list[tuple[str, str | None, datetime]]:
        """The talks of a room that are over, with its id and when their chat was complete."""
        found: list[tuple[str, str | None, datetime]] = []
        room, ends, going_on = None, dict[str, datetime](), set[str]()
        if address is not None:
            room = await room_of(session, address)
            rooms = await self.programme.rooms(session, await names_of(session, [address]))
            slots = {slot.talk.guid: slot for each in rooms.values() for slot in each.slots}
            ordered = sorted(slots.values(), key=lambda s: (s.start, s.place, s.talk.guid))
            ends = {
                guid: max(window.end, slots[guid].end)
                for guid, window in windows(ordered, self.settings.transcripts).items()
            }
            going_on = {guid for guid, end in ends.items() if end > now}
        for talk in talks:
            if talk.guid in going_on:
                continue
            end = ends.get(talk.guid)
            if (end is not None and room is not None) or await _was_asked(session, talk.guid):
                late = talk.end + timedelta(minutes=self.settings.transcripts.after_minutes)
                if (end or late) <= now:
                    found.append((talk.guid, room, end or late))
            else:
                self._nothing[talk.guid] = self.clock.monotonic()
        return found


async def _was_asked(session: AsyncSession, talk: str) -> bool:
    asked = exists().where(Question.talk == talk, Question.text != "")
    return bool(await session.scalar(select(asked)))
