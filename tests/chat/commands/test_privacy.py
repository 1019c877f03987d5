"""`!privacy`: what is kept and published, and how not to be named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fosdembot.conference.opt_outs import all_opted_out
from tests.chat.audience import ADA, BOB, IRC, RELAY
from tests.chat.floor import answer
from tests.stage import KERNEL, LOBBY, MakeStage, Stage, in_room

CONTACT = "https://conference.example.org/privacy"
ON: dict[str, Any] = {"transcripts": {"folder": "/srv/x"}, "privacy": {"contact": CONTACT}}


async def left_out(stage: Stage) -> frozenset[str]:
    async with stage.database.read() as session:
        return await all_opted_out(session)


async def test_what_is_kept(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, questions={"keep_names_days": 7})
    said = await answer(stage, KERNEL, ADA, "!privacy")
    assert "7 days after the conference" in said
    assert "!anon" in said
    assert "published" not in said, "nothing is"
    assert await answer(stage, KERNEL, BOB, "!privacy") == "That is answered just above."


@pytest.mark.parametrize(
    ("rules", "has", "has_not"),
    [
        ({}, "questions and answers are published", "said in the room"),
        (
            {"chat": "publish"},
            "what is said in the room, are published",
            "questions and answers are",
        ),
        ({"opted_out": "removed"}, "To be left out there", "an attendee"),
        ({"opted_out": "nameless"}, 'You are "an attendee"', "left out"),
    ],
)
async def test_what_is_published(
    make_stage: MakeStage, opened: Path, rules: dict[str, str], has: str, has_not: str
) -> None:
    stage = await make_stage(opened, **{**ON, "transcripts": {"folder": "/srv/x", **rules}})
    said = await answer(stage, KERNEL, ADA, "!privacy")
    assert has in said
    assert has_not not in said
    assert "from now on and backwards: !privacy optout" in said
    assert said.endswith(f"write to {CONTACT}")


@pytest.mark.parametrize("typed", ["optout", "opt-out", "Opt out!", "OPTOUT."])
async def test_in_public_a_reaction_says_it(conference: Stage, typed: str) -> None:
    assert await answer(conference, KERNEL, ADA, f"!privacy {typed}") == "✅"
    assert await left_out(conference) == {ADA}
    await conference.say(KERNEL, ADA, "!privacy optin")
    assert await left_out(conference) == set()


async def test_over_a_bridge_it_is_one_word(conference: Stage) -> None:
    assert await answer(conference, KERNEL, IRC, "!privacy optout") == "Noted."
    assert await answer(conference, KERNEL, IRC, "!privacy optout") == "Noted.", "as often as asked"
    assert await left_out(conference) == {IRC}


async def test_a_direct_chat_says_more(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, **ON)
    chat = await stage.open_direct(ADA)
    assert "You have opted out" not in await answer(stage, chat, ADA, "!privacy")
    said = await answer(stage, chat, ADA, "!privacy optout")
    assert "nor of earlier ones" in said
    assert "In the rooms nothing changes" in said
    assert "!privacy optin" in said
    assert "You have opted out" in await answer(stage, chat, ADA, "!privacy")
    assert "You have opted out" not in await answer(stage, KERNEL, ADA, "!privacy"), "in public"
    assert "as others are" in await answer(stage, chat, ADA, "!privacy optin")


async def test_nobody_opts_out_for_all_behind_a_relay(conference: Stage) -> None:
    said = await answer(conference, KERNEL, RELAY, "<carl> !privacy optout")
    assert said.startswith("carl: I know you only by the bridge's account")
    assert await left_out(conference) == set()


async def test_anything_else_gets_the_two_words(conference: Stage) -> None:
    said = await answer(conference, KERNEL, ADA, "!privacy please")
    assert "!privacy optout:" in said
    assert "!privacy optin:" in said


async def test_it_is_known_elsewhere_too(conference: Stage) -> None:
    said = in_room(await conference.say(LOBBY, ADA, "!privacy optout"), LOBBY)
    assert "Noted." in said[0]
    assert await left_out(conference) == {ADA}
