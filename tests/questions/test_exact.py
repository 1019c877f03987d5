"""A vote that comes alone is added to a count that is exact, and comes out as if all were counted.

`test_desk_stateful.py` holds it against a plain model, whatever else happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event, update

from fosdembot.db.engine import postgresql
from fosdembot.db.question_tables import Question
from fosdembot.questions.states import Action
from simulation.postgres import Postgres
from tests.db.messages import note_messages

from .hall import ROOM, TALK, Hall, MakeHall


@contextmanager
def counting(hall: Hall) -> Iterator[list[str]]:
    """The statements that count."""
    found: list[str] = []

    def note(*args: object) -> None:
        found.extend([str(args[2])] if "count(" in str(args[2]) else [])

    for engine in hall.database.engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        for engine in hall.database.engines:
            event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
async def asked(hall: Hall) -> str:
    """A question whose votes were counted."""
    asked = await hall.ask("@ada")
    await hall.vote_at_once(asked, "@bob")
    return asked


async def test_votes_are_counted_once_and_then_added_to(hall: Hall, asked: str) -> None:
    with counting(hall) as counts:
        await hall.vote_at_once(asked, "@cleo")
        await hall.vote_at_once(asked, "@dan")
    assert counts == []
    assert await hall.votes(asked) == 3


async def test_they_are_heard_of(hall: Hall, asked: str) -> None:
    hall.signals.clear()
    await hall.vote_at_once(asked, "@cleo")
    assert hall.signals == [{TALK}]
    await hall.vote_at_once(asked, "@cleo")
    await hall.vote_at_once(asked, "@ada")
    assert hall.signals == [{TALK}]


async def test_a_person_is_added_once(hall: Hall, asked: str) -> None:
    marks = [*await hall.vote_at_once(asked, "@cleo"), *await hall.vote_at_once(asked, "@cleo")]
    assert await hall.votes(asked) == 2
    await hall.retract(marks[0])
    assert await hall.votes(asked) == 2
    await hall.retract(marks[1])
    assert await hall.votes(asked) == 1


async def test_the_askers_own_is_added_only_where_the_settings_say_so(
    hall: Hall, make_hall: MakeHall, asked: str
) -> None:
    await hall.vote_at_once(asked, "@ada")
    assert await hall.votes(asked) == 1
    generous = make_hall(count_own_votes=True)
    # By other settings, each number of before is counted anew.
    await generous.vote_at_once(asked, "@bob")
    assert await hall.votes(asked) == 2
    other = await generous.ask("@ada", "Why?")
    await generous.vote_at_once(other, "@bob")
    await generous.vote_at_once(other, "@ada")
    assert await generous.votes(other) == 2


async def test_who_is_barred_is_not_added(hall: Hall, asked: str) -> None:
    await hall.member("@cleo", "ban", removed=True)
    await hall.vote_at_once(asked, "@dan")
    with counting(hall) as counts:
        await hall.vote_at_once(asked, "@cleo")
    assert counts == []
    assert await hall.votes(asked) == 2
    await hall.member("@cleo", "join")
    assert await hall.votes(asked) == 3


async def test_merged_questions_are_counted_together(hall: Hall, asked: str) -> None:
    other = await hall.ask("@eve", "Why?")
    await hall.vote_at_once(other, "@bob", "@cleo")
    await hall.merge(other, asked)
    for voter in ("@bob", "@cleo", "@dan"):
        await hall.vote_at_once(asked, voter)
    await hall.vote_at_once(other, "@dan")
    assert await hall.votes(asked) == 3
    await hall.act(other, Action.RESTORE)
    await hall.vote_at_once(asked, "@finn")
    assert (await hall.votes(asked), await hall.votes(other)) == (4, 3)


async def test_what_changes_before_it_is_learned_is_not_overlooked(hall: Hall, asked: str) -> None:
    other = await hall.ask("@eve", "Why?")
    await hall.vote_at_once(other, "@cleo")
    _, committed = await hall.cast_at_once(asked, "@dan", "@finn")
    await hall.merge(other, asked)
    committed()
    await hall.vote_at_once(asked, "@cleo")
    assert await hall.votes(asked) == 4


async def test_nothing_is_known_of_what_was_rolled_back(hall: Hall, asked: str) -> None:
    """As it was known, or as it became known in the transaction."""
    other = await hall.ask("@ada", "Why?")

    def fails(connection: Connection) -> None:
        connection.execute(update(Question).values(votes=0))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await hall.database.at_once(fails, durable=False)
    with counting(hall) as counts:
        for event_id in (asked, other):
            await hall.vote_at_once(event_id, "@cleo")
    assert len(counts) == 2
    assert (await hall.votes(asked), await hall.votes(other)) == (2, 1)


@pytest.mark.parametrize("change", ["retract", "leave", "edit", "mute"])
async def test_whatever_may_change_a_number_lets_it_be_counted(
    hall: Hall, asked: str, change: str
) -> None:
    mark = (await hall.vote_at_once(asked, "@cleo"))[0]
    match change:
        case "retract":
            await hall.retract(mark)
        case "leave":
            await hall.member("@cleo", "leave", removed=True, room=ROOM)
        case "edit":
            await hall.edit(asked, "Why not?")
        case "mute":
            await hall.mute("@cleo")
    with counting(hall) as counts:
        await hall.vote_at_once(asked, "@dan")
    assert len(counts) == 1
    assert await hall.votes(asked) == (3 if change == "edit" else 2)


async def test_on_postgresql_vote_and_mark_go_in_one_way(
    postgres: Postgres, migrated_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = postgresql(await postgres.create_database(uuid4().hex, like=migrated_postgresql))
    hall = Hall(database)
    asked = await hall.ask("@ada")
    await hall.vote_at_once(asked, "@bob")
    messages = note_messages(monkeypatch)
    await hall.vote_at_once(asked, "@cleo")
    begin, _, add, write, commit = messages
    await hall.vote_at_once(asked, "@cleo")
    assert await hall.votes(asked) == 2
    await database.close()
    assert (begin.partition(";")[0], commit) == ("BEGIN", "COMMIT")
    assert add.startswith("UPDATE questions")
    assert write.count("INSERT INTO") == 2
