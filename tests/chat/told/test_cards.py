"""The hosts' cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from fosdembot.questions.states import Action
from tests.chat.audience import ADA, BOB, asks, direct, reactions, rows, taken_out
from tests.chat.floor import (
    CARD,
    HOST,
    HOSTS,
    act,
    answer,
    card,
    join_hosts,
    moderated,
    redact,
    state,
    tap,
)
from tests.stage import CLOUD, KERNEL, MODERATOR, MakeStage, Stage, in_room

BUTTONS = ["✅", "⭐", "▶️", "🚫"]


async def test_a_card_has_its_buttons_on_it(floor: Stage) -> None:
    await floor.say(KERNEL, ADA, "!ask How small can it get?")
    [said] = await floor.outbox(HOSTS)
    assert (said.key, said.body) == (CARD, "kernel 1: How small can it get? – ada")
    assert said.html == "<strong>kernel 1</strong>: How small can it get? – ada"
    assert said.content["msgtype"] == "m.notice"
    assert said.content["m.mentions"] == {}
    assert await reactions(floor, CARD) == BUTTONS


async def test_only_the_hosts_of_the_talk_room_get_it(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, hosts={"Cloud": HOSTS, "Main": "#main:example.org"})
    for alias in (HOSTS, "#main:example.org"):
        await stage.open(alias)
    stage.clock.set(65)
    await stage.say(CLOUD, ADA, "!ask How dark?")
    assert [s.body for s in await stage.outbox(HOSTS)] == ["cloud 1: How dark? – ada"]
    assert await stage.outbox("#main:example.org") == []


async def test_a_card_follows_its_question(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    await asks(floor, "!ask How big?", BOB)
    for command, said in {
        "!star 1": "kernel 1 ⭐ next: How small? – ada",
        "!take 1": "kernel 1 ▶ being answered: How small? – ada",
        "!skip 1": "kernel 1 skipped: How small? – ada",
        "!dismiss 1": "kernel 1 🚫 dismissed: How small? – ada",
        "!restore 1": "kernel 1: How small? – ada",
        "!merge 1 2": "kernel 1 is one with 2: How small? – ada",
        "!undo": "kernel 1: How small? – ada",
        "!done 1": "kernel 1 ✅ answered: How small? – ada",
    }.items():
        assert await answer(floor, KERNEL, MODERATOR, command) != "", command
        assert await card(floor) == said
    await answer(floor, KERNEL, MODERATOR, "!restore 1")
    await floor.edit(KERNEL, ADA, event, "!ask How tiny?")
    assert await card(floor) == "kernel 1: How tiny? – ada"
    await answer(floor, KERNEL, ADA, "!withdraw 1")
    assert await card(floor) == "kernel 1 taken back: How tiny? – ada"


async def test_in_a_room_that_was_opened_to_all_no_card_says_anything_new(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await floor.state(HOSTS, "m.room.join_rules", {"join_rule": "public"})
    await answer(floor, KERNEL, MODERATOR, "!star 1")
    assert await card(floor) == "kernel 1: How small? – ada"


async def test_what_is_answered_before_changes_as_well(floor: Stage) -> None:
    for number, text in enumerate(("How small?", "How big?"), 1):
        await asks(floor, f"!ask {text}")
        await answer(floor, KERNEL, MODERATOR, f"!take {number}")
    assert await card(floor) == "kernel 1 ✅ answered: How small? – ada"


async def test_what_was_merged_into_one_that_is_taken_back_waits_again(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await asks(floor, "!ask How big?", BOB)
    await answer(floor, KERNEL, MODERATOR, "!merge 1 2")
    await answer(floor, KERNEL, BOB, "!withdraw 2")
    assert await state(floor, 1) == "open"
    assert await card(floor) == "kernel 1: How small? – ada"


async def test_the_same_for_a_redaction(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    event = await asks(floor, "!ask How big?", BOB)
    await answer(floor, KERNEL, MODERATOR, "!merge 1 2")
    await redact(floor, BOB, event)
    assert await card(floor) == "kernel 1: How small? – ada"


async def test_a_talk_that_is_not_on_is_named(floor: Stage) -> None:
    floor.clock.set(86)
    await asks(floor, "!ask 1: How small?")
    await asks(floor, "!ask How big?", BOB)
    assert [s.body for s in await floor.outbox(HOSTS)] == [
        'kernel 1: How small? – ada (for "Tiny kernels")',
        "kernel 2: How big? – bob",
    ]


async def test_taps_on_a_card_decide(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    states = ("answered", "starred", "answering", "dismissed")
    for emoji, becomes in zip(BUTTONS, states, strict=True):
        if await state(floor, 1) == "answered":
            await act(floor, 1, Action.RESTORE)
        await tap(floor, HOST, f"$sent{CARD}", emoji, alias=HOSTS)
        assert await state(floor, 1) == becomes


async def test_a_redacted_question_is_gone_from_everywhere(floor: Stage) -> None:
    secret = "My password is hunter2"
    event = await asks(floor, f"!ask {secret}")
    await answer(floor, KERNEL, MODERATOR, "!star 1")
    await redact(floor, ADA, event)
    gone = await taken_out(floor)
    assert CARD in gone
    left = [r for r in await rows(floor, "m.room.message") if gone.isdisjoint((r.key, r.target))]
    assert not [row.key for row in left if secret in row.content["body"]]


async def test_a_card_that_waits_is_not_sent_at_all(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "!ask My password is hunter2")
    await redact(floor, ADA, event)
    assert await floor.outbox(HOSTS) == []
    assert await taken_out(floor) == set()


async def test_over_a_bridge_only_what_waits_is_said_anew(floor: Stage) -> None:
    await moderated(floor)
    await floor.state(HOSTS, "m.bridge", {"protocol": {"id": "irc"}}, "irc")
    event = await asks(floor, "!ask How small?")
    await answer(floor, HOSTS, HOST, "approve 1")
    await answer(floor, HOSTS, HOST, "star 1")
    assert await card(floor) == "kernel 1 ⏳ waits for you: How small? – ada"
    await floor.news()
    said = await floor.edit(KERNEL, ADA, event, "!ask How tiny?")
    assert in_room(said, HOSTS) == ["kernel 1 ⏳ waits for you: How tiny? – ada"]
    assert all(s.kind == "message" for s in await floor.outbox(HOSTS))
    await floor.deliver()
    [again] = [s.key for s in said if s.room == HOSTS]
    await tap(floor, HOST, f"$sent{again}", "✅", alias=HOSTS)
    assert await state(floor, 1) == "open"
    await redact(floor, ADA, event)
    assert {CARD, again} <= await taken_out(floor)


async def test_a_host_who_has_left_decides_nothing(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await join_hosts(floor, HOST, "leave")
    await tap(floor, HOST, f"$sent{CARD}", "⭐", alias=HOSTS)
    assert await state(floor, 1) == "open"
    assert (await answer(floor, HOSTS, HOST, "star 1")).startswith("Only")


HOSTILE = [
    "<b>bold</b><script>alert(1)</script>",
    '<a href="https://matrix.to/#/@carl:example.org">carl</a>',
    "@room come here",
    "\u202etxt.exe \u200b\u2066x",
    "**bold** [x](https://evil.example) `code`",
    "line\nbreak\x07\x1b[31m",
    "👍" * 50,
    "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306b",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_texts_and_names_are_harmless(floor: Stage, text: str) -> None:
    await floor.state(KERNEL, "m.room.member", {"membership": "join", "displayname": text}, key=ADA)
    await asks(floor, f"!ask {text}")
    await direct(floor, f"!ask kernel: {text} again?", BOB)
    await floor.say(HOSTS, HOST, "take 1")
    await floor.say(HOSTS, HOST, f"dismiss 2 {text}")
    said = await floor.outbox()
    about = [s for s in said if s.key.startswith(("card/", "post/", "taken/", "dismissed/"))]
    assert len(about) >= 5
    for each in about:
        assert "<a " not in each.html
        assert "<script" not in each.html
        assert each.html.count("<strong>") == each.html.count("</strong>") <= 1
        assert "\n" not in each.body
        assert "@room" not in each.body
        assert not set(each.body) & set("\u202e\u2066\x07\x1b")
        assert each.content["m.mentions"] in ({}, {"user_ids": [ADA]}, {"user_ids": [BOB]})
