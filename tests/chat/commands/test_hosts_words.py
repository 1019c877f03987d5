"""What hosts type without a prefix: commands, and what they say to one another."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from fosdembot.bot import Bot
from fosdembot.matrix.identity import Identity
from fosdembot.settings import load
from simulation.conference import Planned
from simulation.parts import Nowhere
from tests.chat.conftest import PROGRAMME
from tests.chat.floor import ASKER, HOST, HOSTS, answer, ask, join_hosts, state
from tests.stage import (
    BOT,
    CLOUD,
    KERNEL,
    LOBBY,
    STRANGER,
    MakeStage,
    Stage,
    in_room,
    room_id,
    talks,
)

DARK = "#dark:example.org"
REPLY = "m.relates_to"


@pytest.fixture
async def both(make_stage: MakeStage, opened: Path) -> Stage:
    """A hosts' room for two talk rooms, in both of which a talk is on; question 1 of each,
    and 2 and 3 of the kernel's."""
    settings: dict[str, Any] = {
        "hosts": {"Main": HOSTS, "Cloud": HOSTS},
        "questions": {"open_per_person": 9},
    }
    return await make_stage(opened, prepared=people_ask, **settings)


async def people_ask(stage: Stage) -> None:
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    stage.clock.set(65)
    for text in ("How small?", "How big?", "How old?"):
        await ask(stage, text)
    await stage.say(CLOUD, ASKER, "!ask How dark?")


def reply(to: str) -> dict[str, Any]:
    return {REPLY: {"m.in_reply_to": {"event_id": to}}}


async def typed(stage: Stage, body: str, **content: Any) -> str:
    return await answer(stage, HOSTS, HOST, body, **content)


@pytest.mark.parametrize(
    "body",
    [
        "kernel take 2",
        "Kernel take 2",
        "KERNEL: Take #2.",
        "kernel\ntake Q2",
        "kern take 2",
        "main take 2",
        "hall take 2",
        "take 2",
        "Take 2!",
        "!take 2",
        "!take kernel 2",
        "take kernel 2",
    ],
)
async def test_a_question_by_its_number(both: Stage, body: str) -> None:
    said = await typed(both, body)
    if body == "take kernel 2":
        assert said == "", "the room comes first, or !"
        assert await state(both, 2) == "open"
    else:
        assert said.startswith("Question 2 is being answered now.")
        assert await state(both, 2) == "answering"


async def test_which_of_two_with_the_same_number(both: Stage) -> None:
    said = await typed(both, "take 1")
    assert said.startswith("More than one room has that number: ")
    assert {"kernel", "cloud"} <= set(said.replace(",", "").replace(".", "").split())
    for room in ("cloud", "kernel"):
        assert (await typed(both, f"{room} take 1")).startswith("Question 1 is being answered now.")
        assert await typed(both, f"{room} take 1") == "Question 1 is being answered already."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("kernel take", "Question 1 is being answered now."),
        ("kernel skip", "Question 1 is open, behind the others now."),
        ("kernel star 3", "Question 3 is starred now."),
        ("kernel dismiss 2 off topic", "Question 2 is dismissed now."),
        ("dismiss 2", "Question 2 is dismissed now."),
        ("merge 2 3", "Question 2 is part of 3 now"),
        ("kernel merge 2 into 3", "Question 2 is part of 3 now"),
        ("kernel move 2 next", 'Question 2 is for "Big kernels" now.'),
        ("done 3", "Question 3 is answered now."),
        ("kernel undo", "Nothing to take back here."),
        ("kernel next", 'Next, at 10:25 (in 20 minutes): "Big kernels"'),
        ("kernel talk", "Now, until 10:25"),
        ("kernel talk delay 10", '"Tiny kernels" is 10 minutes late'),
        ("cloud qa close", 'No more questions for "Small clouds", please.'),
        ("kernel approve all", "No question of this talk waits for a moderator."),
        ("kernel qa", 'Questions for "Tiny kernels" are'),
        ("kernel qa guests vote", "People in the hall can ask and vote without an account"),
        ("kernel talk page moderator", "There are no pages"),
        ("kernel talk page revoke 1", "There are no pages"),
        ("kernel talk page 12", "No talk of this room has that ID."),
        ("kernel widget", "There are no pages"),
        ("kernel widget off", "The widget is out of kernel."),
        ("question 3", "3 (0 votes) How old?"),
        ("take 99", "There is no question 99 here."),
        ("kernel take 99", "There is no question 99 here."),
    ],
)
async def test_what_may_be_typed(both: Stage, body: str, said: str) -> None:
    assert (await typed(both, body)).startswith(said)


CHAT = [
    "take care everyone",
    "take 2 minutes",
    "take 5, everybody",
    "kernel is great",
    "kernel take care of it",
    "kernel done?! I think so",
    "next",
    "star",
    "done that",
    "undo it",
    "skip lunch",
    "help me",
    "no questions",
    "any questions",
    "the talk",
    "kernel",
    "kernel talk start time is wrong",
    "kernel talk delay was long enough today",
    "please take 2",
    "dark take 2",
    "2",
    "cloudy next",
    "loud next",
    "<irc> take 2 of them",
    "approve 2 or 3",
    "merge 2",
    "move 2",
    "dismissed 2",
    "page me later",
    "kernel page",
    "kernel talk page me later",
    "kernel talk page broken",
    "kernel talk page moderator please",
    "talk page is down",
    "kernel qa guests",
    "kernel qa guests ask a lot",
    "kernel qa close soon",
    "widget",
    "kernel widget broken",
    "kernel transcript please",
    "",
    "🚫",
]


async def test_what_hosts_say_to_one_another(both: Stage) -> None:
    for body in CHAT:
        both.clock.forward(0.1)
        assert await typed(both, body) == "", body
        assert [await state(both, number) for number in (2, 3)] == ["open", "open"], body


@pytest.mark.parametrize("body", ["{}", "{}!", "{}.", " {} \n"])
async def test_bare_words_mean_the_talk_that_is_on(
    make_stage: MakeStage, opened: Path, body: str
) -> None:
    stage = await make_stage(opened, hosts={"Cloud": HOSTS})
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    stage.clock.set(65)
    for text in ("How small?", "How big?"):
        await ask(stage, text, alias=CLOUD, talk=11)
    for word, said in (
        ("Take", "Question 1 is being answered now."),
        ("skip", "Question 1 is open, behind the others now."),
        ("undo", "Taken back. Question 1 is being answered again."),
        ("Done", "Question 1 is answered now."),
        ("help", "Each question is a card here."),
    ):
        assert (await typed(stage, body.format(word))).startswith(said)
        stage.clock.forward(1)


@pytest.mark.parametrize("body", ["take", "done", "skip", "undo"])
async def test_or_are_asked_which_of_two(both: Stage, body: str) -> None:
    assert (await typed(both, body)).startswith("Which room: ")
    assert await state(both, 2) == "open"


@pytest.mark.parametrize("body", ["kernel take 2", "take 2", "take"])
async def test_nothing_of_that_holds_in_a_talk_room(both: Stage, body: str) -> None:
    event = reply("$asked2") if body == "take" else {}
    assert await answer(both, KERNEL, HOST, body, **event) == ""
    assert await state(both, 2) == "open"


async def test_a_room_of_other_hosts_is_not_theirs(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, hosts={"Cloud": HOSTS})
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    stage.clock.set(65)
    await ask(stage, "How small?")
    assert await typed(stage, "kernel take 1") == "", "it is the name of none of their rooms"
    assert (await typed(stage, "take 1")).startswith("There is no question 1 here.")
    said = await stage.say(HOSTS, HOST, "!talk kernel delay 10")
    assert {s.room for s in said} == {HOSTS}, "no talk has moved"
    assert await state(stage, 1) == "open"


async def test_the_bridge_of_others_has_no_power(both: Stage) -> None:
    said = await typed(both, "<somebody> take 2")
    assert "Only" in said
    assert await state(both, 2) == "open"


# Replies to a card.


@pytest.mark.parametrize(
    ("body", "becomes"),
    [
        ("take", "answering"),
        ("Take!", "answering"),
        ("> <@bot:example.org> kernel 2: How big?\n\ntake", "answering"),
        ("!take", "answering"),
        ("done.", "answered"),
        ("star", "starred"),
        ("skip", "skipped"),
        ("dismiss", "dismissed"),
        ("dismiss was asked on the mailing list", "dismissed"),
        ("merge 3", "merged into 3"),
        ("move next", "open for talk-2"),
        ("take care with this one", "open"),
        ("star of the show", "open"),
        ("done that, been there", "open"),
        ("nice one", "open"),
        ("undo", "open"),
    ],
)
async def test_a_reply_to_a_card(both: Stage, body: str, becomes: str) -> None:
    await both.say(KERNEL, STRANGER, "!ask How round?")
    await both.deliver()
    card = f"$sentcard/5/{room_id(HOSTS)}"
    said = await typed(both, body, **reply(card))
    assert (said == "") is (becomes == "open")
    assert await state(both, 4) == becomes


async def test_a_reply_to_something_else_is_read_as_if_it_were_none(both: Stage) -> None:
    assert await typed(both, "done", **reply("$something")) == ""
    assert (await typed(both, "take 2", **reply("$something"))).startswith("Question 2")


# Which room is meant.


@pytest.mark.parametrize(
    ("body", "example"),
    [
        ("!talk delay 10", "!talk kernel delay 10"),
        ("!talk speaker", "!talk kernel speaker"),
        ("!talk page revoke 1", "!talk kernel page revoke 1"),
        ("!talk page <b>@room", "!talk kernel page <b>@\u200broom"),
        ("!widget off", "!widget kernel off"),
        ("!qa guests vote", "!qa kernel guests vote"),
        ("!qa close", "!qa kernel close"),
        ("!qa unmute @ada:example.org", "!qa unmute kernel @ada:example.org"),
        ("!approve all", "!approve kernel all"),
        ("!take", "!take kernel"),
    ],
)
async def test_what_was_typed_stands_in_the_example(both: Stage, body: str, example: str) -> None:
    said = await typed(both, body)
    assert said.startswith("Which room: ")
    assert said.endswith(f"Type {example}")


async def test_with_two_talks_on_the_room_is_asked_for(both: Stage) -> None:
    said = await typed(both, "take")
    assert said.startswith("Which room: ")
    assert said.endswith(("Type !take kernel", "Type !take cloud"))
    assert (await typed(both, "!talk")).startswith("Which room: ")


async def test_with_one_talk_on_that_is_meant(both: Stage) -> None:
    both.clock.set(112)
    assert await both.say(KERNEL, HOST, "!talk end") != []
    assert await typed(both, "take") == "No question waits for an answer."
    assert (await typed(both, "!talk")).startswith("Now, until 11:40")
    chat = await both.open_direct(HOST)
    assert (await answer(both, chat, HOST, "!talk")).startswith("Which room? ")


async def test_only_rooms_of_theirs_are_offered(make_stage: MakeStage) -> None:
    stage = await make_stage(hosts={"Main": HOSTS})
    await stage.publish(
        *talks(Planned(1, "A", 60, 25)),
        *talks(Planned(2, "B", 60, 25), room=DARK),
        *talks(Planned(3, "C", 60, 25, track="Cloud"), room=CLOUD),
    )
    for alias in (KERNEL, DARK, CLOUD, HOSTS):
        await stage.open(alias)
    await join_hosts(stage, HOST)
    stage.clock.set(65)
    assert await typed(stage, "!next") == "Which room: dark, kernel? Type !next dark"
    for name in ("cloud", "<b>"):
        assert await typed(stage, f"!next {name}") == (
            f'No talk room of these hosts is called "{name}". There are: dark, kernel. '
            "The room comes first, like !next dark"
        )
    assert await typed(stage, "!next hall") == (
        'More than one room fits "hall": dark, kernel. Type more of its name.'
    )


async def test_hosts_without_talks(make_stage: MakeStage) -> None:
    stage = await make_stage(hosts={"Gone": HOSTS})
    await stage.publish(*PROGRAMME)
    await stage.open(HOSTS)
    await join_hosts(stage, HOST)
    assert await typed(stage, "!next") == (
        "The schedule has no talks for these hosts. An organiser can look: !conf hosts"
    )


async def test_help_tells_what_can_be_typed_there(both: Stage) -> None:
    said = await typed(both, "!help")
    assert said.startswith("Each question is a card here. Tap on it: ✅ let in")
    assert len(said.split("\n")) == 3
    room = said.rpartition("Or type ")[2].split(", ")[2].removesuffix(" take")
    assert room in ("kernel", "cloud")
    for example in said.rpartition("Or type ")[2].split(", "):
        words = example.replace("12", "2").replace("14", "3")
        assert await typed(both, words) != "", words


async def test_others_are_not_listed(both: Stage) -> None:
    said = await both.say(HOSTS, STRANGER, "take 2")
    assert "Only" in in_room(said, HOSTS)[0]
    assert await state(both, 2) == "open"


async def test_hosts_are_obeyed_on_an_account_that_others_use_as_well(both: Stage) -> None:
    settings, _ = load({"hosts": {"Main": HOSTS}})
    async with aiohttp.ClientSession() as http:
        identity = Identity(http, Nowhere(), BOT, "salt", is_shared=lambda: True)
        both.bot = Bot(
            identity, both.database, settings, [], both.clock, logging.getLogger("fosdembot.shared")
        )
        await both.bot.programme.load()
        await both.open(LOBBY)
        assert (await typed(both, "take 2")).startswith("Question 2 is being answered now.")
        assert await both.say(LOBBY, HOST, "!talk kernel") == [], "perhaps it is another's"
