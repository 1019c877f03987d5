"""A message that asked no more, because the edit by which it asked was redacted, asks again."""

from __future__ import annotations

import pytest

from fosdembot.questions.states import Action
from tests.chat.audience import ADA, BOB, asks, direct, last, questions, reply_to, taken_out
from tests.chat.floor import HOST, HOSTS, act, redact, state
from tests.chat.redactions.test_edit import RUDE, edit, kept_of
from tests.stage import KERNEL, MODERATOR, Stage, in_room


async def cards(stage: Stage) -> list[tuple[str, str]]:
    """Key and text of the cards that stand in the hosts' room, as they are now."""
    gone = await taken_out(stage)
    said = {s.key: s.body for s in await stage.outbox(HOSTS)}
    return [
        (key, said.get(f"edit:{key}", body))
        for key, body in said.items()
        if key.startswith("card/") and key not in gone
    ]


async def posts(stage: Stage) -> list[str]:
    gone = await taken_out(stage)
    said = {s.key: s.body for s in await stage.outbox(KERNEL)}
    return [
        said.get(f"edit:{key}", body)
        for key, body in said.items()
        if key.startswith("post/") and key not in gone
    ]


@pytest.mark.parametrize("first", ["hello", "!vote 9", "!ask " + "x" * 501, "!ask"])
async def test_it_is_asked_again(floor: Stage, first: str) -> None:
    event = await asks(floor, first)
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await redact(floor, ADA, edited)
    assert await state(floor, 1) == "withdrawn"
    assert await cards(floor) == []
    await edit(floor, event, "!ask How nice?")
    assert [(q.number, q.text, q.state) for q in await questions(floor)] == [
        (1, "How nice?", "open")
    ]
    [(key, card)] = await cards(floor)
    assert card == "kernel 1: How nice? – ada"
    await floor.deliver()
    await floor.say(HOSTS, HOST, "star", **reply_to(f"$sent{key}"))
    assert await state(floor, 1) == "starred"
    await edit(floor, event, "!ask How tiny?")
    assert [card for _, card in await cards(floor)] == ["kernel 1 ⭐ next: How tiny? – ada"]
    assert await kept_of(floor, RUDE) == []


async def test_again_and_again(floor: Stage) -> None:
    event = await asks(floor, "hello")
    for number in range(3):
        edited = await edit(floor, event, f"!ask Question {number}?")
        assert await state(floor, 1) == "open"
        assert [card for _, card in await cards(floor)] == [f"kernel 1: Question {number}? – ada"]
        await redact(floor, ADA, edited)
        assert (await last(floor)).text == ""


async def test_what_was_a_command_in_between(floor: Stage) -> None:
    event = await asks(floor, "hello")
    first = await edit(floor, event, f"!ask {RUDE}?")
    second = await edit(floor, event, "!vote 9")
    await redact(floor, ADA, first)
    await redact(floor, ADA, second)
    await edit(floor, event, "!ask How nice?")
    assert ((await last(floor)).text, await state(floor, 1)) == ("How nice?", "open")
    assert [card for _, card in await cards(floor)] == ["kernel 1: How nice? – ada"]


@pytest.mark.parametrize("action", [Action.DONE, Action.DISMISS, Action.STAR, Action.SKIP])
async def test_what_was_decided_was_about_the_other_text(floor: Stage, action: Action) -> None:
    event = await asks(floor, "hello")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await act(floor, 1, action)
    await redact(floor, ADA, edited)
    await edit(floor, event, "!ask How nice?")
    assert ((await last(floor)).text, await state(floor, 1)) == ("How nice?", "open")


async def test_where_it_is_moderated_it_waits(floor: Stage) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    event = await asks(floor, "hello")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await floor.say(KERNEL, MODERATOR, "!approve 1")
    await redact(floor, ADA, edited)
    await edit(floor, event, "!ask How nice?")
    assert await state(floor, 1) == "pending"
    assert len(await cards(floor)) == 1


@pytest.mark.parametrize("text", ["", "x" * 501])
async def test_what_is_no_question_does_not_bring_it_back(floor: Stage, text: str) -> None:
    event = await asks(floor, "hello")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await redact(floor, ADA, edited)
    await floor.news()
    said = in_room(await floor.edit(KERNEL, ADA, event, f"!ask {text}"), KERNEL)
    assert len(said) == 1, "the asker is told why"
    assert await state(floor, 1) == "withdrawn"
    assert await cards(floor) == []


@pytest.mark.parametrize("text", ["", "x" * 501])
async def test_nor_one_that_had_become_a_command(floor: Stage, text: str) -> None:
    event = await asks(floor, "!ask How small?")
    await floor.edit(KERNEL, ADA, event, "!vote 9")
    assert len(in_room(await floor.edit(KERNEL, ADA, event, f"!ask {text}"), KERNEL)) == 1
    assert await state(floor, 1) == "withdrawn"


async def test_one_that_was_asked_in_a_direct_chat_is_posted_again(floor: Stage) -> None:
    event, chat = await direct(floor, "hello")
    edited = await edit(floor, event, f"!anon kernel: {RUDE}?", alias=chat)
    assert len(await posts(floor)) == 1
    await redact(floor, ADA, edited, alias=chat)
    assert await posts(floor) == []
    await edit(floor, event, "!anon kernel: How nice?", alias=chat)
    assert ((await last(floor)).text, await state(floor, 1)) == ("How nice?", "open")
    [post] = await posts(floor)
    assert "How nice?" in post
    await edit(floor, event, "!anon kernel: How tiny?", alias=chat)
    [post] = await posts(floor)
    assert "How tiny?" in post
    await floor.say(chat, ADA, "!withdraw 1")
    assert await posts(floor) == []


async def test_also_one_that_had_become_a_command(floor: Stage) -> None:
    event, chat = await direct(floor, "!ask kernel: How small?")
    await edit(floor, event, "!mine", alias=chat)
    assert await posts(floor) == []
    await edit(floor, event, "!ask kernel: How nice?", alias=chat)
    [post] = await posts(floor)
    assert "How nice?" in post


async def test_what_waited_to_be_posted_is(floor: Stage) -> None:
    """It was withdrawn before it was sent, and comes under another key."""
    chat = await floor.open_direct(ADA)
    event, _ = await floor.write(chat, ADA, "!ask kernel: How small?")
    await floor.edit(chat, ADA, event, "!mine")
    await floor.edit(chat, ADA, event, "!ask kernel: How nice?")
    [post] = await posts(floor)
    assert "How nice?" in post


async def test_a_message_that_is_redacted_asks_nothing_more(floor: Stage) -> None:
    """Homeservers let edits of it in."""
    for number, before in enumerate(("!ask How big?", "!vote 9", "hello"), 1):
        event = await asks(floor, f"!ask Question {number}?")
        edited = await edit(floor, event, before)
        if number == 3:
            await redact(floor, ADA, edited)
        await redact(floor, ADA, event)
        await edit(floor, event, "!ask How nice?")
        question = (await questions(floor))[number - 1]
        assert (question.text, question.state) == ("", "withdrawn")


async def test_only_its_asker_asks_again(floor: Stage) -> None:
    event = await asks(floor, "hello")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await redact(floor, MODERATOR, edited)
    await edit(floor, event, "!ask How nice?", BOB)
    assert await state(floor, 1) == "withdrawn"
