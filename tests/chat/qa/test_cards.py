"""What the bot says of a single question: chips and posts, cards, and who is notified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.db.tables import Outgoing, Room
from fosdembot.questions.states import Action
from tests.stage import (
    CLOUD,
    KERNEL,
    MODERATOR,
    MakeStage,
    Said,
    Stage,
    in_room,
    room_id,
)

from .floor import HOST, HOSTS, SPEAKER, act, answer, join_hosts, redact, state, tap

ADA = "@ada:example.org"
BOB = "@bob:example.org"
RELAY = "@relay:example.org"
CARD = f"card/1/{room_id(HOSTS)}"
BUTTONS = ["✅", "⭐", "▶️", "🚫"]


async def rows(stage: Stage, kind: str) -> list[Outgoing]:
    """Of this event type, as they stand in the outbox."""
    async with stage.database.read() as session:
        found = select(Outgoing).where(Outgoing.event_type == kind).order_by(Outgoing.id)
        return list(await session.scalars(found))


async def reactions(stage: Stage, to: str) -> list[str]:
    """To an event or to the message with this key: those that are not taken back."""
    redacted = {row.target for row in await rows(stage, "m.room.redaction")}
    return [
        str(row.content["m.relates_to"]["key"])
        for row in await rows(stage, "m.reaction")
        if to in (row.target, row.content["m.relates_to"]["event_id"]) and row.key not in redacted
    ]


async def redacted(stage: Stage) -> set[str | None]:
    """The keys of what is taken back."""
    return {row.target for row in await rows(stage, "m.room.redaction")}


async def asks(stage: Stage, body: str, person: str = ADA, alias: str = KERNEL) -> str:
    """Somebody types a command; returns its event."""
    event, _ = await stage.write(alias, person, body)
    await stage.deliver()
    return event


async def card(stage: Stage, key: str = CARD) -> str:
    """What a card says now."""
    said = {s.key: s.body for s in await stage.outbox()}
    return said.get(f"edit:{key}", said.get(key, ""))


async def moderated(stage: Stage) -> None:
    await stage.say(KERNEL, MODERATOR, "!qa moderated")
    await stage.news()


# Cards.


async def test_a_card_has_its_buttons_on_it(floor: Stage) -> None:
    await floor.say(KERNEL, ADA, "!ask How small can it get?")
    [said] = await floor.outbox(HOSTS)
    assert (said.key, said.body) == (CARD, "kernel 1: How small can it get? – ada")
    assert said.html == "<b>kernel 1</b>: How small can it get? – <i>ada</i>"
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
    gone = await redacted(floor)
    assert CARD in gone
    left = [r for r in await rows(floor, "m.room.message") if gone.isdisjoint((r.key, r.target))]
    assert not [row.key for row in left if secret in row.content["body"]]


async def test_a_card_that_waits_is_not_sent_at_all(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "!ask My password is hunter2")
    await redact(floor, ADA, event)
    assert await floor.outbox(HOSTS) == []
    assert await redacted(floor) == set()


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
    assert {CARD, again} <= await redacted(floor)


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
    assert await redacted(floor) == set()


async def test_what_was_never_let_in_has_no_chip(floor: Stage) -> None:
    await moderated(floor)
    event = await asks(floor, "!ask How small?")
    await answer(floor, HOSTS, HOST, "!dismiss 1")
    assert await reactions(floor, event) == []


# Posts of what was asked directly.


async def direct(stage: Stage, body: str, person: str = ADA) -> tuple[str, str]:
    """Somebody writes to the bot; its event, and the alias of the chat."""
    alias = await stage.open_direct(person)
    return await asks(stage, body, person, alias), alias


async def posts(stage: Stage) -> list[str]:
    return [s.body for s in await stage.outbox(KERNEL) if "post/" in s.key]


@pytest.mark.parametrize(("command", "name"), [("!ask", " ada"), ("!anon", "")])
async def test_what_was_asked_directly_is_posted(floor: Stage, command: str, name: str) -> None:
    await direct(floor, f"{command} kernel: How small?")
    assert await posts(floor) == [f"1 How small?{name}"]
    assert await card(floor) == f"kernel 1: How small? –{name or ' without a name'}"
    await tap(floor, MODERATOR, "$sentpost/1", "⭐")
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
    assert "post/1" in await redacted(floor)
    await redact(floor, ADA, event, alias=chat)
    assert CARD in await redacted(floor)


async def test_a_redacted_message_takes_the_post_along(floor: Stage) -> None:
    event, chat = await direct(floor, "!anon kernel: How small?")
    await redact(floor, ADA, event, alias=chat)
    assert {"post/1", CARD} <= await redacted(floor)


# Who is notified.


def to(said: list[Said], alias: str) -> list[tuple[str, list[str], str | None]]:
    """What is meant for persons in a room: its words, whom it notifies, what it answers."""
    found = []
    for s in said:
        if s.room == alias and s.content["msgtype"] == "m.text":
            relation: dict[str, Any] = s.content.get("m.relates_to", {})
            replied = relation.get("m.in_reply_to", {}).get("event_id")
            found.append((s.body, s.content["m.mentions"]["user_ids"], replied))
    return found


async def take(stage: Stage, number: int = 1) -> list[Said]:
    return await stage.say(HOSTS, HOST, f"take {number}")


async def test_the_asker_is_notified_when_it_is_taken(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    said = await take(floor)
    assert to(said, KERNEL) == [("ada: your question 1 is being answered now.", [ADA], event)]
    assert all(s.content["m.mentions"] == {} for s in said if s.content["msgtype"] == "m.notice")
    assert to(await take(floor), KERNEL) == [], "it is so already"
    floor.clock.forward(1)
    await answer(floor, HOSTS, HOST, "!skip 1")
    assert len(to(await take(floor), KERNEL)) == 1, "that is another time"


@pytest.mark.parametrize("command", ["!ask", "!anon"])
async def test_that_is_not_said_when_it_is_over(floor: Stage, command: str) -> None:
    await direct(floor, f"{command} kernel: How small?")
    await take(floor)
    [row] = [r for r in await rows(floor, "m.room.message") if r.key.startswith("taken/")]
    assert row.expires is not None
    assert (row.expires - floor.clock.now()).total_seconds() == 600


async def test_all_who_asked_the_same_are_notified_at_once(floor: Stage) -> None:
    people = [f"@p{number:02}:example.org" for number in range(1, 13)]
    for number, person in enumerate(people, 1):
        await asks(floor, f"!ask How small is it, {number * 7919}?", person)
        if number > 1:
            await answer(floor, KERNEL, MODERATOR, f"!merge {number} 1")
    [(body, mentioned, _)] = to(await take(floor), KERNEL)
    assert body == "p01, p02, p03 and 7 others: your question 1 is being answered now."
    assert mentioned == people[:10]


async def test_who_asked_without_a_name_is_told_alone(floor: Stage) -> None:
    _, chat = await direct(floor, "!anon kernel: How small?")
    said = await take(floor)
    assert to(said, KERNEL) == []
    assert to(said, chat) == [("Your question 1 in kernel is being answered now.", [ADA], None)]
    assert not any("ada" in s.body + str(s.content) for s in said if s.room in (KERNEL, HOSTS))


async def test_nobody_is_told_who_left_the_direct_chat(floor: Stage) -> None:
    await direct(floor, "!anon kernel: How small?")
    async with floor.database.write() as session:
        room = await session.get_one(Room, room_id("#direct-ada:example.org"))
        room.deserted = True
    assert [s for s in await take(floor) if s.content["msgtype"] == "m.text"] == []


async def test_with_and_without_a_name_in_one(floor: Stage) -> None:
    _, chat = await direct(floor, "!anon kernel: How small?")
    await asks(floor, "!ask How tiny is it?", BOB)
    await answer(floor, KERNEL, MODERATOR, "!merge 1 2")
    said = await take(floor, 2)
    [(body, mentioned, _)] = to(said, KERNEL)
    assert (body, mentioned) == ("bob: your question 2 is being answered now.", [BOB])
    assert [body for body, _, _ in to(said, chat)] == [
        "Your question 2 in kernel is being answered now."
    ]


async def test_a_direct_question_is_answered_by_its_post(floor: Stage) -> None:
    await direct(floor, "!ask kernel: How small?")
    assert to(await take(floor), KERNEL) == [
        ("ada: your question 1 is being answered now.", [ADA], "$sentpost/1")
    ]


async def test_people_behind_a_relay_are_named_and_not_notified(floor: Stage) -> None:
    event = await asks(floor, "<carl> !ask How small?", RELAY)
    assert to(await take(floor), KERNEL) == [
        ("carl: your question 1 is being answered now.", [], event)
    ]


async def test_who_asked_learns_why_it_is_dismissed(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    said = await floor.say(HOSTS, HOST, "dismiss 1 answered in the slides")
    assert to(said, KERNEL) == [
        ("ada: your question 1 was not taken up: answered in the slides", [ADA], event)
    ]


async def test_without_a_reason_nobody_is_told(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    said = await floor.say(HOSTS, HOST, "dismiss 1")
    assert [s.room for s in said if s.kind == "message"] == [HOSTS]


async def test_a_relay_is_not_who_asked(floor: Stage) -> None:
    """Though somebody may have a direct chat with its account."""
    chat = await floor.open_direct(RELAY)
    event = await asks(floor, "<carl> !ask How small?", RELAY)
    said = await floor.say(HOSTS, HOST, "dismiss 1 too small")
    assert to(said, chat) == []
    assert to(said, KERNEL) == [("carl: your question 1 was not taken up: too small", [], event)]


@pytest.mark.parametrize("command", ["!ask", "!anon"])
async def test_a_reason_goes_where_it_was_asked(floor: Stage, command: str) -> None:
    _, chat = await direct(floor, f"{command} kernel: How small?")
    said = await floor.say(HOSTS, HOST, "dismiss 1 too small")
    assert to(said, chat) == [
        ("Your question 1 in kernel was not taken up: too small", [ADA], None)
    ]
    assert to(said, KERNEL) == []


# Hostile texts.

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
    await take(floor)
    await floor.say(HOSTS, HOST, f"dismiss 2 {text}")
    said = await floor.outbox()
    about = [s for s in said if s.key.startswith(("card/", "post/", "taken/", "dismissed/"))]
    assert len(about) >= 5
    for each in about:
        assert "<a " not in each.html
        assert "<script" not in each.html
        assert each.html.count("<b>") == each.html.count("</b>") <= 1
        assert "\n" not in each.body
        assert "@room" not in each.body
        assert not set(each.body) & set("\u202e\u2066\x07\x1b")
        assert each.content["m.mentions"] in ({}, {"user_ids": [ADA]}, {"user_ids": [BOB]})


async def test_speakers_and_hosts_are_not_notified(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    said = await floor.say(KERNEL, SPEAKER, "!take 1")
    assert [s.content["m.mentions"] for s in said if s.content["m.mentions"]] == [
        {"user_ids": [ADA]}
    ]


async def test_a_host_who_has_left_decides_nothing(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await join_hosts(floor, HOST, "leave")
    await tap(floor, HOST, f"$sent{CARD}", "⭐", alias=HOSTS)
    assert await state(floor, 1) == "open"
    assert (await answer(floor, HOSTS, HOST, "star 1")).startswith("Only")
