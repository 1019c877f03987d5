"""A whole track goes to another chat room and to other hosts, as on the evening before FOSDEM
2026: everything follows, and everybody is told once, where it concerns them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fosdembot.changes import RoomsChanged
from fosdembot.db.tables import RoomAddress
from simulation.conference import Planned
from tests.chat.audience import BOB, asked, questions, votes
from tests.chat.conftest import PROGRAMME
from tests.chat.floor import HOST, HOSTS, SETTINGS, answer, join_hosts, tap
from tests.committed import Said
from tests.stage import BOT, CONTROL, KERNEL, MODERATOR, MakeStage, Stage, in_room, room_id

MAIN_K = "#main_k:example.org"
HOSTS_K = "#hosts_k:example.org"
MOVED = [
    replace(talk, track="Main K", chat_room=MAIN_K) if talk.chat_room == KERNEL else talk
    for talk in PROGRAMME
]


@pytest.fixture
async def floor(make_stage: MakeStage, opened: Path) -> Stage:
    """The first talk is on, was told, and has question 1 with a vote; 2 is for the next."""
    stage = await make_stage(opened, **SETTINGS | {"hosts": {"Main": HOSTS, "Main K": HOSTS_K}})
    stage.clock.set(65)
    for alias in (HOSTS, HOSTS_K):
        await stage.open(alias)
    await join_hosts(stage, HOST)
    event, _ = await asked(stage, "How small?")
    await tap(stage, BOB, event, "👍")
    await asked(stage, "2: How big?")
    await follow(stage)
    return stage


async def enter(stage: Stage) -> None:
    """The bot comes into the new room."""
    await stage.open(MAIN_K, {MODERATOR: 50, BOT: 50})
    stage.bot.changes.tell(RoomsChanged())


async def follow(stage: Stage) -> list[Said]:
    """All that runs has looked, a minute later; what is said."""
    stage.clock.forward(1)
    for part in (
        stage.bot.notice_scheduler,
        stage.bot.following,
        stage.bot.late_cards,
        stage.bot.boards,
    ):
        await part.step()
    await stage.deliver()
    return await stage.news()


async def publish(stage: Stage, programme: Sequence[Planned]) -> list[Said]:
    stage.bot.late_cards.wake.was_set()
    await stage.publish(*programme)
    # The track has other hosts.
    assert stage.bot.late_cards.wake.was_set()
    return await stage.news()


@pytest.mark.parametrize("there", [True, False], ids=["is in the room", "comes in later"])
async def test_a_track_goes_to_another_room(floor: Stage, there: bool) -> None:
    if there:
        await enter(floor)
    said = await publish(floor, MOVED)
    [old] = in_room(said, KERNEL)
    assert old.splitlines() == [
        "Schedule changes:",
        '"Tiny kernels", at 10:00, has another chat room: #main_k:example.org',
        '"Big kernels", at 10:25, has another chat room: #main_k:example.org',
        '"Old kernels", at 11:00, has another chat room: #main_k:example.org',
    ]
    # What is on comes as that.
    assert [text.splitlines()[1:] for text in in_room(said, MAIN_K)] == [
        [
            'New at 10:25 in Hall: "Big kernels" with Grace H.',
            'New at 11:00 in Hall: "Old kernels" with Ada L.',
        ]
    ] * there
    [digest] = in_room(said, CONTROL)
    assert digest.startswith(
        "The schedule has changed: 3 with another chat room, 3 in another track."
    )
    assert (
        '"Tiny kernels" has the chat room #main_k:example.org now and is now in the track '
        "Main K (not Main)" in digest
    )
    said = await follow(floor)
    # What is pinned in the old room is true again.
    [pinned] = in_room(said, KERNEL)
    assert pinned.startswith('"Tiny kernels" is not on in this room any more')
    if not there:
        assert in_room(said, MAIN_K) == []
        await enter(floor)
        said = await follow(floor)
        assert in_room(said, KERNEL) == []
    now = [text for text in in_room(said, MAIN_K) if text.startswith("Now, until 10:25")]
    assert len(now) == 2, "the message, and its edit with the question"
    assert "1 (1 vote) How small? – ada" in now[1]
    assert [(q.room_id, q.number) for q in await questions(floor)] == [
        (room_id(MAIN_K), 1),
        (room_id(MAIN_K), 2),
    ]
    assert await votes(floor) == 1
    cards = [s.body for s in await floor.outbox(HOSTS_K) if s.kind == "message"]
    assert [card.split(": ", 1)[1] for card in cards] == [
        "How small? – ada",
        'How big? – ada (for "Big kernels")',
    ]
    assert await answer(floor, KERNEL, BOB, "!unvote 1") == (
        "Question 1 went with its talk to #main_k:example.org. Type there: !unvote 1"
    )
    # From then on everything is told there, and nothing in the old room.
    await floor.news()
    told = await floor.hear(MAIN_K, until=90)
    assert [notice for notice in told if "~" not in notice] == [
        "10:20 qa 1 10:25 10:25",
        "10:25 now 2 10:50 10:45",
    ]
    assert [s for s in await floor.outbox(KERNEL) if "Big kernels" in s.body][1:] == []


async def test_another_name_of_the_same_room_is_no_news_there(floor: Stage) -> None:
    """The track was renamed, and so was its room."""
    async with floor.database.write() as session:
        session.add(RoomAddress(address=MAIN_K, room_id=room_id(KERNEL)))
    said = await publish(floor, MOVED)
    assert in_room(said, KERNEL) == []
    assert "3 with another chat room" in in_room(said, CONTROL)[0]
    retimed = [replace(talk, at=125) if talk.id == 3 else talk for talk in MOVED]
    await floor.publish(*retimed)
    assert in_room(await floor.news(), KERNEL) == [
        'Schedule change: "Old kernels" is now at 11:05 (not 11:00)'
    ]
    assert (await questions(floor))[0].room_id == room_id(KERNEL)
