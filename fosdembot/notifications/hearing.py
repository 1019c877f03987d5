"""Who is told of the desk's changes: one table, which runs in their transaction."""

from __future__ import annotations

from typing import assert_never

from fosdembot.conference.asked import SHOWN
from fosdembot.db.engine import WriteSession
from fosdembot.notifications.alike import AlikeHints
from fosdembot.notifications.cards import Cards
from fosdembot.notifications.reasons import Reasons
from fosdembot.questions.board import on_board
from fosdembot.questions.events import (
    Asked,
    AskedAgain,
    Changed,
    DeskEvent,
    Redacted,
    Rehomed,
    Taken,
)


class Hearing:
    def __init__(self, cards: Cards, reasons: Reasons, hints: AlikeHints) -> None:
        self._cards = cards
        self._reasons = reasons
        self._hints = hints

    async def hear(self, session: WriteSession, event: DeskEvent) -> None:
        match event:
            case Asked(question=question, alike=alike):
                await self._cards.asked(session, question)
                if alike is not None:
                    await self._hints.asked(session, question, alike)
            case Changed(questions=questions):
                await self._cards.changed(session, questions)
                await self._reasons.reconsider(session, questions)
            case Taken(question=question, cause=cause):
                await self._cards.taken(session, question, cause)
            case AskedAgain(question=question, cause=cause):
                await self._cards.asked_again(session, question, cause)
            case Redacted(shown=shown):
                await self._cards.erase(session, shown)
            case Rehomed(talk=talk, questions=questions):
                await self._cards.followed(session, questions)
                # The best are said in the new room, to be voted on there.
                for question in await on_board(session, talk, SHOWN):
                    await self._cards.confirm(session, question)
            case _:
                assert_never(event)
