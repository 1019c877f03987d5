"""A bot with pages in this process, in the rooms of a fake homeserver, reached by HTTP.

`stepped_world` has a clock that stands still: for rules. `real_world` has a real one: for
browsers. It is 10:05 at first, "Tiny kernels" is on in KERNEL until 10:25, and the bot is in all
rooms.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import hdrs, web
from maubot.plugin_server import PluginWebApp, PrefixResource
from playwright.async_api import Browser, BrowserContext, Page
from sqlalchemy import select

from fosdembot.bot import Bot
from fosdembot.clock import Clock, ScaledClock
from fosdembot.db.engine import Database, sqlite
from fosdembot.db.question_tables import Question
from simulation.conference import MANY, START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.pages import PageClient, Stream
from simulation.running import BOT, CONTROL, ORGANISER, Running, running
from simulation.stepped_clock import SteppedClock, sqlite_at_once
from simulation.waiting import wait_for
from tests.stage import empty_database

__all__ = ["BOT", "CONTROL", "ORGANISER", "SERVER", "empty_database", "shared", "world"]

KERNEL, CLOUD, HOSTS = (f"#{name}:{SERVER}" for name in ("kernel", "cloud", "hosts"))
ADA, BOB, EVE, LENA = (f"@{name}:{SERVER}" for name in ("ada", "bob", "eve", "lena"))
"""In the talk rooms."""
SPEAKER = f"@speaker:{SERVER}"
"""Of talk-1, by the settings."""
MODERATOR = f"@moderator:{SERVER}"
"""Of KERNEL, by power level."""
HOST = f"@host:{SERVER}"
"""In the hosts' room."""
STRANGER = f"@stranger:{SERVER}"
"""In none of the rooms."""
PROGRAMME = (
    Planned(1, "Tiny kernels", 60, 25, chat_room=KERNEL),
    Planned(2, "Big kernels", 85, 25, chat_room=KERNEL, speaker="Grace H."),
    Planned(3, "Old kernels", 120, 25, chat_room=KERNEL),
    Planned(11, "Small clouds", 60, 50, place="Attic", track="Cloud", chat_room=CLOUD),
    Planned(12, "Dark clouds", 110, 50, place="Attic", track="Cloud", chat_room=CLOUD),
)
DURING, QA = 65, 80
"""Minutes after 9:00 at which the first talk is on, and at which its Q&A begins."""


class World(PageClient):
    """Asks for pages as `PageClient` does: `await world.get("/r/kernel")`."""

    def __init__(self, url: str, running: Running, clock: Clock, schedule: Path) -> None:
        super().__init__(url)
        self.running = running
        self.clock = clock
        self.schedule = schedule

    @property
    def bot(self) -> Bot:
        return self.running.bot

    @property
    def database(self) -> Database:
        return self.running.database

    @property
    def stepped(self) -> SteppedClock:
        assert isinstance(self.clock, SteppedClock)
        return self.clock

    # In rooms.

    def say(self, person: str, text: str, alias: str = KERNEL, **content: Any) -> str:
        """Somebody writes; returns the event's id."""
        return self.running.room(alias).say(person, text, **content)

    def react(self, person: str, event: str, key: str = "👍", alias: str = KERNEL) -> str:
        return self.running.room(alias).react(person, event, key)

    async def ask(self, text: str, person: str = ADA, alias: str = KERNEL) -> tuple[int, str]:
        """Somebody asks in a room; the question's number there, and its event."""
        event = self.say(person, f"!ask {text}", alias)

        async def number() -> int | None:
            async with self.database.read() as session:
                found = select(Question.number).where(Question.source == event)
                return await session.scalar(found)

        asked = await wait_for(number, what=f"the question {text!r}")
        assert asked is not None
        return asked, event

    async def votes(self, number: int, alias: str = KERNEL) -> int:
        """What is counted for a question."""
        async with self.database.read() as session:
            found = select(Question.votes).where(
                Question.number == number, Question.room_id == self.running.room(alias).room_id
            )
            return (await session.scalars(found)).one()

    def publish(self, *talks: Planned) -> None:
        """Another schedule, which the bot reads at once."""
        write_schedule(self.schedule, talks)
        self.bot.schedule_poller.wake.set()

    # On pages.

    def watch(
        self, path: str = "/r/kernel/events", **who: Any
    ) -> AbstractAsyncContextManager[Stream]:
        """`async with world.watch() as stream`."""
        return self.stream(path, **who)


@asynccontextmanager
async def stepped_world(
    folder: Path, empty_database: Path, *, at: float = DURING, base: str = "", **settings: Any
) -> AsyncIterator[World]:
    """`empty_database`: a migrated one, to be copied. `at`: minutes after 9:00; `base`: the path
    before all of ours; `settings`: as an operator writes them."""
    key = (at, base, repr(settings))
    scene = _SCENES.get(key)
    with sqlite_at_once():
        if scene is not None:
            server = scene.begin(folder)
            async with started(folder, server, scene.listening(), base, **settings) as it:
                await it.running.heard(KERNEL, "Tiny kernels")
                yield it
            return
        clock = SteppedClock(START + timedelta(minutes=at))
        server, address = FakeHomeserver(clock), _listening()
        shutil.copy(empty_database, folder / "bot.db")
        async with started(folder, server, address, base, **settings) as it:
            await it.running.heard(KERNEL, "Tiny kernels")
            await clock.rest()
            _SCENES[key] = Scene.of(folder, server, clock, address)
            yield it


async def stepped_scene(folder: Path, empty_database: Path, **settings: Any) -> Scene:
    """What a stepped world begins with, for one whose bot is started more than once."""
    async with stepped_world(folder, empty_database, **settings):
        return _SCENES[DURING, "", repr(settings)]


@dataclass(frozen=True)
class Scene:
    """What the stepped worlds of one sort begin with: to the first of them it happened, and the
    bots of the others start where it has happened."""

    database: bytes
    server: FakeHomeserver
    now: datetime
    address: int
    """A socket that listens where the first did, as a file descriptor: the bot has told people
    its address."""

    @classmethod
    def of(
        cls, folder: Path, server: FakeHomeserver, clock: SteppedClock, address: socket.socket
    ) -> Scene:
        copy = folder / "scene.db"
        with (
            closing(sqlite3.connect(folder / "bot.db")) as of,
            closing(sqlite3.connect(copy)) as to,
        ):
            of.backup(to)
        return cls(copy.read_bytes(), server.copy(clock), clock.now(), os.dup(address.fileno()))

    def begin(self, folder: Path) -> FakeHomeserver:
        """The database is in the folder."""
        (folder / "bot.db").write_bytes(self.database)
        return self.server.copy(SteppedClock(self.now))

    def listening(self) -> socket.socket:
        return socket.socket(fileno=os.dup(self.address))


_SCENES: dict[tuple[float, str, str], Scene] = {}
"""Of this run, by when it is, the path before all of ours, and the settings."""


@asynccontextmanager
async def real_world(
    folder: Path, empty_database: Path, *, at: float = DURING, base: str = "", **settings: Any
) -> AsyncIterator[World]:
    """The same by a clock that goes as the wall's does."""
    clock = ScaledClock(START + timedelta(minutes=at), 1, datetime.now(UTC))
    shutil.copy(empty_database, folder / "bot.db")
    async with (
        FakeHomeserver(clock) as server,
        started(folder, server, _listening(), base, **settings) as it,
    ):
        await it.running.heard(KERNEL, "Tiny kernels")
        yield it


@asynccontextmanager
async def started(
    folder: Path,
    server: FakeHomeserver,
    address: socket.socket,
    base: str = "",
    programme: Iterable[Planned] = PROGRAMME,
    **settings: Any,
) -> AsyncIterator[World]:
    """A bot with the folder's database, by the server's clock."""
    schedule = folder / "schedule.xml"
    write_schedule(schedule, programme)
    if not server.rooms:
        make_rooms(server)
    async with AsyncExitStack() as stack:
        database = sqlite(str(folder / "bot.db"))
        stack.push_async_callback(database.close)
        listening = stack.enter_context(address)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}{base}"
        usual: dict[str, Any] = {
            "schedule": {"source": str(schedule)},
            "hosts": {"*": HOSTS},
            "speakers": {"talk-1": [SPEAKER]},
            "limits": MANY,
            "questions": {"open_per_person": 100},
        }
        pages = {"public_url": url} | settings.get("pages", {})
        wanted = usual | settings | {"pages": pages}
        # The bot stops before the server that waits for its streams.
        runner = web.AppRunner(web.Application(), shutdown_timeout=5)
        stack.push_async_callback(runner.cleanup)
        bot = await stack.enter_async_context(running(server, database, server.clock, **wanted))
        serve(runner.app, base, bot.bot)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        world = World(url, bot, server.clock, schedule)
        await stack.enter_async_context(world)
        yield world


def _listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def serve(app: web.Application, base: str, bot: Bot) -> None:
    """As standalone maubot does (`maubot/standalone/__main__.py`): it takes the path apart, and
    puts it together anew."""
    ours = PluginWebApp()  # type: ignore[no-untyped-call]
    ours.add_route("*", "/{path:.*}", bot.pages.app.handle)

    async def answer(request: web.Request) -> web.StreamResponse:
        if not request.path.startswith(base):
            return web.Response(status=404)
        path = request.rel_url.path[len(base) :]
        url = request.rel_url.with_path(path).with_query(request.query_string)
        return await ours.handle(request.clone(rel_url=url))

    resource = PrefixResource(base)  # type: ignore[no-untyped-call]
    resource.add_route(hdrs.METH_ANY, answer)
    app.router.register_resource(resource)


def make_rooms(server: FakeHomeserver) -> None:
    """With the bot and people in them."""
    server.create_room(CONTROL, [BOT, ORGANISER])
    server.create_room(HOSTS, [BOT, HOST])
    for alias in (KERNEL, CLOUD):
        room = server.create_room(alias)
        for person in (BOT, ADA, BOB, EVE, LENA, SPEAKER, MODERATOR, HOST):
            name = person[1:].partition(":")[0].capitalize()
            room.set_membership(person, person, "join", displayname=name)
        powers = room.state["m.room.power_levels", ""]["content"]["users"]
        levels = {**powers, BOT: 50, MODERATOR: 50}
        room.add(next(iter(powers)), "m.room.power_levels", {"users": levels}, "")


@pytest.fixture
async def world(tmp_path: Path, empty_database: Path) -> AsyncIterator[World]:
    """On a stepped clock, with the usual settings."""
    async with stepped_world(tmp_path, empty_database) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> AsyncIterator[World]:
    """On a real clock, for all tests of a module in a browser: see `chromium`."""
    folder = tmp_path_factory.mktemp("world")
    async with real_world(folder, empty_database, base="/qa") as made:
        yield made


@dataclass
class Opened:
    """A page in a browser, and what happened in it that should not."""

    page: Page
    context: BrowserContext
    wrongs: list[str]
    """What the console said, errors, dialogs, breaches of the content security policy, requests
    to others."""


@asynccontextmanager
async def opened(
    chromium: Browser, url: str, *, width: int = 1280, height: int = 900, **context: Any
) -> AsyncIterator[Opened]:
    """A page in a context of its own (see Playwright's `new_context`: `color_scheme`,
    `java_script_enabled`, …); `wrongs` must be empty at the end."""
    viewport = {"width": width, "height": height}
    made = await chromium.new_context(viewport=viewport, **context)  # type: ignore[arg-type]
    page = await made.new_page()
    found = Opened(page, made, [])
    origin = url.split("/", 3)[2]

    def requested(address: str) -> None:
        if address.split("/", 3)[2:3] not in ([origin], [""]) and "://" in address:
            found.wrongs.append(f"asks {address}")

    page.on("request", lambda request: requested(request.url))
    # Breaches of the policy stand in the console as well.
    page.on("console", lambda message: found.wrongs.append(message.text))
    page.on("dialog", lambda dialog: found.wrongs.append(f"dialog: {dialog.message}"))
    page.on("pageerror", lambda error: found.wrongs.append(str(error)))
    try:
        await page.goto(url)
        yield found
        assert not found.wrongs, found.wrongs
    finally:
        await made.close()
