"""What organisers are told without having asked; that it waits for them to have a room is in
tests/test_bot.py."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fosdembot.conference.control_room import MOST_LINES, ControlRoom
from fosdembot.db.tables import RoomAddress
from fosdembot.matrix.account_mark import Mark
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.wake import Wake
from fosdembot.settings import load
from fosdembot.texts.render import say
from tests.stage import BOT, CONTROL, MakeStage, Stage, in_room, room_id


def control_room(stage: Stage, address: str = CONTROL) -> ControlRoom:
    settings, _ = load({"control_room": address})
    return ControlRoom(Outbox(stage.clock, "salt", Wake()), stage.bot.hosts, settings, BOT)


async def tell(stage: Stage, *problems: str | None) -> str:
    """What is told of rooms with these problems; "" for nothing."""
    rows = [
        RoomAddress(address=f"#{number}:example.org", problem=problem)
        for number, problem in enumerate(problems)
    ]
    async with stage.database.write() as session:
        assert await control_room(stage).tell_room_problems(session, rows)
    return "\n".join(said.body for said in await stage.news())


@pytest.mark.parametrize(
    ("problem", "advice"),
    [
        ("M_NOT_FOUND", "check the address, or create it"),
        ("M_FORBIDDEN", f"It is private: invite me, {BOT}"),
        ("M_BAD_STATE", "lift the ban"),
        ("NO_ANSWER", "I keep trying"),
        ("NOT_TRIED", "I am on my way"),
        ("NOT_ITS_SUCCESSOR", "Invite me there, or correct the address"),
        ("M_LIMIT_<b>", "The server says M_LIMIT_<b>. I keep trying."),
        (None, "I keep trying"),
    ],
)
async def test_a_room_that_cannot_be_joined_is_named_with_what_helps(
    make_stage: MakeStage, problem: str | None, advice: str
) -> None:
    first, second = (await tell(await make_stage(), problem)).split("\n")
    assert first == "1 room I cannot join:"
    assert second.startswith("#0:example.org: not joined. ")
    assert advice in second


async def test_many_rooms_are_counted(make_stage: MakeStage) -> None:
    lines = (await tell(await make_stage(), *["M_FORBIDDEN"] * 50)).split("\n")
    assert lines[0] == "50 rooms I cannot join:"
    assert len(lines) == MOST_LINES + 2
    assert lines[-1] == "And 30 more: fosdembot rooms --missing lists all."


async def test_the_same_problem_is_news_when_it_comes_back(make_stage: MakeStage) -> None:
    stage = await make_stage()
    assert await tell(stage, "M_FORBIDDEN") == await tell(stage, "M_FORBIDDEN") != ""


async def joined(stage: Stage, *addresses: str) -> str:
    async with stage.database.write() as session:
        await control_room(stage).tell_rooms_joined(session, addresses)
    return "\n".join(said.body for said in await stage.news())


async def test_rooms_that_could_be_joined_after_all_are_named(make_stage: MakeStage) -> None:
    stage = await make_stage()
    assert await joined(stage, "#0:example.org", "#1:example.org") == (
        "Joined now, 2 rooms that I could not join before: #0:example.org and #1:example.org."
    )
    assert await joined(stage, "#0:example.org") == await joined(stage, "#0:example.org") != ""
    many = await joined(stage, *(f"#{n}:example.org" for n in range(50)))
    assert many.startswith("Joined now, 50 rooms")
    assert many.endswith("#19:example.org and 30 others.")


async def test_a_trouble_is_over_once(make_stage: MakeStage) -> None:
    stage = await make_stage()
    room = control_room(stage)
    async with stage.database.write() as session:
        assert not await room.is_over(session, "schedule-away")
        for _ in range(2):
            await room.note_trouble(session, "schedule-away")
    async with stage.database.write() as session:
        assert await room.has_trouble(session, "schedule-away")
        assert not await room.is_over(session, "settings")
        assert await room.is_over(session, "schedule-away")
        assert not await room.is_over(session, "schedule-away")


async def test_a_message_is_told_once_for_its_key(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    for _ in range(2):
        async with stage.database.write() as session:
            assert await control_room(stage).tell(session, "key", say("Hello"))
    assert [(said.room, said.body) for said in await stage.outbox()] == [(CONTROL, "Hello")]


async def test_without_a_control_room_there_is_nobody_to_tell(make_stage: MakeStage) -> None:
    stage = await make_stage()
    async with stage.database.write() as session:
        assert not await control_room(stage, "").tell(session, "key", say("Hello"))
        assert await control_room(stage, "").room(session) is None
    assert await stage.outbox() == []


async def test_it_is_the_room_only_while_the_bot_is_in_it(make_stage: MakeStage) -> None:
    stage = await make_stage()
    async with stage.database.read() as session:
        assert await control_room(stage).room(session) is None
    await stage.open(CONTROL)
    async with stage.database.read() as session:
        assert await control_room(stage).room(session) == room_id(CONTROL)


async def test_another_bot_on_the_account_is_told_once_a_day(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    other = Mark("there", "/home/ada/bot.db", datetime.now(UTC))
    await stage.bot.own_news.other_bots([other])
    [said] = in_room(await stage.news(), CONTROL)
    assert "uses my account, on there: /home/ada/bot.db" in said
    await stage.bot.own_news.other_bots([other])
    await stage.bot.own_news.other_bots([])
    assert in_room(await stage.news(), CONTROL) == []
    stage.clock.forward(24 * 60)
    await stage.bot.own_news.other_bots([other])
    assert len(in_room(await stage.news(), CONTROL)) == 1
