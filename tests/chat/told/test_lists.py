"""A list that waits while one of its questions is redacted; and to what a repeat points."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from fosdembot.chat.replies import answer_key
from fosdembot.db.tables import Outgoing
from fosdembot.texts import commands as texts
from tests.chat.floor import redact
from tests.stage import KERNEL, MODERATOR, STRANGER, Stage

PEOPLE = ("@ada:example.org", "@bob:example.org", "@cleo:example.org")


async def asked(floor: Stage, *questions: str) -> list[str]:
    """The events that ask them."""
    events = []
    for person, question in zip(PEOPLE, questions, strict=False):
        event, _ = await floor.write(KERNEL, person, f"!ask {question}")
        events.append(event)
    await floor.deliver()
    return events


async def lists(floor: Stage) -> list[tuple[str, str]]:
    """State and words of the lists that stand."""
    async with floor.database.read() as session:
        redacted = select(Outgoing.target).where(Outgoing.kind == "redaction")
        gone = set(await session.scalars(redacted))
    said = [s for s in await floor.outbox(KERNEL) if "uestion" in s.body]
    return [(s.state, s.body) for s in said if s.key.startswith("answer/") and s.key not in gone]


async def test_it_is_said_without_it(floor: Stage) -> None:
    events = await asked(floor, "How small?", "How big?", "How old?")
    await floor.say(KERNEL, STRANGER, "!questions")
    await redact(floor, PEOPLE[1], events[1])
    [(state, body)] = await lists(floor)
    assert state == "queued"
    assert [line for line in body.split("\n") if line] == [
        'Questions for "Tiny kernels":',
        "1 (0 votes) How small? – ada",
        "3 (0 votes) How old? – cleo",
    ]
    await redact(floor, PEOPLE[2], events[2])
    [(_, body)] = await lists(floor)
    assert "How old?" not in body
    assert "How small?" in body


async def test_without_the_last_it_says_so(floor: Stage) -> None:
    [event] = await asked(floor, "How small?")
    await floor.say(KERNEL, STRANGER, "!questions")
    await redact(floor, PEOPLE[0], event)
    [(state, body)] = await lists(floor)
    assert state == "queued"
    assert body == 'No question for "Tiny kernels" yet. Ask yours: !ask your question'


async def test_it_stays_the_reply_that_it_was(floor: Stage) -> None:
    [event, _] = await asked(floor, "How small?", "How big?")
    command, _ = await floor.write(KERNEL, STRANGER, "!questions")
    await redact(floor, PEOPLE[0], event)
    [said] = [s for s in await floor.outbox(KERNEL) if s.key == answer_key(command)]
    assert said.content["m.relates_to"] == {"m.in_reply_to": {"event_id": command}}
    assert said.html.count("<li>") == 1


async def test_one_that_may_be_there_already_is_taken_back_and_said_anew(floor: Stage) -> None:
    [event, _] = await asked(floor, "How small?", "How big?")
    command, _ = await floor.write(KERNEL, STRANGER, "!questions")
    async with floor.database.write() as session:
        await session.execute(
            update(Outgoing).where(Outgoing.key == answer_key(command)).values(state="sending")
        )
    await redact(floor, PEOPLE[0], event)
    [(state, body)] = await lists(floor)
    assert state == "queued"
    assert "How big?" in body
    assert "How small?" not in body


@pytest.mark.parametrize("delivered", [True, False])
async def test_a_pointer_shows_no_question_and_stays(floor: Stage, delivered: bool) -> None:
    [event, _] = await asked(floor, "How small?", "How big?")
    await floor.say(KERNEL, STRANGER, "!questions")
    if delivered:
        await floor.deliver()
    await floor.say(KERNEL, MODERATOR, "!questions")
    await redact(floor, PEOPLE[0], event)
    [pointer] = [s for s in await floor.outbox(KERNEL) if s.body == texts.ANSWERED_ABOVE]
    assert pointer.state == "queued"


async def test_nobody_is_pointed_to_what_was_taken_back(floor: Stage) -> None:
    await asked(floor, "How small?")
    command, _ = await floor.write(KERNEL, STRANGER, "!questions")
    async with floor.database.write() as session:
        await floor.bot._outbox.redact(session, "redact/it", answer_key(command))
    [said] = await floor.say(KERNEL, MODERATOR, "!questions")
    assert "How small?" in said.body


async def test_what_is_alike_and_not_let_in_is_not_named(floor: Stage) -> None:
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    await asked(floor, "Will it run on Windows?")
    said = await floor.say(KERNEL, PEOPLE[1], "!ask Will it run on Windows, please?")
    assert not [s for s in said if "much the same" in s.body and s.room == KERNEL]
    await floor.say(KERNEL, MODERATOR, "!approve 1")
    said = await floor.say(KERNEL, PEOPLE[2], "!ask Does it run on Windows?")
    [hint] = [s.body for s in said if "much the same" in s.body and s.room == KERNEL]
    assert "Question 1 asks much the same" in hint
