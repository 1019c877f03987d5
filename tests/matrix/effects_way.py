"""What comes in takes effect on a database with one room, and what came is told by kind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from fosdembot.changes import Changes
from fosdembot.clock import WallClock
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import (
    RoomState,
    SeenEvent,
    SyncPosition,
)
from fosdembot.matrix.api import Json
from fosdembot.matrix.effects import Effects
from fosdembot.matrix.items import Item, Look
from fosdembot.matrix.known import KnownRoom
from fosdembot.matrix.wake import Wake
from simulation.fake_homeserver import SERVER

BOT, ADA, BEA = (f"@{name}:{SERVER}" for name in ("bot", "ada", "bea"))
NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
ROOM, ADDRESS = f"!room:{SERVER}", f"#room:{SERVER}"

Work = Callable[[WriteSession], Awaitable[None]]


@dataclass
class Heard:
    """What was handled, by which way."""

    plain: list[str] = field(default_factory=list)
    together: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    fails: Callable[[Sequence[str]], None] = lambda bodies: None
    """Called where a plain batch takes effect."""
    does: dict[str, Work] = field(default_factory=dict)
    """By what is said, what comes of it."""

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        return room.is_talk_room and not str(event["content"].get("body")).startswith("!")

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        bodies = bodies_of(events)
        self.fails(bodies)
        return lambda: self.plain.extend(bodies)

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        session.after_commit(lambda: self.together.extend(bodies_of(events)))

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        body = str(event["content"].get("body"))
        session.after_commit(lambda: self.alone.append(body))
        if body in self.does:
            await self.does[body](session)

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        pass


def bodies_of(events: Sequence[tuple[str, Json]]) -> list[str]:
    return [str(each["content"].get("body")) for _, each in events]


class Way:
    """From items to effects, in a talk room that the bot is in."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.heard = Heard()
        log = logging.getLogger("fosdembot.test")
        changes = Changes(log)
        self.effects = Effects(database, WallClock(), BOT, self.heard, changes, Wake(), log)
        self._position = 0

    async def take(self, *items: Item) -> None:
        look = Look(f"s{self._position}", None)
        await self.effects.apply(list(items), look, f"s{self._position + 1}")
        self._position += 1

    async def until_it_waits(self, task: asyncio.Task[None]) -> None:
        for _ in range(50):
            await asyncio.sleep(0.002)
        assert not task.done()

    async def name_of(self, person: str) -> str | None:
        async with self.database.read() as session:
            row = await session.get(RoomState, (ROOM, "m.room.member", person))
        return row.content.get("displayname") if row is not None else None

    async def position(self) -> str | None:
        async with self.database.read() as session:
            return await session.scalar(select(SyncPosition.since))

    async def seen(self) -> set[str]:
        async with self.database.read() as session:
            return set(await session.scalars(select(SeenEvent.event_id)))


def said(body: str, by: str = ADA, event_id: str = "") -> Item:
    content = {"msgtype": "m.text", "body": body}
    return Item(ROOM, "event", made(by, "m.room.message", content, event_id or f"${body}"))


def told(person: str, name: str, membership: str = "join") -> Item:
    """Who sent something, as it comes with each answer."""
    content = {"membership": membership, "displayname": name}
    state = made(person, "m.room.member", content, f"$member-{person}-{name}")
    return Item(ROOM, "state", {**state, "state_key": person})


def made(by: str, kind: str, content: Json, event_id: str) -> Json:
    return {
        "event_id": event_id,
        "type": kind,
        "sender": by,
        "origin_server_ts": 1_700_000_000_000,
        "content": content,
        "unsigned": {},
    }


def full(failures: int) -> Callable[[object], None]:
    """So often the database cannot be written to."""
    left = [None] * failures

    def fail(_: object) -> None:
        if left:
            left.pop()
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    return fail
