"""An edit that is redacted is gone, and brings back what its message said before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fosdembot.chat.edits import versions
from fosdembot.chat.incoming import Content
from fosdembot.db.question_tables import QuestionLog, Version
from fosdembot.db.retention import SEEN_EVENTS, forget_what_is_old
from fosdembot.db.tables import Outgoing
from fosdembot.questions.states import Action
from tests.chat.audience import (
    ADA,
    BOB,
    asks,
    direct,
    last,
    questions,
    reply_to,
    taken_out,
    votes,
    written,
)
from tests.chat.floor import (
    CARD,
    HOST,
    HOSTS,
    SPEAKER,
    act,
    answer,
    ask,
    card,
    one,
    redact,
    speakers,
    state,
)
from tests.chat.letter_writers import letter
from tests.stage import CLOUD, KERNEL, MODERATOR, STRANGER, Stage

RUDE = "How rude can it get"


async def edit(stage: Stage, event: str, body: str, person: str = ADA, alias: str = KERNEL) -> str:
    """Somebody edits a message; returns the edit's event."""
    content: dict[str, Any] = {
        "m.new_content": {"msgtype": "m.text", "body": body},
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }
    edited, _ = await stage.write(alias, person, f"* {body}", **content)
    await stage.deliver()
    return edited


async def kept_of(stage: Stage, words: str) -> list[str]:
    """Where the bot still has these words: in versions, the log, and what it sends."""
    async with stage.database.read() as session:
        found = [
            f"version {row.event_id}"
            for row in await session.scalars(select(Version))
            if words in str(row.content)
        ]
        found += [
            f"log {row.id}"
            for row in await session.scalars(select(QuestionLog))
            if words in str(row.after)
        ]
        targets = {
            row.target
            for row in await session.scalars(select(Outgoing).where(Outgoing.kind == "redaction"))
        }
        for row in await session.scalars(select(Outgoing)):
            if words in str(row.content.get("body")) and not {row.key, row.target} & targets:
                found.append(row.key)
    return found


async def test_the_question_is_what_it_was(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    first = await edit(floor, event, f"!ask {RUDE}?")
    second = await edit(floor, event, "!ask How nice?")
    await redact(floor, ADA, second)
    assert (await last(floor)).text == f"{RUDE}?"
    await redact(floor, ADA, first)
    assert (await last(floor)).text == "How small?"
    assert await card(floor) == "kernel 1: How small? – ada"
    assert await kept_of(floor, RUDE) == await kept_of(floor, "How nice") == []


async def test_an_edit_that_was_edited_since(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    first = await edit(floor, event, f"!ask {RUDE}?")
    await edit(floor, event, "!ask How nice?")
    await redact(floor, ADA, first)
    assert (await last(floor)).text == "How nice?"
    assert await kept_of(floor, RUDE) == []
    second = await edit(floor, event, "!ask How tiny?")
    await redact(floor, ADA, second)
    assert (await last(floor)).text == "How nice?"


async def test_by_whom(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await floor.open(CLOUD, {STRANGER: 100})
    for person, alias in ((BOB, KERNEL), (STRANGER, CLOUD), (ADA, CLOUD)):
        await redact(floor, person, edited, alias=alias)
    assert (await last(floor)).text == f"{RUDE}?"
    await redact(floor, MODERATOR, edited)
    assert (await last(floor)).text == "How small?"


async def test_the_edit_of_somebody_else_is_none(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    edited = await edit(floor, event, f"!ask {RUDE}?", BOB)
    await redact(floor, BOB, edited)
    assert (await last(floor)).text == "How small?"
    assert await state(floor, 1) == "open"


async def test_what_only_the_edit_asked_is_taken_back(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "hello")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    assert len(await questions(floor)) == 1
    await redact(floor, ADA, edited)
    question = await last(floor)
    assert (question.text, question.state) == ("", "withdrawn")
    assert await kept_of(floor, RUDE) == []


async def test_what_the_bot_declined_before(floor: Stage) -> None:
    event, _ = await floor.write(KERNEL, ADA, "!ask " + "x" * 501)
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await redact(floor, ADA, edited)
    assert (await last(floor)).text == ""


@pytest.mark.parametrize("first", ["hello", "!ask How small?", "!talk speaker"])
async def test_a_redacted_message_leaves_nothing_of_its_edits(floor: Stage, first: str) -> None:
    event, _ = await floor.write(KERNEL, ADA, first)
    await edit(floor, event, f"!ask {RUDE}?")
    await edit(floor, event, "!ask How nice?")
    await redact(floor, STRANGER, event)
    assert (await last(floor)).text == "How nice?"
    await redact(floor, ADA, event)
    assert await kept_of(floor, RUDE) == await kept_of(floor, "How nice") == []


@pytest.mark.parametrize("then", ["hello", "!vote 9"])
async def test_a_question_that_had_become_a_vote_votes_again(floor: Stage, then: str) -> None:
    await ask(floor, "Another?", asker=BOB)
    event = await asks(floor, "!ask How small?")
    vote = await edit(floor, event, "!vote 1")
    edited = await edit(floor, event, then)
    assert await votes(floor) == 0
    await redact(floor, ADA, edited)
    assert (await votes(floor), await state(floor, 2)) == (1, "withdrawn")
    await redact(floor, ADA, vote)
    assert (await votes(floor), await state(floor, 2)) == (0, "open")
    assert (await last(floor)).text == "How small?"


@pytest.mark.parametrize("action", [Action.DONE, Action.DISMISS, Action.TAKE])
async def test_also_of_what_was_decided(floor: Stage, action: Action) -> None:
    event = await asks(floor, "!ask How small?")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await act(floor, 1, action)
    await redact(floor, ADA, edited)
    assert (await last(floor)).text == "How small?"
    assert await kept_of(floor, RUDE) == []


async def test_where_it_is_moderated_it_waits_again(floor: Stage) -> None:
    """Rude, edited into something nice, approved, and the edit taken away."""
    await floor.say(KERNEL, MODERATOR, "!qa moderated")
    event = await asks(floor, f"!ask {RUDE}?")
    edited = await edit(floor, event, "!ask How nice?")
    await floor.say(KERNEL, MODERATOR, "!approve 1")
    await redact(floor, ADA, edited)
    assert await state(floor, 1) == "pending"


async def test_the_board_and_its_history(floor: Stage) -> None:
    floor.clock.set(55)
    event = await asks(floor, "!ask 1: How small?")
    edited = await edit(floor, event, f"!ask 1: {RUDE}?")
    await floor.tell(60)
    await floor.deliver()
    await redact(floor, ADA, edited)
    [board] = [s for s in await floor.outbox(KERNEL) if s.key.startswith("edit:now/")]
    assert "How small?" in board.body
    assert board.key in await taken_out(floor), "its earlier edits are redacted"
    assert await kept_of(floor, RUDE) == []


async def test_lists(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    await floor.say(KERNEL, BOB, "!questions")
    await floor.deliver()
    before = set(await taken_out(floor))
    edited = await edit(floor, event, f"!ask {RUDE}?")
    floor.clock.forward(3)
    await floor.say(KERNEL, BOB, "!questions")
    await floor.deliver()
    await redact(floor, ADA, edited)
    lists = {s.key: s.body for s in await floor.outbox(KERNEL) if s.key.startswith("answer/")}
    gone = {key for key in await taken_out(floor) - before if key in lists}
    assert {key for key, body in lists.items() if RUDE in body} == gone
    assert await kept_of(floor, RUDE) == []


async def test_a_card_that_came_after_the_edit_is_put_anew(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    async with floor.database.write() as session:
        row = (await session.scalars(select(Outgoing).where(Outgoing.key == CARD))).one()
        row.content = row.content | {"body": f"kernel 1: {RUDE}? – ada"}
    await redact(floor, ADA, edited)
    assert CARD in await taken_out(floor)
    assert await kept_of(floor, RUDE) == []
    cards = [s for s in await floor.outbox(HOSTS) if s.key.startswith("card/1/")]
    assert cards[-1].body == "kernel 1: How small? – ada"
    await floor.deliver()
    reply = reply_to(f"$sent{cards[-1].key}")
    await floor.say(HOSTS, HOST, "star", **reply)
    assert await state(floor, 1) == "starred"


async def test_what_was_asked_in_a_direct_chat(floor: Stage) -> None:
    event, chat = await direct(floor, "!anon kernel: How small?")
    edited = await edit(floor, event, f"!anon kernel: {RUDE}?", alias=chat)
    await redact(floor, ADA, edited, alias=chat)
    assert (await last(floor)).text == "How small?"
    assert await kept_of(floor, RUDE) == []


async def test_a_question_that_waits_for_its_room(floor: Stage) -> None:
    event, chat = await direct(floor, "!ask How small?")
    edited = await edit(floor, event, f"!ask {RUDE}?", alias=chat)
    await redact(floor, ADA, edited, alias=chat)
    await floor.say(chat, ADA, "kernel")
    assert (await last(floor)).text == "How small?"


async def test_answers_in_the_room(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    typed, _ = await floor.write(KERNEL, SPEAKER, "4 kB", **reply_to(event))
    edited = await edit(floor, typed, "4 MB", SPEAKER)
    assert await written(floor, 1) == ["4 MB"]
    await redact(floor, SPEAKER, edited)
    assert await written(floor, 1) == ["4 kB"]
    remark, _ = await floor.write(KERNEL, MODERATOR, "haha", **reply_to(event))
    edited = await edit(floor, remark, "A: 5 kB", MODERATOR)
    assert await written(floor, 1) == ["4 kB", "5 kB"]
    await redact(floor, MODERATOR, edited)
    assert await written(floor, 1) == ["4 kB"]


async def test_answers_to_a_letter(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    chat, _ = await letter(floor)
    typed, _ = await floor.write(chat, SPEAKER, "1: It is 4 kB")
    await floor.deliver()
    edited = await edit(floor, typed, f"1: {RUDE}", SPEAKER, chat)
    await redact(floor, SPEAKER, edited, alias=chat)
    assert await written(floor, 1) == ["It is 4 kB"]
    assert await kept_of(floor, RUDE) == []
    post = next(s for s in await floor.outbox(KERNEL) if s.key.startswith("edit:written/"))
    assert post.body.endswith("It is 4 kB")


async def test_commands(floor: Stage) -> None:
    await asks(floor, "!ask How small?")
    await asks(floor, "!ask How big?", BOB)
    typed, _ = await floor.write(KERNEL, STRANGER, "!vote 1")
    edited = await edit(floor, typed, "!vote 2", STRANGER)
    assert (await votes(floor, 1), await votes(floor, 2)) == (0, 1)
    await redact(floor, STRANGER, edited)
    assert (await votes(floor, 1), await votes(floor, 2)) == (1, 0)
    typed, _ = await floor.write(KERNEL, HOST, "!vote 1")
    edited = await edit(floor, typed, "!vote 2", HOST)
    await redact(floor, HOST, edited)
    assert (await votes(floor, 1), await votes(floor, 2)) == (2, 0)
    plain, _ = await floor.write(KERNEL, SPEAKER, "hello")
    edited = await edit(floor, plain, "!vote 2", SPEAKER)
    await redact(floor, SPEAKER, edited)
    assert await votes(floor, 2) == 0
    typed, _ = await floor.write(KERNEL, MODERATOR, "!star 1")
    edited = await edit(floor, typed, "!dismiss 1", MODERATOR)
    await redact(floor, MODERATOR, edited)
    assert await state(floor, 1) == "starred", "what was done stays, and is not done again"


async def test_a_claim_stays_void(floor: Stage) -> None:
    claim = await asks(floor, "!talk speaker", BOB)
    edited = await edit(floor, claim, "thank you", BOB)
    await redact(floor, BOB, edited)
    assert await speakers(floor) == {}


async def test_a_redacted_message_keeps_no_version(floor: Stage) -> None:
    event = await asks(floor, f"!ask {RUDE}?")
    edited = await edit(floor, event, f"!ask {RUDE} then?")
    await redact(floor, ADA, event)
    assert await kept_of(floor, RUDE) == []
    await redact(floor, ADA, edited)
    question = await last(floor)
    assert (question.text, question.state) == ("", "withdrawn")


async def test_of_a_question_that_an_earlier_version_of_the_bot_took_in(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    async with floor.database.write() as session:
        for row in await session.scalars(select(Version)):
            await session.delete(row)
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await redact(floor, ADA, edited)
    assert (await last(floor)).text == "How small?"
    assert await kept_of(floor, RUDE) == []


async def test_it_happens_once(floor: Stage) -> None:
    event = await asks(floor, "!ask How small?")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await redact(floor, ADA, edited)
    await edit(floor, event, "!ask How nice?")
    await redact(floor, ADA, edited)
    await redact(floor, MODERATOR, edited)
    assert (await last(floor)).text == "How nice?"
    assert await answer(floor, KERNEL, ADA, "!mod") != ""


async def test_long_afterwards(floor: Stage) -> None:
    """Of questions and answers all versions are kept; of commands, for a while."""
    event = await asks(floor, "!ask How small?")
    edited = await edit(floor, event, f"!ask {RUDE}?")
    await asks(floor, "!talk", BOB)
    floor.clock.forward((SEEN_EVENTS + timedelta(days=1)) / timedelta(minutes=1))
    await forget_what_is_old(floor.database, floor.clock, lambda: None)
    async with floor.database.read() as session:
        left = await session.scalars(select(Version.event_id).order_by(Version.id))
        assert list(left) == [event, edited]
    await redact(floor, ADA, edited)
    assert (await last(floor)).text == "How small?"


async def test_a_message_that_was_made_a_question(floor: Stage) -> None:
    """By ❓: what it said before was of no concern until then."""
    message, _ = await floor.write(KERNEL, ADA, "How small?")
    edited = await edit(floor, message, f"{RUDE}?")
    async with floor.database.write() as session:
        await versions.put(session, message, message, Content("m.text", "How small?"))
        await versions.put(session, edited, message, Content("m.text", f"{RUDE}?"))
    number = await ask(floor, f"{RUDE}?", asker=ADA, name="ada")
    async with floor.database.write() as session:
        (await one(session, number)).source = message
    await redact(floor, ADA, edited)
    assert (await last(floor)).text == "How small?"
