"""Calling a moderator."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat.audience import ADA, BOB, EVE, IRC, RELAY, direct, taken_out
from tests.chat.floor import HOSTS, answer, redact
from tests.chat.redactions.test_edit import edit
from tests.chat.test_hostile import NASTY, Tags
from tests.stage import CONTROL, KERNEL, LOBBY, MODERATOR, MakeStage, Stage, in_room

BRIDGE = "@discord_bridge:example.org"
"""Its account speaks for many, as the usual patterns know."""


async def called(stage: Stage, alias: str, sender: str, body: str) -> list[str]:
    """What hosts and organisers are told."""
    said = await stage.say(alias, sender, body)
    return [s.body for s in said if s.room in (HOSTS, CONTROL) and s.room != alias]


async def test_the_hosts_are_told_who_where_and_why(floor: Stage) -> None:
    _, said = await floor.write(KERNEL, ADA, "!mod somebody is rude")
    [call] = [s for s in said if s.room == HOSTS]
    assert call.body == (
        "ada (@ada:example.org) calls a moderator in #kernel:example.org: somebody is rude"
    )
    assert "https://matrix.to/#/%23kernel%3Aexample.org" in call.html
    assert call.content["msgtype"] == "m.text"
    assert call.content["m.mentions"] == {"user_ids": []}
    assert in_room(said, KERNEL) == ["The moderators know."]
    assert in_room(said, CONTROL) == []


async def test_a_word_is_enough(floor: Stage) -> None:
    assert await called(floor, KERNEL, ADA, "!mod") == [
        "ada (@ada:example.org) calls a moderator in #kernel:example.org"
    ]


async def test_without_hosts_the_organisers_are(conference: Stage) -> None:
    [call] = await called(conference, KERNEL, ADA, "!mod help")
    assert call.endswith("in #kernel:example.org: help")
    [call] = await called(conference, LOBBY, BOB, "!mod help")
    assert "matrix.to" in call
    assert "lobby" in call


async def test_without_anybody_it_says_so(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, control_room="")
    assert await called(stage, KERNEL, ADA, "!mod help") == []
    assert "cannot reach a moderator" in await answer(stage, KERNEL, ADA, "!mod help")


async def test_once_in_two_minutes(floor: Stage) -> None:
    floor.clock.set(66)
    assert len(await called(floor, KERNEL, ADA, "!mod help")) == 1
    assert "have been called" in await answer(floor, KERNEL, ADA, "!mod help!")
    assert len(await called(floor, KERNEL, BOB, "!mod help")) == 1
    assert len(await called(floor, KERNEL, BRIDGE, "<carl> !mod help")) == 1
    assert len(await called(floor, KERNEL, BRIDGE, "<dora> !mod help")) == 1
    assert await called(floor, KERNEL, BRIDGE, "<dora> !mod help") == []
    assert await called(floor, KERNEL, BRIDGE, "<do\0ra> !mod help") == [], "as people read it"
    assert len(await called(floor, KERNEL, RELAY, "<carl> !mod help")) == 1
    assert await called(floor, KERNEL, RELAY, "<dora> !mod help") == [], "it is not known as one"
    floor.clock.forward(2)
    assert len(await called(floor, KERNEL, ADA, "!mod help")) == 1


async def test_a_relay_s_nick_is_named_with_its_account(floor: Stage) -> None:
    [call] = await called(floor, KERNEL, RELAY, "<carl> !mod help")
    assert call.startswith("carl (@relay:example.org) calls")
    assert await called(floor, KERNEL, IRC, "!mod help") != []


async def test_from_a_direct_chat(floor: Stage) -> None:
    chat = await floor.open_direct(ADA)
    [call] = await called(floor, chat, ADA, "!mod help")
    assert "calls a moderator in a direct chat: help" in call
    await floor.say(chat, ADA, "!ask kernel: How small?")
    floor.clock.forward(2)
    [call] = await called(floor, chat, ADA, "!mod help")
    assert "in #kernel:example.org: help" in call


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
async def test_hostile_calls(floor: Stage, text: str) -> None:
    name = {"membership": "join", "displayname": text}
    await floor.state(KERNEL, "m.room.member", name, ADA)
    [call] = [s for s in await floor.say(KERNEL, ADA, f"!mod {text}") if s.room == HOSTS]
    assert len(call.body) < 1000
    assert "@room" not in call.body.lower()
    assert "@room" not in call.html.lower()
    assert Tags(call.html).text == call.body


async def calls(stage: Stage) -> list[str]:
    """What stands in the hosts' room of calls: they may wait to be sent."""
    gone = await taken_out(stage)
    said = await stage.outbox(HOSTS)
    return [s.body for s in said if s.key.startswith("mod/") and s.key not in gone]


@pytest.mark.parametrize("person", [ADA, MODERATOR])
@pytest.mark.parametrize("is_sent", [True, False])
async def test_what_is_redacted_goes_there_too(floor: Stage, person: str, is_sent: bool) -> None:
    event, _ = await floor.write(KERNEL, ADA, "!mod eve is an idiot")
    if is_sent:
        await floor.deliver()
    await redact(floor, EVE, event)
    assert len(await calls(floor)) == 1, "others may not"
    await redact(floor, person, event)
    assert await calls(floor) == []
    assert len(await called(floor, KERNEL, ADA, "!mod eve is rude")) == 1, "and may call anew"
    assert "have been called" in await answer(floor, KERNEL, ADA, "!mod help!")


async def test_only_that_call_goes(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "!mod first")
    await floor.say(KERNEL, BOB, "!mod second")
    await floor.write(KERNEL, BRIDGE, "<carl> !mod third")
    floor.clock.forward(2)
    await floor.say(KERNEL, ADA, "!mod fourth")
    await floor.deliver()
    await redact(floor, ADA, event)
    assert [body.split()[-1] for body in await calls(floor)] == ["second", "third", "fourth"]


async def test_taking_back_is_no_way_around_the_limit(floor: Stage) -> None:
    for number in range(5):
        event, _ = await floor.write(KERNEL, ADA, f"!mod {number}")
        await floor.deliver()
        await redact(floor, ADA, event)
    assert len([s for s in await floor.outbox(HOSTS) if s.key.startswith("mod/")]) == 3


async def test_from_a_direct_chat_as_well(floor: Stage) -> None:
    event, chat = await direct(floor, "!mod eve is an idiot")
    [call] = [s for s in await floor.outbox(CONTROL) if s.key.startswith("mod/")]
    await redact(floor, ADA, event, alias=chat)
    assert call.key in await taken_out(floor)


async def test_the_edit_that_called(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "hello")
    edited = await edit(floor, event, "!mod eve is an idiot")
    assert len(await calls(floor)) == 1
    await redact(floor, ADA, edited)
    assert await calls(floor) == []


async def test_the_edit_of_one_that_had_called(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "!mod eve is rude")
    edited = await edit(floor, event, "!mod eve is an idiot")
    await redact(floor, ADA, edited)
    assert [body.endswith("eve is rude") for body in await calls(floor)] == [True]
