"""A moderator deletes the message by which the bot posted a question that was asked directly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chat.audience import ADA, BOB, last, taken_out
from tests.chat.conftest import PROGRAMME
from tests.chat.floor import POST, redact, state
from tests.stage import CLOUD, MODERATOR, Stage


@pytest.fixture
async def chat(floor: Stage) -> str:
    """Ada's direct chat with the bot."""
    return await floor.open_direct(ADA)


async def test_a_moderator_who_deletes_its_post_takes_it_back(floor: Stage, chat: str) -> None:
    """They cannot delete the message in the direct chat."""
    await floor.say(chat, ADA, "!anon kernel: How rude?")
    await floor.deliver()
    await redact(floor, BOB, f"$sent{POST}")
    assert await state(floor, 1) == "open"
    await redact(floor, MODERATOR, f"$sent{POST}")
    assert await state(floor, 1) == "withdrawn"
    assert (await last(floor)).text == ""


async def test_that_the_bot_moves_its_post_takes_nothing_back(floor: Stage, chat: str) -> None:
    """Homeservers tell the bot of its own redactions."""
    await floor.say(chat, ADA, "!ask kernel: How small?")
    await floor.deliver()
    kernels = [replace(talk, chat_room=CLOUD) for talk in PROGRAMME[:1]]
    await floor.publish(*kernels, *PROGRAMME[1:])
    await floor.bot.following.step()
    await floor.deliver()
    assert POST in await taken_out(floor)
    await redact(floor, MODERATOR, f"$sent{POST}")
    assert await state(floor, 1) == "open"
