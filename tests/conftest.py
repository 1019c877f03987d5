"""Real servers for the tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from simulation.bot import Bot
from simulation.browser import BrowserPerson, launch, program
from simulation.client import Client
from simulation.forking import fork_server, starts_are_forked
from simulation.homeserver import Account, Homeserver
from simulation.maubot_server import build_plugin, with_bytecode
from simulation.npm_scripts import AXE, LIB_JITSI_MEET, Scripts
from simulation.ports import WORKER
from simulation.postgres import Postgres
from simulation.prosody import Prosody, is_installed

from . import forked, quick
from .collecting import pytest_collection, pytest_collection_finish
from .compiled import share_compiled
from .forked import pytest_runtestloop
from .in_memory import write_to_memory
from .once import once
from .quick import pytest_configure, pytest_ignore_collect
from .strict import (
    nothing_fails,
    pytest_collection_modifyitems,
    pytest_make_collect_report,
    pytest_runtest_makereport,
)

# pytest finds its hooks, and this fixture, here.
__all__ = [
    "nothing_fails",
    "pytest_collection",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_ignore_collect",
    "pytest_make_collect_report",
    "pytest_runtest_makereport",
    "pytest_runtestloop",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    quick.pytest_addoption(parser)
    forked.pytest_addoption(parser)


share_compiled()
write_to_memory()
_numbers = count(1)
NO_PUSH = {"push": {"enabled": False}}
"""Synapse looks at the push rules of all members of a room for each event, which costs it a fifth
of its time. Whether people are notified is tested on a homeserver of its own."""
LEAN: dict[str, Any] = {
    "enable_search": False,
    "stats": {"enabled": False},
    "user_directory": {"enabled": False},
    # Left to a worker that does not run.
    "update_user_directory_from_worker": "nobody",
}
"""No search index, statistics and directory are kept up to date with each message."""
IN_MEMORY = Path("/dev/shm")
MEMORY_BYTES = 4_000_000_000
"""What must be free there: a run needs a tenth of it."""


class MakeHomeserver(Protocol):
    async def __call__(self, config: Mapping[str, Any] | None = None) -> Homeserver: ...


class MakePerson(Protocol):
    async def __call__(self, name: str, at: Homeserver = ...) -> Client: ...


class MakeBrowserPerson(Protocol):
    async def __call__(self, name: str) -> BrowserPerson: ...


class MakeBot(Protocol):
    def __call__(
        self,
        account: Account,
        plugin_config: Mapping[str, Any],
        at: Homeserver = ...,
        database: str | None = None,
    ) -> Bot: ...


@pytest.fixture(scope="session", autouse=True)
def _forked_starts() -> Iterator[None]:
    """Bots and servers start without imports; all workers of a run fork them from the same
    processes."""
    with starts_are_forked(forked.RUN):
        yield


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Where the servers of this run keep their data; removed at its end.

    In memory, where there is plenty: Synapse waits for the disk after each message.
    """
    in_memory = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > MEMORY_BYTES
    parent = IN_MEMORY if in_memory else None
    folder = Path(tempfile.mkdtemp(prefix="fosdembot-tests-", dir=parent))
    # PostgreSQL runs as nobody where the tests run as root.
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_folder(server_folder: Path) -> Path:
    """A folder for the servers of one test."""
    folder = Path(tempfile.mkdtemp(dir=server_folder))
    folder.chmod(0o755)
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def homeserver(server_folder: Path) -> AsyncIterator[Homeserver]:
    """The homeserver of the whole run: use fresh people and rooms, and do not stop it."""
    async with Homeserver(server_folder / "synapse", config=LEAN | NO_PUSH) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres(server_folder: Path) -> AsyncIterator[Postgres]:
    """The PostgreSQL of the whole run: use databases of your own, and do not stop it."""
    async with Postgres(server_folder / "postgres") as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def migrated_postgresql(postgres: Postgres) -> str:
    """The name of a database to make others like: migrated, and nobody is connected to it."""
    from fosdembot.db.engine import postgresql
    from fosdembot.db.migrate import migrate
    from simulation.parts import Repository

    database = postgresql(await postgres.create_database("migrated"))
    await migrate(database, Repository())
    await database.close()
    return "migrated"


def needs_browser(scripts: Scripts) -> None:
    if program() is None or not scripts.are_there():
        pytest.skip("needs Chromium, and: .venv/bin/python -m simulation.npm_scripts")


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of the run have in common: see `once`."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if WORKER in os.environ else own


@pytest.fixture(scope="session")
def built_plugin(server_folder: Path, run_folder: Path) -> Path:
    """The plugin's archive, as `make build` makes it. It is that of all workers: change a copy."""
    return once(run_folder / "plugin", build_plugin)


@pytest.fixture(scope="session")
def plugin(built_plugin: Path, run_folder: Path) -> Path:
    """The same, for servers that start often: they need not compile it each time."""
    folder = run_folder / "plugin-with-bytecode"
    return once(folder, lambda new: with_bytecode(built_plugin, new))


@pytest.fixture
async def browser_person(prosody: Prosody) -> AsyncIterator[MakeBrowserPerson]:
    """Makes people in meetings who sit at a real browser."""
    needs_browser(LIB_JITSI_MEET)
    async with AsyncExitStack() as stack:

        async def make(name: str) -> BrowserPerson:
            return await stack.enter_async_context(BrowserPerson(prosody, name))

        yield make


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser, for pages; with axe-core beside it."""
    needs_browser(AXE)
    async with async_playwright() as playwright:
        started = await launch(playwright)
        yield started
        await started.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser of the whole run, with axe-core beside it: open contexts of your own. It needs
    `pytestmark = pytest.mark.asyncio(loop_scope="session")`, and so does what is shown in it."""
    needs_browser(AXE)
    async with async_playwright() as playwright:
        started = await launch(playwright)
        yield started
        await started.close()


@pytest.fixture
async def prosody(new_folder: Path) -> AsyncIterator[Prosody]:
    """An XMPP server of one's own, which carries meetings."""
    if not is_installed():
        pytest.skip("needs prosody. On Debian: sudo apt install prosody")
    async with Prosody(new_folder / "prosody") as server:
        yield server


@pytest.fixture
async def private_homeserver(new_folder: Path) -> AsyncIterator[MakeHomeserver]:
    """Starts homeservers that a test may stop, freeze or configure as it likes."""
    async with AsyncExitStack() as stack:

        async def make(config: Mapping[str, Any] | None = None) -> Homeserver:
            folder = Path(tempfile.mkdtemp(dir=new_folder))
            server = Homeserver(folder, config=LEAN | dict(config or {}))
            return await stack.enter_async_context(server)

        yield make


@pytest.fixture
async def person(homeserver: Homeserver) -> AsyncIterator[MakePerson]:
    """Makes people with fresh accounts; their names begin as asked."""
    async with AsyncExitStack() as stack:

        async def make(name: str, at: Homeserver = homeserver) -> Client:
            account = await at.register(f"{name}-{next(_numbers)}")
            return await stack.enter_async_context(Client(at.url, account))

        yield make


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tables_only(server_folder: Path) -> Path:
    """A SQLite database that a bot has migrated, and in which it has not yet written anything."""
    from sqlalchemy import delete

    from fosdembot.db.engine import sqlite
    from fosdembot.db.migrate import migrate
    from fosdembot.db.tables import Instance
    from simulation.parts import Repository

    path = server_folder / "tables-only.db"
    database = sqlite(str(path))
    await migrate(database, Repository())
    async with database.write() as session:
        await session.execute(delete(Instance))
    await database.close()
    return path


@pytest.fixture
def bot_factory(homeserver: Homeserver, new_folder: Path, tables_only: Path) -> Iterator[MakeBot]:
    """Makes bots, not started yet; whatever of them runs at the end of the test is killed.

    On SQLite they find their tables made, which takes as long as all else of a first start: that
    they make them is tested with `fosdembot run` and with PostgreSQL."""
    # The clocks that tests set do not run while what bots import is imported for the first one.
    fork_server(Bot.imports)
    bots: list[Bot] = []

    def make(
        account: Account,
        plugin_config: Mapping[str, Any],
        at: Homeserver = homeserver,
        database: str | None = None,
    ) -> Bot:
        folder = Path(tempfile.mkdtemp(dir=new_folder))
        if database is None:
            shutil.copy(tables_only, folder / "bot.db")
        bots.append(Bot(folder, at.url, account, plugin_config, database or "sqlite:bot.db"))
        return bots[-1]

    yield make
    for bot in bots:
        bot.kill()
        # pytest shows it where the test failed.
        print(bot.log_tail())
