"""What becomes of a question when its message is edited or redacted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chat.audience import ADA, BOB, RELAY, asked, last, questions
from tests.chat.floor import ASKER, HOST, HOSTS, answer, ask, card, host, made, send, state
from tests.stage import BOT, CLOUD, KERNEL, MODERATOR, MakeStage, Stage, bodies, in_room

# Edits.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("!ask How small?", "!ask How big?"),
        ("!ask How small?", "!q How big?"),
        ("!ask How small?", "How big?"),
        ("Q: How small?", "Q：How big?"),
        ("!ask 2: How small?", "!ask 2: How big?"),
        ("<carl> !ask How small?", "<carl> How big?"),
        ("<carl> !ask How small?", "<carl> !ask How big?"),
    ],
)
async def test_the_question_follows_its_message(floor: Stage, before: str, after: str) -> None:
    event, _ = await floor.write(KERNEL, ADA, before)
    await floor.edit(KERNEL, ADA, event, after)
    [question] = await questions(floor)
    assert question.text == "How big?"
    floor.clock.forward(10)
    await floor.edit(KERNEL, ADA, event, after.replace("big", "old"))
    [question] = await questions(floor)
    assert question.text == "How old?", "however late"


async def test_only_its_asker_edits_it(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    for other in (BOB, MODERATOR):
        assert await floor.edit(KERNEL, other, event, "!ask How rude?") == []
    relayed, _ = await floor.write(KERNEL, RELAY, "<carl> !ask How big?")
    await floor.edit(KERNEL, RELAY, relayed, "<dora> !ask How rude?")
    assert [q.text for q in await questions(floor)] == ["How small?", "How big?"]


async def test_an_edit_that_is_too_long_is_declined(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    [said] = in_room(await floor.edit(KERNEL, ADA, event, "!ask " + "x" * 501), KERNEL)
    assert "501 characters" in said
    [said] = in_room(await floor.edit(KERNEL, ADA, event, "!ask"), KERNEL)
    assert "What is your question?" in said
    assert (await last(floor)).text == "How small?"
    await floor.say(KERNEL, MODERATOR, "!done 1")
    assert in_room(await floor.edit(KERNEL, ADA, event, "!ask " + "x" * 501), KERNEL) == []
    assert in_room(await floor.edit(KERNEL, ADA, event, "!ask other"), KERNEL) == []
    assert (await last(floor)).text == "How small?", "what is answered stays"


async def test_who_is_muted_is_told_that_the_edit_is_not_taken(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    await floor.say(HOSTS, HOST, "qa mute 1")
    [said] = in_room(await floor.edit(KERNEL, ADA, event, "!ask How rude?"), KERNEL)
    assert said.startswith("You cannot ask here.")
    assert (await last(floor)).text == "How small?"


async def test_nobody_makes_the_bot_talk_by_edits(make_stage: MakeStage, opened: Any) -> None:
    stage = await make_stage(opened, limits={"commands_per_minute": 3})
    stage.clock.set(65)
    event, _ = await asked(stage, "How small?")
    for _ in range(10):
        await stage.edit(KERNEL, ADA, event, "!ask " + "x" * 501)
    assert bodies(await stage.outbox(KERNEL)).count("501 characters") == 3
    stage.clock.forward(1)
    assert "501 characters" in bodies(await stage.edit(KERNEL, ADA, event, "x" * 501))


@pytest.mark.parametrize("taken_off", ["!dismiss 1", "!merge 1 2"])
async def test_what_is_restored_says_what_its_message_says_by_then(
    floor: Stage, taken_off: str
) -> None:
    event, _ = await floor.write(KERNEL, ASKER, "!ask Why are you such idiots?")
    await ask(floor, "Second?", asker="@b:example.org")
    await host(floor, taken_off)
    await floor.edit(KERNEL, ASKER, event, "!ask Why is it so short?")
    assert "Why is it so short?" in await card(floor), "who may restore it sees what it says"
    await host(floor, "!restore 1")
    assert "Why is it so short?" in (await answer(floor, KERNEL, MODERATOR, "!questions"))


async def test_where_it_is_moderated_undo_shows_nothing_that_nobody_has_read(
    floor: Stage,
) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    event, _ = await floor.write(KERNEL, ASKER, "!ask Why is it so short?")
    await host(floor, "!approve 1")
    await host(floor, "!dismiss 1")
    await floor.edit(KERNEL, ASKER, event, "!ask You are all idiots, why?")
    await answer(floor, KERNEL, MODERATOR, "!undo")
    listed = await answer(floor, KERNEL, MODERATOR, "!questions")
    assert "so short" in listed
    assert "idiots" not in listed


async def test_where_it_is_moderated_an_edit_waits_again(floor: Stage) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    event, _ = await asked(floor, "How small?")
    await floor.say(KERNEL, MODERATOR, "!approve 1")
    await floor.edit(KERNEL, ADA, event, "!ask How rude?")
    assert await state(floor, 1) == "pending"


@pytest.mark.parametrize(
    "content",
    [
        {"m.new_content": "text"},
        {"m.new_content": {"msgtype": "m.image", "body": "cat.png"}},
        {"m.new_content": {"msgtype": "m.text", "body": ["x"]}},
        {"m.new_content": {}},
    ],
)
async def test_an_edit_of_any_shape_hurts_nobody(floor: Stage, content: dict[str, Any]) -> None:
    event, _ = await asked(floor, "How small?")
    relation = {"rel_type": "m.replace", "event_id": event}
    await floor.say(KERNEL, ADA, "!ask How small?", **{**content, "m.relates_to": relation})
    [question] = await questions(floor)
    assert question.text == "How small?"


# Redactions.


async def redact(
    stage: Stage, sender: str, event: Any, alias: str = KERNEL, *, old: bool = False
) -> None:
    """As homeservers send it in room version 11, or before."""
    if old:
        redaction = made(stage, sender, "m.room.redaction", {}) | {"redacts": event}
        await stage.receive(alias, redaction)
    else:
        await send(stage, alias, sender, "m.room.redaction", {"redacts": event})


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("who", [ADA, MODERATOR])
async def test_a_redacted_question_is_gone(floor: Stage, who: str, old: bool) -> None:
    event, _ = await asked(floor, "How small?")
    await floor.say(KERNEL, BOB, "!vote 1")
    await redact(floor, who, event, old=old)
    question = await last(floor)
    assert (question.text, question.state) == ("", "withdrawn")
    assert "small" not in "".join(s.body for s in await floor.outbox(HOSTS) if s.kind == "edit")


async def test_nobody_else_redacts_it(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    await floor.open(CLOUD, {BOB: 100})
    for sender, alias in ((BOB, KERNEL), (BOB, CLOUD), (MODERATOR, CLOUD), (ADA, CLOUD)):
        await redact(floor, sender, event, alias)
    assert await state(floor, 1) == "open"
    for target in (None, 5, "", "$x" * 200, "$nowhere", ["$x"]):
        await redact(floor, ADA, target)


async def test_what_power_it_takes_the_room_says(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    levels = {"users": {MODERATOR: 50, BOT: 50, BOB: 10}, "redact": 75}
    await floor.state(KERNEL, "m.room.power_levels", levels)
    await redact(floor, MODERATOR, event)
    assert await state(floor, 1) == "open"
    await floor.state(KERNEL, "m.room.power_levels", levels | {"redact": 10})
    await redact(floor, BOB, event)
    assert await state(floor, 1) == "withdrawn"


async def test_a_relay_redacts_what_it_relayed(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, RELAY, "<carl> !ask How small?")
    await redact(floor, RELAY, event)
    assert await state(floor, 1) == "withdrawn"
