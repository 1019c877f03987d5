"""What speakers answer to a letter."""

from __future__ import annotations

import logging
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from fosdembot.bot import Bot
from fosdembot.db.question_tables import Letter, Question
from fosdembot.db.tables import Outgoing, Room
from fosdembot.matrix.identity import Identity
from fosdembot.settings import load
from simulation.parts import Nowhere
from tests.chat.audience import EVE, reply_to, written
from tests.chat.floor import ASKER, SETTINGS, SPEAKER, ask, state
from tests.chat.letter_writers import OVER, letter, one_in
from tests.stage import BOT, CLOUD, KERNEL, LOBBY, MODERATOR, MakeStage, Stage, in_room, room_id


@pytest.mark.parametrize(
    "body",
    [
        "1: It is 4 kB.",
        "#1 It is 4 kB.",
        "Q1\nIt is 4 kB.",
        "1) It is 4 kB.",
        "kernel 1: It is 4 kB.",
        "Question 1: It is 4 kB.",
        "question #1 - It is 4 kB.",
        "No. 1: It is 4 kB.",
        "Answer to question 1: It is 4 kB.",
        "!answer 1 It is 4 kB.",
        "!answer 1: It is 4 kB.",
    ],
)
async def test_an_answer_to_a_letter_is_posted(floor: Stage, body: str) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, _ = await letter(floor)
    said = await floor.say(chat, SPEAKER, body)
    post = one_in(said, KERNEL)
    assert post.body == "Asker: speaker answers your question 1:\nIt is 4 kB."
    assert post.content["msgtype"] == "m.text"
    assert post.content["m.mentions"] == {"user_ids": [ASKER]}
    assert post.content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$asked1"}}
    assert one_in(said, chat).body == "Posted in kernel. Edit your message to correct it."
    assert await written(floor, 1) == ["It is 4 kB."]
    assert [await state(floor, number) for number in (1, 2)] == ["answered", "open"]


async def test_more_than_one_answer_is_posted(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, event = await letter(floor)
    await floor.say(chat, SPEAKER, "1: 4 kB.")
    said = await floor.say(chat, SPEAKER, "1: On paper, 3.")
    assert one_in(said, KERNEL).body == "Asker: speaker answers your question 1:\nOn paper, 3."
    assert await written(floor, 1) == ["4 kB.", "On paper, 3."]
    said = await floor.say(chat, SPEAKER, "Thanks for having me", **reply_to(event))
    assert one_in(said, chat).body == "Thank you! All questions that I sent you have an answer."
    assert in_room(said, KERNEL) == []


@pytest.mark.parametrize("body", ["It is 4 kB.", "Next year.", "4.5 kB", "10 years ago"])
async def test_a_reply_to_a_letter_with_one_question_needs_no_number(
    floor: Stage, body: str
) -> None:
    await ask(floor, "How small can it get?")
    chat, event = await letter(floor)
    said = await floor.say(chat, SPEAKER, body, **reply_to(event))
    assert one_in(said, KERNEL).body == f"Asker: speaker answers your question 1:\n{body}"
    assert await state(floor, 1) == "answered"


@pytest.mark.parametrize("is_reply", [True, False])
async def test_without_a_number_it_is_asked_for(floor: Stage, is_reply: bool) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, event = await letter(floor)
    content = reply_to(event) if is_reply else {}
    said = await floor.say(chat, SPEAKER, "It is 4 kB.", **content)
    assert [s.body for s in said] == [
        "Which question do you answer? Begin with its number, like 1: It is 4 kB"
    ]
    original = said[0].key.removeprefix("answer/")
    said = await floor.edit(chat, SPEAKER, original, "2: It is 4 kB.")
    assert one_in(said, KERNEL).body == "Asker: speaker answers your question 2:\nIt is 4 kB."
    assert await written(floor, 2) == ["It is 4 kB."]


@pytest.mark.parametrize(
    ("body", "answered"),
    [
        ("7: no such", "There is no question 7 in what I sent you: 1, 2."),
        ("1:", "Write your answer behind the number, like 1: It is 4 kB"),
        ("!hlep", "Did you mean !help?"),
        ("mine", "You have not asked anything yet."),
        ("!answer It is 4 kB.", "Which question do you answer?"),
        ("!question 1", "How small can it get?"),
        ("question 1", "How small can it get?"),
        ("<carl> 1: hello", "I know only commands"),
    ],
)
async def test_what_is_no_answer(floor: Stage, body: str, answered: str) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, _ = await letter(floor)
    [said] = await floor.say(chat, SPEAKER, body)
    assert answered in said.body
    assert await written(floor, 1) == []


async def test_a_bare_number_is_that_of_a_question_that_waits(floor: Stage) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, _ = await letter(floor)
    await floor.say(chat, SPEAKER, "1 It is 4 kB.")
    [said] = await floor.say(chat, SPEAKER, "1 of these is easy")
    assert "like 2: It is 4 kB" in said.body or "what I sent you" in said.body
    await floor.say(chat, SPEAKER, "1 - or 5 kB.")
    assert await written(floor, 1) == ["It is 4 kB.", "or 5 kB."]


async def test_those_who_were_written_nothing_answer_nothing(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    await letter(floor)
    chat = await floor.open_direct(EVE)
    [said] = await floor.say(chat, EVE, "1: It is 4 kB.")
    assert said.body.startswith("I know only commands")
    # Nor does a speaker in another room.
    assert await floor.say(CLOUD, SPEAKER, "1: It is 4 kB.") == []
    assert await written(floor, 1) == []


async def test_who_is_no_speaker_any_more_does_not(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    await floor.open_direct(SPEAKER)
    await floor.say(KERNEL, MODERATOR, f"!talk speaker {EVE}")
    chat, _ = await letter(floor, EVE)
    await floor.say(KERNEL, MODERATOR, f"!talk speaker remove {EVE} 1")
    [said] = await floor.say(chat, EVE, "1: It is 4 kB.")
    assert said.body == "Only the talk's speaker or a moderator can do that."
    assert await written(floor, 1) == []


async def test_one_number_in_two_rooms(make_stage: MakeStage, opened: Path) -> None:
    speakers = {"talk-1": [SPEAKER], "talk-11": [SPEAKER]}
    stage = await make_stage(opened, **{**SETTINGS, "speakers": speakers})
    stage.clock.set(65)
    await ask(stage, "How small can it get?")
    async with stage.database.write() as session:
        question = (await session.scalars(select(Question))).one()
        question.source = "$kernel1"
    await stage.say(CLOUD, ASKER, "!ask How small are clouds?")
    chat = await stage.open_direct(SPEAKER)
    stage.clock.set(115)
    await stage.bot.letters.step()
    await stage.deliver()
    await stage.news()
    [said] = await stage.say(chat, SPEAKER, "1: Tiny.")
    assert said.body == (
        "There is a question 1 in kernel, cloud. Begin with the room, like kernel 1: It is 4 kB"
    )
    posted = await stage.say(chat, SPEAKER, "cloud 1: Tiny.")
    assert one_in(posted, CLOUD).body == "asker: speaker answers your question 1:\nTiny."
    assert in_room(posted, KERNEL) == []
    # A reply to one of the letters says which is meant.
    letters = [s for s in await stage.outbox(chat) if "Tiny kernels" in s.body]
    posted = await stage.say(chat, SPEAKER, "1: Tiny.", **reply_to(f"$sent{letters[0].key}"))
    assert one_in(posted, KERNEL).body == "Asker: speaker answers your question 1:\nTiny."


async def test_the_time_for_answers_is_over(floor: Stage) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, event = await letter(floor)
    closes = OVER + 14 * 24 * 60
    floor.clock.set(closes + 10)
    thanks = 'Thank you! The time for answers to "Tiny kernels" by way of me is over;'
    for body, content in (("1: late", {}), ("late", reply_to(event)), ("1: late", reply_to(event))):
        [said] = await floor.say(chat, SPEAKER, body, **content)
        assert said.body.startswith(thanks)
    [said] = await floor.say(chat, SPEAKER, "late")
    assert said.body.startswith("I know only commands")
    assert await written(floor, 1) == []
    # What was sent in time, and comes in now, still counts.
    posted = await floor.say(chat, SPEAKER, "1: in time", at=closes - 10)
    assert one_in(posted, KERNEL).body.endswith("in time")


async def test_a_question_that_waits_for_its_room_comes_before(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    await floor.say(chat, SPEAKER, "!ask How dark is it?")
    [said] = [s for s in await floor.say(chat, SPEAKER, "cloud") if s.room == chat]
    assert "Your question is number 1 in cloud" in said.body


async def test_who_writes_too_much_is_not_heard(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, **{**SETTINGS, "limits": {"commands_per_minute": 3}})
    stage.clock.set(65)
    await ask(stage, "How small can it get?")
    chat, _ = await letter(stage)
    said = [s.body for n in range(6) for s in await stage.say(chat, SPEAKER, f"1: {n} kB.")]
    assert await written(stage, 1) == ["0 kB.", "1 kB.", "2 kB."]
    assert len([body for body in said if body.startswith("Posted")]) == 3
    assert len(said) == 7


async def test_letters_are_for_their_person_alone(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    await letter(floor)
    async with floor.database.read() as session:
        [row] = await session.scalars(select(Letter))
        assert (row.person, row.state, row.questions) == (SPEAKER, "sent", 1)
        keys = await session.scalars(select(Outgoing.key))
        assert not any(SPEAKER in key for key in keys)


async def test_letters_are_answered_on_an_account_that_others_use_as_well(floor: Stage) -> None:
    """In the chat of the letter; another chat may be another instance's."""
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    settings, _ = load(SETTINGS)
    async with aiohttp.ClientSession() as http:
        log = logging.getLogger("fosdembot.shared")
        identity = Identity(http, Nowhere(), BOT, "salt", is_shared=lambda: True)
        floor.bot = Bot(identity, floor.database, settings, [], floor.clock, log)
        await floor.bot.programme.load()
        await floor.open(LOBBY)
        async with floor.database.write() as session:
            (await session.get_one(Room, room_id(LOBBY))).direct_with = SPEAKER
        assert await floor.say(LOBBY, SPEAKER, "1: It is 5 kB.") == []
        await floor.say(chat, SPEAKER, "1: It is 4 kB.")
    assert await written(floor, 1) == ["It is 4 kB."]
