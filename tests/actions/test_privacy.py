"""Whoever does not want to be named in transcripts is known, and what was made is made anew."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import pytest
from sqlalchemy import select

from fosdembot.actions.actor import CHAT
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import PrivacyChanged
from fosdembot.conference import transcripts
from fosdembot.conference.opt_outs import AT_ONCE, all_opted_out, opted_out
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Answer, Question
from fosdembot.db.tables import RoomState
from fosdembot.db.transcript_tables import OptOut, TranscriptRow
from fosdembot.questions.new_question import NewQuestion

from .house import ADA, BOB, ROOM_ID, SPEAKER, House

RELAY, PUPPET = "@relay:example.org", "@irc_carl:example.org"
OTHER, THIRD = "!other:example.org", "!third:example.org"


async def out(house: House, person: str = ADA, face: str = CHAT) -> bool:
    async with house.database.write() as session:
        return await house.privacy.opt_out(session, house.actor(person, face))


async def back(house: House, person: str = ADA) -> bool:
    async with house.database.write() as session:
        return await house.privacy.opt_in(session, house.actor(person))


async def left_out(database: Database) -> frozenset[str]:
    async with database.read() as session:
        return await all_opted_out(session)


async def test_out_and_in_again(house: House) -> None:
    told: list[str] = []
    house.changes.subscribe(lambda change: told.append(change.person), PrivacyChanged)
    assert await out(house)
    assert not await out(house), "it stays as it is"
    assert await left_out(house.database) == {ADA}
    assert await back(house)
    assert not await back(house)
    assert told == [ADA, ADA], "of what is new"
    assert await left_out(house.database) == set()


async def test_a_request_that_comes_again_is_done_once(house: House) -> None:
    actor = house.actor(ADA, "web")
    async with house.database.write() as session:
        assert await house.privacy.opt_out(session, actor)
    with pytest.raises(DoneBefore):
        async with house.database.write() as session:
            await house.privacy.opt_out(session, actor)


async def test_what_is_rolled_back_is_not_kept(house: House) -> None:
    with suppress(ZeroDivisionError):
        async with house.database.write() as session:
            await house.privacy.opt_out(session, house.actor(ADA))
            raise ZeroDivisionError
    assert await left_out(house.database) == set()


@pytest.mark.parametrize(
    ("person", "relayed", "why"),
    [
        (RELAY, False, Denial.OPT_OUT_RELAYED),
        (ADA, True, Denial.OPT_OUT_RELAYED),
        ("guest", False, Denial.NO_ACCOUNT),
    ],
)
async def test_nobody_opts_out_for_others(
    database: Database, person: str, relayed: bool, why: Denial
) -> None:
    house = House(database, questions={"relays": ["@relay:*"]})
    await house.open()
    actor = house.actor(person, "web")
    actor = type(actor)(person, relayed, face="web", act=actor.act, at=actor.at, now=actor.now)
    for act in (house.privacy.opt_out, house.privacy.opt_in):
        with pytest.RaisesExc(Refused, check=lambda err: err.why is why):
            async with house.database.write() as session:
                await act(session, actor)
    assert await left_out(database) == set()


async def test_who_sits_behind_a_bridge_is_a_person(house: House) -> None:
    assert await out(house, PUPPET)


async def test_many_are_looked_up_at_once(house: House) -> None:
    people = [f"@{number}:example.org" for number in range(2 * AT_ONCE + 1)]
    some = {people[0], people[AT_ONCE], people[-1]}
    async with house.database.write() as session:
        session.add_all(OptOut(person=each, at=house.clock.now()) for each in (*some, BOB))
    async with house.database.read() as session:
        assert await opted_out(session, people) == some
        assert await opted_out(session, []) == set()


# What is made anew.


async def made(house: House, *talks: str, room: str = ROOM_ID) -> None:
    async with house.database.write() as session:
        for talk in talks:
            session.add(TranscriptRow(talk=talk, room_id=room, made_at=house.clock.now(), due=None))


async def due(house: House) -> dict[str, datetime]:
    async with house.database.read() as session:
        rows = await session.scalars(select(TranscriptRow).where(TranscriptRow.due.is_not(None)))
        return {row.talk: row.due for row in rows if row.due is not None}


async def wrote(house: House, room: str, person: str) -> None:
    """And so their name is known there."""
    async with house.database.write() as session:
        session.add(
            RoomState(
                room_id=room,
                type="m.room.member",
                state_key=person,
                sender=person,
                content={"membership": "join"},
            )
        )


async def test_where_somebody_wrote(house: House) -> None:
    await made(house, "here", "here later")
    await made(house, "elsewhere", room=OTHER)
    await wrote(house, ROOM_ID, ADA)
    await wrote(house, OTHER, BOB)
    await out(house)
    now = house.clock.now()
    assert await due(house) == {"here": now, "here later": now}
    house.clock.forward(1)
    await back(house)
    assert set((await due(house)).values()) == {house.clock.now()}, "they are named again"


async def test_where_somebody_asked_or_answered(house: House) -> None:
    """In whichever room: questions follow talks."""
    await made(house, "asked", "answered", "neither", room=OTHER)
    async with house.database.write() as session:
        for talk, asker in (("asked", ADA), ("answered", BOB), ("neither", BOB)):
            new = NewQuestion(ROOM_ID, talk, f"{talk}?", asker, "X", f"${talk}", house.clock.now())
            await house.desk.ask(session, new)
    async with house.database.write() as session:
        question = (
            await session.scalars(select(Question).where(Question.talk == "answered"))
        ).one()
        session.add(
            Answer(
                question_id=question.id,
                cause="$answer",
                author=ADA,
                author_name="Ada",
                at=house.clock.now(),
                text="Yes",
            )
        )
    await out(house)
    assert set(await due(house)) == {"asked", "answered"}


async def test_once_people_are_forgotten_all_are(house: House) -> None:
    await made(house, "here", room=THIRD)
    await out(house, SPEAKER)
    assert await due(house) == {}
    house.clock.forward(60 * 24 * 40)
    await out(house)
    assert set(await due(house)) == {"here"}


async def test_one_that_is_being_made_for_the_first_time_is_made_once_more(house: House) -> None:
    """Who is left out may have been asked for before."""
    now = house.clock.now()
    async with house.database.write() as session:
        await transcripts.want(session, "here", ROOM_ID, now)
    async with house.database.read() as session:
        [row] = await transcripts.due(session, now, 10)
    house.clock.forward(1)
    await wrote(house, ROOM_ID, ADA)
    await out(house)
    async with house.database.write() as session:
        assert not await transcripts.made(
            session, row, ROOM_ID, None, True, house.clock.now(), None
        )
    assert set(await due(house)) == {"here"}
