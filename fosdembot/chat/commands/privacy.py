"""`!privacy`: what the bot keeps, and how not to be named in what is published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fosdembot.actions.privacy import PrivacyActions
from fosdembot.chat.command import Answer, Command, Commands, Declined, Entry, Place, Quietly
from fosdembot.conference.opt_outs import has_opted_out
from fosdembot.settings import Settings
from fosdembot.texts import privacy as texts
from fosdembot.texts.render import Text, lines, say
from fosdembot.texts.words import count

_BETWEEN = re.compile(r"[\s.!'\"-]+")
"""`opt-out`, `Opt out!`"""


@dataclass(frozen=True, slots=True)
class PrivacyCommand:
    _actions: PrivacyActions
    _settings: Settings

    def table(self) -> Commands:
        return {"privacy": Entry(self._privacy, question=True)}

    async def _privacy(self, command: Command) -> Answer:
        session, actor = command.session, command.actor
        match _BETWEEN.sub("", command.arguments.lower()):
            case "":
                return await self._kept(command)
            case "optout":
                await self._actions.opt_out(session, actor)
                return self._noted(command, texts.OPTED_OUT)
            case "optin":
                await self._actions.opt_in(session, actor)
                return self._noted(command, texts.OPTED_IN)
        raise Declined(say(texts.USAGE, p=self._settings.command_prefix))

    async def _kept(self, command: Command) -> Text:
        days = count(self._settings.questions.keep_names_days, "day")
        prefix = self._settings.command_prefix
        said = [say(texts.KEPT, p=prefix, days=days), *self._published()]
        # Before others it is nobody's business.
        if command.place is Place.DIRECT and await has_opted_out(command.session, command.sender):
            said.append(say(texts.YOU_OPTED_OUT, p=prefix))
        return lines(said)

    def _published(self) -> Iterator[Text]:
        """What is published of talks, where something is."""
        if not self._settings.archives:
            return
        rules, prefix = self._settings.transcripts, self._settings.command_prefix
        yield say(texts.PUBLISHED_CHAT if rules.chat == "publish" else texts.PUBLISHED)
        removed = rules.opted_out == "removed"
        yield say(texts.LEFT_OUT if removed else texts.NOT_NAMED, p=prefix)
        yield say(texts.REMOVED, contact=self._settings.privacy.contact)

    def _noted(self, command: Command, text: str) -> Answer:
        """In public as little as can be: a reaction, a word where nobody sees reactions."""
        if command.place is Place.TALK_ROOM:
            return Quietly(say(texts.NOTED))
        return say(text, p=self._settings.command_prefix)
