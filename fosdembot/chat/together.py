"""Runs of events that are handled together, in few statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import Connection

from fosdembot.db.engine import WriteSession
from fosdembot.matrix.api import Json


class Together(Protocol):
    """What knows of runs of events, as `matrix.items.Handler`."""

    def may_go_together(self, event: Json) -> bool: ...

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]: ...

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None: ...
