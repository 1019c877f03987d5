"""`fosdembot init` as an organiser calls it, on a real homeserver."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from fosdembot.cli.homeserver import DEVICE, Login
from fosdembot.matrix.api import Api
from simulation.client import Client
from simulation.homeserver import Account, Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakePerson

from .organiser import Outcome, Running, a_day, forks, read_config, types


@pytest.fixture
async def ada(person: MakePerson) -> Client:
    return await person("ada")


async def make_account(homeserver: Homeserver, name: str) -> Account:
    return await homeserver.register(name, "open sesame")


async def test_from_nothing_to_a_bot_in_three_commands(
    homeserver: Homeserver, ada: Client, new_folder: Path
) -> None:
    account = await make_account(homeserver, "init-path")
    server = homeserver.server_name
    kernel = await ada.create_room(alias="init-kernel")
    await ada.create_room(alias="init-secret", public=False)
    rooms = [f"#init-{name}:{server}" for name in ("kernel", "secret", "missing")]
    a_day(new_folder, *rooms)
    command = (
        *("init", "--yes", "--user", account.user_id, "--homeserver", homeserver.url),
        *("--organiser", ada.user_id, "--schedule", "schedule.xml"),
    )
    made = await forks(new_folder, *command, FOSDEMBOT_PASSWORD="open sesame")
    assert made.code == 0, made
    assert made.out.splitlines()[-1].endswith("fosdembot.cli run")
    assert "accept the invitation to the control room" in made.out
    assert "rehearse '#your-room:example.org'" in made.out
    assert "HELP" in made.line("rooms")
    assert "1 of 3 rooms joined" in made.line("rooms")
    said = made.line("rooms")
    assert re.search(rf"It is private: invite me, {account.user_id}\n +{rooms[1]}", said)
    assert re.search(rf"No such room.*\n +{rooms[2]}", said)
    assert rooms[0] in made.line("pinning")
    assert "ok" in made.line("speed")

    path = new_folder / "config.yaml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = read_config(path)
    assert config["user"]["sync"] is False
    assert config["user"]["autojoin"] is False
    assert config["plugin_config"]["schedule"]["source"] == str(new_folder / "schedule.xml")
    control = config["plugin_config"]["control_room"]
    async with Client(homeserver.url, logged_in(config)) as bot:
        assert set(await bot.joined_rooms()) == {control, kernel}
    assert await device_of(homeserver, config) == DEVICE
    await ada.join(control)
    levels = await ada.state(control, "m.room.power_levels")
    assert levels["users"][ada.user_id] == 100

    async with Running(new_folder, "Startup completed", "run"):
        await ada.send(control, "!conf rooms")

        async def told() -> bool:
            said = [message.body for message in await ada.messages(control, account.user_id)]
            return any(rooms[1] in body and "invite me" in body for body in said)

        await wait_for(told, 30)
        looked = await forks(new_folder, "doctor")
        assert looked.code == 1
        assert looked.line("rooms") == made.line("rooms")


def logged_in(config: dict[str, dict[str, dict[str, str]]]) -> Account:
    """The account of a configuration."""
    credentials = config["user"]["credentials"]
    return Account(credentials["id"], DEVICE, credentials["access_token"], "")


async def device_of(homeserver: Homeserver, config: dict[str, dict[str, dict[str, str]]]) -> str:
    login = Login(URL(homeserver.url), logged_in(config).access_token)
    async with aiohttp.ClientSession() as http:
        return str((await Api(http, login).whoami())["device_id"])


async def init(config: Path, *arguments: str | Path, answers: str = "") -> Outcome:
    return await types("init", "--config", config, *arguments, answers=answers)


async def test_called_again_it_keeps_what_is_there(
    homeserver: Homeserver, ada: Client, new_folder: Path
) -> None:
    account = await make_account(homeserver, "init-again")
    alias = f"#init-again:{homeserver.server_name}"
    await ada.create_room(alias="init-again", power={"users": {account.user_id: 50}})
    config = new_folder / "conference" / "config.yaml"
    config.parent.mkdir()
    options = ("--schedule", a_day(new_folder, alias), "--organiser", ada.user_id)
    password = new_folder / "password"
    password.write_text("open sesame\n")
    first = await init(
        config,
        *("--yes", "--user", "init-again", "--homeserver", homeserver.url, *options),
        *("--password-file", password),
    )
    assert first.code == 0
    assert "HELP" not in first.out
    assert first.out.endswith(f"run --config {config}\n")
    before = read_config(config)
    assert before["database"] == "sqlite:bot.db"
    changed = config.read_text().replace("control_room:", "command_prefix: '?'\n  control_room:")
    config.write_text(changed)

    again = await init(config, "--yes")
    assert again.code == 0
    after = read_config(config)
    assert after["plugin_config"].pop("command_prefix") == "?"
    assert after == before
    async with Client(homeserver.url, logged_in(after)) as bot:
        assert len(await bot.joined_rooms()) == 2

    untouched = config.read_text()
    refused = await init(config, answers="n\n")
    assert refused.code == 1
    assert config.read_text() == untouched


async def test_what_a_handmade_file_lacks_is_added(
    homeserver: Homeserver, ada: Client, new_folder: Path
) -> None:
    account = await make_account(homeserver, "init-handmade")
    config = new_folder / "config.yaml"
    config.write_text(
        f"user:\n  credentials:\n    id: '{account.user_id}'\n    homeserver: {homeserver.url}\n"
        f"    access_token: {account.access_token}\n"
        f"plugin_config:\n  organisers: ['{ada.user_id}']\n"
    )
    done = await init(config, "--yes", "--schedule", a_day(new_folder))
    assert done.code == 0, done
    made = read_config(config)
    assert made["user"]["credentials"]["access_token"] == account.access_token
    assert (made["user"]["sync"], made["user"]["autojoin"]) == (False, False)
    assert made["database"] == "sqlite:bot.db"
    assert made["server"]["hostname"] == "127.0.0.1"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600


async def test_it_asks_and_asks_again(
    homeserver: Homeserver, ada: Client, new_folder: Path
) -> None:
    account = await make_account(homeserver, "init-asked")
    schedule = a_day(new_folder)
    config = new_folder / "config.yaml"
    answers = [
        "@@",
        "init-asked",
        "127.0.0.1:1",
        homeserver.url,
        "wrong",
        "open sesame",
        str(new_folder),
        str(schedule),
        "ada",
        account.user_id,
        f"@nobody-here:{homeserver.server_name}",
        ada.user_id,
        "a room",
        "",
        "y",
    ]
    done = await init(config, answers="\n".join([*answers, ""]))
    assert done.code == 0, done
    for complaint in (
        "@@ is no account",
        "cannot be reached (Connection refused)",
        "Wrong account or password",
        "it is not a file",
        "ada is no Matrix ID",
        "is the bot; your own ID is needed here",
        "@nobody-here",
        "a room is no room",
    ):
        assert complaint in done.err
    made = read_config(config)["plugin_config"]["rooms"]["default"]
    await ada.join(made)
    assert (await ada.state(made, "m.room.join_rules"))["join_rule"] == "invite"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"--user": None}, "--user is missing"),
        ({"--homeserver": "http://127.0.0.1:1"}, "cannot be reached"),
        ({"--password": "wrong"}, "Wrong account or password"),
        ({"--password": None}, "--password-file (or FOSDEMBOT_PASSWORD in the environment)"),
        ({"--schedule": None}, "--schedule is missing"),
        ({"--schedule": "/dev/null"}, "it is not a file"),
        ({"--schedule": "ZONELESS"}, "set schedule.zone (on the command line --zone)"),
        ({"--zone": "Brussels"}, "There is no time zone 'Brussels'"),
        ({"--organiser": None}, "--organiser is missing"),
        ({"--organiser": "ada"}, "ada is no Matrix ID"),
        ({"--room": "lobby"}, "lobby is no room"),
    ],
)
async def test_a_wrong_answer_is_one_line_and_nothing_is_written(
    homeserver: Homeserver, ada: Client, new_folder: Path, options: dict[str, str | None], why: str
) -> None:
    account = await homeserver.register(f"init-wrong-{new_folder.name.lower()}", "open sesame")
    schedule = a_day(new_folder)
    zoneless = new_folder / "zoneless.xml"
    zoneless.write_text(
        schedule.read_text()
        .replace("+00:00", "")
        .replace("<time_zone_name>UTC</time_zone_name>", "")
    )
    given: dict[str, str | None] = {
        "--user": account.user_id,
        "--homeserver": homeserver.url,
        "--password": "open sesame",
        "--schedule": str(schedule),
        "--organiser": ada.user_id,
        **options,
    }
    if given["--schedule"] == "ZONELESS":
        given["--schedule"] = str(zoneless)
    config = new_folder / "config.yaml"
    words = [word for key, value in given.items() if value is not None for word in (key, value)]
    outcome = await init(config, "--yes", *words)
    assert why in outcome.refusal
    assert not config.exists()


async def test_the_limit_is_measured_and_the_way_out_printed(
    homeserver: Homeserver, ada: Client, new_folder: Path
) -> None:
    account = await make_account(homeserver, "init-slow")
    await homeserver.override_ratelimit(account.user_id, 5, 5)
    config = new_folder / "config.yaml"
    outcome = await init(
        config,
        *("--yes", "--user", account.user_id, "--homeserver", homeserver.url),
        *("--password", "open sesame", "--organiser", ada.user_id),
        *("--schedule", a_day(new_folder)),
    )
    assert outcome.code == 0
    assert "HELP" in outcome.line("speed")
    assert '{"messages_per_second": 0, "burst_count": 0}' in outcome.line("speed")
    path = f"/_synapse/admin/v1/users/{account.user_id}/override_ratelimit"
    assert f"{homeserver.url}{path}" in outcome.line("speed")
    control = read_config(config)["plugin_config"]["control_room"]
    await ada.join(control)
    first, *others = await ada.messages(control, account.user_id)
    assert {message.edits for message in others} == {first.event_id}
    assert "made me wait" in others[-1].body

    await homeserver.override_ratelimit(account.user_id, 0, 0)
    looked = await types("doctor", "--speed", "--config", config)
    assert looked.code == 0, looked
    assert "ok" in looked.line("speed")
