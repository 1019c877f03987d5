"""Who speaks for many: what makes an account a relay, and what becomes of its votes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat.audience import ADA, BOB, asked, asks, last, questions, reply_to, votes
from tests.chat.floor import HOST, HOSTS, SETTINGS, answer, host, redact, tap
from tests.stage import KERNEL, MODERATOR, MakeStage, Stage

LISTED = "@listed-relay:example.org"
BRIDGE = "@discord_bridge:example.org"
"""One that the usual bridge patterns name."""
PASTED = ["<x> Q: How big?", "<x> !ask How big?", "<x>  Question: how big?"]


@pytest.fixture
async def stage(make_stage: MakeStage, opened: Path) -> Stage:
    relays = SETTINGS["questions"] | {"relays": ["@listed-*"]}
    stage = await make_stage(opened, **SETTINGS | {"questions": relays})
    stage.clock.set(65)
    await stage.open(HOSTS)
    member = {"membership": "join"}
    await stage.state(HOSTS, "m.room.member", member, key=HOST)
    return stage


@pytest.mark.parametrize("body", PASTED)
async def test_who_pastes_a_relayed_line_keeps_their_votes(stage: Stage, body: str) -> None:
    event, _ = await asked(stage, "How small?")
    await tap(stage, BOB, event, "👍")
    await stage.say(KERNEL, BOB, body)
    assert (await last(stage)).asker_name == "x", "that one message is the relayed one"
    assert await votes(stage, 1) == 1
    await stage.say(KERNEL, BOB, "!unvote 1")
    assert await stage.say(KERNEL, BOB, "!vote 1") == []
    assert await votes(stage, 1) == 1
    assert "share one account" in await answer(stage, KERNEL, BOB, "<x> !vote 1")


async def test_nobody_votes_for_what_they_pasted(stage: Stage) -> None:
    event = await asks(stage, "<x> !ask How big?", BOB)
    await tap(stage, BOB, event, "👍")
    assert await votes(stage, 1) == 0


@pytest.mark.parametrize("relay", [LISTED, BRIDGE])
async def test_those_that_the_settings_or_bridges_name_stay_relays(
    stage: Stage, relay: str
) -> None:
    event, _ = await asked(stage, "How small?")
    await asks(stage, "<x> !ask How big?", relay)
    await tap(stage, relay, event, "👍")
    await stage.say(KERNEL, relay, "+1", **reply_to(event))
    assert "share one account" in await answer(stage, KERNEL, relay, "!vote 1")
    assert await votes(stage, 1) == 0


async def test_what_barred_somebody_goes_with_its_message(stage: Stage) -> None:
    event, _ = await asked(stage, "How small?")
    await tap(stage, BRIDGE, event, "👍")
    first = await asks(stage, "<x> !ask How big?", BRIDGE)
    second = await asks(stage, "<y> !ask How blue is it?", BRIDGE)
    assert await votes(stage, 1) == 0
    await redact(stage, BRIDGE, first)
    assert await votes(stage, 1) == 0, "the other one still says so"
    await redact(stage, MODERATOR, second)
    assert await votes(stage, 1) == 1
    assert await stage.say(KERNEL, BRIDGE, "!vote 1") == []


@pytest.mark.parametrize("command", [f"!qa kernel unmute {BRIDGE}", "!qa kernel unmute 2"])
async def test_unmute_lifts_it(stage: Stage, command: str) -> None:
    event, _ = await asked(stage, "How small?")
    await tap(stage, BRIDGE, event, "👍")
    await asks(stage, "<x> !ask How big?", BRIDGE)
    assert "can ask and vote there." in await host(stage, command)
    assert await votes(stage, 1) == 1


async def test_made_up_names_protect_nobody_from_being_muted(stage: Stage) -> None:
    await asks(stage, "<x> !ask How rude?", BOB)
    assert "can neither ask nor vote" in await host(stage, "!qa kernel mute 1")
    for body in ("!ask How rude then?", "<y> !ask How rude?", "<x> !ask How rude now?"):
        await stage.say(KERNEL, BOB, body)
    assert len(await questions(stage)) == 1
    await asks(stage, "<x> !ask How nice?", LISTED)
    assert "came over a bridge" in await host(stage, "!qa kernel mute 2")
    await asks(stage, "!ask How old?", ADA)
    assert len(await questions(stage)) == 3
