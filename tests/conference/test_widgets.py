"""The room page as a widget: who decides, and what stands in the room then."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.conference.widgets import ID, PLACE, change, widget
from fosdembot.db.tables import Outgoing, RoomState
from fosdembot.matrix.content import layout
from fosdembot.matrix.timeline import LAYOUT, WIDGET
from simulation.conference import Planned
from tests.stage import BOT, CLOUD, KERNEL, MODERATOR, STRANGER, MakeStage, Stage, room_id

URL = "https://qa.example.org"
POWER = {BOT: 50, MODERATOR: 50}
TALKS = (
    Planned(1, "Tiny kernels", 60, 25, chat_room=KERNEL),
    Planned(2, "Small clouds", 60, 25, place="Attic", chat_room=CLOUD),
)


def widget_of(room: str) -> dict[str, Any]:
    return widget(f"{URL}/r/{room}", BOT)


async def states(stage: Stage) -> dict[tuple[str, str], Any]:
    """What waits to be set, by room and type."""
    async with stage.database.read() as session:
        rows = (await session.scalars(select(Outgoing).where(Outgoing.kind == "state"))).all()
    return {
        (row.room_id, row.event_type): row.content["content"]
        for row in rows
        if row.event_type in (WIDGET, LAYOUT) and row.state == "queued"
    }


async def arrive(stage: Stage) -> None:
    """What waits is sent, and comes back from the homeserver."""
    async with stage.database.write() as session:
        for row in await session.scalars(
            select(Outgoing).where(Outgoing.kind == "state", Outgoing.state == "queued")
        ):
            row.state = "sent"
            if row.event_type == WIDGET:
                await stands(session, row.room_id, BOT, row.content["content"])


async def stands(session: Any, room: str, sender: str, content: dict[str, Any]) -> None:
    await session.merge(
        RoomState(room_id=room, type=WIDGET, state_key=ID, sender=sender, content=content)
    )


async def by_hand(stage: Stage, content: dict[str, Any]) -> None:
    async with stage.database.write() as session:
        await stands(session, room_id(KERNEL), MODERATOR, content)


async def stage_with(make_stage: MakeStage, *rooms: str, **pages: Any) -> Stage:
    stage = await make_stage(pages={"public_url": URL, **pages})
    await stage.publish(*TALKS)
    for room in rooms:
        await stage.open(room, POWER)
    return stage


async def said(stage: Stage, body: str, sender: str = MODERATOR) -> str:
    told = await stage.say(KERNEL, sender, body)
    [answer] = [said for said in told if said.room == KERNEL and said.kind == "message"]
    return answer.body


def test_it_is_what_element_shows_and_names_nobody() -> None:
    content = widget(f"{URL}/r/kernel", BOT)
    assert content["url"] == f"{URL}/r/kernel?view=widget"
    assert "$" not in json.dumps(content), "who looks is no business of our server's log"
    assert content["type"] == "m.custom"


@dataclass
class Event:
    sender: str
    content: dict[str, Any] = field(default_factory=dict)


OURS = widget(f"{URL}/r/kernel", BOT)


@pytest.mark.parametrize(
    ("standing", "wanted", "then"),
    [
        (None, OURS, OURS),
        (None, {}, None),
        (Event(BOT, OURS), OURS, None),
        (Event(BOT, {"url": "https://old.example.org"}), OURS, OURS),
        (Event(BOT, OURS), {}, {}),
        (Event(BOT), OURS, OURS),
        (Event(MODERATOR), OURS, None),
        (Event(MODERATOR, {"url": "https://other.example.org"}), OURS, None),
        (Event(MODERATOR, OURS), {}, None),
    ],
)
def test_what_others_made_of_it_stays(standing: Event | None, wanted: Any, then: Any) -> None:
    assert change(standing, wanted, BOT) == then


def test_the_places_of_other_widgets_stay_and_so_does_ours_where_somebody_moved_it() -> None:
    others = {"widgets": {"etherpad": {"container": "right"}}, "more": 1}
    put = layout(others, {"widgets": {ID: PLACE}})
    assert put == {"widgets": {**others["widgets"], ID: PLACE}, "more": 1}  # type: ignore[dict-item]
    moved = {"widgets": {ID: {"container": "right"}}}
    assert layout(moved, {"widgets": {ID: PLACE}}) == moved
    assert layout(put, {"widgets": {ID: None}}) == others
    assert layout({}, {"widgets": {ID: None}}) == {}
    assert layout({"widgets": 7}, {"widgets": {ID: PLACE}}) == {"widgets": {ID: PLACE}}


async def test_a_moderator_puts_it_there_and_takes_it_out(make_stage: MakeStage) -> None:
    stage = await stage_with(make_stage, KERNEL)
    assert f"{URL}/r/kernel" in await said(stage, "!widget")
    room = room_id(KERNEL)
    assert await states(stage) == {
        (room, WIDGET): widget_of("kernel"),
        (room, LAYOUT): {"widgets": {ID: PLACE}},
    }
    await arrive(stage)
    await said(stage, "!widget off")
    assert (await states(stage))[room, WIDGET] == {}


async def test_nobody_else_does(make_stage: MakeStage) -> None:
    stage = await stage_with(make_stage, KERNEL)
    assert "Only this room's moderators" in await said(stage, "!widget", STRANGER)
    assert await states(stage) == {}


async def test_without_power_it_is_said_what_is_missing_and_where_the_page_is(
    make_stage: MakeStage,
) -> None:
    stage = await stage_with(make_stage)
    await stage.open(KERNEL, {MODERATOR: 50})
    answer = await said(stage, "!widget")
    assert f"give me, {BOT}, power level 50" in answer
    assert answer.endswith(f"{URL}/r/kernel")
    assert await states(stage) == {}


async def test_without_pages_it_is_said_who_can_have_them(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*TALKS)
    await stage.open(KERNEL, POWER)
    assert "pages.public_url" in await said(stage, "!widget")


def rooms(found: dict[tuple[str, str], Any]) -> Sequence[str]:
    return sorted(room for room, kind in found if kind == WIDGET)


async def test_by_the_setting_every_room_gets_it_also_one_that_comes_later(
    make_stage: MakeStage,
) -> None:
    stage = await stage_with(make_stage, KERNEL, widget=True)
    await stage.bot.widgets.step()
    assert rooms(await states(stage)) == [room_id(KERNEL)]
    await arrive(stage)
    await stage.open(CLOUD, POWER)
    await stage.bot.widgets.step()
    assert rooms(await states(stage)) == [room_id(CLOUD)]


async def test_a_room_without_power_gets_it_once_we_have_that(make_stage: MakeStage) -> None:
    stage = await stage_with(make_stage, widget=True)
    await stage.open(KERNEL)
    await stage.bot.widgets.step()
    assert rooms(await states(stage)) == []
    await stage.open(KERNEL, POWER)
    await stage.bot.widgets.step()
    assert rooms(await states(stage)) == [room_id(KERNEL)]


async def test_whoever_takes_it_out_by_hand_has_the_last_word(make_stage: MakeStage) -> None:
    """Else a moderator and the bot would fight over the room, and the bot never tires."""
    stage = await stage_with(make_stage, KERNEL, widget=True)
    await stage.bot.widgets.step()
    await arrive(stage)
    await by_hand(stage, {})
    await stage.bot.widgets.step()
    await stage.restart()
    await stage.bot.widgets.step()
    assert await states(stage) == {}
    await said(stage, "!widget")
    assert rooms(await states(stage)) == [room_id(KERNEL)]


async def test_off_in_a_room_outlives_the_setting(make_stage: MakeStage) -> None:
    stage = await stage_with(make_stage, KERNEL, widget=True)
    await stage.bot.widgets.step()
    await arrive(stage)
    await said(stage, "!widget off")
    await arrive(stage)
    await stage.restart()
    await stage.bot.widgets.step()
    assert await states(stage) == {}
