"""`fosdembot run`: what it refuses, in one line, before it starts anything."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from simulation.homeserver import Account, Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakePerson

from .organiser import Running, starts, types, write_config

ACCOUNT = """
user:
  credentials: {id: "@bot:example.org", homeserver: "http://127.0.0.1:1", access_token: secret}
  sync: false
  autojoin: false
database: "sqlite:bot.db"
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "there is no config.yaml; fosdembot init writes one, --config names another"),
        ("a: [", "config.yaml is not YAML"),
        ("plugin_config: {}", "config.yaml names no account; fosdembot init asks for one"),
        (ACCOUNT.replace("  autojoin: false\n", ""), "config.yaml: user.autojoin must be false"),
        (ACCOUNT.replace("sync: false", "sync: true"), "config.yaml: user.sync must be false"),
        (ACCOUNT + "plugin_config: {rooms: {default: lobby}}", "setting rooms.default: a room is"),
        (ACCOUNT + "plugin_config: []", "plugin_config holds no settings"),
    ],
)
async def test_one_line_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("config.yaml").write_text(text)
    assert why in (await types("run")).refusal


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        config.write_text(f"{ACCOUNT}server: {{hostname: 127.0.0.1, port: {port}}}\n")
        outcome = await starts(tmp_path, "run")
    assert f"port {port} is taken: does the bot run already?" in outcome.refusal


async def test_a_setting_with_a_safe_default_does_not_stop_it(
    homeserver: Homeserver, person: MakePerson, new_folder: Path
) -> None:
    ada, bot = await person("ada"), await person("bot")
    control = await ada.create_room(invite=[bot.user_id])
    account: Account = bot.account
    settings = {"control_room": control, "notices": {"qa_minutes": "soon"}}
    config = write_config(new_folder / "config.yaml", homeserver, account, settings)
    async with Running(new_folder, "Startup completed", "run", "--config", str(config)):

        async def told() -> bool:
            said = await ada.messages(control, bot.user_id)
            return any("notices.qa_minutes" in message.body for message in said)

        await wait_for(told, what="the setting that is wrong", every=0.2)
