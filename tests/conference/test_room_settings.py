"""What the settings say of a room counts by whatever address they name it."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from fosdembot.conference.room_settings import set_for
from fosdembot.db.tables import RoomAddress
from fosdembot.settings import load
from simulation.conference import Planned
from tests.stage import BOT, CONTROL, KERNEL, MakeStage, Stage, room_id

A, B, ID = "#a:example.org", "#b:example.org", "!room:example.org"
OLDER, NEWER = "#a-kernel:example.org", "#z-kernel:example.org"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({A: "on", B: "off"}, "off"),
        ({A: "auto", B: "on"}, "auto"),
        ({A: "auto", B: "off"}, "off"),
        ({A: "on", B: "on"}, "on"),
        ({B: "on"}, "on"),
        ({A: "off", ID: "on"}, "on"),
        ({A: "off", B: "off", ID: "auto"}, "auto"),
    ],
)
def test_the_id_counts_or_the_stricter_of_two(edits: dict[str, str], expected: str) -> None:
    settings, problems = load({"notices": {"edits_by_room": edits}})
    assert problems == []
    for names in permutations([A, B]):
        for address in names:
            own = set_for(settings, address, names, ID).notices
            assert own.edits_by_room[address] == expected


def test_the_longer_delay() -> None:
    settings, _ = load({"notices": {"stream_delay_by_room": {A: 20, B: 45}}})
    assert set_for(settings, A, [A, B], ID).notices.stream_delay_by_room[A] == 45
    assert set_for(settings, A, [A], None).notices.stream_delay_by_room[A] == 20
    assert set_for(settings, ID, [], ID) is settings


async def staged(make_stage: MakeStage, **notices: Any) -> Stage:
    stage = await make_stage(notices=notices)
    await stage.publish(
        Planned(1, "Tiny kernels", 60, 25, chat_room=KERNEL),
        Planned(2, "Big kernels", 90, 50, chat_room=OLDER),
    )
    await stage.open(CONTROL)
    await stage.open(KERNEL, {BOT: 50})
    async with stage.database.write() as session:
        for alias in (OLDER, NEWER):
            await session.merge(RoomAddress(address=alias, room_id=room_id(KERNEL)))
    stage.bot.notice_scheduler.changed(None)
    await stage.news()
    return stage


@pytest.mark.parametrize("strict", [OLDER, KERNEL, NEWER])
async def test_a_room_without_edits_has_none_by_any_address(
    make_stage: MakeStage, strict: str
) -> None:
    by_room = {OLDER: "on", KERNEL: "on", NEWER: "on", strict: "off"}
    stage = await staged(make_stage, edits_by_room=by_room)
    told = [*await stage.hear(KERNEL, 59), *await stage.hear(KERNEL, 61)]
    assert told == ["09:50 heads_up 1 10:00", "10:00 now 1 10:25 10:20"], "no countdown"


@pytest.mark.parametrize("late", [OLDER, KERNEL, NEWER])
async def test_a_delay_counts_by_any_address(make_stage: MakeStage, late: str) -> None:
    stage = await staged(make_stage, stream_delay_by_room={late: 120})
    assert [line[:5] for line in await stage.hear(KERNEL, 61)][-1] == "10:01"
    [answer] = await stage.say(KERNEL, "@ada:example.org", "!talk")
    assert answer.body.startswith("Nothing is on right now. Next, at 10:02")
