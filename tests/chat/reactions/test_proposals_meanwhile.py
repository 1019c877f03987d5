"""❓ on a message makes it a question, whatever happens in between."""

from __future__ import annotations

import asyncio

import pytest

from simulation.fake_requests import Fault
from simulation.waiting import wait_for
from tests.chat.proposals import (
    ADA,
    HALL,
    MODERATOR,
    OFFLINE,
    Day,
    day,
    edit,
    hall,
)
from tests.running import database, server

__all__ = ["database", "day", "hall", "server"]


async def test_the_homeserver_is_away_for_a_while(day: Day) -> None:
    event, other = day.hall.say(ADA, "How small?"), day.hall.say(ADA, "How big?")
    async with day.running():
        day.server.fail(Fault("event", OFFLINE, times=2))
        limited = (429, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 10})
        day.server.fail(Fault("event", limited))
        for target in (event, other):
            day.hall.react(ADA, target, "❓")
        assert sorted(await day.seen_to()) == ["How big?", "How small?"]


async def test_one_that_does_not_answer_holds_up_no_other(day: Day) -> None:
    slow, quick = day.hall.say(ADA, "How small?"), day.hall.say(ADA, "How big?")
    async with day.running():
        held = day.server.fail(Fault("event", hold=asyncio.Event()))
        day.hall.react(ADA, slow, "❓")
        await held.met.wait()
        day.hall.react(ADA, quick, "❓")

        async def asked() -> bool:
            return [q.text for q in await day.questions()] == ["How big?"]

        await wait_for(asked, what="the other one")
        assert await day.waiting() == 1
    async with day.running():
        assert len(await day.seen_to()) == 2


async def test_killed_before_it_was_read(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        held = day.server.fail(Fault("event", hold=asyncio.Event()))
        day.hall.react(ADA, event, "❓")
        await held.met.wait()
    assert await day.waiting() == 1
    async with day.running():
        assert await day.seen_to() == ["How small?"]
    async with day.running() as bot:
        assert await day.seen_to() == ["How small?"]
        await bot.quiet()
    assert day.chips() == [(event, "Q1")]


@pytest.mark.parametrize(
    ("what", "asked"), [("redacted", []), ("edited", ["How big?"]), ("taken back", [])]
)
async def test_something_changes_while_it_is_read(day: Day, what: str, asked: list[str]) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        # The answer is what the message was when it was asked for, and comes late.
        before = dict(day.hall.event(event) or {})
        held = day.server.fail(Fault("event", (200, before), hold=asyncio.Event()))
        mark = day.hall.react(ADA, event, "❓")
        await held.met.wait()
        if what == "edited":
            day.hall.say(ADA, "* How big?", **edit(event, "How big?"))
        else:
            day.hall.redact(ADA, event if what == "redacted" else mark)
        await day.taken_in()
        assert held.hold is not None
        held.hold.set()
        assert await day.seen_to() == asked


async def test_two_react_at_once_and_it_is_one_question(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running() as bot:
        for person in (ADA, MODERATOR):
            day.hall.react(person, event, "❓")
        assert await day.seen_to() == ["How small?"]
        await bot.quiet()
        assert "asked that" not in "".join(bot.said(HALL))
    assert day.chips() == [(event, "Q1")]


async def test_afterwards_it_follows_its_message(day: Day) -> None:
    event = day.hall.say(ADA, "How small?")
    async with day.running():
        day.hall.react(MODERATOR, event, "❓")
        await day.seen_to()
        day.hall.say(ADA, "* How big?", **edit(event, "How big?"))
        assert await day.seen_to() == ["How big?"]
        day.hall.redact(ADA, event)
        assert await day.seen_to() == [""]
