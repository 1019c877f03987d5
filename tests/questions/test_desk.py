"""The desk, case by case; whatever else may come together is in test_desk_stateful.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, Shown
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action
from simulation.conference import START

from .hall import ROOM, TALK, Hall, MakeHall, refused

TAKE, DONE, STAR, DISMISS = Action.TAKE, Action.DONE, Action.STAR, Action.DISMISS


# Asking.


async def test_a_question_is_kept_as_it_was_asked(hall: Hall) -> None:
    event = await hall.ask("@ada", "  How\u202e\nsmall?\x00 ", name="Ada\n<b>")
    question = await hall.question(event)
    assert (question.number, question.talk, question.text) == (1, TALK, "How small?")
    assert (question.asker, question.asker_name) == ("@ada", "Ada <b>")
    assert (question.state, question.votes) == ("open", 0)
    assert hall.signals == [{TALK}]
    [entry] = await hall.log()
    assert (entry.action, entry.cause, entry.can_undo) == ("ask", event, False)


async def test_what_says_nothing_is_no_question(hall: Hall) -> None:
    with refused(Refusal.EMPTY):
        await hall.ask("@ada", " \u200b\n")
    assert await hall.board() == []


async def test_the_longest_question_is_taken_and_no_longer_one(hall: Hall) -> None:
    await hall.ask("@ada", "x" * 500)
    with refused(Refusal.TOO_LONG, 501):
        await hall.ask("@ada", "x" * 501)


async def test_a_person_may_have_so_many_waiting_for_a_talk(make_hall: MakeHall) -> None:
    hall = make_hall(open_per_person=2)
    first = await hall.ask("@ada", "One?")
    await hall.ask("@ada", "Two?")
    with refused(Refusal.TOO_MANY, 2):
        await hall.ask("@ada", "Three?")
    await hall.ask("@ada", "Three?", talk="two")
    await hall.ask("@bob", "Three?")
    await hall.act(first, TAKE, DONE)
    await hall.ask("@ada", "Three?")


async def test_who_speaks_through_a_relay_has_a_number_of_their_own(make_hall: MakeHall) -> None:
    hall = make_hall(open_per_person=1)
    await hall.ask("@relay", "One?", name="Émile", relayed=True, relay=True)
    await hall.ask("@relay", "One?", name="zoe", relayed=True, relay=True)
    with refused(Refusal.TOO_MANY, 1):
        await hall.ask("@relay", "Two?", name="ÉMILE", relayed=True, relay=True)
    await hall.ask("@relay", "Two?", relay=True)


async def test_made_up_names_have_one_number(make_hall: MakeHall) -> None:
    hall = make_hall(open_per_person=2, open_per_relay=3)
    await hall.ask("@mallory", "One?", name="n1", relayed=True)
    with refused(Refusal.ASKED_ALREADY, 1):
        await hall.ask("@mallory", "One?", name="n2", relayed=True)
    await hall.ask("@mallory", "Two?")
    for relayed in (True, False):
        with refused(Refusal.TOO_MANY, 2):
            await hall.ask("@mallory", "Three?", name="n3", relayed=relayed)
    for name in ("n1", "n2", "n3"):
        await hall.ask("@relay", "One?", name=name, relayed=True, relay=True)
    with refused(Refusal.RELAY_FULL):
        await hall.ask("@relay", "One?", name="n4", relayed=True, relay=True)


async def test_the_same_person_asks_the_same_once(hall: Hall) -> None:
    await hall.ask("@bob", "How?")
    event = await hall.ask("@ada", "How?")
    with refused(Refusal.ASKED_ALREADY, 2):
        await hall.ask("@ada", "HOW?")
    await hall.act(event, Action.WITHDRAW)
    await hall.ask("@ada", "HOW?")


async def test_after_closing_only_moderators_ask(hall: Hall) -> None:
    await hall.close()
    with refused(Refusal.CLOSED):
        await hall.ask("@ada")
    await hall.ask("@ada", talk="two")
    await hall.ask("@mod", trusted=True)
    await hall.close(False)
    await hall.ask("@ada")
    actions = [(entry.action, entry.after) for entry in await hall.log()]
    assert ("close", {"talk": TALK}) in actions
    assert ("open", {"talk": TALK}) in actions


async def test_who_is_muted_or_banned_does_not_ask(hall: Hall) -> None:
    await hall.mute("@ada")
    await hall.member("@bob", "ban", removed=True)
    for person in ("@ada", "@bob"):
        with refused(Refusal.BARRED):
            await hall.ask(person)
        await hall.ask(person, room="!cloud", talk="three")
    await hall.mute("@ada", muted=False)
    await hall.member("@bob", "join")
    for person in ("@ada", "@bob"):
        await hall.ask(person)


async def test_the_asker_hears_of_one_that_is_alike(hall: Hall) -> None:
    await hall.ask("@ada", "Does it run on Windows?")
    event, alike = await hall.asked("@bob", "Will it run on windows")
    assert alike == 1
    await hall.act(event, DISMISS)
    assert (await hall.asked("@cleo", "What about Haiku?"))[1] is None
    assert (await hall.asked("@cleo", "Will it run on windows", talk="two"))[1] is None


async def test_where_a_moderator_sees_them_first_questions_wait(hall: Hall) -> None:
    await hall.moderate()
    event = await hall.ask("@ada")
    trusted = await hall.ask("@mod", trusted=True)
    assert await hall.state(event) == "pending"
    assert await hall.board() == [trusted]
    await hall.act(event, Action.APPROVE)
    assert await hall.board() == [event, trusted]
    assert await hall.state(await hall.ask("@ada", room="!cloud", talk="three")) == "open"


async def test_rooms_are_moderated_as_the_settings_say_until_it_is_decided(
    make_hall: MakeHall,
) -> None:
    hall = make_hall(moderated=True)
    assert await hall.state(await hall.ask("@ada")) == "pending"
    await hall.moderate(False)
    assert await hall.state(await hall.ask("@bob")) == "open"


# Edits and redactions.


async def test_an_edit_is_followed_until_it_is_answered(hall: Hall) -> None:
    event = await hall.ask("@ada", "One?")
    for number, action in enumerate((None, STAR, TAKE)):
        await hall.act(event, *([action] if action else []))
        assert await hall.edit(event, f"Edit {number}?")
        assert (await hall.question(event)).text == f"Edit {number}?"
    await hall.act(event, DONE)
    assert not await hall.edit(event, "x" * 600)
    assert (await hall.question(event)).text == "Edit 2?"


async def test_since_when_it_waits_is_not_changed_by_an_edit(hall: Hall) -> None:
    event = await hall.ask("@ada", "One?")
    asked = await hall.question(event)
    await hall.edit(event, "Two?")
    assert (await hall.question(event)).state_at == asked.state_at == asked.asked_at
    await hall.act(event, STAR)
    assert (await hall.question(event)).state_at > asked.asked_at


async def test_an_edit_is_a_question_as_any_other(hall: Hall) -> None:
    event = await hall.ask("@ada", "One?")
    with refused(Refusal.TOO_LONG, 501):
        await hall.edit(event, "x" * 501)
    with refused(Refusal.EMPTY):
        await hall.edit(event, " ")
    hall.signals.clear()
    assert not await hall.edit(event, "One?")
    assert hall.signals == []


async def test_who_is_muted_or_banned_says_nothing_by_an_edit_either(hall: Hall) -> None:
    event = await hall.ask("@ada", "One?")
    await hall.mute("@ada")
    with refused(Refusal.BARRED):
        await hall.edit(event, "Two?")
    assert (await hall.question(event)).text == "One?"
    await hall.mute("@ada", muted=False)
    await hall.member("@ada", "ban")
    with refused(Refusal.BARRED):
        await hall.edit(event, "Two?")
    await hall.member("@ada", "join")
    assert await hall.edit(event, "Two?")


async def test_behind_a_moderators_back_no_question_becomes_another(hall: Hall) -> None:
    await hall.moderate()
    event = await hall.ask("@ada", "One?")
    await hall.edit(event, "Two?")
    await hall.act(event, Action.APPROVE, STAR)
    await hall.edit(event, "Three?")
    assert await hall.state(event) == "pending"
    await hall.act(event, TAKE)
    assert not await hall.edit(event, "Four?")
    assert (await hall.question(event)).text == "Three?"


async def test_a_redacted_text_is_nowhere_any_more(hall: Hall) -> None:
    event = await hall.ask("@ada", "Secret one?")
    await hall.edit(event, "Secret two?")
    await hall.act(event, STAR)
    await hall.redact(event)
    question = await hall.question(event)
    assert (question.text, question.state, question.number) == ("", "withdrawn", 1)
    for entry in await hall.log():
        assert "Secret" not in json.dumps([entry.before, entry.after])
    assert await hall.undo() == []
    assert not await hall.edit(event, "Secret three?")


async def test_an_answered_question_that_is_redacted_is_gone_as_well(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.act(event, TAKE, DONE)
    await hall.redact(event)
    assert ((await hall.question(event)).text, await hall.state(event)) == ("", "withdrawn")


async def test_a_redaction_names_the_messages_in_which_the_text_stands(hall: Hall) -> None:
    events = [await hall.ask("@ada"), await hall.ask("@bob")]
    async with hall.database.write() as session:
        for number, event in enumerate(events, 1):
            key = f"card/{event}"
            session.add(Shown(message_key=key, question_id=number, renewed=True, about=True))
    async with hall.database.write() as session:
        question = (await session.scalars(select(Question).where(Question.number == 2))).one()
        shown = await hall.desk.redact(session, question, hall.by())
    assert [row.message_key for row in shown] == [f"card/{events[1]}"]


# What the database itself refuses.


@pytest.mark.parametrize(
    "fault",
    [
        {"number": 1},
        {"number": 0},
        {"state": "forgotten"},
        {"state": "answering"},
        {"state": "merged"},
        {"merged_into": 1},
        {"skipped": True, "state": "starred"},
        {"votes": -1},
        {"source": "$1"},
    ],
    ids=str,
)
async def test_rows_that_would_lie_are_refused(
    any_database: Database, fault: dict[str, Any]
) -> None:
    hall = Hall(any_database)
    first = await hall.ask("@ada")
    await hall.act(first, TAKE)
    good = {"number": 2, "state": "open", "skipped": False, "votes": 0, "source": "$9"}
    with pytest.raises(IntegrityError):
        await _insert(any_database, good | fault)
    await _insert(any_database, good)


async def _insert(database: Database, fields: dict[str, Any]) -> None:
    async with database.write() as session:
        session.add(
            Question(
                scope=ROOM,
                talk=TALK,
                room_id=ROOM,
                text="How?",
                asker="@bob",
                asker_name="Bob",
                asked_at=START,
                state_at=START,
                **fields,
            )
        )
