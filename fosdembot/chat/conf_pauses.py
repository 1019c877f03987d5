"""`!conf pause` and `!conf resume`: where no notice is told meanwhile."""

from __future__ import annotations

from sqlalchemy import delete, select

from fosdembot.changes import Changes, TalksChanged
from fosdembot.chat.broadcast import Announcer, announcement
from fosdembot.chat.command import Command
from fosdembot.chat.scopes import Scopes, shown
from fosdembot.conference.addresses import names_of
from fosdembot.conference.crier import Crier
from fosdembot.conference.pauses import EVERYWHERE
from fosdembot.db.tables import Pause
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say, sentences


class ConfPauses:
    def __init__(
        self, scopes: Scopes, announcer: Announcer, crier: Crier, changes: Changes, prefix: str
    ) -> None:
        self._scopes = scopes
        self._announcer = announcer
        self._crier = crier
        self._changes = changes
        self._prefix = prefix

    async def pause(self, command: Command, arguments: str) -> Text:
        scope, words = self._scopes.parse(arguments or "all", "conf pause")
        text = announcement(words) if words else None
        session = command.session
        await session.merge(Pause(scope=scope, at=command.at, actor=command.sender))
        addresses = self._scopes.addresses(scope)
        await self._crier.hold(session, addresses)
        paused = self._say(texts.PAUSED, scope=shown(scope))
        if text is None:
            return paused
        # Whoever says it in that moment wants it read at once.
        reach = await self._announcer.broadcast(command, addresses, text, notify=True)
        return sentences([paused, self._announcer.reached(reach)])

    async def resume(self, command: Command, arguments: str) -> Text:
        scope, _ = self._scopes.parse(arguments or "all", "conf resume")
        session = command.session
        # Resuming everywhere ends every pause, whatever it was called.
        same = await names_of(session, [scope])
        which = Pause.scope.is_not(None) if scope == EVERYWHERE else Pause.scope.in_(same)
        ended = (await session.scalars(delete(Pause).where(which).returning(Pause.scope))).all()
        if not ended:
            scopes = [shown(paused) for paused in await session.scalars(select(Pause.scope))]
            paused = ", ".join(scopes) or texts.NONE
            return self._say(texts.NOT_PAUSED, scope=shown(scope), scopes=paused)
        addresses = frozenset(self._scopes.addresses(scope))
        self._changes.publish(session, TalksChanged(addresses))
        return self._say(texts.RESUMED, scope=shown(scope))

    def _say(self, template: str, **values: str | int | Text) -> Text:
        return say(template, p=self._prefix, **values)
