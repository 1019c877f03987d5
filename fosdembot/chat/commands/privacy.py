"""`!privacy`: what the bot keeps."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.chat.command import Command, Commands, Entry
from fosdembot.settings import Settings
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import count


@dataclass(frozen=True, slots=True)
class PrivacyCommand:
    _settings: Settings

    def table(self) -> Commands:
        return {"privacy": Entry(self._privacy, question=True)}

    async def _privacy(self, command: Command) -> Text:
        days = count(self._settings.questions.keep_names_days, "day")
        return say(texts.PRIVACY, p=self._settings.command_prefix, days=days)
