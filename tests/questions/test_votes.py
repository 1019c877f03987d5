"""Who is for a question, and counts."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Vote, VoteMark
from fosdembot.questions import lookup
from fosdembot.questions.states import Action

from .hall import TALK, Hall, MakeHall


async def test_a_vote_is_a_person(hall: Hall) -> None:
    event = await hall.ask("@ada")
    marks = await hall.vote(event, "@bob", "@bob", "@bob", "@cleo")
    assert await hall.votes(event) == 2
    for mark in marks[:2]:
        await hall.retract(mark)
        assert await hall.votes(event) == 2
    await hall.retract(marks[2])
    assert await hall.votes(event) == 1


async def test_only_what_changes_a_count_is_heard_of(hall: Hall) -> None:
    event = await hall.ask("@ada")
    hall.signals.clear()
    first, second = await hall.vote(event, "@bob", "@bob")
    assert hall.signals == [{TALK}]
    await hall.retract(first)
    await hall.retract("$unknown")
    await hall.unvote(event, "@cleo")
    await hall.mute("@cleo")
    assert hall.signals == [{TALK}]
    await hall.retract(second)
    assert hall.signals == [{TALK}, {TALK}]


async def test_the_same_event_votes_once(hall: Hall) -> None:
    event = await hall.ask("@ada")
    async with hall.database.write() as session:
        question = await lookup.by_source(session, event)
        assert question is not None
        for _ in range(2):
            await hall.desk.vote(session, question, "@bob", "$again")
    assert await hall.votes(event) == 1


async def test_unvote_takes_every_vote_of_the_person_back(hall: Hall) -> None:
    event = await hall.ask("@ada")
    marks = await hall.vote(event, "@bob", "@bob", "@cleo")
    await hall.unvote(event, "@bob")
    assert await hall.votes(event) == 1
    await hall.retract(marks[0])
    assert await hall.votes(event) == 1
    await hall.vote(event, "@bob")
    assert await hall.votes(event) == 2


async def test_unvote_means_what_was_merged_as_well(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob")
    await hall.vote(one, "@cleo")
    await hall.vote(two, "@cleo", "@dan")
    await hall.merge(one, two)
    await hall.unvote(two, "@cleo")
    assert await hall.votes(two) == 1
    async with hall.database.read() as session:
        question = await lookup.by_source(session, two)
        assert question is not None
        assert not await hall.desk.votes.has_voted(session, question, "@cleo")
        assert await hall.desk.votes.has_voted(session, question, "@dan")
    await hall.act(one, Action.RESTORE)
    assert await hall.votes(one) == 0


async def test_the_askers_own_counts_only_where_the_settings_say_so(
    hall: Hall, make_hall: MakeHall
) -> None:
    event = await hall.ask("@ada")
    await hall.vote(event, "@ada", "@bob")
    assert await hall.votes(event) == 1
    generous = make_hall(count_own_votes=True)
    await generous.vote(event, "@cleo")
    assert await hall.votes(event) == 3


async def test_who_is_removed_does_not_count_until_back(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob", "@cleo", "@dan")
    await hall.member("@bob", "ban", removed=True)
    await hall.member("@cleo", "leave", removed=True)
    await hall.member("@dan", "leave")
    assert await hall.votes(event) == 1
    await hall.vote(event, "@bob")
    assert await hall.votes(event) == 1
    # A ban that is lifted is a leave.
    await hall.member("@bob", "leave", removed=True)
    await hall.member("@cleo", "invite", removed=True)
    assert await hall.votes(event) == 1
    await hall.member("@bob", "join")
    await hall.member("@cleo", "join")
    assert await hall.votes(event) == 3


async def test_leaving_takes_votes_along_where_the_settings_say_so(make_hall: MakeHall) -> None:
    hall = make_hall(leaving_withdraws_votes=True)
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob")
    await hall.member("@bob", "leave")
    assert await hall.votes(event) == 0
    await hall.member("@bob", "join")
    assert await hall.votes(event) == 1


async def test_who_is_muted_does_not_count_whatever_else_changes(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob")
    await hall.mute("@bob")
    await hall.member("@bob", "leave", removed=True)
    await hall.member("@bob", "join")
    assert await hall.votes(event) == 0
    await hall.mute("@bob", muted=False)
    assert await hall.votes(event) == 1


async def test_a_relay_does_not_count_once_it_speaks_for_others(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.vote(event, "@relay", "@bob")
    assert await hall.votes(event) == 2
    await hall.ask("@bob", "Why?", name="zoe", relayed=True)
    assert await hall.votes(event) == 2, "one that is not known as a relay is a person"
    said = await hall.ask("@relay", "Why?", name="zoe", relayed=True, relay=True)
    assert await hall.votes(event) == 1
    await hall.redact(said)
    assert await hall.votes(event) == 2


async def test_in_another_room_it_is_another_matter(hall: Hall) -> None:
    here = await hall.ask("@ada")
    there = await hall.ask("@ada", room="!cloud", talk="three")
    for event in (here, there):
        await hall.vote(event, "@bob")
    await hall.member("@bob", "ban", removed=True)
    assert (await hall.votes(here), await hall.votes(there)) == (0, 1)


async def test_the_database_itself_keeps_to_one_vote_a_person(any_database: Database) -> None:
    hall = Hall(any_database)
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob")
    vote = {"question_id": (await hall.question(event)).id, "person": "@bob"}
    for table, row in (
        (Vote, vote),
        # An event cannot vote twice, nor where there is no vote.
        (VoteMark, {**vote, "cause": "$2"}),
        (VoteMark, {**vote, "cause": "$new", "person": "@cleo"}),
    ):
        with pytest.raises(IntegrityError):
            await _insert(any_database, table, row)
    async with any_database.read() as session:
        assert len((await session.scalars(select(VoteMark))).all()) == 1


async def _insert(
    database: Database, table: type[Vote] | type[VoteMark], row: dict[str, object]
) -> None:
    async with database.write() as session:
        await session.execute(insert(table).values(row))
