"""Decisions by a tap on a question, wherever it is shown, and their taking back.

Who may by which tap in which state: `test_role_table.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from fosdembot.db.question_tables import Shown
from fosdembot.db.tables import Outgoing
from tests.chat.floor import (
    ASKER,
    HOST,
    HOSTS,
    SETTINGS,
    SPEAKER,
    ask,
    decisions,
    join_hosts,
    redact,
    send,
    state,
    tap,
)
from tests.stage import CLOUD, KERNEL, MODERATOR, STRANGER, MakeStage, Stage, room_id

CHECK, STAR, TAKE, DISMISS = "✅", "⭐", "▶️", "🚫"


async def shown_at(stage: Stage, number: int, alias: str) -> str:
    """The event by which the bot shows a question in a room."""
    await stage.deliver()
    async with stage.database.read() as session:
        event = await session.scalar(
            select(Outgoing.event_id)
            .join(Shown, Shown.message_key == Outgoing.key)
            .where(Shown.question_id == number, Outgoing.room_id == room_id(alias), Shown.about)
        )
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("key", "becomes"),
    [
        (CHECK, "answered"),
        ("✔️", "answered"),
        (STAR, "starred"),
        ("🌟", "starred"),
        (TAKE, "answering"),
        ("▶", "answering"),
        (DISMISS, "dismissed"),
        ("❌", "open"),
        ("👀", "open"),
        ("✅✅", "open"),
        ("✅" * 60_000, "open"),
        ("", "open"),
    ],
)
async def test_what_a_tap_does(floor: Stage, key: str, becomes: str) -> None:
    await ask(floor, "How small?")
    await tap(floor, MODERATOR, "$asked1", key)
    assert await state(floor, 1) == becomes


async def test_a_tap_on_the_hosts_card(floor: Stage) -> None:
    await floor.say(KERNEL, ASKER, "!ask How small?")
    card = await shown_at(floor, 1, HOSTS)
    await tap(floor, HOST, card, STAR, alias=HOSTS)
    assert await state(floor, 1) == "starred"


async def test_a_tap_on_what_was_asked_directly(floor: Stage) -> None:
    direct = await floor.open_direct(ASKER)
    for body in ("!ask How small?", "kernel"):
        await floor.say(direct, ASKER, body)
    post = await shown_at(floor, 1, KERNEL)
    await tap(floor, MODERATOR, post, TAKE)
    assert await state(floor, 1) == "answering"


async def test_a_question_that_waits_is_approved_and_later_answered(floor: Stage) -> None:
    await ask(floor, "May I?", pending=True)
    await tap(floor, MODERATOR, "$asked1", CHECK)
    assert await state(floor, 1) == "open"
    floor.clock.forward(1)
    await tap(floor, HOST, "$asked1", CHECK)
    assert await state(floor, 1) == "answered"


async def test_two_who_approve_at_once_do_not_close_the_question(floor: Stage) -> None:
    await ask(floor, "May I?", pending=True)
    await tap(floor, MODERATOR, "$asked1", CHECK, at=66)
    await tap(floor, HOST, "$asked1", CHECK, at=66.05)
    assert await state(floor, 1) == "open"
    await tap(floor, SPEAKER, "$asked1", CHECK, at=67)
    assert await state(floor, 1) == "answered"


@pytest.mark.parametrize("key", [CHECK, STAR, TAKE, DISMISS])
async def test_a_second_tap_changes_nothing(floor: Stage, key: str) -> None:
    await ask(floor, "How small?")
    first = await tap(floor, MODERATOR, "$asked1", key)
    became = await state(floor, 1)
    await floor.news()
    await tap(floor, HOST, "$asked1", key)
    await tap(floor, MODERATOR, "$asked1", key)
    assert await state(floor, 1) == became
    assert await floor.news() == []
    assert len(await decisions(floor)) == 1
    await redact(floor, MODERATOR, first)
    assert await state(floor, 1) == "open"


async def test_those_without_power_are_not_answered(floor: Stage) -> None:
    await ask(floor, "How small?")
    await floor.news()
    for key in (CHECK, STAR, TAKE, DISMISS):
        for person in (STRANGER, ASKER):
            await tap(floor, person, "$asked1", key)
    assert await state(floor, 1) == "open"
    assert await floor.news() == []


async def test_power_is_of_the_question_s_room(floor: Stage) -> None:
    """A reaction may name an event of another room."""
    await ask(floor, "How small?")
    await floor.open(CLOUD, {STRANGER: 100})
    await tap(floor, STRANGER, "$asked1", DISMISS, alias=CLOUD)
    assert await state(floor, 1) == "open"


async def test_who_left_the_hosts_room_has_no_power(floor: Stage) -> None:
    await ask(floor, "How small?")
    starred = await tap(floor, HOST, "$asked1", STAR)
    await join_hosts(floor, HOST, "leave")
    await tap(floor, HOST, "$asked1", DISMISS)
    await redact(floor, HOST, starred)
    assert await state(floor, 1) == "starred"


async def test_a_relay_has_none(make_stage: MakeStage, opened: Path) -> None:
    relay = "@_bridge_bot:example.org"
    questions = SETTINGS["questions"] | {"relays": ["@_bridge_*:example.org"]}
    stage = await make_stage(opened, **SETTINGS | {"questions": questions})
    stage.clock.set(65)
    await stage.open(KERNEL, {relay: 100})
    await ask(stage, "How small?")
    await tap(stage, relay, "$asked1", DISMISS)
    assert await state(stage, 1) == "open"


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"m.relates_to": None},
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": ["$asked1"], "key": "⭐"}},
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$asked1", "key": {"⭐": 1}}},
        {"m.relates_to": {"rel_type": "m.thread", "event_id": "$asked1", "key": "⭐"}},
        {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$nothing", "key": "⭐"}},
    ],
)
async def test_a_reaction_may_have_any_shape(floor: Stage, content: dict[str, object]) -> None:
    await ask(floor, "How small?")
    await send(floor, KERNEL, MODERATOR, "m.reaction", content)
    assert await decisions(floor) == []


# Taking back.


@pytest.mark.parametrize("key", [STAR, TAKE, DISMISS, CHECK])
async def test_taking_a_tap_back_undoes_it(floor: Stage, key: str) -> None:
    await ask(floor, "How small?")
    tapped = await tap(floor, SPEAKER if key != DISMISS else HOST, "$asked1", key)
    assert await state(floor, 1) != "open"
    for _ in range(2):
        await redact(floor, SPEAKER if key != DISMISS else HOST, tapped)
        assert await state(floor, 1) == "open"


async def test_taking_an_approval_back(floor: Stage) -> None:
    await ask(floor, "May I?", pending=True)
    tapped = await tap(floor, MODERATOR, "$asked1", CHECK)
    await redact(floor, MODERATOR, tapped)
    assert await state(floor, 1) == "pending"


async def test_the_one_before_is_answered_again(floor: Stage) -> None:
    for number in (1, 2):
        await ask(floor, f"Question {number}?")
    await tap(floor, MODERATOR, "$asked1", TAKE)
    tapped = await tap(floor, MODERATOR, "$asked2", TAKE)
    assert [await state(floor, n) for n in (1, 2)] == ["answered", "answering"]
    await redact(floor, MODERATOR, tapped)
    assert [await state(floor, n) for n in (1, 2)] == ["answering", "open"]


async def test_what_something_else_became_of_stays(floor: Stage) -> None:
    await ask(floor, "How small?")
    tapped = await tap(floor, MODERATOR, "$asked1", STAR)
    await floor.say(KERNEL, MODERATOR, "!dismiss 1")
    await redact(floor, MODERATOR, tapped)
    assert await state(floor, 1) == "dismissed"


async def test_what_undo_took_back_already(floor: Stage) -> None:
    await ask(floor, "How small?")
    tapped = await tap(floor, MODERATOR, "$asked1", STAR)
    await floor.say(KERNEL, MODERATOR, "!undo")
    await floor.say(KERNEL, MODERATOR, "!star 1")
    await redact(floor, MODERATOR, tapped)
    assert await state(floor, 1) == "starred"


async def test_others_take_a_tap_back_only_with_power(floor: Stage) -> None:
    await ask(floor, "How small?")
    tapped = await tap(floor, SPEAKER, "$asked1", STAR)
    await redact(floor, STRANGER, tapped)
    await redact(floor, HOST, tapped)
    assert await state(floor, 1) == "starred", "a host without the power to redact in the room"
    await redact(floor, MODERATOR, tapped)
    assert await state(floor, 1) == "open"


async def test_a_redacted_command_stands(floor: Stage) -> None:
    """Moderators tidy up what they typed in public."""
    await ask(floor, "How small?")
    event, _ = await floor.write(KERNEL, MODERATOR, "!dismiss 1")
    await redact(floor, MODERATOR, event)
    assert await state(floor, 1) == "dismissed"


async def test_after_downtime_the_order_is_the_room_s(floor: Stage) -> None:
    await ask(floor, "How small?")
    floor.clock.set(90)
    tapped = await tap(floor, MODERATOR, "$asked1", STAR, at=70)
    await redact(floor, MODERATOR, tapped)
    await tap(floor, HOST, "$asked1", TAKE, at=71)
    assert await state(floor, 1) == "answering"
    assert [action for action, _ in await decisions(floor)] == ["star", "undo", "take"]
