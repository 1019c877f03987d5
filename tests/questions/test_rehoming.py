"""A talk takes place in another Matrix room: its questions go with it."""

from __future__ import annotations

import pytest

from fosdembot.db.engine import Database
from fosdembot.questions import lookup
from fosdembot.questions.rehoming import gone_from, waiting
from fosdembot.questions.states import Action
from simulation.conference import START

from .hall import ROOM, TALK, Hall

CLOUD = "!cloud"


@pytest.fixture
def hall(any_database: Database) -> Hall:
    return Hall(any_database)


async def rehome(hall: Hall, event: str, room: str = CLOUD) -> list[int]:
    """Returns the numbers of those that followed."""
    async with hall.database.write() as session:
        question = await lookup.by_source(session, event)
        assert question is not None
        moved = await hall.desk.rehome(session, question, room, START)
        return [each.number for each in moved]


async def number(hall: Hall, room: str, number: int) -> str | None:
    """The event of the question with this number there."""
    async with hall.database.read() as session:
        question = await lookup.by_number(session, room, number)
        return question.source if question is not None else None


async def test_it_has_a_number_of_its_own_there(hall: Hall) -> None:
    there = await hall.ask("@bob", room=CLOUD, talk="another")
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob", "@carl")
    hall.signals.clear()
    assert await rehome(hall, event) == [2]
    assert (await number(hall, CLOUD, 1), await number(hall, CLOUD, 2)) == (there, event)
    assert await number(hall, ROOM, 1) is None
    assert await hall.votes(event) == 2
    assert {TALK} in hall.signals
    # Once more, it is there already.
    assert await rehome(hall, event) == []
    [entry] = [entry for entry in await hall.log() if entry.action == "rehome"]
    assert entry.after == {"from_scope": ROOM, "from_number": "1"}


async def test_its_number_is_never_given_again(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await rehome(hall, event)
    following = await hall.ask("@bob", talk="another")
    assert (await hall.question(following)).number == 2
    async with hall.database.read() as session:
        gone = await gone_from(session, ROOM, 1)
        assert gone is not None
        assert (gone.source, gone.room_id, gone.number) == (event, CLOUD, 1)
        assert await gone_from(session, ROOM, 2) is None
        assert await gone_from(session, CLOUD, 1) is None


async def test_it_comes_back_by_another_number(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await rehome(hall, event)
    assert await rehome(hall, event, ROOM) == [2]


async def test_what_was_merged_into_it_follows(hall: Hall) -> None:
    first, second = await hall.ask("@ada"), await hall.ask("@bob", "Why?")
    await hall.merge(second, first)
    await hall.vote(second, "@carl")
    assert await rehome(hall, first) == [1, 2]
    assert await hall.votes(first) == 1
    await hall.undo()
    assert (await hall.state(second), await hall.votes(second)) == ("open", 1)


async def test_bans_are_of_the_room_in_which_it_is(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob", "@carl")
    await hall.member("@bob", "ban", room=CLOUD)
    assert await hall.votes(event) == 2
    await rehome(hall, event)
    assert await hall.votes(event) == 1


async def test_a_relay_s_votes_do_not_count_there_either(hall: Hall) -> None:
    event = await hall.ask("@relay", name="zoe", relayed=True, relay=True)
    other = await hall.ask("@ada", room=CLOUD)
    await hall.vote(other, "@relay")
    assert await hall.votes(other) == 1
    await rehome(hall, event)
    assert await hall.votes(other) == 0


async def test_those_that_are_decided_stay(hall: Hall) -> None:
    answered, dismissed = await hall.ask("@ada"), await hall.ask("@bob", "Why?")
    await hall.act(answered, Action.TAKE, Action.DONE)
    await hall.act(dismissed, Action.DISMISS)
    pending = await hall.ask("@carl", "When?")
    async with hall.database.read() as session:
        assert [each.source for each in await waiting(session, TALK)] == [pending]
