"""Voting: whose vote counts, for what, and how it is taken back."""

from __future__ import annotations

import pytest

from fosdembot.actions.refused import Denial
from fosdembot.db.engine import Database
from fosdembot.questions.states import Action, State
from fosdembot.questions.votes import Cast

from .audience import EVE, RELAY, Audience, denied, opened
from .house import ADA, BOB


@pytest.fixture
async def event(audience: Audience) -> str:
    """Ada's question."""
    return await audience.ask(ADA)


async def forget(audience: Audience, event: str) -> None:
    """Who asked it, as after the conference."""
    async with audience.database.write() as session:
        (await audience.held(session, event)).asker = None


# Giving.


async def test_a_vote_is_a_person(audience: Audience, event: str) -> None:
    await audience.votes_for(event, BOB)
    await audience.taps(event, BOB)
    await audience.votes_for(event, BOB)
    assert await audience.votes(event) == 1
    await audience.votes_for(event, EVE)
    assert await audience.votes(event) == 2


async def test_many_at_once(audience: Audience, event: str) -> None:
    async with audience.database.write() as session:
        id_ = (await audience.held(session, event)).id
        people = (BOB, EVE, BOB, ADA)
        casts = [Cast(id_, id_, person, f"$tap{n}") for n, person in enumerate(people)]
        await audience.voting.cast_all(session, casts)
    assert await audience.votes(event) == 2


async def test_the_same_cause_votes_for_another_question_now(
    audience: Audience, event: str
) -> None:
    other = await audience.ask(ADA, "How big?")
    actor = audience.actor(BOB)
    for each in (event, other):
        async with audience.database.write() as session:
            await audience.voting.vote(session, actor, await audience.held(session, each))
    assert (await audience.votes(event), await audience.votes(other)) == (0, 1)


async def test_of_a_refused_vote_the_one_before_stays(audience: Audience, event: str) -> None:
    own = await audience.ask(BOB, "How big?")
    actor = audience.actor(BOB)
    async with audience.database.write() as session:
        await audience.voting.vote(session, actor, await audience.held(session, event))
    with denied(Denial.OWN_VOTE):
        async with audience.database.write() as session:
            await audience.voting.vote(session, actor, await audience.held(session, own))
    assert await audience.votes(event) == 1


# What does not count.


async def test_not_for_the_own_question(audience: Audience, event: str) -> None:
    with denied(Denial.OWN_VOTE):
        await audience.votes_for(event, ADA)
    await audience.taps(event, ADA)
    assert await audience.votes(event) == 0


async def test_nor_for_one_that_the_own_was_merged_into(audience: Audience, event: str) -> None:
    own = await audience.ask(BOB, "How big?")
    await audience.merge(own, event)
    for each in (event, own):
        with denied(Denial.OWN_VOTE):
            await audience.votes_for(each, BOB)
    await audience.votes_for(own, EVE)
    assert await audience.votes(event) == 1


async def test_unless_a_setting_counts_it(database: Database) -> None:
    audience = await opened(database, questions={"count_own_votes": True})
    event = await audience.ask(ADA)
    await audience.votes_for(event, ADA)
    assert await audience.votes(event) == 1


async def test_nobody_is_shown_to_have_asked_without_a_name(audience: Audience) -> None:
    """Before others the vote seems to be one like any; it does not count either way."""
    event = await audience.ask(ADA, name="")
    await audience.votes_for(event, ADA)
    assert await audience.votes(event) == 0
    with denied(Denial.OWN_VOTE):
        await audience.votes_for(event, ADA, private=True)


@pytest.mark.parametrize("fact", ["relay", "relayed"])
async def test_relays_cannot_vote(audience: Audience, event: str, fact: str) -> None:
    with denied(Denial.RELAY):
        await audience.votes_for(event, RELAY, **{fact: True})
    with denied(Denial.RELAY):
        await audience.takes_back(event, RELAY, **{fact: True})
    await audience.taps(event, RELAY, relay=True)
    assert await audience.votes(event) == 0


async def test_nor_one_that_showed_itself_to_be_a_relay(audience: Audience, event: str) -> None:
    await audience.takes(RELAY, "How big?", name="carl", relayed=True, relay=True)
    with denied(Denial.RELAY):
        await audience.votes_for(event, RELAY)


async def test_who_is_muted_or_removed_cannot_vote(audience: Audience, event: str) -> None:
    await audience.mute(BOB)
    await audience.member(EVE, "ban")
    for person in (BOB, EVE):
        with denied(Denial.VOTE_BARRED):
            await audience.votes_for(event, person)
        await audience.taps(event, person)
    assert await audience.votes(event) == 0
    await audience.mute(BOB, muted=False)
    assert await audience.votes(event) == 1, "a reaction stands, and counts once it may"


@pytest.mark.parametrize("state", [State.DISMISSED, State.WITHDRAWN])
async def test_what_is_gone_takes_no_votes(audience: Audience, event: str, state: State) -> None:
    await audience.act(event, Action.DISMISS if state is State.DISMISSED else Action.WITHDRAW)
    with denied(Denial.NO_VOTES, state=state):
        await audience.votes_for(event, BOB)
    await audience.taps(event, BOB)
    if state is State.DISMISSED:
        await audience.act(event, Action.RESTORE)
        assert await audience.votes(event) == 1


async def test_nor_does_what_was_merged_into_it(audience: Audience, event: str) -> None:
    part = await audience.ask(BOB, "How big?")
    await audience.merge(part, event)
    await audience.act(event, Action.DISMISS)
    with denied(Denial.NO_VOTES, state=State.DISMISSED):
        await audience.votes_for(part, EVE)


@pytest.mark.parametrize("action", [Action.TAKE, Action.DONE, Action.SKIP, Action.STAR])
async def test_what_else_was_decided_hinders_nobody(
    audience: Audience, event: str, action: Action
) -> None:
    await audience.act(event, *([Action.TAKE, Action.DONE] if action is Action.DONE else [action]))
    await audience.votes_for(event, BOB)
    assert await audience.votes(event) == 1


async def test_once_voters_are_forgotten_counts_are_final(audience: Audience, event: str) -> None:
    await audience.votes_for(event, BOB)
    await forget(audience, event)
    with denied(Denial.VOTES_FINAL):
        await audience.votes_for(event, EVE)
    with denied(Denial.VOTES_FINAL):
        await audience.takes_back(event, BOB)
    assert await audience.votes(event) == 1


async def test_that_another_asker_is_muted_makes_no_own_vote_count(
    audience: Audience, event: str
) -> None:
    other = await audience.ask(BOB, "How big?")
    await audience.mute(ADA)
    for person in (ADA, BOB):
        await audience.taps(other, person)
        assert await audience.votes(other) == 0
    await audience.taps(other, EVE)
    assert await audience.votes(other) == 1


# Taking back.


async def test_the_vote_stays_until_the_last_of_it_is_gone(audience: Audience, event: str) -> None:
    first, second = await audience.taps(event, BOB), await audience.votes_for(event, BOB)
    for cause, left in ((first, 1), (second, 0), (second, 0)):
        async with audience.database.write() as session:
            await audience.voting.retract(session, cause)
        assert await audience.votes(event) == left


async def test_unvote_takes_all_of_it(audience: Audience, event: str) -> None:
    for person in (BOB, EVE, BOB):
        await audience.taps(event, person)
    await audience.votes_for(event, BOB)
    await audience.takes_back(event, BOB)
    assert await audience.votes(event) == 1
    with denied(Denial.NOT_VOTED):
        await audience.takes_back(event, BOB)
    await audience.votes_for(event, BOB)
    assert await audience.votes(event) == 2


async def test_unvote_for_one_that_was_merged(audience: Audience, event: str) -> None:
    part = await audience.ask(ADA, "How big?")
    await audience.votes_for(part, BOB)
    await audience.merge(part, event)
    assert await audience.votes(event) == 1
    await audience.takes_back(event, BOB)
    assert await audience.votes(event) == 0
