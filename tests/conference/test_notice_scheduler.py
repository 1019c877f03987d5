"""Each room is told what falls due there, exactly once, and only what is then true.

It begins at 9:00. How the lines are to be read: `Stage.hear` and `Said.facts`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import select, update

from fosdembot.db.tables import Outgoing, TalkRow, ToldNotice
from simulation.conference import Planned
from tests.stage import BOT, CLOUD, CONTROL, KERNEL, MODERATOR, MakeStage, Stage, in_room, talks

TINY = Planned(1, "Tiny kernels", 60, 25)
BIG = Planned(2, "Big kernels", 85, 25)
OLD = Planned(3, "Old kernels", 240, 25)
PROGRAMME = talks(TINY, BIG, OLD)


@pytest.fixture
async def hall(make_stage: MakeStage) -> Stage:
    """A bot that may pin in its only room."""
    return await open_hall(make_stage)


async def open_hall(make_stage: MakeStage, **settings: Any) -> Stage:
    return await make_stage(prepared=hall_opens, **settings)


async def hall_opens(stage: Stage) -> None:
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL, {BOT: 50, MODERATOR: 50})


async def pins(stage: Stage) -> list[str | None]:
    async with stage.database.read() as session:
        rows = await session.scalars(select(Outgoing.target).where(Outgoing.kind == "state"))
        return list(rows)


async def text_of_now(stage: Stage) -> list[str]:
    """What the pinned message says, as it was first, and as it was edited."""
    said = await stage.outbox(KERNEL)
    return [s.body for s in said if s.key.removeprefix("edit:").startswith("now/")]


# Exactly once.


async def test_a_notice_is_told_once(hall: Stage) -> None:
    assert await hall.hear(KERNEL, until=60) == [
        "09:50 heads_up 1 10:00",
        "09:55~heads_up 1 10:00",
        "09:59~heads_up 1 10:00",
        "10:00 now 1 10:25 10:20",
    ]
    for _ in range(3):
        hall.bot.notice_scheduler.changed(None)
        assert await hall.tell() == []


@pytest.mark.parametrize("delivered", [True, False])
async def test_also_if_the_bot_is_started_anew(hall: Stage, delivered: bool) -> None:
    for minute in (50, 60, 62, 80):
        assert len(await hall.tell(minute)) == (0 if minute == 62 else 1)
        if delivered:
            await hall.deliver()
        await hall.restart()
        assert await hall.tell() == []
    async with hall.database.read() as session:
        keys = list(await session.scalars(select(ToldNotice.key)))
        assert len(keys) == 3


async def test_what_was_missed_is_told_while_it_is_true(hall: Stage) -> None:
    """The rule of each kind is in tests/talks; here it only has to be applied."""
    assert [s.facts for s in await hall.tell(63)] == [" now 1 10:25 10:20"]
    await hall.restart()
    assert [s.facts for s in await hall.tell(83)] == [" qa 1 10:25 10:25"]
    assert await hall.tell(200) == []


async def test_a_message_that_waits_too_long_expires_with_its_truth(hall: Stage) -> None:
    await hall.tell(60)
    async with hall.database.read() as session:
        expires = await session.scalar(
            select(Outgoing.expires).where(Outgoing.key.startswith("now/"))
        )
    hall.clock.set(85)
    assert expires == hall.clock.now()


async def test_a_room_that_is_joined_late_hears_what_is_still_true(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*PROGRAMME)
    for minute in (50, 55, 60):
        assert in_room(await stage.tell(minute), KERNEL) == []
    stage.clock.set(65)
    await stage.open(KERNEL)
    assert [s.facts for s in await stage.tell() if s.room == KERNEL] == [" now 1 10:25 10:20"]


async def test_what_one_room_s_fault_stops_is_that_room(hall: Stage) -> None:
    other = Planned(11, "Small clouds", 60, 25, place="Attic", chat_room=CLOUD)
    await hall.publish(*PROGRAMME, other)
    await hall.open(CLOUD)
    await hall.news()
    async with hall.database.write() as session:
        broken = update(TalkRow).where(TalkRow.guid == "talk-1").values(override={"shift": "x"})
        await session.execute(broken)
    assert {s.room for s in await hall.tell(60)} == {CLOUD}
    async with hall.database.write() as session:
        await session.execute(update(TalkRow).values(override=None))
    assert {s.room for s in await hall.tell(61)} == {KERNEL}


# What is told is what is true when it is told.


async def test_a_talk_that_is_retimed_while_its_notice_waits(hall: Stage) -> None:
    assert [s.facts for s in await hall.tell(60)] == [" now 1 10:25 10:20"]
    await hall.publish(*talks(Planned(1, "Tiny kernels", 75, 25), OLD))
    [change] = in_room(await hall.news(), KERNEL)
    assert "10:15" in change
    assert await hall.tell() == []
    assert await text_of_now(hall) == [], "it was withdrawn"
    assert await hall.hear(KERNEL, until=75) == [
        "10:05 heads_up 1 10:15",
        "10:10~heads_up 1 10:15",
        "10:14~heads_up 1 10:15",
        "10:15 now 1 10:40 10:35",
    ]


async def test_a_decision_in_the_moment_of_telling(hall: Stage) -> None:
    """The notice scheduler's plan is a minute old; what it puts in the outbox is not."""
    hall.clock.set(59)
    await hall.tell()
    for subscription in hall.bot.changes.subscriptions:
        subscription.close()
    await hall.say(KERNEL, MODERATOR, "!talk delay 10")
    assert [s.facts for s in await hall.tell(60)] == [" heads_up 1 10:10"]
    hall.bot.notice_scheduler.changed(None)
    assert "10:10 now 1 10:35 10:30" in await hall.hear(KERNEL, until=70)


async def test_an_edit_that_waits_is_taken_back_too(hall: Stage) -> None:
    await hall.hear(KERNEL, until=54)
    [countdown] = await hall.tell(55)
    assert countdown.kind == "edit"
    await hall.say(KERNEL, MODERATOR, "!talk delay 10")
    await hall.tell()
    [edit] = [s for s in await hall.outbox(KERNEL) if s.kind == "edit"]
    assert edit.state == "dropped"


async def test_what_was_taken_back_and_is_true_again_is_told(hall: Stage) -> None:
    await hall.tell(60)
    await hall.say(KERNEL, MODERATOR, "!talk delay 10")
    await hall.tell(61)
    assert await text_of_now(hall) == []
    await hall.say(KERNEL, MODERATOR, "!undo")
    assert [s.facts for s in await hall.tell(62)] == [" now 1 10:25 10:20"]


async def test_what_was_sent_is_not_told_again_if_it_is_true_again(hall: Stage) -> None:
    await hall.hear(KERNEL, until=52)
    for body in ("!talk delay 5", "!undo"):
        await hall.say(KERNEL, MODERATOR, body)
        assert [s for s in await hall.tell() if s.key.startswith("heads_up")] == []
    assert [line[:9] for line in await hall.hear(KERNEL, until=60)][-1] == "10:00 now"


async def test_a_room_that_its_talk_has_left_is_not_told_of_it(hall: Stage) -> None:
    await hall.open(CLOUD)
    await hall.tell(60)
    moved = talks(TINY, BIG, OLD, room=CLOUD)
    await hall.publish(*moved)
    told = await hall.tell(61)
    assert await text_of_now(hall) == []
    assert [s.facts for s in told if s.room == CLOUD and s.key.startswith("now")] == [
        " now 1 10:25 10:20"
    ]


async def test_a_talk_that_vanished_is_not_told_and_comes_back(hall: Stage) -> None:
    await hall.publish(*talks(BIG, OLD))
    assert not any(" now 1" in line for line in await hall.hear(KERNEL, until=62))
    await hall.publish(*PROGRAMME)
    assert "10:02 now 1 10:25 10:20" in await hall.hear(KERNEL, until=63)


# The pinned message.


async def test_the_talk_that_is_on_is_pinned(hall: Stage) -> None:
    await hall.hear(KERNEL, until=60)
    [first] = await pins(hall)
    assert first is not None
    assert first.startswith("now/")
    await hall.hear(KERNEL, until=85)
    [second] = await pins(hall)
    assert second != first


@pytest.mark.parametrize(
    ("power", "settings", "pinned"),
    [
        ({BOT: 50}, {}, 1),
        ({BOT: 49}, {}, 0),
        ({}, {}, 0),
        ({BOT: 100}, {"notices": {"pin": False}}, 0),
    ],
)
async def test_where_that_may_be(
    make_stage: MakeStage, power: dict[str, int], settings: dict[str, Any], pinned: int
) -> None:
    stage = await make_stage(**settings)
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL, power)
    await stage.tell(60)
    assert len(await pins(stage)) == pinned


Change = Callable[[Stage], Coroutine[Any, Any, object]]


async def _longer(stage: Stage) -> None:
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 35), Planned(2, "B", 95, 25), OLD))


async def _renamed(stage: Stage) -> None:
    await stage.publish(*talks(Planned(1, "Tinier kernels", 60, 25), BIG, OLD))


async def _other_speaker(stage: Stage) -> None:
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25, speaker="Grace H."), BIG, OLD))


CHANGES = pytest.mark.parametrize(
    ("change", "part"), [(_longer, "10:35"), (_renamed, "Tinier"), (_other_speaker, "Grace")]
)


@CHANGES
@pytest.mark.parametrize("delivered", [True, False])
@pytest.mark.parametrize("started", [True, False])
async def test_it_is_corrected(
    hall: Stage, change: Change, part: str, delivered: bool, started: bool
) -> None:
    await hall.tell(60)
    if delivered:
        await hall.deliver()
    if started:
        await hall.say(KERNEL, MODERATOR, "!talk start", at=61)
        await hall.tell(62)
    await change(hall)
    await hall.tell(62)
    said = await text_of_now(hall)
    assert len(said) == 2
    assert part in said[1]
    await change(hall)
    hall.bot.notice_scheduler.changed(None)
    assert await hall.tell(63) == [], "once"


@CHANGES
@pytest.mark.parametrize("reason", ["bridge", "user", "off", "room off"])
async def test_where_there_are_no_edits_it_is_said_anew(
    make_stage: MakeStage, change: Change, part: str, reason: str
) -> None:
    off: dict[str, dict[str, Any]] = {
        "off": {"edits": "off"},
        "room off": {"edits_by_room": {KERNEL: "off"}},
    }
    notices = off.get(reason, {})
    stage = await open_hall(make_stage, notices=notices)
    if reason == "bridge":
        await stage.state(KERNEL, "m.bridge", {"protocol": {"id": "irc"}}, "irc")
    elif reason == "user":
        await stage.say(KERNEL, "@_irc_ada:example.org", "hello")
    await stage.tell(60)
    await stage.deliver()
    await change(stage)
    [said] = [s for s in await stage.tell(61) if s.body.startswith("Now")]
    assert part in said.body
    assert await pins(stage) == [said.key]
    await change(stage)
    stage.bot.notice_scheduler.changed(None)
    assert await stage.tell(62) == [], "once"
    assert all(s.kind == "message" for s in await stage.outbox())


async def test_what_was_shortened_for_a_bridge_is_not_corrected(make_stage: MakeStage) -> None:
    stage = await make_stage(notices={"edits": "on"})
    halls = [Planned(n, f"Talk {n}", 60, 25, place=f"Hall {n}") for n in range(6)]
    await stage.publish(*talks(*halls))
    await stage.open(KERNEL)
    await stage.say(KERNEL, "@_irc_ada:example.org", "hello")
    [said] = [s for s in await stage.tell(60) if s.room == KERNEL]
    assert said.body.count("\n") == 2
    assert "Hall 5" in said.body
    await stage.deliver()
    stage.bot.notice_scheduler.changed(None)
    assert await stage.tell(61) == []
    await stage.publish(*talks(Planned(0, "Talk 0", 60, 35, place="Hall 0"), *halls[1:]))
    [edit] = [s for s in await stage.tell(62) if s.room == KERNEL and s.kind == "edit"]
    assert edit.body == said.body.replace("10:25", "10:35", 1)


async def test_a_talk_that_is_over_is_not_corrected(hall: Stage) -> None:
    await hall.tell(60)
    await hall.tell(86)
    await _renamed(hall)
    await hall.tell(87)
    assert all("Tinier" not in said for said in await text_of_now(hall))


async def test_of_two_talks_in_one_message_both_stay(make_stage: MakeStage) -> None:
    stage = await make_stage()
    attic = Planned(11, "Small clouds", 60, 50, place="Attic")
    await stage.publish(*talks(TINY, attic))
    await stage.open(KERNEL)
    await stage.hear(KERNEL, until=60)
    [before] = await text_of_now(stage)
    await stage.publish(*talks(TINY, Planned(11, "Small clouds", 60, 60, place="Attic")))
    await stage.tell(61)
    assert (await text_of_now(stage))[1] == before.replace("10:50", "11:00")
    await stage.deliver()
    stage.clock.set(90)
    stage.bot.notice_scheduler.changed(None)
    assert await stage.tell() == [], "one of them being over changes nothing"
    await stage.publish(*talks(TINY, Planned(11, "Small clouds", 60, 70, place="Attic")))
    await stage.tell(91)
    assert (await text_of_now(stage))[1] == before.replace("10:50", "11:10")


async def test_of_two_talks_in_one_message_one_is_cancelled(make_stage: MakeStage) -> None:
    stage = await make_stage()
    attic = Planned(11, "Small clouds", 60, 50, place="Attic")
    await stage.publish(*talks(TINY, attic))
    await stage.open(KERNEL, {MODERATOR: 50})
    await stage.hear(KERNEL, until=60)
    await stage.say(KERNEL, MODERATOR, "!talk cancel 11")
    await stage.tell(61)
    first, edited = await text_of_now(stage)
    assert "Small clouds" in first
    assert "Small clouds" not in edited
    assert "Tiny kernels" in edited


async def test_a_start_that_says_the_same_is_not_told_again(hall: Stage) -> None:
    await hall.tell(60)
    await hall.deliver()
    await _longer(hall)
    await hall.tell(61)
    await hall.say(KERNEL, MODERATOR, "!talk start 1", at=62)
    assert [s.facts for s in await hall.tell(62) if s.key.startswith("now/")] == []


# Many rooms.


async def test_they_wake_for_the_next_notice_of_any_room(hall: Stage) -> None:
    other = Planned(11, "Small clouds", 58, 25, place="Attic", chat_room=CLOUD)
    await hall.publish(*PROGRAMME, other)
    await hall.open(CLOUD)
    await hall.open(CONTROL)
    await hall.news()
    told = [(s.room, s.facts) for s in await hall.tell(48)]
    assert told == [(CLOUD, " heads_up 11 09:58")]
    told = [(s.room, s.facts) for s in await hall.tell(60)]
    assert sorted(told) == [
        (CLOUD, " now 11 10:23 10:18"),
        (KERNEL, " now 1 10:25 10:20"),
    ]
