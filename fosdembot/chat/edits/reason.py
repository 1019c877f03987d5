"""The reason for which a question was dismissed follows the edits of its message."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.chat.command import (
    Declined,
)
from fosdembot.chat.incoming import Edit
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.runner import CommandRunner
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Reason
from fosdembot.db.tables import SeenEvent
from fosdembot.notifications.reasons import Reasons


@dataclass(frozen=True, slots=True)
class ReasonEdits:
    _runner: CommandRunner
    _question_choice: QuestionChoice
    _reasons: Reasons

    async def edited(self, session: WriteSession, edit: Edit) -> bool:
        """Whether it edits a command that gave a reason, which follows. What was decided
        stays."""
        reason = await session.get(Reason, edit.original)
        if reason is None:
            return False
        seen = await session.get(SeenEvent, edit.original)
        if seen is None or seen.sender != edit.sender:
            return False
        call = await self._runner.call(session, edit)
        text = ""
        if call is not None and call.word == "dismiss":
            command = await self._runner.command(session, edit, call, edit.original)
            try:
                question, rest = await self._question_choice.question(command)
            except Declined:
                question, rest = None, ""
            text = rest if question is not None and question.id == reason.question_id else ""
        await self._reasons.reword(session, reason, text)
        return True
