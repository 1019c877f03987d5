"""`fosdembot rooms`: the whole list, from what the bot knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulation.conference import Planned, write_schedule
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakePerson
from tests.stage import KERNEL, MakeStage

from .organiser import Outcome, Running, a_day, types, write_config

MINUTES = 60 * 24 * 365
HOSTS = "#hosts:example.org"


async def listed(config: Path, *options: str) -> Outcome:
    return await types("rooms", "--config", config, *options)


def offline(folder: Path, **settings: Any) -> Path:
    account = {"id": "@bot:example.org", "homeserver": "http://127.0.0.1:1", "access_token": "x"}
    config = folder / "config.yaml"
    config.write_text(f"user: {{credentials: {account}}}\ndatabase: sqlite:bot.db\n")
    return config


async def test_every_room_and_talk_with_its_state(
    homeserver: Homeserver, person: MakePerson, new_folder: Path
) -> None:
    ada, bot = await person("ada"), await person("bot")
    name = f"rooms-{bot.user_id[1:].partition(':')[0]}"
    await ada.create_room(alias=name, power={"users": {bot.user_id: 50}})
    await ada.create_room(alias=f"{name}-private", public=False)
    here = f"#{name}:{homeserver.server_name}"
    private = f"#{name}-private:{homeserver.server_name}"
    missing = [f"#{name}-missing-{n}:{homeserver.server_name}" for n in range(26)]
    schedule = new_folder / "schedule.xml"
    rooms = [here, private, *missing, ""]
    write_schedule(
        schedule,
        [
            Planned(n, f"Talk {n}", MINUTES + n, 25, place=f"Hall {n}", chat_room=room)
            for n, room in enumerate(rooms)
        ],
    )
    settings = {"schedule": {"source": str(schedule)}}
    config = write_config(new_folder / "config.yaml", homeserver, bot.account, settings)

    before = await listed(config)
    assert before.code == 0, before
    assert f"{here}  not joined yet: the bot has not run here" in before.out
    assert before.out.endswith("0 of 28 rooms joined; 29 talks, 1 without a room.\n")

    async with Running(new_folder, "Startup completed", "run", "--config", str(config)):

        async def known() -> bool:
            told.append((await listed(config)).out)
            return "on my way" not in told[-1] and "has not run" not in told[-1]

        told: list[str] = []
        await wait_for(known, 150, "all rooms to be tried", every=1)
        every = await listed(config)
    lines = every.out.splitlines()
    assert f"{here}  joined" in lines
    assert f"{private}  not joined. It is private: invite me, {bot.user_id}" in lines
    assert sum(line.startswith(tuple(missing)) for line in lines) == 26
    assert sum(line.startswith("    Sun 31 Jan") for line in lines) == 29
    talk = next(line for line in lines if "Talk 0 " in line)
    assert talk == "    Sun 31 Jan 09:00-09:25  Talk 0  [0] upcoming"
    assert lines[-1] == "1 of 28 rooms joined; 29 talks, 1 without a room."

    out = (await listed(config, "--missing")).out
    assert here + "  " not in out
    assert "Talk 28" not in out
    assert out.count("No such room") == 26
    out = (await listed(config, "--no-room")).out
    assert out.splitlines() == ["Sun 31 Jan 09:28-09:53  Talk 28  [28] upcoming", lines[-1]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "start the bot once"),
        (b"no database at all, but longer than its header" * 9, "is no database"),
    ],
)
async def test_a_database_that_is_none(tmp_path: Path, content: bytes, why: str) -> None:
    config = offline(tmp_path)
    (tmp_path / "bot.db").write_bytes(content)
    assert why in (await listed(config)).refusal


async def test_without_a_schedule(tmp_path: Path) -> None:
    refusal = (await listed(offline(tmp_path))).refusal
    assert refusal == "no schedule is named; fosdembot init asks for one"


async def test_hostile_titles_stay_on_their_line(tmp_path: Path) -> None:
    config = offline(tmp_path)
    schedule = a_day(tmp_path)
    text = schedule.read_text().replace("Tiny kernels", "Tiny&#10;kernels \u202e gnp")
    schedule.write_text(text)
    config.write_text(
        f"{config.read_text()}plugin_config: {{schedule: {{source: '{schedule}'}}}}\n"
    )
    out = (await listed(config)).out
    assert "Tiny kernels gnp" in out
    assert len(out.splitlines()) == 4


@pytest.mark.parametrize("before", [True, False])
async def test_talks_that_are_led_to_a_room_with_a_role_have_none(
    tmp_path: Path, make_stage: MakeStage, before: bool
) -> None:
    """`before`: the bot has not run here yet."""
    stage = await make_stage(hosts={"all": HOSTS})
    await stage.publish(
        Planned(1, "Tiny kernels", 60, 25, chat_room=KERNEL),
        Planned(2, "Led astray", 90, 25, chat_room=HOSTS),
        Planned(3, "Lost", 120, 25),
    )
    config = offline(tmp_path)
    settings = {"schedule": {"source": str(stage.schedule)}, "hosts": {"all": HOSTS}}
    with config.open("a") as file:
        YAML().dump({"plugin_config": settings}, file)
    if before:
        (tmp_path / "bot.db").unlink()
    outcome = await listed(config, "--no-room")
    lines = outcome.out.splitlines()
    assert [line for line in lines if "Led astray" in line or "Lost" in line] == lines[:2]
    assert lines[-1].endswith("3 talks, 2 without a room.")
