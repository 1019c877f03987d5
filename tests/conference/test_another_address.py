"""A schedule leads to the same Matrix room by another address: nothing is told there twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fosdembot.db.tables import RoomAddress
from simulation.conference import Planned
from tests.stage import BOT, CLOUD, CONTROL, KERNEL, ORGANISER, MakeStage, Stage, room_id, talks

NEW, OLDER = "#kernel-2026:example.org", "#a-kernel:example.org"
"""They come after and before the address that the room has at first."""
TINY = Planned(1, "Tiny kernels", 60, 25)
BIG = Planned(2, "Big kernels", 90, 50)

EXPECTED = [
    "09:50 heads_up 1 10:00",
    "09:55~heads_up 1 10:00",
    "09:59~heads_up 1 10:00",
    "10:00 now 1 10:25 10:20",
    "10:20 qa 1 10:25 10:30",
    "10:30 now 2 11:20 11:15",
    "11:15 qa 2 11:20",
]


async def opened(make_stage: MakeStage) -> Stage:
    return await make_stage(prepared=rooms_open)


async def rooms_open(stage: Stage) -> None:
    await stage.publish(*talks(TINY, BIG))
    await stage.open(CONTROL)
    await stage.open(KERNEL, {BOT: 50})


async def leads_by(stage: Stage, alias: str, *, to: str = KERNEL) -> None:
    """The next schedule names the room by `alias`, and the homeserver says where that leads."""
    await stage.publish(*(replace(talk, chat_room=alias) for talk in (TINY, BIG)))
    await stage.deliver()
    await stage.news()
    async with stage.database.write() as session:
        await session.merge(RoomAddress(address=alias, room_id=room_id(to)))
    stage.bot.notice_scheduler.changed(None)


@pytest.mark.parametrize("new", [NEW, OLDER])
async def test_what_was_told_is_not_told_again(make_stage: MakeStage, new: str) -> None:
    stage = await opened(make_stage)
    told = []
    for number, minute in enumerate((51, 56, 61, 77, 86, 89, 91, 121, 131, 141, 160)):
        told += await stage.hear(KERNEL, minute)
        await leads_by(stage, KERNEL if number % 2 else new)
        assert await stage.tell() == [], f"at {minute}"
    assert told == EXPECTED


async def test_the_room_is_told_this_without_another_address(make_stage: MakeStage) -> None:
    assert await (await opened(make_stage)).hear(KERNEL, 160) == EXPECTED


@pytest.mark.parametrize("new", [NEW, OLDER])
async def test_nor_by_another_process(make_stage: MakeStage, new: str) -> None:
    stage = await opened(make_stage)
    assert await stage.hear(KERNEL, 51)
    await leads_by(stage, new)
    await stage.restart()
    assert await stage.tell() == []


@pytest.mark.parametrize("new", [NEW, OLDER])
async def test_talks_of_one_room_have_different_addresses(make_stage: MakeStage, new: str) -> None:
    stage = await opened(make_stage)
    await stage.publish(*talks(TINY), replace(BIG, chat_room=new))
    await stage.deliver()
    await stage.news()
    async with stage.database.write() as session:
        await session.merge(RoomAddress(address=new, room_id=room_id(KERNEL)))
    stage.bot.notice_scheduler.changed(None)
    assert await stage.hear(KERNEL, 160) == EXPECTED
    assert await stage.tell() == []


async def test_what_still_waits_is_sent_once(make_stage: MakeStage) -> None:
    stage = await opened(make_stage)
    [waiting] = await stage.tell(50)
    await stage.publish(*(replace(talk, chat_room=NEW) for talk in (TINY, BIG)))
    async with stage.database.write() as session:
        session.add(RoomAddress(address=NEW, room_id=room_id(KERNEL)))
    stage.bot.notice_scheduler.changed(None)
    await stage.tell()
    await stage.tell()
    queued = [said for said in await stage.outbox(KERNEL) if said.state == "queued"]
    heads_up = [said for said in queued if said.body == waiting.body]
    assert len(heads_up) == 1


async def test_another_room_is_told(make_stage: MakeStage) -> None:
    stage = await opened(make_stage)
    assert await stage.hear(KERNEL, 51)
    await stage.open(CLOUD, {BOT: 50})
    await leads_by(stage, CLOUD, to=CLOUD)
    [said] = await stage.tell()
    assert said.room == CLOUD


async def test_a_pause_goes_on(make_stage: MakeStage) -> None:
    stage = await opened(make_stage)
    await stage.say(CONTROL, ORGANISER, "!conf pause #kernel")
    await stage.deliver()
    await leads_by(stage, NEW)
    assert await stage.tell(50) == []
    await stage.say(CONTROL, ORGANISER, f"!conf resume {NEW}")
    assert [said.room for said in await stage.tell(50)] == [KERNEL]
