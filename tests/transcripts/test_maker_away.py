"""A room's history cannot be read for a while, and all else can: what is not to be read goes all
the same, and what stands stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulation.fake_requests import Fault
from simulation.running import ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, HALL, SECRET, Day, Evening


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


def without_history(world: Day) -> Fault:
    server = world.bot.server
    return server.fail(Fault("messages", (504, {}), room=server.aliases[HALL], times=100_000))


async def test_what_is_redacted_goes(evening: Evening) -> None:
    async with evening() as world:
        without_history(world)
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert world.chat()[-1] == "Hello"


async def test_a_redacted_question_goes_from_the_index_too(evening: Evening) -> None:
    async with evening() as world:
        await world.later(minutes=1)
        question = world.transcript().questions[0]
        assert len(world.files_with(question.text)) > 3
        without_history(world)
        world.bot.room(HALL).redact(ADA, question.event or "")
        await world.later(minutes=1)
        assert world.files_with(question.text) == []


async def test_an_edit_that_is_redacted_goes_with_its_message(evening: Evening) -> None:
    async with evening() as world:
        new = {"msgtype": "m.text", "body": "Even worse"}
        relation = {"rel_type": "m.replace", "event_id": world.regretted}
        edit = world.say(ADA, "* Even worse", **{"m.new_content": new, "m.relates_to": relation})
        await world.later(minutes=1)
        assert "Even worse" in world.chat()
        without_history(world)
        world.bot.room(HALL).redact(ADA, edit)
        await world.later(minutes=1)
        assert world.files_with("Even worse") == []


async def test_who_opts_out_and_what_is_dismissed_goes(evening: Evening) -> None:
    async with evening() as world:
        question = world.transcript().questions[0]
        without_history(world)
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        assert world.files_with("<bdi>ada</bdi>") == []
        assert SECRET in world.chat()
        world.say(ORGANISER, f"!dismiss {question.number}")
        await world.later(minutes=1)
        assert world.files_with(question.text) == []
        assert SECRET in world.chat()


async def test_what_is_answered_stays(evening: Evening) -> None:
    async with evening() as world:
        without_history(world)
        answered = {"m.relates_to": {"m.in_reply_to": {"event_id": world.regretted}}}
        world.say(ADA, "I do", **answered)
        await world.later(minutes=1)
        assert SECRET in world.chat()
