"""For which talk a question is taken in, and which are declined: what is said of it. The rules
are tested with the action."""

from __future__ import annotations

from datetime import timedelta

from simulation.conference import Planned
from tests.chat.audience import ADA, BOB, IRC, RELAY, asked, chips, last, questions, reply_to
from tests.chat.floor import HOSTS, answer
from tests.stage import CONTROL, KERNEL, LOBBY, MODERATOR, MakeStage, Stage, in_room, talks

# For which talk.


async def test_when_it_was_sent_counts_not_when_it_is_read(floor: Stage) -> None:
    floor.clock.set(90)
    await asked(floor, "How small?", at=84)
    question = await last(floor)
    assert question.talk == "talk-1"
    assert question.asked_at == floor.clock.now() - timedelta(minutes=6)


async def test_before_a_talk_nobody_means_the_one_after_it(floor: Stage) -> None:
    floor.clock.set(50)
    _, said = await asked(floor, "How small?")
    assert said == 'ada: your question is number 1. It is for "Tiny kernels".'


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
    assert "What is your question?" in (await asked(floor, ""))[1]


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
