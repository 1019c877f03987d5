"""Written answers: in the talk room, and to a letter."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from fosdembot.bot import Bot
from fosdembot.db.question_tables import Answer, Letter, Question
from fosdembot.db.tables import Outgoing, Room, SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.questions import answers
from fosdembot.questions.answers import LONGEST, MOST
from fosdembot.questions.states import Action
from fosdembot.settings import load
from tests.chat.test_hostile import NASTY, check
from tests.stage import (
    BOT,
    CLOUD,
    KERNEL,
    LISTED,
    LOBBY,
    MODERATOR,
    MakeStage,
    Nowhere,
    Said,
    Stage,
    in_room,
    room_id,
)

from .floor import (
    ASKER,
    HOST,
    HOSTS,
    OTHER_SPEAKER,
    SETTINGS,
    SPEAKER,
    act,
    answer,
    ask,
    redact,
    state,
)

STRANGER = "@stranger:example.org"
RELAY = "@relay:example.org"
OVER = 89
"""Minutes after `START`: four after the end of the first talk."""


async def written(stage: Stage, number: int) -> list[str]:
    """The answers to a question, in their order."""
    async with stage.database.read() as session:
        found = await session.scalars(
            select(Answer.text)
            .join(Question, Question.id == Answer.question_id)
            .where(Question.number == number)
            .order_by(Answer.id)
        )
        return list(found)


def to(event: str, **more: Any) -> Json:
    """The relation of a reply."""
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event}, **more}}


def thread(root: str, falling_back: bool) -> Json:
    """A message in a thread, as a reply to another one in it."""
    return to("$other", rel_type="m.thread", event_id=root, is_falling_back=falling_back)


# In the talk room.


@pytest.mark.parametrize("person", [SPEAKER, MODERATOR, LISTED, HOST])
async def test_speakers_and_moderators_answer_by_reply(floor: Stage, person: str) -> None:
    number = await ask(floor, "How small can it get?")
    said = await floor.say(KERNEL, person, "It is 4 kB.", **to(f"$asked{number}"))
    assert said == []
    assert await written(floor, number) == ["It is 4 kB."]
    assert await state(floor, number) == "open"
    assert await answer(floor, KERNEL, person, f"!done {number}") == "✅"
    assert await written(floor, number) == ["It is 4 kB."]


@pytest.mark.parametrize("person", [STRANGER, OTHER_SPEAKER])
async def test_nobody_else_does(floor: Stage, person: str) -> None:
    number = await ask(floor, "How small can it get?")
    await floor.say(KERNEL, person, "It is 5 kB.", **to(f"$asked{number}"))
    assert await written(floor, number) == []


@pytest.mark.parametrize("asker", [SPEAKER, MODERATOR])
async def test_nobody_answers_himself(floor: Stage, asker: str) -> None:
    number = await ask(floor, "How small can it get?", asker=asker)
    await floor.say(KERNEL, asker, "I mean in bytes.", **to(f"$asked{number}"))
    assert await written(floor, number) == []


async def test_nor_does_whom_a_relay_speaks_for(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, **{**SETTINGS, "moderators": [RELAY]})
    stage.clock.set(65)
    number = await ask(stage, "How small can it get?")
    await stage.say(KERNEL, RELAY, "<carl> It is 5 kB.", **to(f"$asked{number}"))
    assert await written(stage, number) == []


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("> <@asker:example.org> How small?\n> Really\n\nIt is 4 kB.", "It is 4 kB."),
        ("It is:\n\n  4 kB\n> or 5", "It is:\n4 kB\n> or 5"),
        ("It is \u202e@room", "It is @\u200broom"),
        ("x" * 3000, "x" * 1999 + "…"),
    ],
)
async def test_what_is_kept_of_it(floor: Stage, body: str, kept: str) -> None:
    number = await ask(floor, "How small can it get?")
    await floor.say(KERNEL, SPEAKER, body, **to(f"$asked{number}"))
    assert await written(floor, number) == [kept]


@pytest.mark.parametrize("body", ["\u3164", "!done", "!vote", "+1"])
async def test_commands_are_no_answers(floor: Stage, body: str) -> None:
    number = await ask(floor, "How small can it get?")
    await floor.say(KERNEL, SPEAKER, body, **to(f"$asked{number}"))
    assert await written(floor, number) == []


@pytest.mark.parametrize("falling_back", [True, False])
async def test_a_thread_answers_its_first_message(floor: Stage, falling_back: bool) -> None:
    number = await ask(floor, "How small can it get?")
    await floor.say(KERNEL, SPEAKER, "4 kB.", **thread(f"$asked{number}", falling_back))
    await floor.say(KERNEL, SPEAKER, "In 2020.", **thread(f"$asked{number}", falling_back))
    await floor.say(KERNEL, SPEAKER, "Elsewhere.", **thread("$elsewhere", falling_back))
    assert await written(floor, number) == ["4 kB.", "In 2020."]


async def test_so_does_a_reply_to_the_bots_post_of_a_question(floor: Stage) -> None:
    chat = await floor.open_direct(ASKER)
    await floor.say(chat, ASKER, "!anon kernel: How small can it get?")
    await floor.deliver()
    assert in_room(await floor.say(KERNEL, SPEAKER, "4 kB.", **to("$sentpost/1")), chat) == [
        "speaker answers your question 1 in kernel:\n4 kB."
    ]
    assert await written(floor, 1) == ["4 kB."]


async def test_replies_to_cards_are_no_answers(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ASKER, "!ask How small can it get?")
    await floor.deliver()
    card = f"$sentcard/1/{room_id(HOSTS)}"
    await floor.say(HOSTS, HOST, "a good one, I think", **to(card))
    # Whoever knows its id may reply to it elsewhere.
    await floor.say(CLOUD, LISTED, "a good one, I think", **to(event))
    assert await written(floor, 1) == []
    await floor.say(KERNEL, LISTED, "4 kB.", **to(event))
    assert await written(floor, 1) == ["4 kB."]


@pytest.mark.parametrize("action", [Action.DISMISS, Action.WITHDRAW])
async def test_what_is_gone_has_no_answers(floor: Stage, action: Action) -> None:
    number = await ask(floor, "How small can it get?")
    await act(floor, number, action)
    await floor.say(KERNEL, SPEAKER, "4 kB.", **to(f"$asked{number}"))
    assert await written(floor, number) == []


async def test_an_answer_counts_for_what_its_question_was_merged_into(floor: Stage) -> None:
    first, second = await ask(floor, "How small?"), await ask(floor, "How tiny is it?")
    await act(floor, second, into=first)
    await floor.say(KERNEL, SPEAKER, "4 kB.", **to(f"$asked{second}"))
    async with floor.database.read() as session:
        question = (await session.scalars(select(Question).where(Question.number == first))).one()
        assert [a.text for a in await answers.to(session, question)] == ["4 kB."]
        assert await answers.unanswered(session, "talk-1") == []
        assert await answers.unanswered(session, "talk-1", [MODERATOR]) == [question]


async def test_there_is_an_end_to_answers(floor: Stage) -> None:
    number = await ask(floor, "How small can it get?")
    for count in range(MOST + 3):
        await floor.say(KERNEL, SPEAKER, f"{count} kB.", **to(f"$asked{number}"))
    assert await written(floor, number) == [f"{count} kB." for count in range(MOST)]


async def test_an_answer_follows_its_message(floor: Stage) -> None:
    number = await ask(floor, "How small can it get?")
    event, _ = await floor.write(KERNEL, SPEAKER, "4 MB.", **to(f"$asked{number}"))
    assert await floor.edit(KERNEL, SPEAKER, event, "4 kB.") == []
    assert await written(floor, number) == ["4 kB."]
    await floor.edit(KERNEL, MODERATOR, event, "5 kB.")
    await floor.edit(KERNEL, SPEAKER, event, " ")
    assert await written(floor, number) == ["4 kB."]
    await redact(floor, STRANGER, event)
    assert await written(floor, number) == ["4 kB."]
    await redact(floor, SPEAKER, event)
    assert await written(floor, number) == [""]
    await floor.edit(KERNEL, SPEAKER, event, "6 kB.")
    assert await written(floor, number) == [""]


# To a letter.


async def letter(stage: Stage, person: str = SPEAKER) -> tuple[str, str]:
    """The talk is over, and `person` was written a letter: the direct chat, and the event."""
    chat = await stage.open_direct(person)
    stage.clock.set(OVER)
    await stage.bot.letters.step()
    await stage.deliver()
    [event] = [f"$sent{said.key}" for said in await stage.outbox(chat)]
    await stage.news()
    return chat, event


def one_in(said: Sequence[Said], alias: str) -> Said:
    [found] = [each for each in said if each.room == alias]
    return found


@pytest.mark.parametrize(
    "body",
    [
        "1: It is 4 kB.",
        "#1 It is 4 kB.",
        "Q1\nIt is 4 kB.",
        "1) It is 4 kB.",
        "kernel 1: It is 4 kB.",
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
    said = await floor.say(chat, SPEAKER, "Thanks for having me", **to(event))
    assert one_in(said, chat).body == "Thank you! All questions that I sent you have an answer."
    assert in_room(said, KERNEL) == []


@pytest.mark.parametrize("body", ["It is 4 kB.", "Next year.", "4.5 kB", "10 years ago"])
async def test_a_reply_to_a_letter_with_one_question_needs_no_number(
    floor: Stage, body: str
) -> None:
    await ask(floor, "How small can it get?")
    chat, event = await letter(floor)
    said = await floor.say(chat, SPEAKER, body, **to(event))
    assert one_in(said, KERNEL).body == f"Asker: speaker answers your question 1:\n{body}"
    assert await state(floor, 1) == "answered"


@pytest.mark.parametrize("is_reply", [True, False])
async def test_without_a_number_it_is_asked_for(floor: Stage, is_reply: bool) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, event = await letter(floor)
    content = to(event) if is_reply else {}
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
        ("<carl> 1: hello", "I do not know that"),
    ],
)
async def test_what_is_no_answer(floor: Stage, body: str, answered: str) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, _ = await letter(floor)
    [said] = await floor.say(chat, SPEAKER, body)
    assert answered in said.body
    assert await written(floor, 1) == []


async def test_those_who_were_written_nothing_answer_nothing(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    await letter(floor)
    chat = await floor.open_direct(STRANGER)
    [said] = await floor.say(chat, STRANGER, "1: It is 4 kB.")
    assert said.body.startswith("I do not know that")
    # Nor does a speaker in another room.
    assert await floor.say(CLOUD, SPEAKER, "1: It is 4 kB.") == []
    assert await written(floor, 1) == []


async def test_who_is_no_speaker_any_more_does_not(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    await floor.open_direct(SPEAKER)
    await floor.say(KERNEL, MODERATOR, f"!talk speaker {STRANGER}")
    chat, _ = await letter(floor, STRANGER)
    await floor.say(KERNEL, MODERATOR, f"!talk speaker remove {STRANGER} 1")
    [said] = await floor.say(chat, STRANGER, "1: It is 4 kB.")
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
    posted = await stage.say(chat, SPEAKER, "1: Tiny.", **to(f"$sent{letters[0].key}"))
    assert one_in(posted, KERNEL).body == "Asker: speaker answers your question 1:\nTiny."


async def test_who_asked_without_a_name_is_told_directly(floor: Stage) -> None:
    chat = await floor.open_direct(ASKER)
    await floor.say(chat, ASKER, "!anon kernel: How small can it get?")
    await floor.deliver()
    speakers, _ = await letter(floor)
    said = await floor.say(speakers, SPEAKER, "1: 4 kB.")
    post, told = one_in(said, KERNEL), one_in(said, chat)
    assert post.body == "speaker answers question 1:\n4 kB."
    assert post.content["m.mentions"].get("user_ids", []) == []
    assert post.content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$sentpost/1"}}
    assert told.body == "speaker answers your question 1 in kernel:\n4 kB."
    assert told.content["m.mentions"] == {"user_ids": [ASKER]}
    event = one_in(said, speakers).key.removeprefix("answer/")
    await floor.deliver()
    edits = await floor.edit(speakers, SPEAKER, event, "1: 5 kB.")
    assert {(s.room, s.kind): s.body for s in edits} == {
        (KERNEL, "edit"): "speaker answers question 1:\n5 kB.",
        (chat, "edit"): "speaker answers your question 1 in kernel:\n5 kB.",
    }


async def test_everybody_who_asked_is_notified(floor: Stage) -> None:
    first = await ask(floor, "How small can it get?")
    second = await ask(floor, "How tiny?", asker=STRANGER, name="Bob")
    third = await ask(floor, "How tiny indeed?", asker=RELAY, name="carl", relayed=True)
    for number in (second, third):
        await act(floor, number, into=first)
    chat, _ = await letter(floor)
    post = one_in(await floor.say(chat, SPEAKER, f"{second}: 4 kB."), KERNEL)
    assert post.body == "Asker, Bob and carl: speaker answers your question 1:\n4 kB."
    assert post.content["m.mentions"] == {"user_ids": [ASKER, STRANGER]}
    assert await state(floor, first) == "answered"


async def test_a_post_follows_its_message(floor: Stage) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, _ = await letter(floor)
    event, _ = await floor.write(chat, SPEAKER, "1: 4 MB.")
    await floor.deliver()
    await floor.news()
    for body, says in (("1: 4 kB.", "4 kB."), ("5 kB.", "5 kB."), ("6 of them", "6 of them")):
        [edit] = await floor.edit(chat, SPEAKER, event, body)
        assert (edit.room, edit.kind) == (KERNEL, "edit")
        assert edit.body == f"Asker: speaker answers your question 1:\n{says}"
        assert await written(floor, 1) == [says]
    [said] = await floor.edit(chat, SPEAKER, event, "2: 7 kB.")
    assert said.body.startswith("That message answers question 1.")
    assert await written(floor, 1) == ["6 of them"]
    assert await written(floor, 2) == []


@pytest.mark.parametrize("long_ago", [True, False])
async def test_another_speaker_edits_nothing(
    long_ago: bool, make_stage: MakeStage, opened: Path
) -> None:
    """Homeservers let anybody send an edit of anything."""
    speakers = {"talk-1": [SPEAKER, OTHER_SPEAKER]}
    stage = await make_stage(opened, **{**SETTINGS, "speakers": speakers})
    stage.clock.set(65)
    await ask(stage, "How small can it get?")
    other = await stage.open_direct(OTHER_SPEAKER)
    chat = await stage.open_direct(SPEAKER)
    await letter(stage)
    event, _ = await stage.write(chat, SPEAKER, "1: 4 kB.")
    if long_ago:
        async with stage.database.write() as session:
            await session.delete(await session.get_one(SeenEvent, event))
    for alias, person in ((other, OTHER_SPEAKER), (chat, OTHER_SPEAKER)):
        said = await stage.edit(alias, person, event, "1: 8 kB.")
        assert in_room(said, KERNEL) == []
        assert await written(stage, 1) == ["4 kB."]
    await stage.edit(chat, SPEAKER, event, "1: 5 kB.")
    assert await written(stage, 1) == ["5 kB."]


async def test_a_redacted_answer_is_gone_and_its_question_waits_again(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    first, _ = await floor.write(chat, SPEAKER, "1: 4 MB.")
    second, _ = await floor.write(chat, SPEAKER, "1: 4 kB.")
    await floor.deliver()
    for event, stands in ((first, "answered"), (second, "open")):
        await redact(floor, SPEAKER, event, alias=chat)
        async with floor.database.read() as session:
            redaction = select(Outgoing.room_id).where(Outgoing.target == f"written/{event}")
            assert await session.scalar(redaction) == room_id(KERNEL)
        assert await state(floor, 1) == stands
    assert await written(floor, 1) == ["", ""]


async def test_the_time_for_answers_is_over(floor: Stage) -> None:
    for text in ("How small can it get?", "How big?"):
        await ask(floor, text)
    chat, event = await letter(floor)
    closes = OVER + 14 * 24 * 60
    floor.clock.set(closes + 10)
    thanks = 'Thank you! The time for answers to "Tiny kernels" by way of me is over;'
    for body, content in (("1: late", {}), ("late", to(event)), ("1: late", to(event))):
        [said] = await floor.say(chat, SPEAKER, body, **content)
        assert said.body.startswith(thanks)
    [said] = await floor.say(chat, SPEAKER, "late")
    assert said.body.startswith("I do not know that")
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


async def test_long_answers_are_cut_and_that_is_said(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    said = await floor.say(chat, SPEAKER, "1: " + "very " * 1000)
    assert one_in(said, chat).body.endswith("Only the first 2,000 characters fitted.")
    [kept] = await written(floor, 1)
    assert len(kept) <= LONGEST


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
async def test_hostile_answers_do_no_harm(floor: Stage, nasty: str) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    for said in await floor.say(chat, SPEAKER, f"1: a {nasty}"):
        if said.room == KERNEL:
            # It is for its asker, and for nobody else.
            assert said.content["m.mentions"] == {"user_ids": [ASKER]}
            usual = {"m.mentions": {}, "msgtype": "m.notice"}
            said = replace(said, content={**said.content, **usual})
        check([said])
    [kept] = await written(floor, 1)
    assert kept.startswith("a")


async def test_over_a_bridge_nothing_is_edited(floor: Stage) -> None:
    await ask(floor, "How small can it get?")
    chat, _ = await letter(floor)
    await floor.state(KERNEL, "m.bridge", {"protocol": {"id": "irc"}}, key="irc")
    said = await floor.say(chat, SPEAKER, "1: 4 MB.\n\nReally.\nYes.\nNo.")
    assert one_in(said, chat).body == "Posted in kernel."
    post = one_in(said, KERNEL)
    assert post.body.count("\n") == 2
    event = one_in(said, chat).key.removeprefix("answer/")
    assert await floor.edit(chat, SPEAKER, event, "1: 4 kB.") == []
    assert await written(floor, 1) == ["4 kB."]


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
        floor.bot = Bot(
            http,
            Nowhere(),
            BOT,
            floor.database,
            settings,
            [],
            floor.clock,
            "salt",
            log,
            lambda: True,
        )
        await floor.bot.programme.load()
        await floor.open(LOBBY)
        async with floor.database.write() as session:
            (await session.get_one(Room, room_id(LOBBY))).direct_with = SPEAKER
        assert await floor.say(LOBBY, SPEAKER, "1: It is 5 kB.") == []
        await floor.say(chat, SPEAKER, "1: It is 4 kB.")
    assert await written(floor, 1) == ["It is 4 kB."]
