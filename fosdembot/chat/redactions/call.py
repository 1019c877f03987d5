"""A call of a moderator is redacted: what it said goes from the hosts' rooms as well."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from fosdembot.chat.commands.mod import LONGEST_CALL, WORD
from fosdembot.chat.edits import versions
from fosdembot.chat.incoming import Redaction
from fosdembot.chat.reading.events import body_of
from fosdembot.chat.relating import may_take_out
from fosdembot.chat.replies import answer_key
from fosdembot.chat.runner import CommandRunner
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Outgoing, SeenEvent
from fosdembot.matrix.outbox import Outbox
from fosdembot.texts.render import literal


@dataclass(frozen=True, slots=True)
class RedactedCalls:
    _runner: CommandRunner
    _outbox: Outbox

    async def redacted(self, session: WriteSession, redaction: Redaction) -> bool:
        """A redaction, perhaps of a call, or of the edit by which a message called: what it
        said goes from the hosts' rooms as well. It may concern others as well."""
        target = redaction.target
        if not await may_take_out(session, redaction.room, redaction.sender, target):
            return False
        edit = await versions.find(session, target)
        original = edit.original if edit is not None else target
        # Each call was answered: mostly there is nothing to look for.
        if await self._outbox.find(session, answer_key(original)) is None:
            return False
        caller = (await session.get_one(SeenEvent, target)).sender
        if caller is None:
            return False
        said = None
        if edit is not None and original != target:
            by = replace(redaction, sender=caller)
            call = await self._runner.call(session, self._runner.wrote(by, versions.says(edit)))
            if call is None or call.word != WORD:
                return False
            said = literal(call.text, LONGEST_CALL).plain
        await self._take_back(session, caller, original, said)
        return False

    async def _take_back(
        self, session: WriteSession, caller: str, event: str, said: str | None
    ) -> None:
        """The calls by this event; of them only those that end with what was `said`."""
        calls = select(Outgoing).where(Outgoing.key.startswith(f"mod/{caller}/", autoescape=True))
        for row in (await session.scalars(calls)).all():
            if row.key.endswith(f"/{event}") and (
                said is None or body_of(row.content).endswith(said)
            ):
                await self._outbox.redact(session, f"redact/{row.key}", target=row.key)
