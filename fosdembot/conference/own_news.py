"""What organisers are told of the bot itself: its settings, and others beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fosdembot.clock import Clock
from fosdembot.conference.control_room import ControlRoom
from fosdembot.db.engine import Database
from fosdembot.matrix.account_mark import Mark
from fosdembot.texts import commands as texts
from fosdembot.texts import warnings as news
from fosdembot.texts.render import lines, say


@dataclass(frozen=True, slots=True)
class OwnNews:
    database: Database
    control_room: ControlRoom
    clock: Clock

    async def settings(self, heading: str, problems: Sequence[str]) -> None:
        """Tell the organisers what is wrong with the settings; or that nothing is any more."""
        if problems:
            await self.settings_problems(heading, problems)
        else:
            await self._settings_are_fine()

    async def settings_problems(self, heading: str, problems: Sequence[str]) -> None:
        """Tell the organisers what is wrong with the settings."""
        said = [say(heading)] + [say(texts.SETTINGS_PROBLEM, problem=p) for p in problems]
        # Each time: whoever changes a setting wants to know.
        key = f"settings/{self.clock.now().isoformat()}"
        async with self.database.write() as session:
            await self.control_room.note_trouble(session, "settings")
            await self.control_room.tell(session, key, lines(said))

    async def _settings_are_fine(self) -> None:
        """Once."""
        async with self.database.write() as session:
            if await self.control_room.is_over(session, "settings"):
                key = f"settings-fine/{self.clock.now().isoformat()}"
                await self.control_room.tell(session, key, say(news.SETTINGS_FINE))

    async def other_bots(self, others: Sequence[Mark]) -> None:
        """Tell the organisers of each, once a day."""
        async with self.database.write() as session:
            for other in others:
                text = say(texts.OTHER_BOT, host=other.host, place=other.place)
                key = f"other-bot/{other.key}/{self.clock.now():%Y-%m-%d}"
                await self.control_room.tell(session, key, text)
