"""Giving the own question to the next talk."""

from __future__ import annotations

import pytest

from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action
from fosdembot.talks.slots import Override

from .audience import RELAY, Audience, denied
from .house import ADA, BOB, MODERATOR


async def asked(audience: Audience, clock: str, person: str = ADA, *, relayed: bool = False) -> str:
    return str((await audience.takes(person, clock=clock, relayed=relayed)).question.source)


@pytest.mark.parametrize(
    ("asked_at", "moved_at"),
    [("10:15", "10:15"), ("10:24", "10:34"), ("10:15", "10:24"), ("09:50", "10:00")],
)
async def test_between_two_talks_for_ten_minutes(
    audience: Audience, asked_at: str, moved_at: str
) -> None:
    event = await asked(audience, asked_at)
    assert await audience.moves_on(event, clock=moved_at) == "two"
    assert (await audience.question(event)).talk == "two"


@pytest.mark.parametrize(
    ("asked_at", "moved_at"), [("10:05", "10:05"), ("10:14", "10:20"), ("10:24", "10:34:30")]
)
async def test_not_earlier_and_not_later(audience: Audience, asked_at: str, moved_at: str) -> None:
    event = await asked(audience, asked_at)
    with denied(Denial.TOO_LATE):
        await audience.moves_on(event, clock=moved_at)
    assert (await audience.question(event)).talk == "one"


async def test_nobody_moves_behind_the_last_talk(audience: Audience) -> None:
    event = await asked(audience, "11:20")
    with denied(Denial.NO_NEXT_TALK):
        await audience.moves_on(event, clock="11:20")


@pytest.mark.parametrize("again_at", ["10:26", "10:50"])
async def test_a_second_time_moves_no_further(audience: Audience, again_at: str) -> None:
    """Also while it is being answered there, and when it is too late to move."""
    event = await asked(audience, "10:24")
    await audience.moves_on(event, clock="10:26")
    await audience.act(event, Action.TAKE)
    assert await audience.moves_on(event, clock=again_at) == "two"
    question = await audience.question(event)
    assert (question.talk, question.state) == ("two", "answering")


async def test_one_that_was_moved_back_moves_on_again(audience: Audience) -> None:
    event = await asked(audience, "09:50")
    assert await audience.moves_on(event, clock="09:51") == "two"
    async with audience.database.write() as session:
        question = await audience.held(session, event)
        await audience.desk.move(session, question, "one", audience.by(), decided=True)
    assert await audience.moves_on(event, clock="09:53") == "two"


async def test_one_asked_in_a_long_pause_is_not_taken_for_a_moved_one(audience: Audience) -> None:
    await audience.decide(one=Override(cancelled=True))
    event = await asked(audience, "10:20")
    assert await audience.moves_on(event, clock="10:21") == "three"


async def test_one_that_is_cancelled_does_not_come_next(audience: Audience) -> None:
    await audience.decide(two=Override(cancelled=True))
    event = await asked(audience, "10:24")
    assert await audience.moves_on(event, clock="10:26") == "three"


async def test_only_the_asker_does_it(audience: Audience) -> None:
    event = await asked(audience, "10:24")
    for person in (BOB, MODERATOR):
        with denied(Denial.NOT_ALLOWED, permission=Permission.MOVE_OWN):
            await audience.moves_on(event, person, "10:24")
    with denied(Denial.NOT_ALLOWED, permission=Permission.MOVE_OWN):
        await audience.moves_on(event, ADA, "10:24", relayed=True)


async def test_a_relay_s_question_is_nobody_s_own(audience: Audience) -> None:
    event = await asked(audience, "10:24", RELAY, relayed=True)
    question = await audience.question(event)
    async with audience.database.read() as session:
        for relayed in (True, False):
            who = Who(RELAY, relayed)
            for permission in (Permission.WITHDRAW, Permission.MOVE_OWN):
                assert not await audience.access.allows(session, who, permission, question)
    for relayed in (True, False):
        with denied(Denial.NOT_ALLOWED, permission=Permission.MOVE_OWN):
            await audience.moves_on(event, RELAY, "10:24", relayed=relayed)


async def test_what_was_decided_stays_where_it_is(audience: Audience) -> None:
    event = await asked(audience, "10:24")
    await audience.act(event, Action.TAKE, Action.DONE)
    with denied(Refusal.STATE):
        await audience.moves_on(event, clock="10:24")


async def test_no_moderator_takes_it_back(audience: Audience) -> None:
    event = await asked(audience, "10:24")
    await audience.moves_on(event, clock="10:24")
    assert await audience.undo() == []
