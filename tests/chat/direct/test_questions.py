"""Questions in a direct chat with the bot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say
from simulation.conference import Planned
from tests.chat.audience import (
    ADA,
    BOB,
    EVE,
    asked,
    last,
    member,
    questions,
    reply_to,
    taken_out,
    votes,
)
from tests.chat.floor import HOSTS, POST, SETTINGS, answer, redact, state
from tests.chat.test_hostile import NASTY, check
from tests.stage import CLOUD, KERNEL, LOBBY, MODERATOR, MakeStage, Stage, in_room, talks

POSTED = (
    'Your question is number 1 in kernel, for "Tiny kernels". It is posted without your name. '
    "Moderators do not see it either; I keep it until 30 days after the conference, so that "
    "misuse can be stopped."
)


@pytest.fixture
async def chat(floor: Stage) -> str:
    """Ada's direct chat with the bot."""
    return await floor.open_direct(ADA)


def nameless(text: str) -> str:
    """Question 1 in the talk room."""
    return say(texts.POST_NAMELESS, number="1", text=text).plain


async def bot_says(stage: Stage, alias: str, sender: str, body: str, **content: Any) -> str:
    """What is answered in the same room."""
    return "\n".join(in_room(await stage.say(alias, sender, body, **content), alias))


# Asking.


@pytest.mark.parametrize(
    "body", ["!ask kernel: How small?", "ask kernel: How small?", "Q: kernel：  How small?"]
)
async def test_it_is_posted_in_the_room_with_the_name(floor: Stage, chat: str, body: str) -> None:
    said = await floor.say(chat, ADA, body)
    assert in_room(said, chat) == ['Your question is number 1 in kernel, for "Tiny kernels".']
    [post] = in_room(said, KERNEL)
    assert post == say(texts.POST, number="1", text="How small?", name="ada").plain
    question = await last(floor)
    assert (question.asker, question.direct, question.talk) == (ADA, True, "talk-1")


async def test_without_a_name_nobody_sees_it(floor: Stage, chat: str) -> None:
    said = await floor.say(chat, ADA, "!anon kernel: How small?")
    assert in_room(said, chat) == [POSTED]
    assert in_room(said, KERNEL) == [nameless("How small?")]
    assert "ada" not in "".join(s.body for s in said if s.room != chat)
    question = await last(floor)
    assert (question.asker, question.asker_name) == (ADA, "")


async def test_not_where_all_see_the_name(floor: Stage) -> None:
    for place in (KERNEL, HOSTS, LOBBY):
        said = await bot_says(floor, place, ADA, "!anon How small?")
        assert "Write to me directly" in said
    assert await questions(floor) == []


async def test_in_a_moderated_room_it_is_posted_when_approved(floor: Stage, chat: str) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    said = await floor.say(chat, ADA, "!anon kernel: How small?")
    assert "A moderator looks at it first." in "\n".join(in_room(said, chat))
    assert in_room(said, KERNEL) == []
    said = await floor.say(KERNEL, MODERATOR, "!approve 1")
    assert in_room(said, KERNEL) == [nameless("How small?")]


@pytest.mark.parametrize("command", ["!ask", "!anon"])
async def test_how_it_is_typed(floor: Stage, chat: str, command: str) -> None:
    assert f"like this: {command} How small" in await bot_says(floor, chat, ADA, command)


@pytest.mark.parametrize("command", ["!ask kernel:", "!anon kernel :", "!ask kernel： "])
async def test_a_room_that_is_named_alone_is_no_question(
    floor: Stage, chat: str, command: str
) -> None:
    await floor.say(chat, ADA, "!ask kernel: How small?")
    said = await floor.say(chat, ADA, command)
    assert in_room(said, KERNEL) == []
    assert "like this: " in in_room(said, chat)[0]


async def test_those_who_are_banned_or_muted_are_refused(floor: Stage, chat: str) -> None:
    await member(floor, ADA, "ban", MODERATOR)
    for command in ("!ask", "!anon"):
        assert "You cannot ask here" in await bot_says(floor, chat, ADA, f"{command} kernel: Hm?")
    assert await questions(floor) == []


async def test_a_message_in_pointed_brackets_is_one_s_own(floor: Stage, chat: str) -> None:
    await floor.say(chat, ADA, "<carl> !ask kernel: How small?")
    question = await last(floor)
    assert (question.asker_name, question.relayed) == ("ada", False)


# For which room.


async def test_the_room_of_before_is_meant(floor: Stage, chat: str) -> None:
    floor.clock.set(10)
    await floor.say(chat, ADA, "!ask cloud: How dark?")
    floor.clock.forward(119)
    assert "in cloud" in await bot_says(floor, chat, ADA, "!ask How light?")
    floor.clock.forward(121)
    assert "For which room?" in await bot_says(floor, chat, ADA, "!ask How small?")


async def test_the_room_of_a_vote_is_meant_too(floor: Stage, chat: str) -> None:
    await asked(floor, "How dark?", BOB, alias=CLOUD)
    assert await bot_says(floor, chat, ADA, "!vote cloud: 1") == (
        "Your vote for question 1 in cloud counts."
    )
    assert "in cloud" in await bot_says(floor, chat, ADA, "!ask How light?")


async def test_the_only_talk_that_is_on_is_meant(floor: Stage, chat: str) -> None:
    floor.clock.set(161)
    await floor.publish(
        *talks(Planned(1, "Tiny kernels", 160, 25)),
        *talks(Planned(11, "Small clouds", 60, 50, place="Attic"), room=CLOUD),
    )
    assert "in kernel" in await bot_says(floor, chat, ADA, "!ask How small?")


async def test_a_reply_to_a_question_is_for_its_room(floor: Stage, chat: str) -> None:
    event, _ = await floor.write(chat, ADA, "!ask cloud: How dark?")
    await floor.write(chat, ADA, "!ask kernel: How small?")
    reply = reply_to(event)
    assert "in cloud" in await bot_says(floor, chat, ADA, "!ask And how light?", **reply)


async def test_else_the_bot_asks_back_and_keeps_the_question(floor: Stage, chat: str) -> None:
    event, said = await floor.write(chat, ADA, "!ask How small?")
    assert in_room(said, chat) == [
        "For which room? Write its name: kernel, cloud. Or drop your question: !cancel"
    ]
    assert "For which room?" in await bot_says(floor, chat, ADA, "hm, well")
    assert await questions(floor) == []
    assert "number 1 in kernel" in await bot_says(floor, chat, ADA, "Kernel, please!")
    question = await last(floor)
    assert (question.text, question.source, question.direct) == ("How small?", event, True)
    assert "know only commands" in await bot_says(floor, chat, ADA, "hm, well")
    assert len(await questions(floor)) == 1


async def test_it_asks_back_only_so_often(make_stage: MakeStage, opened: Any) -> None:
    stage = await make_stage(opened, limits={"commands_per_minute": 3})
    stage.clock.set(65)
    chat = await stage.open_direct(ADA)
    await stage.say(chat, ADA, "!ask How small?")
    said = [await bot_says(stage, chat, ADA, f"hm {n}") for n in range(6)]
    assert ["For which room?" in answer for answer in said] == [True] * 3 + [False] * 3
    assert said[3:] == [say(command_texts.TOO_MANY).plain, "", ""]
    stage.clock.forward(1)
    assert "number 1 in kernel" in await bot_says(stage, chat, ADA, "kernel")


async def test_however_the_room_is_named(floor: Stage) -> None:
    names = ("cloud", "#cloud:example.org", "#cloud", "Attic.", "ATTIC", "clo")
    for number, name in enumerate(names, 1):
        person = f"@p{number}:example.org"
        chat = await floor.open_direct(person)
        await floor.say(chat, person, f"!anon What is {number * 7919}?")
        assert f"number {number} in cloud" in await bot_says(floor, chat, person, name)
        assert (await last(floor)).asker_name == ""


async def test_it_is_asked_when_it_was_sent_not_when_the_room_was_named(
    floor: Stage, chat: str
) -> None:
    floor.clock.set(84)
    await floor.say(chat, ADA, "!ask How small?")
    floor.clock.set(86)
    await floor.say(chat, ADA, "kernel")
    assert (await last(floor)).talk == "talk-1"


async def test_a_name_that_fits_more_than_one(floor: Stage, chat: str) -> None:
    said = await bot_says(floor, chat, ADA, "!ask l: How small?")
    assert said == 'More than one room fits "l": kernel, cloud. Write more of its name.'
    assert 'fits "l"' in await bot_says(floor, chat, ADA, "l")
    assert "in kernel" in await bot_says(floor, chat, ADA, "ker")
    assert (await last(floor)).text == "How small?"


async def test_a_first_word_that_is_no_room_belongs_to_the_question(
    floor: Stage, chat: str
) -> None:
    await floor.say(chat, ADA, "!ask cloud: Memory: how much?")
    await floor.say(chat, ADA, "!ask Rust: how much?")
    assert [q.text for q in await questions(floor)] == ["Memory: how much?", "Rust: how much?"]


async def test_a_command_drops_the_question_that_waits(floor: Stage) -> None:
    bodies = ("!cancel", "cancel", "Cancel.", "!next kernel", "help", "!mine")
    for number, body in enumerate(bodies):
        person = f"@p{number}:example.org"
        chat = await floor.open_direct(person)
        await floor.say(chat, person, "!ask How small?")
        said = await bot_says(floor, chat, person, body)
        assert (said == "") == ("cancel" in body.lower())
        await floor.say(chat, person, "kernel")
        assert await questions(floor) == [], body


async def test_another_question_takes_its_place(floor: Stage, chat: str) -> None:
    await floor.say(chat, ADA, "!ask How small?")
    await floor.say(chat, ADA, "!anon How big?")
    await floor.say(chat, ADA, "kernel")
    assert [(q.text, q.asker_name) for q in await questions(floor)] == [("How big?", "")]


async def test_after_two_hours_nobody_waits_for_a_name(floor: Stage, chat: str) -> None:
    await floor.say(chat, ADA, "!ask How small?")
    floor.clock.forward(121)
    assert "know only commands" in await bot_says(floor, chat, ADA, "kernel")
    assert await questions(floor) == []


async def test_a_name_said_elsewhere_or_by_others_is_none(floor: Stage, chat: str) -> None:
    other = await floor.open_direct(BOB)
    await floor.say(chat, ADA, "!ask How small?")
    assert await floor.say(KERNEL, ADA, "kernel") == []
    assert await floor.say(LOBBY, ADA, "kernel") == []
    await floor.say(other, BOB, "kernel")
    assert await questions(floor) == []


async def test_a_question_that_waits_can_be_edited(floor: Stage, chat: str) -> None:
    event, _ = await floor.write(chat, ADA, "!ask How small?")
    assert await floor.edit(chat, ADA, event, "!ask How big?") == []
    assert await floor.edit(chat, ADA, event, "kernel") == []
    await floor.say(chat, ADA, "kernel")
    assert (await last(floor)).text == "How big?"


async def test_one_that_waits_can_be_redacted(floor: Stage, chat: str) -> None:
    event, _ = await floor.write(chat, ADA, "!ask How small?")
    await redact(floor, BOB, event, alias=chat)
    await redact(floor, ADA, event, alias=chat)
    assert "know only commands" in await bot_says(floor, chat, ADA, "kernel")
    assert await questions(floor) == []


async def test_one_too_long_is_declined_at_once(floor: Stage, chat: str) -> None:
    event, said = await floor.write(chat, ADA, "!anon " + "x" * 501)
    assert "501 characters" in said[0].body
    assert "For which room" in "\n".join(
        in_room(await floor.edit(chat, ADA, event, "!anon How small?"), chat)
    )
    assert "number 1" in await bot_says(floor, chat, ADA, "kernel")


async def test_a_room_that_the_bot_is_not_in(floor: Stage, chat: str) -> None:
    await floor.publish(*talks(Planned(1, "Tiny kernels", 60, 25), room="#new:example.org"))
    assert "not in new yet" in await bot_says(floor, chat, ADA, "!ask How small?")


# Afterwards.


async def test_edits_and_redactions_count_for_the_question(floor: Stage, chat: str) -> None:
    event, _ = await floor.write(chat, ADA, "!anon kernel: How small?")
    await floor.deliver()
    said = await floor.edit(chat, ADA, event, "!anon kernel: How big?")
    assert in_room(said, KERNEL) == [nameless("How big?")]
    await redact(floor, ADA, event, alias=chat)
    assert await state(floor, 1) == "withdrawn"
    assert (await last(floor)).text == ""
    assert POST in await taken_out(floor)


async def test_the_own_ones_newest_first(floor: Stage, chat: str) -> None:
    assert "not asked anything yet" in await bot_says(floor, chat, ADA, "!mine")
    await asked(floor, "How small?")
    await asked(floor, "How dark?", alias=CLOUD)
    event, _ = await asked(floor, "Rude?")
    await asked(floor, "Whose?", BOB)
    await floor.say(KERNEL, BOB, "!vote 1")
    await redact(floor, ADA, event)
    assert (await bot_says(floor, chat, ADA, "!mine")).splitlines() == [
        "kernel 2 withdrawn",
        "cloud 1 open, 0 votes: How dark?",
        "kernel 1 open, 1 vote: How small?",
    ]
    for place in (KERNEL, HOSTS):
        assert "!mine to me directly" in await bot_says(floor, place, ADA, "!mine")


async def test_at_most_ten_and_what_is_redacted_leaves_the_list(floor: Stage, chat: str) -> None:
    events = [(await asked(floor, f"{'x' * 300} {number}"))[0] for number in range(12)]
    said = await floor.say(chat, ADA, "!mine")
    assert len(said[0].body.splitlines()) == 10
    assert len(said[0].body) < 2500
    await floor.deliver()
    await redact(floor, ADA, events[1])
    assert said[0].key not in await taken_out(floor)
    await redact(floor, ADA, events[-1])
    assert said[0].key in await taken_out(floor)


async def test_votes_by_direct_message(floor: Stage, chat: str) -> None:
    await asked(floor, "How small?", BOB)
    await asked(floor, "How dark?", BOB, alias=CLOUD)
    said = await bot_says(floor, chat, ADA, "!vote 1")
    assert "More than one room has that number" in said
    assert "in kernel counts" in await bot_says(floor, chat, ADA, "!vote kernel 1")
    assert "in kernel is taken back" in await bot_says(floor, chat, ADA, "unvote 1")
    assert "have not voted" in await bot_says(floor, chat, ADA, "unvote 1")
    assert "in cloud counts" in await bot_says(floor, chat, ADA, "vote #cloud:example.org 1")
    assert "own question" in await bot_says(
        floor, await floor.open_direct(BOB), BOB, "!vote cloud 1"
    )


async def test_withdrawing_there(floor: Stage, chat: str) -> None:
    await floor.say(chat, ADA, "!anon kernel: How small?")
    await asked(floor, "How dark?", BOB, alias=CLOUD)
    await asked(floor, "How light?", alias=CLOUD)
    assert "Question 1 in kernel is taken back" in await bot_says(floor, chat, ADA, "!withdraw 1")
    assert "Question 2 in cloud is taken back" in await bot_says(floor, chat, ADA, "!withdraw")
    assert [q.state for q in await questions(floor)] == ["withdrawn", "open", "withdrawn"]
    assert "taken back" not in await bot_says(floor, chat, ADA, "!withdraw cloud 1")


async def test_a_vote_in_the_room_does_not_tell_who_asked_without_a_name(
    floor: Stage, chat: str
) -> None:
    await floor.say(chat, ADA, "!anon kernel: How small?")
    assert await answer(floor, KERNEL, ADA, "!vote 1") == ""
    assert await votes(floor) == 0, "as a tap"
    assert "your own question" in await bot_says(floor, chat, ADA, "!vote 1")


async def test_what_is_alike_is_told_there(floor: Stage, chat: str) -> None:
    await asked(floor, "How small can the kernel get?", EVE)
    said = await floor.say(chat, ADA, "!ask kernel: How small can a kernel get?")
    assert "Question 1 asks much the same" in "\n".join(in_room(said, chat))
    assert await votes(floor) == 0


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
async def test_hostile_direct_messages(make_stage: MakeStage, opened: Path, text: str) -> None:
    floor = await make_stage(opened, **(SETTINGS | {"questions": {"longest": 2000}}))
    await floor.open(HOSTS)
    floor.clock.set(65)
    chat = await floor.open_direct(ADA)
    name = {"membership": "join", "displayname": text}
    await floor.state(chat, "m.room.member", name, ADA)
    for body in ("!ask {}", "{}", "kernel", "!anon kernel: {}", "!ask {}: {}", "{}", "!mine"):
        floor.clock.forward(0.1)
        await floor.say(chat, ADA, body.replace("{}", text))
    await floor.say(chat, ADA, "!ask kernel: How small?")
    assert "kernel" in await answer(floor, chat, ADA, "!mine")
    check(await floor.outbox())
