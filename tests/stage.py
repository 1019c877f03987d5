"""The bot's parts on a real database, without a homeserver: what it puts in the outbox."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest
from sqlalchemy import Connection, insert, update

from fosdembot.bot import Bot
from fosdembot.chat.router import Router
from fosdembot.db.engine import Database, sqlite
from fosdembot.db.insert import table_of
from fosdembot.db.migrate import migrate
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Outgoing, RoleRoom, Room, RoomAddress, RoomState, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.items import Apart
from fosdembot.matrix.known import KnownRooms
from fosdembot.settings import load
from simulation import parts
from simulation.conference import START, Planned, write_schedule
from simulation.parts import Repository, SetClock, build
from simulation.stepped_clock import sqlite_at_once, threads_at_once

from .committed import Committed, Said

BOT = parts.BOT
ORGANISER = "@organiser:example.org"
LISTED = "@listed:example.org"
MODERATOR = "@moderator:example.org"
STRANGER = "@stranger:example.org"

CONTROL = "#control:example.org"
KERNEL = "#kernel:example.org"
CLOUD = "#cloud:example.org"
LOBBY = "#lobby:example.org"
"""A room that the bot is in, and that no talk takes place in."""

_SEEN = Prepared(insert(table_of(SeenEvent)))


class Stage:
    """The parts of one bot. Its rooms are called by their aliases."""

    def __init__(
        self, make: Callable[[], Bot], file: Path, database: Database, clock: SetClock
    ) -> None:
        self.bot = make()
        self.database = database
        self.clock = clock
        self.schedule = schedule_beside(file)
        self.committed = Committed(file)
        self._make = make
        self.ids = itertools.count(1)
        self._known: dict[str, Json] = {}
        self._rooms = KnownRooms(database)

    @property
    def router(self) -> Router:
        return self.bot.router

    async def restart(self) -> None:
        """Another process on the same database."""
        self.bot = self._make()
        await self.start()

    async def start(self) -> None:
        """What the bot does before anything else."""
        await self.bot.programme.load()
        self.bot.notice_scheduler.changed(None)

    # What organisers do.

    async def publish(self, *talks: Planned) -> None:
        """Put a schedule where the bot reads it, and let it look."""
        write_schedule(self.schedule, talks)
        await self.bot.schedule_poller.step()

    async def open(
        self,
        alias: str,
        power: Mapping[str, Any] | None = None,
        version: str = "11",
        creator: str = "@creator:example.org",
        **create: Any,
    ) -> None:
        """The bot is in the room `alias` from now on, as inbox and rooms would note it."""
        async with self.database.write() as session:
            room = room_id(alias)
            await session.merge(Room(room_id=room, membership="join"))
            if alias != LOBBY:
                await session.merge(RoomAddress(address=alias, room_id=room))
            if alias not in (LOBBY, *self.bot.programme.addresses()):
                # Of use only where the address is one of a hosts' or the control room.
                await session.merge(RoleRoom(address=alias, room_id=room))
            for kind, content in (
                ("m.room.create", {"room_version": version, **create}),
                ("m.room.power_levels", {"users": dict(power or {})}),
            ):
                await session.merge(
                    RoomState(
                        room_id=room, type=kind, state_key="", sender=creator, content=content
                    )
                )
        self.bot.notice_scheduler.changed(None)

    async def open_direct(self, person: str) -> str:
        """The bot is in a direct chat with `person`; returns what `say` takes as its alias."""
        alias = f"#direct-{person[1:]}"
        async with self.database.write() as session:
            row = Room(room_id=room_id(alias), membership="join", direct_with=person)
            await session.merge(row)
        return alias

    async def state(self, alias: str, kind: str, content: Json, key: str = "") -> None:
        async with self.database.write() as session:
            await session.merge(
                RoomState(
                    room_id=room_id(alias), type=kind, state_key=key, sender=BOT, content=content
                )
            )

    # What people do.

    async def say(
        self, alias: str, sender: str, body: str, *, at: float | None = None, **content: Any
    ) -> list[Said]:
        """Somebody writes in a room; what is new in the outbox then. `at` is in minutes
        after `START`, where it was not now."""
        _, said = await self.write(alias, sender, body, at=at, **content)
        return said

    async def write(
        self, alias: str, sender: str, body: str, *, at: float | None = None, **content: Any
    ) -> tuple[str, list[Said]]:
        """As `say`; returns the event's id as well."""
        event_id = f"$event{next(self.ids)}"
        sent = self.clock.now() if at is None else START + timedelta(minutes=at)
        event = {
            "event_id": event_id,
            "type": "m.room.message",
            "sender": sender,
            "origin_server_ts": self.clock.to_wall(sent).timestamp() * 1000,
            "content": {"msgtype": "m.text", "body": body, **content},
        }
        await self.receive(alias, event, sent)
        return event_id, await self.news()

    async def edit(
        self, alias: str, sender: str, original: str, body: str, *, at: float | None = None
    ) -> list[Said]:
        """Somebody edits a message."""
        new = {"msgtype": "m.text", "body": body}
        relation = {"rel_type": "m.replace", "event_id": original}
        return await self.say(
            alias, sender, f"* {body}", at=at, **{"m.new_content": new, "m.relates_to": relation}
        )

    async def receive(self, alias: str, event: Json, at: datetime | None = None) -> None:
        """An event of a room takes effect, as the inbox does it."""
        room = room_id(alias)
        values = {"event_id": event["event_id"], "room_id": room, "sender": event["sender"]}
        values["at"] = at or self.clock.now()
        known = (await self._rooms.load([room])).get(room)
        if known is not None and self.router.may_go_together(known, event):
            with suppress(Apart):
                await self._receive_at_once(room, event, values)
                return
        async with self.database.write() as session:
            await _SEEN.do(session, values)
            await self.router.handle(session, room, event)

    async def _receive_at_once(self, room: str, event: Json, values: dict[str, Any]) -> None:
        def take(connection: Connection) -> Callable[[], None]:
            _SEEN.run_all(connection, [values])
            return self.router.take_together(connection, [(room, event)])

        after = await self.database.at_once(take, durable=False)
        after()

    # What comes of it.

    async def tell(self, minutes: float | None = None) -> list[Said]:
        """The notice scheduler looks, now or at so many minutes after `START`; what is new then."""
        if minutes is not None:
            self.clock.set(minutes)
        await self.bot.notice_scheduler.step()
        return await self.news()

    async def hear(self, alias: str, until: int) -> list[str]:
        """Everything that a room is told from now on, with its time, see `facts`. All of it
        is delivered at once. The notice scheduler looks now, at the end, and when something is
        due."""
        told = []
        now, end = round(self.clock.minutes), until
        for minute in range(now, end + 1):
            self.clock.set(minute)
            plans = self.bot.notice_scheduler.plans.values()
            due = any(notice.due == self.clock.now() for plan in plans for notice in plan)
            if due or minute in (now, end):
                said = [s for s in await self.tell() if s.room == alias]
                told += [f"{self.clock.now():%H:%M}{s.facts}" for s in said]
                await self.deliver()
        return told

    async def deliver(self) -> None:
        """All that waits in the outbox is sent, as the sender notes it."""
        async with self.database.write() as session:
            await session.execute(
                update(Outgoing)
                .where(Outgoing.state == "queued")
                .values(state="sent", event_id="$sent" + Outgoing.key, sent_at=self.clock.now())
            )

    async def news(self) -> list[Said]:
        """Messages and edits that were put in the outbox since this was last asked.

        A row whose content is another counts again.
        """
        said = await self.outbox()
        before, self._known = self._known, {s.key: s.content for s in said}
        return [s for s in said if before.get(s.key) != s.content]

    async def outbox(self, alias: str | None = None) -> list[Said]:
        """All messages and edits, in the order in which they were put in."""
        said = await self.committed.outbox()
        return [s for s in said if alias in (None, s.room)]


def schedule_beside(file: Path) -> Path:
    """Where a bot reads its schedule whose database is `file`."""
    return file.with_name("schedule.xml")


def room_id(alias: str) -> str:
    return "!" + alias[1:]


def in_room(said: Iterable[Said], alias: str) -> list[str]:
    """What of it was said in one room."""
    return [s.body for s in said if s.room == alias]


def talks(*planned: Planned, room: str = KERNEL) -> list[Planned]:
    """The talks with `room` as the chat room of those that name none."""
    return [replace(talk, chat_room=talk.chat_room or room) for talk in planned]


Prepare = Callable[[Stage], Awaitable[None]]


class MakeStage(Protocol):
    async def __call__(
        self, database: Path | None = None, *, prepared: Prepare | None = None, **settings: Any
    ) -> Stage: ...


@dataclass(frozen=True)
class Scene:
    """What many tests begin with: it happened once, and each has a copy of what came of it."""

    folder: Path
    minutes: float
    """Since `START`."""
    next_id: int


_SCENES: dict[tuple[Any, ...], Scene] = {}
"""Of this run, by what prepared them, and with which database and settings."""


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied."""
    return _migrated(tmp_path_factory.getbasetemp())


@cache
def _migrated(folder: Path) -> Path:
    """Once in a run: of a fixture that several modules import, pytest makes one for each."""
    path = folder / f"empty-{os.getpid()}.db"

    async def make() -> None:
        database = sqlite(str(path))
        await migrate(database, Repository())
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def make_stage(
    tmp_path: Path,
    empty_database: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[MakeStage]:
    """Makes the stage of a test, with more settings than the usual ones, and from a copy
    of `database`. What `prepared` does happens once for all tests with the same settings; to
    each of them it did before the bot was started."""

    async def scene(database: Path, prepared: Prepare, settings: dict[str, Any]) -> Scene:
        key = (prepared, database, repr(settings))
        if key not in _SCENES:
            folder = tmp_path_factory.mktemp("scene")
            async with stage_on(
                Path(shutil.copy(database, folder / "bot.db")), **settings
            ) as stage:
                await stage.start()
                await prepared(stage)
                _SCENES[key] = Scene(folder, stage.clock.minutes, next(stage.ids))
        return _SCENES[key]

    async with AsyncExitStack() as stack:

        async def make(
            database: Path | None = None, *, prepared: Prepare | None = None, **settings: Any
        ) -> Stage:
            before = None
            file = database or empty_database
            if prepared is not None:
                before = await scene(file, prepared, settings)
                file = before.folder / "bot.db"
                if (schedule := before.folder / "schedule.xml").exists():
                    shutil.copy(schedule, tmp_path)
            file = Path(shutil.copy(file, tmp_path / "bot.db"))
            stage = await stack.enter_async_context(stage_on(file, **settings))
            if before is not None:
                stage.clock.set(before.minutes)
                stage.ids = itertools.count(before.next_id)
            await stage.start()
            await stage.news()
            return stage

        yield make


@asynccontextmanager
async def stage_on(file: Path, **settings: Any) -> AsyncIterator[Stage]:
    """A bot whose database is `file`; its schedule is to lie beside that."""
    usual = {
        "schedule": {"source": str(schedule_beside(file))},
        "control_room": CONTROL,
        "organisers": [ORGANISER],
        "moderators": [LISTED],
    }
    loaded, problems = load(usual | settings)
    assert problems == []
    clock = SetClock()
    database = sqlite(str(file))
    threads_at_once()
    with sqlite_at_once():
        async with nobody_asked() as http:
            stage = Stage(lambda: build(http, database, loaded, clock), file, database, clock)
            try:
                yield stage
            finally:
                stage.committed.close()
                await database.close()


def nobody_asked() -> aiohttp.ClientSession:
    """A session that is made quickly, for a bot that asks no server."""
    resolver = aiohttp.ThreadedResolver()
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver))


def bodies(said: Sequence[Said]) -> str:
    """All that was said, for a look at its words."""
    return "\n".join(s.body for s in said)
