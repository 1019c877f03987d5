"""No question is lost for the way in which a client, a keyboard or a bridge writes it."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.matrix.api import Json
from tests.chat.audience import ADA, BOB, RELAY, direct, last, questions
from tests.chat.floor import SETTINGS
from tests.stage import BOT, KERNEL, MakeStage, Stage

BRIDGED = "@irc_ada:example.org"
PILL = f"[{BOT}](https://matrix.to/#/{BOT})"


@pytest.mark.parametrize(
    "content",
    [
        {"body": f"{PILL} !ask How small?", "m.mentions": {"user_ids": [BOT]}},
        {"body": "\\!ask How small?"},
        {"body": "**!ask** How small?"},
        {"body": "`!ask How small?`"},
        {"body": "\ufeff!ask How small?"},
        {"body": "!ask How small?", "msgtype": "m.image", "filename": "slide.png"},
        {"body": "Q: How small?", "msgtype": "m.file", "filename": "slides.pdf"},
        {"body": "Q: How small?", "msgtype": "m.emote"},
        {"body": "!ask How small?", "msgtype": "m.emote"},
        {"body": "bot: !ask How small?", "m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}},
    ],
)
async def test_it_is_asked(floor: Stage, content: Json) -> None:
    await floor.say(KERNEL, ADA, **content)
    question = await last(floor)
    assert (question.text, question.asker, question.relayed) == ("How small?", ADA, False)


@pytest.mark.parametrize("text", [".NET?", "!important?", ":wq how?", "…why", "می‌خواهم", "👨‍👩‍👧?"])
async def test_it_keeps_all_its_characters(floor: Stage, text: str) -> None:
    event, _ = await floor.write(KERNEL, ADA, f"!ask {text}")
    assert (await last(floor)).text == text
    await floor.edit(KERNEL, ADA, event, f"!ask {text} really")
    assert (await last(floor)).text == f"{text} really"
    await direct(floor, f"!ask kernel: {text}", BOB)
    assert (await last(floor)).text == text


@pytest.mark.parametrize(
    "body",
    [
        "[irc] <carl> !ask How small?",
        "**carl**: Q: How small?",
    ],
)
async def test_who_asks_is_told_by_any_relay(floor: Stage, body: str) -> None:
    [said] = [s for s in await floor.say(KERNEL, RELAY, body) if s.room == KERNEL]
    question = await last(floor)
    assert (question.text, question.asker_name, question.relayed) == ("How small?", "carl", True)
    assert said.body.startswith("carl: ")


@pytest.mark.parametrize(
    "body",
    [
        "<carl>!ask How small?",
        "<carl>: Q: How small?",
        "`<carl>` !ask How small?",
        "* carl !ask How small?",
        "* carl Q: How small?",
        "carl> !ask How small?",
    ],
)
async def test_or_by_a_bridge(floor: Stage, body: str) -> None:
    await floor.say(KERNEL, ADA, body)
    assert await questions(floor) == []
    await floor.say(KERNEL, BRIDGED, body)
    question = await last(floor)
    assert (question.text, question.asker_name, question.relayed) == ("How small?", "carl", True)


async def test_a_listed_relay_may_write_as_it_likes(make_stage: MakeStage, opened: Any) -> None:
    settings = {**SETTINGS, "questions": {"relays": [RELAY]}}
    stage = await make_stage(opened, **settings)
    stage.clock.set(65)
    for number, body in enumerate(("carl: !ask {}", "[dora] Q: {}", "!ask {}"), 1):
        await stage.say(KERNEL, RELAY, body.format(f"What about {number}?"))
    asked = [(question.asker_name, question.relayed) for question in await questions(stage)]
    assert asked == [("carl", True), ("dora", True), ("relay", True)]


async def test_an_emote_commands_nothing(floor: Stage) -> None:
    assert await floor.say(KERNEL, ADA, "!talk", msgtype="m.emote") == []
    assert await floor.say(KERNEL, BRIDGED, "* carl !talk") == []
    assert await floor.say(KERNEL, BRIDGED, "carl> !talk") != []


@pytest.mark.parametrize(
    ("first", "edited"),
    [
        ("<carl> !ask How smal?", "<carl> !ask How small? (edited)"),
        ("<carl> Q: How smal?", "<carl> Q: How small?  [Edited]"),
        ("**carl**: !ask How big?", "**carl**: !ask How small? *(edited)*"),
    ],
)
async def test_a_relay_s_edit_changes_the_question(floor: Stage, first: str, edited: str) -> None:
    await floor.say(KERNEL, RELAY, "<carl> !ask Is it fast or slow?")
    await floor.say(KERNEL, RELAY, first)
    await floor.say(KERNEL, RELAY, "<dora> !ask How old?")
    [said] = [s for s in await floor.say(KERNEL, RELAY, edited) if s.room == KERNEL]
    assert said.body == "carl: your question 2 is changed."
    texts = [question.text for question in await questions(floor)]
    assert texts == ["Is it fast or slow?", "How small?", "How old?"]
    await floor.say(KERNEL, RELAY, "<carl> !ask Is it fast or slow now? (edited)")
    assert (await questions(floor))[0].text == "Is it fast or slow now?", "which is alike"


async def test_without_one_to_change_it_is_asked(floor: Stage) -> None:
    await floor.say(KERNEL, RELAY, "<dora> !ask How old?")
    await floor.say(KERNEL, RELAY, "<carl> !ask How small? (edited)")
    assert [q.text for q in await questions(floor)] == ["How old?", "How small?"]
    floor.clock.forward(11)
    await floor.say(KERNEL, RELAY, "<carl> !ask What about licences? (edited)")
    assert len(await questions(floor)) == 3


async def test_what_people_write_themselves_keeps_it(floor: Stage) -> None:
    await floor.say(KERNEL, ADA, "!ask Why does it say (edited)")
    assert (await last(floor)).text == "Why does it say (edited)"
