"""A schedule that leads talks to the hosts' or the control room takes neither over."""

from __future__ import annotations

from typing import Any

import pytest

from simulation.conference import Planned
from tests.stage import (
    BOT,
    CLOUD,
    CONTROL,
    KERNEL,
    ORGANISER,
    STRANGER,
    MakeStage,
    Stage,
    in_room,
    room_id,
    talks,
)

HOSTS = "#main-hosts:example.org"


async def poisoned(make_stage: MakeStage, link: str, **settings: Any) -> Stage:
    """One talk in the talk room, and one whose speaker has added a "Chat room" link."""
    stage = await make_stage(hosts={"Main": HOSTS}, **settings)
    await stage.publish(
        *talks(Planned(1, "A", 60, 25)),
        *talks(Planned(2, "Mine", 60, 25, track="Cloud", place="Attic"), room=link),
    )
    for alias in (CONTROL, KERNEL, HOSTS):
        await stage.open(alias, {BOT: 50})
    await stage.news()
    return stage


@pytest.mark.parametrize("link", [HOSTS, CONTROL])
async def test_a_room_with_a_role_keeps_it(make_stage: MakeStage, link: str) -> None:
    stage = await poisoned(make_stage, link)
    said = await stage.tell(60)
    assert [s.room for s in said] == [KERNEL], "nothing of the talk is told there"
    stage.clock.set(61)
    said = await stage.say(KERNEL, STRANGER, "!ask How small?")
    assert in_room(said, HOSTS), "cards still come"
    await stage.deliver()
    said = await stage.say(HOSTS, STRANGER, "kernel take 1")
    assert "take" not in str(in_room(said, HOSTS)), "it is obeyed"
    assert await stage.say(CONTROL, ORGANISER, "!conf status")


@pytest.mark.parametrize("link", [HOSTS, CONTROL])
async def test_the_clash_is_told_once(make_stage: MakeStage, link: str) -> None:
    stage = await poisoned(make_stage, link)
    await stage.bot.alarms.step()
    [told] = in_room(await stage.news(), CONTROL)
    role = "the control room" if link == CONTROL else "a hosts' room"
    assert told == (
        f"{link}: the schedule leads 1 talk there, but it is {role}, and stays that: nothing is "
        "told there. Correct the schedule, or give the talk a room in my settings."
    )
    await stage.bot.alarms.step()
    await stage.restart()
    await stage.bot.alarms.step()
    assert await stage.news() == []
    [rooms] = in_room(await stage.say(CONTROL, ORGANISER, "!conf rooms"), CONTROL)
    assert told in rooms.split("\n")


async def test_a_clash_that_is_over_is_forgotten(make_stage: MakeStage) -> None:
    stage = await poisoned(make_stage, HOSTS)
    await stage.bot.alarms.step()
    await stage.publish(*talks(Planned(1, "A", 60, 25), Planned(2, "Mine", 90, 25)))
    await stage.bot.alarms.step()
    await stage.news()
    [rooms] = in_room(await stage.say(CONTROL, ORGANISER, "!conf rooms"), CONTROL)
    assert rooms == "All 1 room joined, nothing is missing."


async def test_an_organiser_cannot_make_a_talk_room_a_hosts_room(make_stage: MakeStage) -> None:
    stage = await poisoned(make_stage, CLOUD)
    for address in (KERNEL, room_id(KERNEL)):
        said = await stage.say(CONTROL, ORGANISER, f"!conf hosts cloud {address}")
        assert "That is a talk room" in in_room(said, CONTROL)[0]
