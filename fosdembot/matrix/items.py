"""What comes in, as items of a batch, and who is given it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import Connection, bindparam, update

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import SyncPosition

from .api import Json
from .known import KnownRoom


class Apart(Exception):
    """These events cannot take effect together after all, but one by one."""


class Handler(Protocol):
    """What the events mean that others sent, in the transaction in which they are seen."""

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        """The effect of one event."""

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        """The effect of its failure."""

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        """Whether `take_together` does the same for it as `handle`, in any order."""

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        """The effect of many, with their room ids. Returns what is to be done after the
        commit. Raises `Apart` where some of them are to be handled after all."""

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        """The same in a session, whose rows then are what is counted; of no state events."""


class Item(NamedTuple):
    room: str
    kind: Literal["event", "fault", "state", "reset", "join", "leave", "invite", "behind"]
    content: Any = None
    """An event; of `fault` a `Fault`, of `invite` the stripped state, of `behind` a position."""


@dataclass(frozen=True, slots=True)
class Look:
    """From where on we look at what happened."""

    since: str
    """The position."""
    after: datetime | None
    """What comes after it arrived later than this; None: it is not known."""
    lagging: bool = False
    """Whether a room that lags behind is read; until then nothing newer takes effect in it."""
    stored: bool = True
    """Whether `since` stands in the database as our position; else there is none yet."""


class PositionLost(Exception):
    """The database's position is not the one from which we looked."""


_POSITIONS = table_of(SyncPosition)
_MOVE = Prepared(
    update(_POSITIONS)
    .where(_POSITIONS.c.user_id == bindparam("whose"), _POSITIONS.c.since == bindparam("before"))
    .values(since=bindparam("now"), at=bindparam("moment"))
)


def move_position(connection: Connection, user: str, look: Look, to: str, now: datetime) -> None:
    """Raises `PositionLost`."""
    where = {"whose": user, "before": look.since}
    if _MOVE.run(connection, {**where, "now": to, "moment": now}) != 1:
        raise PositionLost(f"the database's position is not {look.since}")
