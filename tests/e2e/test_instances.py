"""Instances of the plugin in a full maubot server on PostgreSQL: from making to deleting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from simulation.client import Client
from simulation.conference import Planned, settings, write_schedule
from simulation.homeserver import Account, Homeserver
from simulation.maubot_server import MaubotServer, as_version, with_bytecode
from simulation.postgres import Postgres
from simulation.server import ServerError
from simulation.waiting import wait_for
from tests.conftest import MakePerson
from tests.once import once

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
NEW_REVISION = '''
"""A revision that only the newer build has."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "newer", "{newest}"

def upgrade() -> None:
    op.create_table("newer", sa.Column("id", sa.Integer(), primary_key=True))
'''
AT_LEAST = 30
"""Commands that are sent around an upgrade."""
PACE = 0.2
"""Seconds from command to command, which is faster than anybody types. An upgrade takes long on a
machine that is busy; without a pause hundreds of commands would be waiting at its end, and to
answer them would take longer still."""


@dataclass
class Conference:
    """Two talks in one room, the first of which is on; a control room; an organiser."""

    name: str
    organiser: Client
    bot: Account
    room: str
    control_room: str
    schedule: Path

    def settings(self, *, at: float = 5, speed: float = 1, **sections: Any) -> dict[str, Any]:
        ours = {
            "control_room": self.control_room,
            "organisers": [self.organiser.user_id],
            "limits": {"commands_per_minute": 10_000},
        }
        return settings(self.schedule, at=at, speed=speed, **(ours | sections))

    async def ask(self, command: str, room: str | None = None) -> str:
        """Type a command; returns the answer, after which there must be no other."""
        event = await self.organiser.send(room or self.room, command)
        (answer,) = await self.answers([event], room)
        return answer

    async def answers(self, events: list[str], room: str | None = None) -> list[str]:
        """Wait for the answers to commands; there is one each, in the commands' order."""

        async def replies() -> list[tuple[str | None, str]]:
            said = await self.organiser.messages(room or self.room, self.bot.user_id)
            found: list[tuple[str | None, str]] = [
                (message.reply_to, message.body) for message in said if message.reply_to in events
            ]
            return found if len(found) >= len(events) else []

        found = await wait_for(replies, 30 + len(events) / 2, f"{len(events)} answers", every=0.2)
        assert [event for event, _ in found] == events
        return [body for _, body in found]

    async def answered_nothing_twice(self) -> bool:
        said = await self.organiser.messages(self.room, self.bot.user_id)
        said += await self.organiser.messages(self.control_room, self.bot.user_id)
        answered = [message.reply_to for message in said if message.reply_to is not None]
        return len(answered) == len(set(answered))

    async def notices(self) -> list[str]:
        """What the bot told the room without having been asked."""
        said = await self.organiser.messages(self.room, self.bot.user_id)
        return [m.body for m in said if m.reply_to is None and m.edits is None]

    async def hears(self, *beginnings: str) -> None:
        """Wait until the room was told what begins so, in this order, from the first on."""

        async def told() -> bool:
            return len(await self.notices()) >= len(beginnings)

        await wait_for(told, 60, f"{beginnings} in {self.name}")
        notices = (await self.notices())[: len(beginnings)]
        for notice, beginning in zip(notices, beginnings, strict=True):
            assert notice.startswith(beginning)


MakeConference = Callable[[str, Account], Awaitable[Conference]]


@asynccontextmanager
async def running(
    postgres: Postgres, folder: Path, plugin: Path | None = None
) -> AsyncIterator[MaubotServer]:
    database = await postgres.create_database(f"maubot-{folder.name}")
    async with MaubotServer(folder / "maubot", database, plugin=plugin) as server:
        yield server
        # pytest shows it where the test failed.
        print(server.log_tail())


@pytest.fixture
async def server(postgres: Postgres, new_folder: Path) -> AsyncIterator[MaubotServer]:
    """A maubot server without plugins."""
    async with running(postgres, new_folder) as server:
        yield server


@pytest.fixture
async def server_with_plugin(
    postgres: Postgres, plugin: Path, new_folder: Path
) -> AsyncIterator[MaubotServer]:
    """One that finds the plugin at its start."""
    async with running(postgres, new_folder, plugin) as server:
        yield server


@pytest.fixture
def conference(homeserver: Homeserver, person: MakePerson, new_folder: Path) -> MakeConference:
    """Makes conferences; a bot's account may be that of several."""

    async def make(name: str, bot: Account) -> Conference:
        organiser = await person(name)
        local = organiser.user_id[1:].partition(":")[0]
        alias = f"#{local}:{homeserver.server_name}"
        power = {"users": {organiser.user_id: 100, bot.user_id: 50}}
        room = await organiser.create_room(name, alias=local, power=power, room_version="11")
        control_room = await organiser.create_room(
            f"{name} control", public=False, invite=[bot.user_id]
        )
        schedule = new_folder / f"{name}.xml"
        first = Planned(1, f"{name}: first", 0, 30, chat_room=alias)
        second = Planned(2, f"{name}: second", 30, 30, chat_room=alias)
        write_schedule(schedule, [first, second])
        return Conference(name, organiser, bot, room, control_room, schedule)

    return make


async def schemas(database: str) -> dict[str, set[str]]:
    """The plugin instances' schemas with their tables."""
    connection = await asyncpg.connect(database)
    rows = await connection.fetch(
        "SELECT nspname, relname FROM pg_namespace LEFT JOIN pg_class"
        " ON relnamespace = pg_namespace.oid AND relkind = 'r' WHERE nspname LIKE 'mbp\\_%'"
    )
    await connection.close()
    names = {row["nspname"] for row in rows}
    return {name: {row["relname"] for row in rows if row["nspname"] == name} for name in names}


@pytest.fixture(scope="session")
def newer_plugin(built_plugin: Path, run_folder: Path) -> Path:
    """An archive with another version, another sentence and one more revision."""
    newest = max(path.name for path in VERSIONS.glob("*.py")).partition("_")[0]

    def make(folder: Path) -> Path:
        newer = as_version(
            built_plugin,
            folder,
            "0.2.0",
            {"fosdembot/texts/commands.py": ("tells what is on in this room", "tells it anew")},
            {"migrations/versions/newer_table.py": NEW_REVISION.format(newest=newest)},
        )
        (folder / "with-bytecode").mkdir()
        return with_bytecode(newer, folder / "with-bytecode")

    return once(run_folder / "newer-plugin", make)


async def keep_asking(conference: Conference, done: asyncio.Event) -> list[str]:
    """Type commands until told to stop, and some more; returns their events."""
    events: list[str] = []
    while not done.is_set() or len(events) < AT_LEAST:
        events.append(await conference.organiser.send(conference.room, "!next"))
        await asyncio.sleep(PACE)
    return events


async def upgraded_meanwhile(
    server: MaubotServer, newer: Path, conferences: Iterable[Conference]
) -> None:
    """Upload a newer build while people go on asking: each is answered once."""
    done = asyncio.Event()
    asking = [asyncio.create_task(keep_asking(each, done)) for each in conferences]
    await server.upload(newer)
    done.set()
    for conference, events in zip(conferences, await asyncio.gather(*asking), strict=True):
        await conference.answers(events)


@pytest.mark.parametrize(
    ("accounts", "sync"), [(2, False), (1, True)], ids=["two accounts", "one account, synced"]
)
async def test_two_conferences_on_one_server_and_an_upgrade(
    accounts: int,
    sync: bool,
    homeserver: Homeserver,
    person: MakePerson,
    conference: MakeConference,
    server: MaubotServer,
    plugin: Path,
    newer_plugin: Path,
) -> None:
    await server.upload(plugin)
    bots = [(await person("bot")).account for _ in range(accounts)]
    first = await conference("first", bots[0])
    second = await conference("second", bots[-1])
    for bot in bots:
        await server.add_client(bot, homeserver.url, sync=sync)
    both = (first, second)
    # At once: so do they when a server starts.
    await asyncio.gather(
        *(server.add_instance(each.name, each.bot.user_id, each.settings()) for each in both)
    )
    for each in both:
        await each.hears(f'Now, until 09:30: "{each.name}: first"')
        assert f"{each.name}: second" in await each.ask("!next")
        assert "Test Conf" in await each.ask("!conf status", each.control_room)
        await each.ask("!talk delay 2 2")
    tables = await schemas(server.database)
    assert set(tables) == {"mbp_first", "mbp_second"}
    assert all("outbox" in found for found in tables.values())

    await upgraded_meanwhile(server, newer_plugin, both)
    assert all("newer" in found for found in (await schemas(server.database)).values())
    for each in both:
        assert "tells it anew" in await each.ask("!help")
    # Decisions stand, and can still be taken back.
    assert "second: second" in await second.ask("!undo")

    # The clock is a setting: half an hour later, at thirty times the speed.
    for each in both:
        await server.change_instance(each.name, config=each.settings(at=24.9, speed=30))
    await first.hears('Now, until 09:30: "first: first"', "Q&A until 09:30", "Now, until 10:02")
    await second.hears('Now, until 09:30: "second: first"', "Q&A until 09:30", "Now, until 10:00")
    assert "ERROR" not in server.log_text()
    assert "Traceback" not in server.log_text()
    for each in both:
        assert await each.answered_nothing_twice()

    await server.delete_instance("first")
    assert set(await schemas(server.database)) == {"mbp_second"}
    assert "second" in await second.ask("!talk")


async def test_settings_change_while_it_runs(
    homeserver: Homeserver,
    person: MakePerson,
    conference: MakeConference,
    server_with_plugin: MaubotServer,
) -> None:
    server = server_with_plugin
    bot = (await person("bot")).account
    hall = await conference("hall", bot)
    await server.add_client(bot, homeserver.url)
    await server.add_instance("hall", bot.user_id, hall.settings())
    await hall.hears('Now, until 09:30: "hall: first"')

    async def told(count: int) -> str:
        """The newest of `count` messages that the control room got unasked."""

        async def enough() -> list[str]:
            said = await hall.organiser.messages(hall.control_room, bot.user_id)
            found = [message.body for message in said if message.reply_to is None]
            return found if len(found) >= count else []

        found = await wait_for(enough, 30, f"{count} messages in the control room")
        assert len(found) == count
        return found[-1]

    async def obeys(prefix: str) -> None:
        assert "hall: first" in await hall.ask(f"{prefix}conf talk 1", hall.control_room)

    assert "Schedule read" in await told(1)

    # Two at once: the last one counts, and nothing runs twice.
    one = hall.settings(command_prefix="?")
    two = hall.settings(command_prefix="%")
    await asyncio.gather(
        server.change_instance("hall", config=one), server.change_instance("hall", config=two)
    )
    shown = await server.config_of("hall")
    prefix = "?" if "command_prefix: '?'" in shown else "%"
    await obeys(prefix)
    # What base-config.yaml explains, and what was not written, stands there as well.
    assert "# Commands begin with this" in shown
    assert "heads_up_minutes: 10" in shown

    # A wrong one with a safe default is named, and the rest takes effect.
    wrong = hall.settings(command_prefix="!", notices={"level": "loud"})
    await server.change_instance("hall", config=wrong)
    assert "notices.level" in await told(2)
    assert "notices.level" in server.log_text()
    await obeys("!")

    # One without is refused, and so is what is no YAML: the bot goes on as it was.
    for count, (config, key) in enumerate(
        [
            (hall.settings(command_prefix="?", control_room="lobby"), "control_room"),
            ("schedule: [", "YAML"),
            ("only words", "the settings"),
        ],
        start=3,
    ):
        with pytest.raises(ServerError, match="500"):
            await server.change_instance("hall", config=config)
        refused = await told(count)
        assert "the old ones stay" in refused
        assert key in refused
        assert f"control_room: '{hall.control_room}'" in await server.config_of("hall")
        await obeys("!")
    await server.restart()
    await obeys("!")
    await hall.hears('Now, until 09:30: "hall: first"')
    assert len(await hall.notices()) == 1
    assert await hall.answered_nothing_twice()


async def test_an_instance_with_unusable_settings_does_not_start(
    homeserver: Homeserver,
    person: MakePerson,
    conference: MakeConference,
    server: MaubotServer,
    built_plugin: Path,
) -> None:
    # As its users have it.
    await server.upload(built_plugin)
    bot = (await person("bot")).account
    hall = await conference("hall", bot)
    await server.add_client(bot, homeserver.url)
    await server.add_instance("hall", bot.user_id, hall.settings(organisers=["ada"]))
    assert not await server.is_started("hall")
    assert "Not started: setting organisers.0: a person is @name:server" in server.log_text()
    # As its page does: corrected, then switched on.
    await server.change_instance("hall", config=hall.settings())
    await server.change_instance("hall", enabled=True, started=True)
    assert await server.is_started("hall")
    await hall.hears('Now, until 09:30: "hall: first"')
    # So it is where maubot is started as its users start it, too.
    server.imports = ()
    await server.restart()
    assert await server.is_started("hall")
