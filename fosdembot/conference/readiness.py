"""Tells organisers, in the log and in the control room, why rooms would hear nothing, which
names in the settings the schedule does not have, and which meetings the bot stays away from."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence

from fosdembot.clock import Clock
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.matrix.wake import Wake
from fosdembot.settings import Settings
from fosdembot.talks.readiness import silence, unmatched, unserved
from fosdembot.texts import readiness as sentences
from fosdembot.texts.render import Text, lines, say

_PREFIX = "readiness/"
_SILENCE, _NAMES, _SERVERS = "silence", "names", "servers"
_OVER = {
    _SILENCE: sentences.HEARD_NOW,
    _NAMES: sentences.NAMES_FOUND,
    _SERVERS: sentences.SERVERS_NAMED,
}


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

    async def step(self) -> None:
        """Look once. What is wrong is told once, also after a restart; that it is over, too; and
        again if it returns."""
        found = self._found()
        if found is None:
            return
        said = [text for texts in found.values() for text in texts]
        for text in said:
            if text.plain not in self._logged:
                self._log.warning("%s", text.plain)
        self._logged = {text.plain for text in said}
        kinds = {_kind(about, texts) for about, texts in found.items() if texts}
        async with self._database.read() as session:
            if await self._control_room.troubles(session, _PREFIX) == kinds:
                return
        async with self._database.write() as session:
            told = await self._control_room.troubles(session, _PREFIX)
            over = {_about(kind) for kind in told} - {_about(kind) for kind in kinds}
            said += [say(_OVER[about]) for about in sorted(over)]
            together = lines(said)
            key = await self._control_room.news(session, "readiness", together)
            if not await self._control_room.tell(session, key, together):
                return
            for kind in told - kinds:
                await self._control_room.is_over(session, kind)
            for kind in kinds:
                await self._control_room.note_trouble(session, kind)

    def _found(self) -> Mapping[str, Sequence[Text]] | None:
        """What is wrong, by what it is about; None where that cannot be known."""
        talks = list(self._programme.talks.values())
        if not talks and self._settings.schedule.source:
            # Not fetched yet, or it cannot be: the poller says that.
            return None
        now, zone = self._clock.now(), self._programme.zone
        return {
            _SILENCE: silence(talks, self._settings, now, zone),
            _NAMES: unmatched(talks, self._settings),
            _SERVERS: unserved(talks, self._settings),
        }


def _kind(about: str, found: Sequence[Text]) -> str:
    seen = hashlib.sha256(lines(found).plain.encode()).hexdigest()[:16]
    return f"{_PREFIX}{about}/{seen}"


def _about(kind: str) -> str:
    return kind.removeprefix(_PREFIX).partition("/")[0]
