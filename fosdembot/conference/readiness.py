"""Tells organisers, in the log and in the control room, why rooms would hear nothing, and which
names in the settings the schedule does not have."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

from fosdembot.clock import Clock
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.matrix.wake import Wake
from fosdembot.settings import Settings
from fosdembot.talks.readiness import silence, unmatched
from fosdembot.texts.render import Text, lines


class Readiness:
    """`wake` it when the programme has changed."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        control_room: ControlRoom,
        settings: Settings,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._control_room = control_room
        self._settings = settings
        self._clock = clock
        self._log = log
        self._logged: set[str] = set()
        self.wake = Wake()

    async def run(self) -> None:
        """Look at the start and at each new schedule, until cancelled."""
        while True:
            await self.step()
            await self.wake.wait()

    async def step(self) -> None:
        """Look once. The same is told once, also after a restart."""
        found = self._found()
        for text in found:
            if text.plain not in self._logged:
                self._log.warning("%s", text.plain)
                self._logged.add(text.plain)
        if found:
            together = lines(found)
            seen = hashlib.sha256(together.plain.encode()).hexdigest()[:16]
            async with self._database.write() as session:
                await self._control_room.tell(session, f"readiness/{seen}", together)

    def _found(self) -> Sequence[Text]:
        talks = list(self._programme.talks.values())
        if not talks and self._settings.schedule.source:
            # Not fetched yet, or it cannot be: the poller says that.
            return []
        now, zone = self._clock.now(), self._programme.zone
        return [*silence(talks, self._settings, now, zone), *unmatched(talks, self._settings)]
