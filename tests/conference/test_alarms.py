"""What is wrong in a room is told once, to organisers and hosts, and is gone when it is over."""

from __future__ import annotations

import pytest

from fosdembot.db.tables import Room, RoomAddress
from simulation.conference import Planned
from tests.stage import BOT, CONTROL, KERNEL, ORGANISER, MakeStage, Stage, in_room, room_id, talks

HOSTS = "#main-hosts:example.org"
ENCRYPTION = {"algorithm": "m.megolm.v1.aes-sha2"}


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    stage = await make_stage(hosts={"Main": HOSTS})
    await stage.publish(*talks(Planned(1, "A", 60, 25)))
    for alias in (CONTROL, KERNEL, HOSTS):
        await stage.open(alias, {BOT: 50})
    await look(stage)
    return stage


async def look(stage: Stage) -> dict[str, list[str]]:
    """The alarms by room."""
    await stage.bot.alarms.step()
    said = await stage.news()
    return {alias: in_room(said, alias) for alias in {s.room for s in said}}


async def rooms(stage: Stage) -> str:
    [answer] = in_room(await stage.say(CONTROL, ORGANISER, "!conf rooms"), CONTROL)
    return answer


async def test_a_room_in_which_the_bot_cannot_speak(stage: Stage) -> None:
    await stage.state(KERNEL, "m.room.power_levels", {"events_default": 50})
    expected = f"{KERNEL}: I may not speak there. Give me, {BOT}, power level 50."
    assert await look(stage) == {CONTROL: [expected], HOSTS: [expected]}
    assert await look(stage) == {}
    assert expected in await rooms(stage)
    await stage.state(KERNEL, "m.room.power_levels", {"users": {BOT: 50}, "events_default": 50})
    assert await look(stage) == {}
    assert await rooms(stage) == "All 1 room joined, nothing is missing."
    await stage.state(KERNEL, "m.room.power_levels", {"events_default": 50})
    assert await look(stage) == {CONTROL: [expected], HOSTS: [expected]}, "that is news"


@pytest.mark.parametrize("alias", [KERNEL, HOSTS, CONTROL])
async def test_each_kind_of_encrypted_room_has_its_own_sentence(stage: Stage, alias: str) -> None:
    await stage.state(alias, "m.room.encryption", ENCRYPTION)
    said = await look(stage)
    words = {KERNEL: "into the schedule", HOSTS: "!conf hosts TRACK", CONTROL: "--control-room"}
    assert words[alias] in said[CONTROL][0]
    assert (HOSTS in said) is (alias == KERNEL), "hosts hear of their talk rooms"
    assert said[CONTROL][0] in await rooms(stage)


@pytest.mark.parametrize("membership", ["leave", "ban"])
async def test_a_room_from_which_the_bot_was_removed(stage: Stage, membership: str) -> None:
    async with stage.database.write() as session:
        room = await session.get_one(Room, room_id(KERNEL))
        room.membership, room.removed_by = membership, "@mod:example.org"
        room.removed_at = stage.clock.now()
    said = await look(stage)
    expected = {
        "leave": f"{KERNEL}: @mod:example.org removed me. I come back at 10:00, or at once if "
        f"somebody invites me, {BOT}",
        "ban": f"{KERNEL}: @mod:example.org banned me. Lift the ban and invite me, {BOT}",
    }[membership]
    assert said == {CONTROL: [expected], HOSTS: [expected]}
    assert await rooms(stage) == f"1 problem:\n{expected}"


async def test_what_cannot_be_heard_in_the_control_room_is_not_said_there(stage: Stage) -> None:
    await stage.state(CONTROL, "m.room.power_levels", {"events_default": 50})
    assert await look(stage) == {}


async def test_many_rooms_are_counted_and_paged(make_stage: MakeStage) -> None:
    stage = await make_stage()
    aliases = [f"#hall-{number:02}:example.org" for number in range(50)]
    await stage.publish(*(Planned(n, "A", 60, 25, chat_room=a) for n, a in enumerate(aliases)))
    for alias in (CONTROL, *aliases):
        await stage.open(alias)
    for alias in aliases:
        await stage.state(alias, "m.room.power_levels", {"events_default": 50})
    await stage.news()
    [told] = (await look(stage))[CONTROL]
    assert told.split("\n")[-1] == "And 30 more: !conf rooms, or fosdembot rooms"
    pages = [
        in_room(await stage.say(CONTROL, ORGANISER, f"!conf rooms {n}"), CONTROL)[0]
        for n in ("", 2, 3, 4)
    ]
    lines = [page.split("\n") for page in pages]
    assert [page[0] for page in lines] == [
        f"50 problems, page {page} of 3:" for page in (1, 2, 3, 3)
    ]
    assert [page[-1] for page in lines[:2]] == [
        "And 30 more: !conf rooms 2",
        "And 10 more: !conf rooms 3",
    ]
    named = {line.split(": ")[0] for page in lines for line in page[1:]}
    assert set(aliases) <= named


SECOND, OTHER_HOSTS = "#a-kernel:example.org", "#side-hosts:example.org"


@pytest.fixture
async def doubly_named(make_stage: MakeStage) -> Stage:
    """Two tracks, with hosts of their own, have the same room by different addresses."""
    stage = await make_stage(hosts={"Main": HOSTS, "Side": OTHER_HOSTS})
    await stage.publish(*BOTH)
    for alias in (CONTROL, KERNEL, HOSTS, OTHER_HOSTS):
        await stage.open(alias, {BOT: 50})
    await second_name(stage)
    await look(stage)
    return stage


BOTH = (
    Planned(1, "A", 60, 25, chat_room=KERNEL),
    Planned(2, "B", 90, 25, chat_room=SECOND, track="Side"),
)


async def second_name(stage: Stage) -> None:
    async with stage.database.write() as session:
        await session.merge(RoomAddress(address=SECOND, room_id=room_id(KERNEL)))


async def test_a_room_with_two_addresses_is_told_of_once(doubly_named: Stage) -> None:
    stage = doubly_named
    await stage.state(KERNEL, "m.room.power_levels", {"events_default": 50})
    expected = f"{KERNEL}: I may not speak there. Give me, {BOT}, power level 50."
    said = await look(stage)
    assert said == {CONTROL: [expected], HOSTS: [expected], OTHER_HOSTS: [expected]}
    assert await rooms(stage) == f"1 problem:\n{expected}"
    for left in (BOTH[:1], BOTH[1:], BOTH):
        await stage.publish(*left)
        await stage.news()
        assert await look(stage) == {}, "whichever of them the schedule has"
    stage.clock.set(86)
    assert await look(stage) == {}, "whichever comes first"
    await stage.state(KERNEL, "m.room.power_levels", {"users": {BOT: 50}, "events_default": 50})
    assert await look(stage) == {}
    assert await rooms(stage) == "All 2 rooms joined, nothing is missing."
    await stage.state(KERNEL, "m.room.power_levels", {"events_default": 50})
    assert (await look(stage)).keys() == {CONTROL, HOSTS, OTHER_HOSTS}


async def test_nor_is_it_said_to_be_joined_soon(doubly_named: Stage) -> None:
    async with doubly_named.database.write() as session:
        room = await session.get_one(Room, room_id(KERNEL))
        room.membership, room.removed_by = "ban", "@mod:example.org"
        room.removed_at = doubly_named.clock.now()
    [said] = (await look(doubly_named))[CONTROL]
    assert said == f"{KERNEL}: @mod:example.org banned me. Lift the ban and invite me, {BOT}"
    assert await rooms(doubly_named) == f"1 problem:\n{said}"
