"""`!conf hosts`: where the moderators of a track meet."""

from __future__ import annotations

import pytest

from fosdembot.db.tables import RoomAddress
from fosdembot.matrix.timeline import MEMBER
from simulation.conference import Planned
from tests.chat.conftest import command
from tests.stage import (
    BOT,
    CLOUD,
    CONTROL,
    KERNEL,
    LISTED,
    STRANGER,
    MakeStage,
    Stage,
    in_room,
    room_id,
    talks,
)

HOSTS = "#cloud-hosts:example.org"
USAGE = (
    "Type !conf hosts TRACK #room:server, !conf hosts all #room:server or !conf hosts TRACK off."
)
NONE = "There are no hosts' rooms. To name one: !conf hosts TRACK #room:server"
MEANING = "Questions come there as cards, and whoever is in it is a moderator of these talks."


@pytest.mark.parametrize("track", ["Cloud", "CLOUD", "clo", "*", "all", "ALL"])
async def test_whoever_is_in_the_room_moderates(conference: Stage, track: str) -> None:
    await conference.open(HOSTS)
    await conference.state(HOSTS, MEMBER, {"membership": "join"}, STRANGER)
    name = "Cloud" if track.lower().startswith("clo") else "all"
    assert await command(conference, f"!conf hosts {track} {HOSTS}") == (
        f"{name}: the hosts' room is {HOSTS} now. {MEANING}"
    )
    conference.clock.set(70)
    [answer] = in_room(await conference.say(CLOUD, STRANGER, "!talk delay 10"), CLOUD)
    assert "10 minutes late" in answer
    for listing in ("!conf hosts", "!conf  HOSTS "):
        assert await command(conference, listing) == f"{name}: {HOSTS}"
    assert await command(conference, f"!conf hosts {track} OFF") == (
        f"{name}: no hosts' room any more."
    )
    [answer] = in_room(await conference.say(CLOUD, STRANGER, "!talk reset"), CLOUD)
    assert answer.startswith("Only this room's moderators")
    assert await command(conference, "!conf hosts") == NONE


async def test_it_outlives_a_restart_and_the_settings(
    make_stage: MakeStage,
) -> None:
    stage = await make_stage(hosts={"Main": HOSTS})
    await stage.publish(*talks(Planned(1, "A", 60, 25)))
    for alias in (CONTROL, KERNEL, HOSTS):
        await stage.open(alias)
    await stage.news()
    assert await command(stage, "!conf hosts") == f"Main: {HOSTS}"
    await command(stage, "!conf hosts main off")
    await stage.restart()
    await stage.bot.hosts_rooms.load()
    assert await command(stage, "!conf hosts") == NONE
    assert await command(stage, "!conf hosts main off") == "Main has no hosts' room."
    await command(stage, f"!conf hosts main {HOSTS}")
    await stage.restart()
    await stage.bot.hosts_rooms.load()
    assert await command(stage, "!conf hosts") == f"Main: {HOSTS}"


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ("Cloud", USAGE),
        (HOSTS, USAGE),
        ("Cloud hosts", '"hosts" is no room: !conf hosts TRACK #room:server'),
        ("Cloud #hosts", '"#hosts" is no room: !conf hosts TRACK #room:server'),
        (
            f"Clouds {HOSTS}",
            'No track is called "Clouds". There are: Cloud, Main. For every track: all',
        ),
        (
            f"<b>@room {HOSTS}",
            'No track is called "<b>@\u200broom". There are: Cloud, Main. For every track: all',
        ),
        ("Cloud off", "Cloud has no hosts' room."),
        (f"Cloud {CONTROL}", "That is the control room: hosts need a room of their own."),
        (f"Cloud {room_id(CONTROL)}", "That is the control room: hosts need a room of their own."),
        (
            f"Cloud {KERNEL}",
            "That is a talk room: everybody in the audience would be a moderator.",
        ),
        (
            f"Cloud {room_id(CLOUD)}",
            "That is a talk room: everybody in the audience would be a moderator.",
        ),
    ],
)
async def test_a_slip_changes_nothing(conference: Stage, arguments: str, answer: str) -> None:
    assert await command(conference, f"!conf hosts {arguments}") == answer
    assert await command(conference, "!conf hosts") == NONE


async def test_a_part_of_a_name_must_mean_one_track(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(
        *talks(
            Planned(1, "A", 60, 25, track="Web Performance"),
            Planned(2, "B", 90, 25, track="Web"),
            Planned(3, "C", 120, 25, track="Webassembly"),
        )
    )
    for alias in (CONTROL, KERNEL, HOSTS):
        await stage.open(alias)
    await stage.news()
    assert await command(stage, f"!conf hosts we {HOSTS}") == (
        'More than one track fits "we": Web, Web Performance, Webassembly. Type more of its name.'
    )
    assert (await command(stage, f"!conf hosts web {HOSTS}")).startswith("Web: ")
    assert (await command(stage, f"!conf hosts web perf {HOSTS}")).startswith("Web Performance: ")


async def test_a_room_that_the_bot_is_not_in(conference: Stage) -> None:
    missing = f"{HOSTS}: not joined. I am on my way."
    said = await command(conference, f"!conf hosts cloud {HOSTS}")
    assert said == f"Cloud: the hosts' room is {HOSTS} now. {MEANING}\n{missing}"
    assert await command(conference, "!conf hosts") == f"Cloud: {missing}"
    async with conference.database.write() as session:
        await session.merge(RoomAddress(address=HOSTS, problem="M_FORBIDDEN"))
    private = f"{HOSTS}: not joined. It is private: invite me, {BOT}"
    assert await command(conference, "!conf hosts") == f"Cloud: {private}"
    assert private in await command(conference, "!conf rooms")


async def test_a_room_in_the_settings_that_is_not_fit_is_named(make_stage: MakeStage) -> None:
    stage = await make_stage(hosts={"Main": CONTROL})
    await stage.publish(*talks(Planned(1, "A", 60, 25)))
    await stage.open(CONTROL)
    await stage.open(KERNEL, {BOT: 50})
    await stage.news()
    why = "That is the control room: hosts need a room of their own."
    assert await command(stage, "!conf hosts") == f"Main: {why}"
    assert await command(stage, "!conf rooms") == f"1 problem:\n{CONTROL}: {why}"


async def test_a_room_that_anybody_may_enter(conference: Stage) -> None:
    await conference.open(HOSTS)
    await conference.state(HOSTS, "m.room.join_rules", {"join_rule": "public"})
    assert await command(conference, f"!conf hosts cloud {HOSTS}") == (
        "Anybody can enter that room, perhaps by way of its space, and would be a moderator. Let "
        "only those in who are invited."
    )
    assert await command(conference, "!conf hosts") == NONE


async def test_only_organisers_and_not_in_public(conference: Stage) -> None:
    [answer] = in_room(await conference.say(CONTROL, LISTED, f"!conf hosts all {HOSTS}"), CONTROL)
    assert answer.startswith("Only the organisers")
    assert await command(conference, "!conf hosts") == NONE
