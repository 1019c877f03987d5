"""Asking in a talk room, and what an attendee does with the own questions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.chat.test_hostile import NASTY, check
from tests.e2e.conference import Planned
from tests.stage import (
    BOT,
    CLOUD,
    CONTROL,
    KERNEL,
    LOBBY,
    MODERATOR,
    MakeStage,
    Stage,
    in_room,
    talks,
)

from .audience import (
    ADA,
    BOB,
    IRC,
    RELAY,
    asked,
    chips,
    last,
    questions,
    reply_to,
    requests,
    votes,
)
from .floor import HOSTS, SETTINGS, answer, made, send, state


@pytest.mark.parametrize(
    "body",
    [
        "!ask How small?",
        "!q How small?",
        "!QUESTION  How small?",
        "！ask: How small?",
        "!ask\nHow small?",
        "Q: How small?",
        "q：How small?",
        "Q : How small?",
        "bot: ask How small?",
        "> <@bob:example.org> hello\n\nQ: How small?",
    ],
)
async def test_however_it_is_typed_it_is_asked_and_gets_its_number(floor: Stage, body: str) -> None:
    event, said = await floor.write(KERNEL, ADA, body)
    assert in_room(said, KERNEL) == []
    question = await last(floor)
    assert (question.text, question.asker, question.talk) == ("How small?", ADA, "talk-1")
    assert (question.asker_name, question.state, question.source) == ("ada", "open", event)
    assert await chips(floor) == {event: "Q1"}


@pytest.mark.parametrize(
    "body",
    [
        "Q: and A: both",
        "Q: why?\nA: because",
        "Q:",
        "Q&A: starts now",
        "FAQ: here",
        "I have a Q: how small?",
        "Q1: how small?",
        "q how small?",
    ],
)
async def test_not_everything_with_a_q_is_a_question(floor: Stage, body: str) -> None:
    assert await floor.say(KERNEL, ADA, body) == []
    assert await questions(floor) == []


async def test_q_and_a_colon_asks_only_where_questions_are_asked(floor: Stage) -> None:
    for place in (HOSTS, CONTROL, LOBBY):
        assert await floor.say(place, ADA, "Q: How small?") == []
    assert await questions(floor) == []


async def test_the_asker_s_name_is_that_of_the_room(floor: Stage) -> None:
    await floor.state(KERNEL, "m.room.member", {"membership": "join", "displayname": "Ada L."}, ADA)
    await asked(floor, "How small?")
    assert (await last(floor)).asker_name == "Ada L."


async def test_hosts_get_a_card(floor: Stage) -> None:
    said = await floor.say(KERNEL, ADA, "!ask How small?")
    assert in_room(said, HOSTS) == ["kernel 1: How small? – ada"]


async def test_a_relay_asks_for_its_nick_and_gets_text(floor: Stage) -> None:
    for body in ("<carl> !ask How small?", "<dora> Q: How big?"):
        [said] = in_room(await floor.say(KERNEL, RELAY, body), KERNEL)
        question = await last(floor)
        assert said == f"{question.asker_name}: your question is number {question.number}."
        assert question.relayed
    assert [q.asker_name for q in await questions(floor)] == ["carl", "dora"]


async def test_a_relay_without_a_nick_asks_under_its_own_name(floor: Stage) -> None:
    await floor.say(KERNEL, RELAY, "<\u202e> !ask How small?")
    assert (await last(floor)).asker_name == "relay"


async def test_behind_a_bridge_one_gets_text(floor: Stage) -> None:
    _, said = await asked(floor, "How small?", IRC)
    assert said == "irc_carl: your question is number 1."


# For which talk.


@pytest.mark.parametrize(
    ("minute", "talk"), [(0, 1), (65, 1), (84.9, 1), (85, 2), (109, 2), (110, 2), (119.9, 2)]
)
async def test_for_the_talk_that_is_on_or_just_over(floor: Stage, minute: float, talk: int) -> None:
    floor.clock.set(minute)
    await asked(floor, "How small?")
    assert (await last(floor)).talk == f"talk-{talk}"


async def test_when_it_was_sent_counts_not_when_it_is_read(floor: Stage) -> None:
    floor.clock.set(90)
    await asked(floor, "How small?", at=84)
    question = await last(floor)
    assert question.talk == "talk-1"
    assert question.asked_at == floor.clock.now() - timedelta(minutes=6)


async def test_between_talks_the_asker_is_told_which_and_may_move_it(floor: Stage) -> None:
    floor.clock.set(112)
    _, said = await asked(floor, "How small?")
    assert said == (
        'ada: your question is number 1. It is for "Big kernels".\n'
        "If you meant the talk after it: !move 1 next"
    )
    assert (await answer(floor, KERNEL, BOB, "!move 1 next")) != "✅"
    assert await answer(floor, KERNEL, ADA, "!move 1 next") == "✅"
    assert (await last(floor)).talk == "talk-3"


async def test_before_the_first_talk_it_is_named(floor: Stage) -> None:
    floor.clock.set(0)
    _, said = await asked(floor, "How small?")
    assert 'It is for "Tiny kernels".' in said


async def test_a_question_is_moved_only_across_a_hand_over(floor: Stage) -> None:
    await asked(floor, "How small?")
    assert "for ten minutes after asking" in await answer(floor, KERNEL, ADA, "!move 1 next")
    floor.clock.set(80)
    await asked(floor, "How big?")
    assert await answer(floor, KERNEL, ADA, "!move 2 next") == "✅"
    floor.clock.set(84)
    await asked(floor, "How old?")
    floor.clock.set(94.5)
    assert "for ten minutes after asking" in await answer(floor, KERNEL, ADA, "!move 3 next")
    assert [q.talk for q in await questions(floor)] == ["talk-1", "talk-2", "talk-1"]


async def test_nobody_moves_behind_the_last_talk(floor: Stage) -> None:
    floor.clock.set(140)
    await asked(floor, "How small?")
    assert "No talk comes after" in await answer(floor, KERNEL, ADA, "!move 1 next")


async def test_a_reply_to_a_question_is_for_its_talk(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    floor.clock.set(95)
    reply = reply_to(event)
    await asked(floor, "And how big?", BOB, **reply)
    assert (await last(floor)).talk == "talk-1"
    other, _ = await floor.write(KERNEL, BOB, "hello")
    reply = reply_to(other)
    await asked(floor, "And now?", BOB, **reply)
    assert (await last(floor)).talk == "talk-2"


async def test_a_question_of_another_room_is_not_followed(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?", alias=CLOUD)
    reply = reply_to(event)
    await asked(floor, "And how big?", **reply)
    assert (await last(floor)).talk == "talk-1"


async def test_a_talk_can_be_named(floor: Stage) -> None:
    for body, talk, text in (
        ("3: How small?", "talk-3", "How small?"),
        ("#2：  How small indeed?", "talk-2", "How small indeed?"),
        ("10:30 is when?", "talk-1", "10:30 is when?"),
        ("99: bottles?", "talk-1", "99: bottles?"),
        ("11: of the cloud?", "talk-1", "11: of the cloud?"),
    ):
        await asked(floor, body)
        question = await last(floor)
        assert (question.talk, question.text) == (talk, text)


async def test_where_several_are_on_one_must_be_named(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(
        *talks(
            Planned(1, "Tiny kernels", 60, 25),
            Planned(2, "Small clouds", 60, 25, place="Attic"),
        )
    )
    await stage.open(KERNEL)
    await stage.news()
    stage.clock.set(65)
    event, said = await asked(stage, "How small?")
    assert "More than one talk is on here" in said
    assert '2 "Small clouds", 1 "Tiny kernels"' in said or '1 "Tiny kernels", 2 "Sm' in said
    assert await questions(stage) == []
    await stage.edit(KERNEL, ADA, event, "!ask 1: How small?")
    question = await last(stage)
    assert (question.talk, question.text, question.source) == ("talk-1", "How small?", event)


async def test_without_a_talk_nobody_asks(floor: Stage) -> None:
    floor.clock.set(1000)
    _, said = await asked(floor, "How small?")
    assert "none comes today" in said
    for place in (LOBBY, CONTROL, HOSTS):
        _, said = await asked(floor, "How small?", alias=place)
        assert "ask in the talk room" in said
    assert await questions(floor) == []


# What is declined.


async def test_too_long_and_what_to_do(floor: Stage) -> None:
    event, said = await asked(floor, "x" * 612)
    assert said == (
        "That is 612 characters; 500 at the most, please. Edit your message to shorten it."
    )
    [again] = await floor.edit(KERNEL, ADA, event, "!ask " + "x" * 501)
    assert "That is 501 characters" in again.body
    assert in_room(await floor.edit(KERNEL, ADA, event, "!ask How small?"), KERNEL) == []
    assert (await last(floor)).source == event
    assert await chips(floor) == {event: "Q1"}
    _, said = await asked(floor, "x" * 612, IRC)
    assert "Edit" not in said


async def test_an_empty_question_gets_an_example(floor: Stage) -> None:
    for text in ("", "   ", "\u200b\u202e"):
        assert "What is your question?" in (await asked(floor, text))[1]


async def test_too_many_and_asked_already(conference: Stage) -> None:
    floor = conference
    floor.clock.set(65)
    for number in range(5):
        await asked(floor, f"{number} ones?")
    assert "it is question 1" in (await asked(floor, "0 ONES?"))[1]
    _, said = await asked(floor, "How small?")
    assert "You have 5 questions waiting" in said
    assert "!withdraw" in said
    await asked(floor, "How small?", BOB)
    assert (await last(floor)).asker == BOB
    await floor.say(KERNEL, ADA, "!withdraw 2")
    assert (await asked(floor, "How small indeed?"))[1] == ""


async def test_closed_and_muted(floor: Stage) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa close")
    assert "No more questions" in (await asked(floor, "How small?"))[1]
    await asked(floor, "May I?", MODERATOR)
    await floor.say(KERNEL, MODERATOR, "!qa open")
    await floor.say(HOSTS, MODERATOR, f"!qa mute {ADA}")
    await floor.say(CONTROL, MODERATOR, f"!qa mute kernel {ADA}")
    assert [q.asker for q in await questions(floor)] == [MODERATOR]


async def test_in_a_moderated_room_the_asker_is_told_so(floor: Stage) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    event, said = await asked(floor, "How small?")
    assert said == ""
    assert (await chips(floor))[event] == "Q1 ⏳"
    _, said = await asked(floor, "How big?", IRC)
    assert said == "irc_carl: your question is number 2. A moderator looks at it first."
    await asked(floor, "How old?", MODERATOR)
    assert [q.state for q in await questions(floor)] == ["pending", "pending", "open"]


async def test_a_similar_one_is_named(floor: Stage) -> None:
    await asked(floor, "How small can the kernel get?")
    said = await floor.say(KERNEL, BOB, "!ask How small can a kernel get??")
    [told] = in_room(said, KERNEL)
    assert "Question 1 asks much the same" in told
    assert "!vote 1" in told
    assert "!withdraw 2" in told
    assert (
        "kernel: question 2 asks much the same as 1. To put them together: !merge kernel 2 1"
        in in_room(said, HOSTS)
    )
    [told] = in_room(await floor.say(KERNEL, RELAY, "<c> !ask How small can a kernel get"), KERNEL)
    assert "much the same" in told
    assert "!vote" not in told


async def test_without_hosts_nobody_else_is_told_of_it(conference: Stage) -> None:
    conference.clock.set(65)
    await asked(conference, "How small can the kernel get?")
    said = await conference.say(KERNEL, BOB, "!ask How small can a kernel get?")
    assert [s.room for s in said if s.kind == "message"] == [KERNEL]


# Confirmation.


async def test_whoever_wants_it_gets_text(floor: Stage) -> None:
    assert "its number" in await answer(floor, KERNEL, ADA, "!confirm on")
    _, said = await asked(floor, "How small?")
    assert said == "ada: your question is number 1."
    assert (await asked(floor, "How big?", BOB))[1] == ""
    await floor.say(KERNEL, ADA, "!confirm off.")
    assert (await asked(floor, "How old?"))[1] == ""
    assert "!confirm on" in await answer(floor, KERNEL, ADA, "!confirm perhaps")
    assert "always" in await answer(floor, KERNEL, IRC, "!confirm off")
    assert (await asked(floor, "How new?", IRC))[1] != ""


# Withdrawing.


async def test_the_asker_takes_a_question_back(floor: Stage) -> None:
    for text in ("How small?", "How big?", "How old?"):
        await asked(floor, text)
    assert await answer(floor, KERNEL, ADA, "!withdraw 1") == "✅"
    assert await answer(floor, KERNEL, ADA, "!withdraw") == "✅"
    assert [await state(floor, n) for n in (1, 2, 3)] == ["withdrawn", "open", "withdrawn"]
    assert "Only its asker" in await answer(floor, KERNEL, BOB, "!withdraw 2")
    assert "Which question?" in await answer(floor, KERNEL, BOB, "!withdraw")
    assert "Only its asker" in await answer(floor, KERNEL, MODERATOR, "!withdraw 2")
    assert "is withdrawn" in await answer(floor, KERNEL, ADA, "!withdraw 1")
    assert await state(floor, 2) == "open"


async def test_by_a_reply_too(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    await asked(floor, "How big?")
    reply = reply_to(event)
    assert await answer(floor, KERNEL, ADA, "!withdraw", **reply) == "✅"
    assert await state(floor, 1) == "withdrawn"


async def test_behind_a_bridge_it_is_said(floor: Stage) -> None:
    await asked(floor, "How small?", IRC)
    assert await answer(floor, KERNEL, IRC, "!withdraw") == "Question 1 is taken back."


async def test_a_relay_s_nick_can_be_anybody_s(floor: Stage) -> None:
    await floor.say(KERNEL, RELAY, "<carl> !ask How small?")
    for nick in ("<carl> ", "<dora> ", ""):
        assert "✅" not in await answer(floor, KERNEL, RELAY, f"{nick}!withdraw 1")
        assert "✅" not in await answer(floor, KERNEL, RELAY, f"{nick}!withdraw")
        floor.clock.set(84)
        assert "✅" not in await answer(floor, KERNEL, RELAY, f"{nick}!move 1 next")
    assert await state(floor, 1) == "open"


# Edits.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("!ask How small?", "!ask How big?"),
        ("!ask How small?", "!q How big?"),
        ("!ask How small?", "How big?"),
        ("Q: How small?", "Q：How big?"),
        ("!ask 2: How small?", "!ask 2: How big?"),
        ("<carl> !ask How small?", "<carl> How big?"),
        ("<carl> !ask How small?", "<carl> !ask How big?"),
    ],
)
async def test_the_question_follows_its_message(floor: Stage, before: str, after: str) -> None:
    event, _ = await floor.write(KERNEL, ADA, before)
    await floor.edit(KERNEL, ADA, event, after)
    [question] = await questions(floor)
    assert question.text == "How big?"
    floor.clock.forward(10)
    await floor.edit(KERNEL, ADA, event, after.replace("big", "old"))
    [question] = await questions(floor)
    assert question.text == "How old?", "however late"


async def test_only_its_asker_edits_it(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    for other in (BOB, MODERATOR):
        assert await floor.edit(KERNEL, other, event, "!ask How rude?") == []
    relayed, _ = await floor.write(KERNEL, RELAY, "<carl> !ask How big?")
    await floor.edit(KERNEL, RELAY, relayed, "<dora> !ask How rude?")
    assert [q.text for q in await questions(floor)] == ["How small?", "How big?"]


async def test_an_edit_that_is_too_long_is_declined(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    [said] = in_room(await floor.edit(KERNEL, ADA, event, "!ask " + "x" * 501), KERNEL)
    assert "501 characters" in said
    [said] = in_room(await floor.edit(KERNEL, ADA, event, "!ask"), KERNEL)
    assert "What is your question?" in said
    assert (await last(floor)).text == "How small?"
    await floor.say(KERNEL, MODERATOR, "!done 1")
    assert in_room(await floor.edit(KERNEL, ADA, event, "!ask " + "x" * 501), KERNEL) == []
    assert in_room(await floor.edit(KERNEL, ADA, event, "!ask other"), KERNEL) == []
    assert (await last(floor)).text == "How small?", "what is answered stays"


async def test_where_it_is_moderated_an_edit_waits_again(floor: Stage) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    event, _ = await asked(floor, "How small?")
    await floor.say(KERNEL, MODERATOR, "!approve 1")
    await floor.edit(KERNEL, ADA, event, "!ask How rude?")
    assert await state(floor, 1) == "pending"


@pytest.mark.parametrize(
    "content",
    [
        {"m.new_content": "text"},
        {"m.new_content": {"msgtype": "m.image", "body": "cat.png"}},
        {"m.new_content": {"msgtype": "m.text", "body": ["x"]}},
        {"m.new_content": {}},
    ],
)
async def test_an_edit_of_any_shape_hurts_nobody(floor: Stage, content: dict[str, Any]) -> None:
    event, _ = await asked(floor, "How small?")
    relation = {"rel_type": "m.replace", "event_id": event}
    await floor.say(KERNEL, ADA, "!ask How small?", **{**content, "m.relates_to": relation})
    [question] = await questions(floor)
    assert question.text == "How small?"


# Redactions.


async def redact(
    stage: Stage, sender: str, event: Any, alias: str = KERNEL, *, old: bool = False
) -> None:
    """As homeservers send it in room version 11, or before."""
    if old:
        redaction = made(stage, sender, "m.room.redaction", {}) | {"redacts": event}
        await stage.receive(alias, redaction)
    else:
        await send(stage, alias, sender, "m.room.redaction", {"redacts": event})


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("who", [ADA, MODERATOR])
async def test_a_redacted_question_is_gone(floor: Stage, who: str, old: bool) -> None:
    event, _ = await asked(floor, "How small?")
    await floor.say(KERNEL, BOB, "!vote 1")
    await redact(floor, who, event, old=old)
    question = await last(floor)
    assert (question.text, question.state) == ("", "withdrawn")
    assert "small" not in "".join(s.body for s in await floor.outbox(HOSTS) if s.kind == "edit")


async def test_nobody_else_redacts_it(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    await floor.open(CLOUD, {BOB: 100})
    for sender, alias in ((BOB, KERNEL), (BOB, CLOUD), (MODERATOR, CLOUD), (ADA, CLOUD)):
        await redact(floor, sender, event, alias)
    assert await state(floor, 1) == "open"
    for target in (None, 5, "", "$x" * 200, "$nowhere", ["$x"]):
        await redact(floor, ADA, target)


async def test_what_power_it_takes_the_room_says(floor: Stage) -> None:
    event, _ = await asked(floor, "How small?")
    levels = {"users": {MODERATOR: 50, BOT: 50, BOB: 10}, "redact": 75}
    await floor.state(KERNEL, "m.room.power_levels", levels)
    await redact(floor, MODERATOR, event)
    assert await state(floor, 1) == "open"
    await floor.state(KERNEL, "m.room.power_levels", levels | {"redact": 10})
    await redact(floor, BOB, event)
    assert await state(floor, 1) == "withdrawn"


async def test_a_relay_redacts_what_it_relayed(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, RELAY, "<carl> !ask How small?")
    await redact(floor, RELAY, event)
    assert await state(floor, 1) == "withdrawn"


# Hostile texts.


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
async def test_hostile_questions(make_stage: MakeStage, opened: Path, text: str) -> None:
    settings = SETTINGS | {"questions": {"longest": 2000}}
    floor = await make_stage(opened, **settings)
    floor.clock.set(65)
    await floor.open(HOSTS)
    for person in (ADA, IRC):
        name = {"membership": "join", "displayname": text}
        await floor.state(KERNEL, "m.room.member", name, person)
    await floor.say(KERNEL, ADA, "!confirm on")
    for body in ("!ask {}", "Q: {}", "!ask 2: {}", "!ask x {} {}", "<{}> !ask {}"):
        for person in (ADA, IRC):
            floor.clock.forward(0.1)
            event, _ = await floor.write(KERNEL, person, body.replace("{}", text))
            await floor.edit(KERNEL, person, event, f"!ask {text} again")
    for body in ("!withdraw {}", "!confirm {}", "!move {}", "!move 1 {}", "!vote {}", "!unvote {}"):
        await floor.say(KERNEL, ADA, body.replace("{}", text))
    check(await floor.outbox())


async def test_nothing_of_it_asks_the_homeserver_for_more_than_a_chip(conference: Stage) -> None:
    conference.clock.set(65)
    before = await requests(conference)
    await asked(conference, "How small?")
    assert await requests(conference) == before + 1
    assert await votes(conference) == 0
