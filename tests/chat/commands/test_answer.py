"""Written answers in the talk room."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from fosdembot.db.question_tables import Question
from fosdembot.matrix.api import Json
from fosdembot.questions import answers
from fosdembot.questions.states import Action
from tests.chat.audience import EVE, RELAY, reply_to, written
from tests.chat.floor import (
    ASKER,
    HOST,
    HOSTS,
    OTHER_SPEAKER,
    POST,
    SETTINGS,
    SPEAKER,
    act,
    answer,
    ask,
    redact,
    state,
)
from tests.stage import CLOUD, KERNEL, LISTED, MODERATOR, MakeStage, Stage, in_room, room_id


def thread(root: str, falling_back: bool) -> Json:
    """A message in a thread, as a reply to another one in it."""
    return reply_to("$other", rel_type="m.thread", event_id=root, is_falling_back=falling_back)


@pytest.mark.parametrize("person", [SPEAKER, MODERATOR, LISTED, HOST])
async def test_speakers_and_moderators_answer_by_reply(floor: Stage, person: str) -> None:
    """Which replies of moderators are answers: `test_what_is_an_answer.py`."""
    number = await ask(floor, "How small can it get?")
    body = "It is 4 kB." if person == SPEAKER else "A: It is 4 kB."
    said = await floor.say(KERNEL, person, body, **reply_to(f"$asked{number}"))
    assert said == []
    assert await written(floor, number) == ["It is 4 kB."]
    assert await state(floor, number) == "open"
    assert await answer(floor, KERNEL, person, f"!done {number}") == "✅"
    assert await written(floor, number) == ["It is 4 kB."]


@pytest.mark.parametrize("person", [EVE, OTHER_SPEAKER])
async def test_nobody_else_does(floor: Stage, person: str) -> None:
    number = await ask(floor, "How small can it get?")
    await floor.say(KERNEL, person, "It is 5 kB.", **reply_to(f"$asked{number}"))
    assert await written(floor, number) == []


@pytest.mark.parametrize("asker", [SPEAKER, MODERATOR])
async def test_nobody_answers_himself(floor: Stage, asker: str) -> None:
    number = await ask(floor, "How small can it get?", asker=asker)
    await floor.say(KERNEL, asker, "I mean in bytes.", **reply_to(f"$asked{number}"))
    assert await written(floor, number) == []


async def test_nor_does_whom_a_relay_speaks_for(make_stage: MakeStage, opened: Path) -> None:
    stage = await make_stage(opened, **{**SETTINGS, "moderators": [RELAY]})
    stage.clock.set(65)
    number = await ask(stage, "How small can it get?")
    await stage.say(KERNEL, RELAY, "<carl> It is 5 kB.", **reply_to(f"$asked{number}"))
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
    await floor.say(KERNEL, SPEAKER, body, **reply_to(f"$asked{number}"))
    assert await written(floor, number) == [kept]


@pytest.mark.parametrize("body", ["\u3164", "!done", "!vote", "+1"])
async def test_commands_are_no_answers(floor: Stage, body: str) -> None:
    number = await ask(floor, "How small can it get?")
    await floor.say(KERNEL, SPEAKER, body, **reply_to(f"$asked{number}"))
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
    assert in_room(await floor.say(KERNEL, SPEAKER, "4 kB.", **reply_to(f"$sent{POST}")), chat) == [
        "speaker answers your question 1 in kernel:\n4 kB."
    ]
    assert await written(floor, 1) == ["4 kB."]


async def test_replies_to_cards_are_no_answers(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ASKER, "!ask How small can it get?")
    await floor.deliver()
    card = f"$sentcard/1/{room_id(HOSTS)}"
    await floor.say(HOSTS, HOST, "a good one, I think", **reply_to(card))
    # Whoever knows its id may reply to it elsewhere.
    await floor.say(CLOUD, LISTED, "a good one, I think", **reply_to(event))
    assert await written(floor, 1) == []
    await floor.say(KERNEL, LISTED, "A: 4 kB.", **reply_to(event))
    assert await written(floor, 1) == ["4 kB."]


@pytest.mark.parametrize("action", [Action.DISMISS, Action.WITHDRAW])
async def test_what_is_gone_has_no_answers(floor: Stage, action: Action) -> None:
    number = await ask(floor, "How small can it get?")
    await act(floor, number, action)
    await floor.say(KERNEL, SPEAKER, "4 kB.", **reply_to(f"$asked{number}"))
    assert await written(floor, number) == []


async def test_an_answer_counts_for_what_its_question_was_merged_into(floor: Stage) -> None:
    first, second = await ask(floor, "How small?"), await ask(floor, "How tiny is it?")
    await act(floor, second, into=first)
    await floor.say(KERNEL, SPEAKER, "4 kB.", **reply_to(f"$asked{second}"))
    async with floor.database.read() as session:
        question = (await session.scalars(select(Question).where(Question.number == first))).one()
        assert [a.text for a in await answers.to(session, question)] == ["4 kB."]
        assert await answers.unanswered(session, "talk-1") == []
        assert await answers.unanswered(session, "talk-1", [MODERATOR]) == [question]


async def test_an_answer_follows_its_message(floor: Stage) -> None:
    number = await ask(floor, "How small can it get?")
    event, _ = await floor.write(KERNEL, SPEAKER, "4 MB.", **reply_to(f"$asked{number}"))
    assert await floor.edit(KERNEL, SPEAKER, event, "4 kB.") == []
    assert await written(floor, number) == ["4 kB."]
    await floor.edit(KERNEL, MODERATOR, event, "5 kB.")
    await floor.edit(KERNEL, SPEAKER, event, " ")
    assert await written(floor, number) == ["4 kB."]
    await redact(floor, EVE, event)
    assert await written(floor, number) == ["4 kB."]
    await redact(floor, SPEAKER, event)
    assert await written(floor, number) == [""]
    await floor.edit(KERNEL, SPEAKER, event, "6 kB.")
    assert await written(floor, number) == [""]
