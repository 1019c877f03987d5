"""A board that a moderator deletes comes back with the next news, at most twice a talk; by
`!board` at any time."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import pinned as keys_pinned
from simulation.conference import Planned
from tests.committed import Said
from tests.stage import (
    CLOUD,
    KERNEL,
    MODERATOR,
    STRANGER,
    MakeStage,
    Stage,
    stage_on,
    talks,
)

from .hall import TINY, Audience, look, open_audience, talk_begins

_ids = itertools.count(1)


async def boards(stage: Stage) -> list[Outgoing]:
    """Those that stand in the room."""
    async with stage.database.read() as session:
        rows = list(await session.scalars(select(Outgoing).order_by(Outgoing.id)))
    gone = {row.target for row in rows if row.kind == "redaction"}
    names = ("now/", "board/")
    return [row for row in rows if row.key.startswith(names) and row.key not in gone]


async def pinned(stage: Stage) -> list[str]:
    async with stage.database.read() as session:
        rows = await session.scalars(select(Outgoing).where(Outgoing.kind == "state"))
        return [key for row in rows for key in keys_pinned(row)]


async def delete(stage: Stage, by: str = MODERATOR, room: str = KERNEL) -> None:
    """Somebody deletes all boards of the room."""
    for row in await boards(stage):
        event = {
            "event_id": f"$deletion{next(_ids)}",
            "type": "m.room.redaction",
            "sender": by,
            "origin_server_ts": stage.clock.now().timestamp() * 1000,
            "content": {"redacts": row.event_id},
            "redacts": row.event_id,
        }
        await stage.receive(room, event)
    await settle(stage)


async def settle(stage: Stage) -> None:
    await stage.tell()
    await look(stage)


async def news(audience: Audience) -> list[Said]:
    """A question is asked, and its time to be shown comes."""
    audience.stage.clock.forward(1)
    await audience.ask(f"Why {next(_ids)}?")
    before = {row.key for row in await boards(audience.stage)}
    said = await look(audience.stage)
    return [s for s in said if s.kind == "message" and s.key not in before]


async def test_it_comes_back_with_the_next_news_and_is_pinned(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await look(stage)
    await delete(stage)
    assert await boards(stage) == []
    assert await pinned(stage) == []
    [said] = await news(audience)
    assert said.body.startswith('Now, until 10:25: "Tiny kernels"')
    assert "How small?" not in said.body, "only its edits show questions"
    [row] = await boards(stage)
    assert await pinned(stage) == [row.key]
    [edit] = [s for s in await stage.outbox(KERNEL) if s.key == f"edit:{row.key}"]
    assert "How small?" in edit.body


async def test_with_a_correction_too(audience: Audience) -> None:
    stage = audience.stage
    await delete(stage)
    await stage.publish(*talks(Planned(1, "Tinier kernels", 60, 25)))
    stage.clock.forward(1)
    stage.bot.notice_scheduler.changed(None)
    await settle(stage)
    [row] = await boards(stage)
    assert "Tinier" in row.content["body"]


async def test_twice_a_talk_and_no_more(audience: Audience) -> None:
    came = []
    for _ in range(5):
        await delete(audience.stage)
        came.append(len(await news(audience)))
    assert came == [1, 1, 0, 0, 0]


async def test_not_though_the_talk_is_announced_again(audience: Audience) -> None:
    stage = audience.stage
    for _ in range(2):
        await delete(stage)
        await news(audience)
    await delete(stage)
    await stage.say(KERNEL, MODERATOR, "!talk delay 10")
    await settle(stage)
    await stage.hear(KERNEL, until=71)
    assert len(await boards(stage)) == 1, "announced"
    await delete(stage)
    assert await news(audience) == []


async def test_the_next_talk_s_comes_back_again(audience: Audience) -> None:
    stage = audience.stage
    for _ in range(3):
        await delete(stage)
        await news(audience)
    await stage.hear(KERNEL, until=86)
    await delete(stage)
    assert len(await news(Audience(stage, "talk-2"))) == 1


@pytest.mark.parametrize(("by", "room"), [(STRANGER, KERNEL), (MODERATOR, CLOUD)])
async def test_only_who_may_and_only_there(audience: Audience, by: str, room: str) -> None:
    stage = audience.stage
    await stage.open(CLOUD, {MODERATOR: 50})
    before = await pinned(stage)
    await delete(stage, by, room)
    assert await pinned(stage) == before
    assert await news(audience) == []


async def test_its_edits_go_with_it(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await look(stage)
    await delete(stage)
    async with stage.database.read() as session:
        kinds = select(Outgoing.target).where(Outgoing.kind == "redaction")
        assert len(list(await session.scalars(kinds))) == 1


async def test_after_a_restart_as_well(audience: Audience) -> None:
    stage = audience.stage
    await delete(stage)
    await stage.restart()
    await settle(stage)
    assert await boards(stage) == []
    assert len(await news(audience)) == 1


# By command.


async def test_a_moderator_has_it_posted_at_any_time(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask("How small?")
    await look(stage)
    [old] = await boards(stage)
    await stage.say(KERNEL, MODERATOR, "!board")
    await settle(stage)
    [row] = await boards(stage)
    assert row.key != old.key
    assert await pinned(stage) == [row.key]
    for _ in range(4):
        await delete(stage)
        await stage.say(KERNEL, MODERATOR, "!board")
        await settle(stage)
        assert len(await boards(stage)) == 1


async def test_from_elsewhere_and_the_room_s_next_notices_go_on(audience: Audience) -> None:
    stage = audience.stage
    chat = await stage.open_direct(MODERATOR)
    said = await stage.say(chat, MODERATOR, "!board kernel")
    assert "Posted in kernel." in [s.body for s in said]
    await settle(stage)
    told = await stage.hear(KERNEL, until=85)
    assert [line for line in told if " now " in line] == ["10:25 now 2 10:50 10:45"]


async def test_nobody_else(audience: Audience) -> None:
    [said] = await audience.stage.say(KERNEL, STRANGER, "!board")
    assert "Only this room's moderators" in said.body
    assert len(await boards(audience.stage)) == 1


async def test_where_no_talk_is_on(hall: Stage) -> None:
    [said] = await hall.say(KERNEL, MODERATOR, "!board")
    assert said.body == "No talk is on here. When one begins, its message comes by itself."


async def test_where_it_may_not_be_pinned_it_is_still_posted(make_stage: MakeStage) -> None:
    audience = await open_audience(make_stage, notices={"pin": False})
    stage = audience.stage
    await delete(stage)
    assert len(await news(audience)) == 1


# Any sequence.

STEPS = st.lists(
    st.sampled_from(("delete", "ask", "board", "rename", "restart", "minute")), max_size=14
)


@pytest.mark.parametrize("edits", ["on", "off"])
def test_any_sequence(empty_database: Path, tmp_path: Path, edits: str) -> None:
    """It stands until it is deleted; it comes by itself at most twice, by `!board` each time;
    what stands is one message, and it is pinned."""
    shutil.copy(empty_database, tmp_path / "bot.db")
    asyncio.run(_begins(tmp_path, edits))

    @settings(max_examples=15, deadline=None)
    @given(STEPS)
    def holds(steps: list[str]) -> None:
        asyncio.run(_holds(tmp_path, edits, steps))

    holds()


async def _begins(folder: Path, edits: str) -> None:
    async with stage_on(folder / "bot.db", notices={"edits": edits}) as stage:
        await talk_begins(stage)


async def _holds(begun: Path, edits: str, steps: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(dir=begun.parent))
    try:
        shutil.copytree(begun, folder, dirs_exist_ok=True)
        async with stage_on(folder / "bot.db", notices={"edits": edits}) as stage:
            stage.clock.set(61)
            await stage.start()
            audience = Audience(stage)
            again, stands = 0, True
            for number, step in enumerate(steps):
                came = await _step(stage, audience, step, number)
                if step == "delete":
                    stands = False
                if step == "board":
                    stands = stands or came
                elif not stands and came:
                    again, stands = again + 1, True
                assert again <= 2
                content = await boards(stage)
                says = [row for row in content if row.key in await pinned(stage)]
                assert len(says) == stands
                if not stands and step in ("ask", "rename"):
                    assert again == 2, "it would have come"
    finally:
        shutil.rmtree(folder)


async def _step(stage: Stage, audience: Audience, step: str, number: int) -> bool:
    """Whether a board came."""
    before = {row.key for row in await boards(stage)}
    stage.clock.forward(0.6)
    match step:
        case "delete":
            await delete(stage)
        case "ask":
            await audience.ask(f"Why {number}?")
        case "board":
            await stage.say(KERNEL, MODERATOR, "!board")
        case "rename":
            await stage.publish(*talks(Planned(1, f"Tiny kernels {number}", TINY.at, 25)))
        case "restart":
            await stage.restart()
    await settle(stage)
    return any(row.key not in before for row in await boards(stage))
