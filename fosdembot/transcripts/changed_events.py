"""Finds the transcripts that have what was redacted, edited or answered. What was redacted is taken
out of them at once: to make one again needs the room's history, which a homeserver may fail to give
for hours.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference import transcripts
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.transcript_tables import TranscriptChange
from fosdembot.db.watch import Watch
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.talks.file_name import file_name

from .changed import with_any
from .folder import Folder
from .forgetting import Hidden
from .model_file import BadModel
from .patient import PatientApi
from .questions import now_hidden
from .rendering import render
from .rewriting import take_out

_MOST_CHANGES = 500
_MOST_ASKED = 50
"""Events of a room of which we ask whether they were redacted; the others count as if they were,
until their transcripts are made again."""
Mark = Callable[[WriteSession, Collection[str]], Awaitable[None]]


@dataclass
class ChangedEvents:
    api: Api
    database: Database
    clock: Clock
    folder: Folder
    mark: Mark
    """Notes that the transcripts of these talks are to be made again."""
    _watch: Watch = field(init=False)
    _none_as_of: int | None = field(init=False, default=None)
    """Its version when there was nothing that had not been looked at."""

    def __post_init__(self) -> None:
        self._watch = self.database.watch(TranscriptChange)

    async def look(self) -> bool:
        """Have those marked that have any of it. Returns whether something was taken out of one.
        Raises `OSError`."""
        is_changed = False
        while (version := self._watch.version) != self._none_as_of:
            async with self.database.read() as session:
                changed = await transcripts.noted(session, _MOST_CHANGES)
                sought = await _sought(session, changed)
                talks = {room: await transcripts.made_in(session, room) for room in sought}
            if not changed:
                self._none_as_of = version
                break
            found = {room: await self._found(there, sought[room]) for room, there in talks.items()}
            if due := {talk for some in found.values() for talk in some}:
                async with self.database.write() as session:
                    await self.mark(session, due)
            # If we crash in between, they are made again all the same.
            for room, some in found.items():
                here = [change for change in changed if change.room_id == room]
                is_changed |= await self._take_out(room, some, here)
            async with self.database.write() as session:
                await transcripts.looked_at(session, changed)
        return is_changed

    async def _found(self, talks: Iterable[str], sought: Sequence[str]) -> Sequence[str]:
        names = {file_name(talk): talk for talk in talks}
        found = await asyncio.to_thread(with_any, self.folder, list(names), sought)
        return [names[name] for name in found]

    async def _take_out(
        self, room: str, talks: Sequence[str], changed: Sequence[TranscriptChange]
    ) -> bool:
        gone = await self._redacted(room, changed) if talks else set[str]()
        names = [file_name(talk) for talk in talks]
        return bool(gone) and await asyncio.to_thread(_without, self.folder, names, gone)

    async def _redacted(self, room: str, changed: Sequence[TranscriptChange]) -> set[str]:
        """Those that were; where the homeserver does not say, or has them no more, those count as
        if that somebody redacted, and not what was only edited or answered."""
        api = PatientApi(self.api, self.clock)
        events = [change.event_id for change in changed if change.removed]
        gone = set(events[_MOST_ASKED:])
        for place, event in enumerate(events[:_MOST_ASKED]):
            try:
                found = await api.event(room, event)
            except HomeserverAway:
                # What it does not say now it says of none: each would be waited for in vain.
                return gone.union(events[place:])
            except MatrixError:
                gone.add(event)
                continue
            if "redacted_because" in (found.get("unsigned") or {}):
                gone.add(event)
        return gone


async def _sought(
    session: AsyncSession, changed: Iterable[TranscriptChange]
) -> Mapping[str, Sequence[str]]:
    """By room (its id), what is looked for in the transcripts that were made of it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for change in changed:
        found[change.room_id].append(change.event_id)
    hidden = await now_hidden(session, [change.event_id for change in changed])
    for room, said in hidden.items():
        found[room] += said
    return found


def _without(folder: Folder, names: Iterable[str], gone: Collection[str]) -> bool:
    """Whether any had any of it. In a thread."""
    hidden, had = Hidden(removed=lambda subject: subject in gone), False
    for name in names:
        with folder.locked():
            try:
                if take_out(folder, name, hidden):
                    render(folder, name)
                    had = True
            except BadModel:
                continue  # it is made from scratch
    return had
