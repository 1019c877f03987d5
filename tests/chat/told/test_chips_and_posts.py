"""How a question is shown in its talk room: by a chip, or by the bot's post of it."""

from __future__ import annotations

import pytest

from tests.chat.audience import ADA, asks, direct, reactions, taken_out
from tests.chat.floor import CARD, HOST, HOSTS, POST, answer, card, moderated, redact, state, tap
from tests.stage import KERNEL, MODERATOR, Stage

# Chips.


async def test_a_chip_loses_its_hourglass(floor: Stage) -> None:
    await moderated(floor)
    event = await asks(floor, "!ask How small?")
    assert await reactions(floor, event) == ["Q1 ⏳"]
    await answer(floor, KERNEL, MODERATOR, "!approve 1")
    assert await reactions(floor, event) == ["Q1"]
    await floor.edit(KERNEL, ADA, event, "!ask How tiny?")
    assert await state(floor, 1) == "pending"
    assert await reactions(floor, event) == ["Q1"], "its voters tap on that"
    await answer(floor, KERNEL, MODERATOR, "!approve 1")
    assert await reactions(floor, event) == ["Q1"]


async def test_one_that_goes_back_to_a_moderator_keeps_its_chip(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    await moderated(floor)
    await floor.edit(KERNEL, ADA, event, "!ask How tiny?")
    assert await state(floor, 1) == "pending"
    assert await reactions(floor, event) == ["Q1"]


async def test_an_hourglass_that_was_not_sent_yet(floor: Stage) -> None:
    await moderated(floor)
    event, _ = await floor.write(KERNEL, ADA, "!ask How small?")
    await answer(floor, KERNEL, MODERATOR, "!approve 1")
    assert await reactions(floor, event) == ["Q1"]
    assert await taken_out(floor) == set()


async def test_what_was_never_let_in_has_no_chip(floor: Stage) -> None:
    await moderated(floor)
    event = await asks(floor, "!ask How small?")
    await answer(floor, HOSTS, HOST, "!dismiss 1")
    assert await reactions(floor, event) == []


# Posts of what was asked directly.


async def posts(stage: Stage) -> list[str]:
    return [s.body for s in await stage.outbox(KERNEL) if "post/" in s.key]


@pytest.mark.parametrize(("command", "name"), [("!ask", " ada"), ("!anon", "")])
async def test_what_was_asked_directly_is_posted(floor: Stage, command: str, name: str) -> None:
    await direct(floor, f"{command} kernel: How small?")
    by = f" –{name}" if name else ""
    assert await posts(floor) == [f"1 How small?{by}"]
    assert await card(floor) == f"kernel 1: How small? –{name or ' without a name'}"
    await tap(floor, MODERATOR, f"$sent{POST}", "⭐")
    assert await state(floor, 1) == "starred"


@pytest.mark.parametrize("fate", ["!dismiss 1", "!dismiss 1 spam"])
async def test_what_was_not_let_in_is_never_posted(floor: Stage, fate: str) -> None:
    await moderated(floor)
    await direct(floor, "!anon kernel: How small?")
    assert await posts(floor) == []
    await answer(floor, HOSTS, HOST, fate)
    assert await posts(floor) == []
    await answer(floor, HOSTS, HOST, "!restore 1")
    assert await posts(floor) == ["1 How small?"]


async def test_one_merged_before_it_was_let_in_is_not_posted(floor: Stage) -> None:
    await moderated(floor)
    await asks(floor, "!ask How big?", MODERATOR)
    await direct(floor, "!anon kernel: How small?")
    await answer(floor, HOSTS, HOST, "!merge 2 1")
    assert await posts(floor) == []


async def test_a_post_says_nothing_that_a_moderator_has_not_seen(floor: Stage) -> None:
    await moderated(floor)
    event, chat = await direct(floor, "!anon kernel: How small?")
    await answer(floor, HOSTS, HOST, "approve 1")
    await floor.deliver()
    await floor.edit(chat, ADA, event, "!anon kernel: Buy my book")
    assert await posts(floor) == ["1 How small?"]
    assert await card(floor) == "kernel 1 ⏳ waits for you: Buy my book – without a name"
    await answer(floor, HOSTS, HOST, "approve 1")
    assert await posts(floor) == ["1 How small?", "1 Buy my book"], "by an edit"


async def test_who_takes_it_back_takes_back_the_post(floor: Stage) -> None:
    event, chat = await direct(floor, "!anon kernel: How small?")
    await answer(floor, chat, ADA, "!withdraw 1")
    assert POST in await taken_out(floor)
    await redact(floor, ADA, event, alias=chat)
    assert CARD in await taken_out(floor)


async def test_a_redacted_message_takes_the_post_along(floor: Stage) -> None:
    event, chat = await direct(floor, "!anon kernel: How small?")
    await redact(floor, ADA, event, alias=chat)
    assert {POST, CARD} <= await taken_out(floor)
