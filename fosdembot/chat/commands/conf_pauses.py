"""`!conf pause` and `!conf resume`: where no notice is told meanwhile."""

from __future__ import annotations

from fosdembot.actions.pauses import PauseActions
from fosdembot.chat.command import Command
from fosdembot.chat.commands.announcer import Announcer, announcement
from fosdembot.chat.meant.scope import Scopes, shown
from fosdembot.conference.pauses import paused_scopes
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say, sentences


class ConfPauses:
    def __init__(
        self, scopes: Scopes, announcer: Announcer, pauses: PauseActions, prefix: str
    ) -> None:
        self._scopes = scopes
        self._announcer = announcer
        self._pauses = pauses
        self._prefix = prefix

    async def pause(self, command: Command, arguments: str) -> Text:
        scope, words = self._scopes.parse(arguments or "all", "conf pause")
        text = announcement(words) if words else None
        addresses = await self._pauses.pause(command.session, command.actor, scope)
        paused = self._say(texts.PAUSED, scope=shown(scope))
        if text is None:
            return paused
        # Whoever says it in that moment wants it read at once.
        reach = await self._announcer.broadcast(command, addresses, text, notify=True)
        return sentences([paused, self._announcer.reached(reach)])

    async def resume(self, command: Command, arguments: str) -> Text:
        scope, _ = self._scopes.parse(arguments or "all", "conf resume")
        resumed = await self._pauses.resume(command.session, command.actor, scope)
        scopes = [shown(paused) for paused in sorted(await paused_scopes(command.session))]
        paused = ", ".join(scopes)
        if not resumed:
            return self._say(texts.NOT_PAUSED, scope=shown(scope), scopes=paused or texts.NONE)
        said = self._say(texts.RESUMED, scope=shown(scope))
        if not paused:
            return said
        return sentences([said, self._say(texts.STILL_PAUSED, scopes=paused, first=scopes[0])])

    def _say(self, template: str, **values: str | int | Text) -> Text:
        return say(template, p=self._prefix, **values)
