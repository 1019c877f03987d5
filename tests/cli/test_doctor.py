"""`fosdembot doctor`: what needs help, on a real homeserver, with the bot at work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fosdembot.cli.checks.database import database_finding
from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.config import Config
from fosdembot.cli.homeserver import Login
from fosdembot.matrix.account_mark import own_mark, put
from fosdembot.matrix.api import Api
from simulation.client import Client
from simulation.homeserver import Account, Homeserver
from simulation.postgres import Postgres
from tests.conftest import MakePerson

from .organiser import Outcome, a_day, read_config, types, write_config


class Conference:
    """All is well: a control room with its organiser, and one talk room."""

    def __init__(self, homeserver: Homeserver, ada: Client, bot: Client, folder: Path) -> None:
        self.ada = ada
        self.bot = bot
        self.folder = folder
        self.account: Account = bot.account
        self._homeserver = homeserver
        self._name = bot.user_id[1:].partition(":")[0]

    async def open(self) -> None:
        self.control = await self.ada.create_room(public=False, invite=[self.bot.user_id])
        await self.bot.join(self.control)
        self.alias, self.room = await self.make_room("kernel", users={self.bot.user_id: 50})
        self.settings: dict[str, Any] = {
            "organisers": [self.ada.user_id],
            "control_room": self.control,
            "schedule": {"source": str(a_day(self.folder, self.alias))},
        }

    async def make_room(
        self, name: str, *, users: dict[str, int] | None = None, **options: Any
    ) -> tuple[str, str]:
        """Returns its alias and its id."""
        name = f"{name}-{self._name}"
        power = {"users": users} if users else None
        room = await self.ada.create_room(alias=name, power=power, **options)
        return f"#{name}:{self._homeserver.server_name}", room

    def write(self) -> Path:
        path = self.folder / "config.yaml"
        return write_config(path, self._homeserver, self.account, self.settings)

    async def doctor(self, *options: str) -> Outcome:
        return await types("doctor", "--config", self.write(), *options)


@pytest.fixture
async def conference(homeserver: Homeserver, person: MakePerson, new_folder: Path) -> Conference:
    made = Conference(homeserver, await person("ada"), await person("bot"), new_folder)
    await made.open()
    return made


async def test_all_is_well_and_nothing_is_said(conference: Conference) -> None:
    outcome = await conference.doctor()
    assert (outcome.code, outcome.err) == (0, "")
    assert "HELP" not in outcome.out
    assert "all 1 room joined" in outcome.line("rooms")
    assert f"{conference.bot.user_id}, device" in outcome.line("account")
    assert conference.room in await conference.bot.joined_rooms()
    for room in (conference.control, conference.room):
        assert await conference.ada.messages(room, conference.bot.user_id) == []


async def test_the_power_that_is_given_is_seen_at_once(conference: Conference) -> None:
    alias, room = await conference.make_room("cloud")
    conference.settings["schedule"]["source"] = str(a_day(conference.folder, alias))
    outcome = await conference.doctor()
    assert outcome.code == 1
    assert f"not in 1 room: give me power level 50 there\n{'':23}{alias}" in outcome.line("pinning")
    levels = await conference.ada.state(room, "m.room.power_levels")
    levels.setdefault("users", {})[conference.bot.user_id] = 50
    await conference.ada.set_state(room, "m.room.power_levels", levels)
    assert (await conference.doctor()).code == 0


async def encrypt(conference: Conference) -> None:
    for room in (conference.control, conference.room):
        content = {"algorithm": "m.megolm.v1.aes-sha2"}
        await conference.ada.set_state(room, "m.room.encryption", content)


async def take_the_token_away(conference: Conference) -> None:
    conference.account = replace(conference.account, access_token="syt_of_last_year")


async def lose_the_organiser(conference: Conference) -> None:
    await conference.ada.leave(conference.control)


async def lose_the_room(conference: Conference) -> None:
    missing = conference.alias.replace("kernel", "missing")
    conference.settings["schedule"]["source"] = str(a_day(conference.folder, missing))


async def lose_the_schedule(conference: Conference) -> None:
    conference.settings["schedule"]["source"] += ".old"


async def name_no_schedule(conference: Conference) -> None:
    del conference.settings["schedule"]


async def run_another(conference: Conference) -> None:
    async with aiohttp.ClientSession() as http:
        config = Config.read(conference.write())
        api = Api(http, Login(config.base_url, config.token))
        await put(api, config.user_id, own_mark("sqlite:/srv/staging/bot.db"))


async def read_last_year_s(conference: Conference) -> None:
    a_day(conference.folder, conference.alias, past=True)


async def give_no_rooms(conference: Conference) -> None:
    a_day(conference.folder)


async def misspell_a_track(conference: Conference) -> None:
    conference.settings["notices"] = {"tracks": {"Mian": "quiet"}}


async def forget_quotes(conference: Conference) -> None:
    conference.settings["rooms"] = {"default": None}


async def misspell_a_key(conference: Conference) -> None:
    conference.settings["notcies"] = {}


async def name_no_hosts_room(conference: Conference) -> None:
    conference.settings["hosts"] = {"*": conference.alias.replace("kernel", "hosts")}


async def name_a_dead_meeting_server(conference: Conference) -> None:
    conference.settings["jitsi"] = {"servers": {"127.0.0.1:1": {}}}


async def write_nonsense(conference: Conference) -> None:
    conference.settings["notices"] = {"level": "loud"}


async def let_others_read(conference: Conference) -> None:
    conference.write().chmod(0o644)


async def break_the_database(conference: Conference) -> None:
    (conference.folder / "bot.db").write_text("no database at all, but longer than its header" * 9)


@pytest.mark.parametrize(
    ("trouble", "what", "why"),
    [
        (encrypt, "control room", "is encrypted"),
        (encrypt, "encryption", "in 1 room: I cannot read what is asked there"),
        (take_the_token_away, "account", "logged out; fosdembot init logs it in again"),
        (lose_the_organiser, "control room", "is not there: fosdembot init invites again"),
        (lose_the_room, "rooms", "No such room"),
        (lose_the_schedule, "schedule", "the file cannot be opened"),
        (name_no_schedule, "schedule", "none; fosdembot init asks for it"),
        (run_another, "other bots", "/srv/staging/bot.db, seen 1 minute ago"),
        (read_last_year_s, "schedule", "All 2 talks are over, the last since 31 Jan 2026"),
        (give_no_rooms, "schedule", "None of 2 talks has a room, so nothing is told"),
        (misspell_a_track, "names", 'Did you mean "Main"?'),
        (forget_quotes, "settings", "rooms.default: nothing stands there"),
        (misspell_a_key, "settings", "notcies: no such setting; it is ignored; did you mean notic"),
        (name_no_hosts_room, "hosts' rooms", "No such room"),
        (name_a_dead_meeting_server, "meetings", "127.0.0.1:1: away"),
        (write_nonsense, "settings", "notices.level"),
        (let_others_read, "settings", "chmod 600"),
        (break_the_database, "database", "is no database"),
    ],
)
async def test_what_needs_help_is_named(
    conference: Conference,
    trouble: Callable[[Conference], Awaitable[None]],
    what: str,
    why: str,
) -> None:
    assert (await conference.doctor()).code == 0
    await trouble(conference)
    outcome = await conference.doctor()
    assert outcome.code == 1
    assert "HELP" in outcome.line(what)
    assert why in outcome.line(what)


async def test_the_homeserver_is_away(conference: Conference) -> None:
    config = conference.write()
    raw = config.read_text()
    credentials = read_config(config)["user"]["credentials"]
    config.write_text(raw.replace(credentials["homeserver"], "http://127.0.0.1:1"))
    outcome = await types("doctor", "--config", config)
    assert outcome.code == 1
    assert "cannot be reached (Connection refused)" in outcome.line("homeserver")
    assert "ok" in outcome.line("schedule")


async def test_a_postgresql_database_is_tried(postgres: Postgres, tmp_path: Path) -> None:
    async def found(url: str) -> Finding:
        path = tmp_path / "config.yaml"
        path.write_text(f"database: {url}\n")
        return await database_finding(Config.read(path))

    url = await postgres.create_database("doctor")
    assert (await found(url)).well
    missing = await found(postgres.url("nobody_made_it"))
    assert missing.well is False
    assert "does not exist" in missing.text
    assert (await found("mysql://127.0.0.1/x")).well is False
