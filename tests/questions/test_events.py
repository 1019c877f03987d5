"""Each change of the desk says what it changed, in its transaction, and nothing else does."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

import fosdembot
from fosdembot.conference.events import ConferenceEvent
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import lookup
from fosdembot.questions.by import By
from fosdembot.questions.events import (
    Asked,
    AskedAgain,
    Changed,
    DeskEvent,
    Redacted,
    Rehomed,
    Taken,
)
from fosdembot.questions.refusals import Refused
from fosdembot.questions.retracting import ask_again, retract
from fosdembot.questions.states import Action, State
from simulation.conference import START

from .hall import TALK, Hall

HOUSE = Path(fosdembot.__file__).parent


class Ear:
    """Writes down what it hears: `changed $1 $2`."""

    def __init__(self, hall: Hall) -> None:
        self.heard: list[str] = []
        hall.desk.hears = self.hear

    async def hear(self, session: WriteSession, event: DeskEvent) -> None:
        match event:
            case Changed(questions=questions) | Rehomed(questions=questions):
                about = [question.source for question in questions]
            case (
                Asked(question=question) | Taken(question=question) | AskedAgain(question=question)
            ):
                about = [question.source]
            case Redacted(shown=shown):
                about = [entry.message_key for entry in shown]
        self.heard.append(" ".join([type(event).__name__.lower(), *map(str, about)]))

    def all(self) -> list[str]:
        """What it heard since it was last asked."""
        heard, self.heard = self.heard, []
        return heard


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database)


@pytest.fixture
def ear(hall: Hall) -> Ear:
    return Ear(hall)


async def question_of(session: WriteSession, event: str) -> Question:
    question = await lookup.by_source(session, event)
    assert question is not None
    return question


async def test_asking_and_deciding(hall: Hall, ear: Ear) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob", "Why?")
    assert ear.all() == [f"asked {one}", f"asked {two}"]
    await hall.act(one, Action.STAR)
    assert ear.all() == [f"changed {one}"]
    await hall.act(one, Action.TAKE)
    assert ear.all() == [f"changed {one}", f"taken {one}"]
    await hall.act(two, Action.TAKE)
    assert ear.all() == [f"changed {two} {one}", f"taken {two}"], "it closed the other one"
    await hall.undo()
    assert set(ear.all()[0].split()) == {"changed", one, two}


async def test_a_new_one_is_heard_with_the_number_of_one_that_is_alike(hall: Hall) -> None:
    heard: list[DeskEvent] = []

    async def hear(session: WriteSession, event: DeskEvent) -> None:
        heard.append(event)

    hall.desk.hears = hear
    await hall.ask("@ada", "How small can the kernel get?")
    await hall.ask("@bob", "How small can a kernel get?")
    assert [event.alike for event in heard if isinstance(event, Asked)] == [None, 1]


async def test_what_changes_nothing_is_not_heard(hall: Hall, ear: Ear) -> None:
    event = await hall.ask("@ada")
    await hall.act(event, Action.STAR)
    ear.all()
    await hall.act(event, Action.STAR)
    await hall.move(event, TALK)
    assert await hall.edit(event, "How?") is False
    with pytest.raises(Refused):
        await hall.act(event, Action.RESTORE)
    await hall.vote(event, "@bob")
    assert ear.all() == []


async def test_those_that_were_merged_into_it_are_named_with_it(hall: Hall, ear: Ear) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob", "Why?")
    ear.all()
    await hall.merge(two, one)
    assert ear.all() == [f"changed {two}"]
    await hall.move(one, "another")
    assert ear.all() == [f"changed {one} {two}"]
    await hall.act(one, Action.WITHDRAW)
    assert ear.all() == [f"changed {one} {two}"], "the other one stands on its own now"


async def test_its_message_changes(hall: Hall, ear: Ear) -> None:
    event = await hall.ask("@ada")
    ear.all()
    await hall.edit(event, "How many?")
    assert ear.all() == [f"changed {event}"]
    await hall.redact(event)
    assert ear.all() == [f"changed {event}", "redacted"]


async def test_it_is_asked_again_once_it_says_what_it_says_now(hall: Hall, ear: Ear) -> None:
    """In between, nobody may read what it said before: a moderator has not seen it yet."""
    event = await hall.ask("@ada")
    ear.all()
    by = By("@ada", event, START)
    async with hall.database.write() as session:
        assert await retract(hall.desk, session, await question_of(session, event), by)
    assert ear.all() == [f"changed {event}"]
    async with hall.database.write() as session:
        question = await question_of(session, event)
        assert await ask_again(hall.desk, session, question, "Why?", by, "$edit")
        assert (question.text, question.state) == ("Why?", State.OPEN)
    assert ear.all() == [f"askedagain {event}"]


async def test_it_goes_with_its_talk(hall: Hall, ear: Ear) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob", "Why?")
    ear.all()
    async with hall.database.write() as session:
        await hall.desk.follow(session, TALK, "!cloud", START)
    assert ear.all() == [f"rehomed {one} {two}"]


async def test_what_is_heard_is_written_with_the_change(hall: Hall) -> None:
    """Or neither is."""

    async def fail(session: WriteSession, event: DeskEvent) -> None:
        raise RuntimeError

    hall.desk.hears = fail
    with pytest.raises(RuntimeError):
        await hall.ask("@ada")
    async with hall.database.read() as session:
        assert await lookup.by_source(session, "$1") is None


def test_nobody_tells_of_the_desk_s_changes_by_hand() -> None:
    """Whoever calls the desk need not think of who is to be told."""
    by_hand = {"asked", "asked_again", "changed", "taken", "followed", "reconsider"}
    for file in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                called = node.value.attr, node.attr
                if called[0] in ("_cards", "_reasons", "_hints") and called[1] in by_hand:
                    assert file.name == "hearing.py", f"{file.name}: {'.'.join(called)}"


def test_every_event_has_a_line() -> None:
    table = ast.parse((HOUSE / "notifications" / "hearing.py").read_text())
    heard = {
        node.cls.id
        for node in ast.walk(table)
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name)
    }
    events = {event.__name__ for event in (*get_args(DeskEvent), *get_args(ConferenceEvent))}
    assert events <= heard
