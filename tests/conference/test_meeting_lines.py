"""The lines of meetings, on both databases: what they can be, which one is said next, and what
becomes of them when a question may not be read any more."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from fosdembot.conference.meeting_lines import (
    LEASE,
    LONGEST_LINE,
    LineKind,
    Lines,
    NewLine,
    Shows,
    _may_be_read,
    question_text,
)
from fosdembot.db.base import Base
from fosdembot.db.engine import Database
from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.db.question_tables import Question
from fosdembot.texts.render import clean
from simulation.conference import START
from tests.db.conftest import database, open_database

__all__ = ["database", "open_database"]

MINUTE = timedelta(minutes=1)
LATER = START + timedelta(hours=1)


def lines(voice: str = "one", meeting: str = "https://meet.example.org/hall") -> Lines:
    ids = itertools.count(1)
    return Lines(meeting, voice, lambda: f"{voice}-{next(ids)}", lambda moment: moment)


def line(key: str, kind: LineKind = LineKind.MOMENT, **more: object) -> NewLine:
    return NewLine(key, f"Words of {key}", LATER, kind, talk="talk-1", **more)  # type: ignore[arg-type]


SHOWN = replace(line("q"), kind=LineKind.QUESTION, shows=Shows.NONE)


@pytest.fixture
async def tables(database: Database) -> Database:
    await database.run_sync(Base.metadata.create_all)
    return database


async def put(database: Database, own: Lines, *new: NewLine) -> None:
    async with database.write() as session:
        for each in new:
            assert await own.put(session, each, START)


async def claim(
    database: Database, own: Lines, *, at: timedelta = MINUTE, alone: bool = True
) -> str:
    """The key of what is chosen."""
    async with database.write() as session:
        chosen = await own.claim(session, START + at, {"here"}, are_alone=alone)
        return chosen.key if chosen is not None else ""


async def states(database: Database) -> dict[str, str]:
    async with database.read() as session:
        return {row.key: row.state for row in await session.scalars(select(MeetingLine))}


async def change(database: Database, **values: object) -> None:
    async with database.write() as session:
        await session.execute(update(MeetingLine).values(**values))


IMPOSSIBLE: tuple[dict[str, object], ...] = (
    {"state": "lost"},
    {"kind": "joke"},
    {"shows": "all"},
    {"body": "x" * 501},
    {"state": "sent"},
    {"state": "sending"},
    {"tried": START},
    {"stanza": "one-1"},
    {"key": "first"},
)


async def test_the_database_takes_no_line_that_cannot_be(tables: Database) -> None:
    await put(tables, lines(), line("first"), line("second"))
    for values in IMPOSSIBLE:
        with pytest.raises(IntegrityError):
            await change(tables, **values)
    await change(tables, body="x" * 500, shows="none", state="sending", tried=START)


async def test_two_meetings_may_be_told_the_same(tables: Database) -> None:
    await put(tables, lines(), line("first"))
    await put(tables, lines("two", "https://meet.example.org/attic"), line("first"))
    assert await claim(tables, lines()) == "first"


async def test_under_a_key_one_line_is_put(tables: Database) -> None:
    async with tables.write() as session:
        assert await lines().put(session, line("first"), START)
        assert not await lines("two").put(session, line("first"), START)


async def test_answers_come_first_and_refusals_last(tables: Database) -> None:
    refusal = line("no", LineKind.REFUSAL, recipient="here")
    await put(tables, lines(), refusal, line("time"), SHOWN, line("re", LineKind.ANSWER))
    own, found = lines(), []
    for _ in range(4):
        found.append(await claim(tables, own))
        async with tables.write() as session:
            [row] = await session.scalars(select(MeetingLine).where(MeetingLine.state == "sending"))
            await own.note(session, row.id, "sent")
    assert found == ["q", "re", "time", "no"]


async def test_of_what_waits_about_questions_only_the_newest_is_said(tables: Database) -> None:
    answer = replace(line("re", LineKind.ANSWER), shows=Shows.BEST)
    private = replace(line("private", LineKind.ANSWER), shows=Shows.BEST, recipient="here")
    other = replace(answer, key="other", talk="talk-2")
    await put(tables, lines(), answer, private, other, SHOWN)
    await claim(tables, lines())
    assert await states(tables) == {
        "re": "dropped",
        "private": "sending",
        "other": "queued",
        "q": "queued",
    }


async def test_what_is_outdated_or_for_somebody_who_left_is_dropped(tables: Database) -> None:
    gone = line("gone", recipient="elsewhere")
    await put(tables, lines(), replace(line("late"), expires=START + MINUTE), gone, line("good"))
    assert await claim(tables, lines()) == "good"
    assert await states(tables) == {"late": "dropped", "gone": "dropped", "good": "sending"}


async def test_what_waits_by_itself_and_is_not_wanted_any_more_goes(tables: Database) -> None:
    own = lines()
    answer = line("re", LineKind.ANSWER)
    async with tables.write() as session:
        await own.settle(session, [line("one"), line("two")], START)
        await own.put(session, answer, START)
        await own.settle(session, [replace(line("two"), body="Other words")], START)
    assert await states(tables) == {"one": "dropped", "two": "queued", "re": "queued"}
    async with tables.write() as session:
        await own.settle(session, [line("one"), line("two")], START)
    assert await states(tables) == {"one": "queued", "two": "queued", "re": "queued"}


async def test_what_has_left_is_not_wanted_again(tables: Database) -> None:
    own = lines()
    await put(tables, own, line("one"))
    await claim(tables, own)
    async with tables.write() as session:
        assert await own.spent(session, ["one", "two"]) == {"one"}
        await own.settle(session, [line("one")], START)
    assert await states(tables) == {"one": "sending"}


async def test_a_line_that_another_run_is_about_to_say_is_left_to_it(tables: Database) -> None:
    one, two = lines("one"), lines("two")
    await put(tables, one, line("first"))
    assert await claim(tables, one, alone=False) == "first"
    assert await claim(tables, two, alone=False) == ""
    assert await claim(tables, one, alone=False) == "first"
    assert await claim(tables, two, at=MINUTE + LEASE, alone=False) == "first"
    assert await claim(tables, one, at=MINUTE + LEASE, alone=False) == ""
    assert await claim(tables, one, at=MINUTE + LEASE, alone=True) == "first"


async def test_an_id_that_the_meeting_shows_was_said(tables: Database) -> None:
    own = lines()
    await put(tables, own, line("first"), line("second"))
    await claim(tables, own)
    async with tables.write() as session:
        # Nobody else can know the id of a line that has not left.
        await own.note_known(session, ["one-1", "one-2", "x"])
    assert await states(tables) == {"first": "sent", "second": "queued"}


async def test_what_was_told_is_what_left_or_answers(tables: Database) -> None:
    own = lines()

    async def told() -> str:
        async with tables.read() as session:
            found = await own.told(session, "talk-1")
        return found.key if found is not None else ""

    await put(tables, own, SHOWN)
    assert await told() == ""
    private = replace(line("private", LineKind.ANSWER), shows=Shows.BEST, recipient="here")
    await put(tables, own, replace(private, key="re", recipient=None), private)
    assert await told() == "re"


PARTS = ["@room", "\u200d", "e\u0301", "\x00", "\ud800", "\ufffe", "\r\n", "\U0001f469", " "]
EVIL = st.text(max_size=700) | st.lists(st.sampled_from(PARTS)).map("".join)


@given(EVIL)
def test_no_body_holds_what_a_meeting_does_not_take(body: str) -> None:
    row = lines()._row(replace(line("any"), body=body), START)
    assert len(row.body) <= LONGEST_LINE
    row.body.encode()
    assert not [c for c in row.body if ord(c) < 32 or c in "\x7f\ufffe\uffff"]


@given(EVIL, EVIL, st.sampled_from(["", " Next.", ". 2 more questions wait."]))
def test_a_question_is_found_again_in_the_line_that_shows_it(
    text: str, name: str, more: str
) -> None:
    text, name = clean(text, 500), clean(name, 60)
    asker = f" – {name}" if name else ""
    shown = f"Next: 12 (3 votes): {question_text(text)}{asker}{more}"
    row = lines()._row(replace(line("any"), body=shown), START)
    question = Question(text=text, asker_name=name, state="open")
    assume(not row.body.endswith("…") or len(row.body) <= LONGEST_LINE - 20)
    assert _may_be_read(question, row.body) == (question_text(text) != "" and more != " Next.")
