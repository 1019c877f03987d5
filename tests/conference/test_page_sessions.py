"""Who is logged in on a page, for how long, and in how many browsers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from fosdembot.clock import ScaledClock
from fosdembot.conference import page_sessions
from fosdembot.conference.page_sessions import MOST_OF_ONE, PageSessions
from fosdembot.db.engine import Database
from fosdembot.db.page_tables import PageSession
from simulation.conference import START
from simulation.parts import SetClock
from tests.questions.conftest import database
from tests.stage import empty_database
from tests.talks.programme import settings

__all__ = ["database", "empty_database"]

LENA = "@lena:example.org"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def sessions(clock: SetClock) -> PageSessions:
    return PageSessions(settings(pages={"session_days": 3}), clock)


async def start(database: Database, sessions: PageSessions, person: str = LENA) -> str:
    async with database.write() as session:
        return await sessions.start(session, person, "Lena")


async def person_of(database: Database, sessions: PageSessions, token: str) -> str | None:
    async with database.read() as session:
        row = await sessions.find(session, token)
        return row.person if row is not None else None


async def test_a_token_says_who_it_is(database: Database, sessions: PageSessions) -> None:
    token = await start(database, sessions)
    assert await person_of(database, sessions, token) == LENA
    async with database.read() as session:
        (row,) = await session.scalars(select(PageSession))
    assert token not in (row.token, row.person, row.name)
    assert await person_of(database, sessions, row.token) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 1_000_000, "\ud800", "a\0b"])
async def test_other_tokens_say_nothing(
    database: Database, sessions: PageSessions, token: str
) -> None:
    await start(database, sessions)
    assert await person_of(database, sessions, token) is None


async def test_a_session_ends_by_itself(
    database: Database, sessions: PageSessions, clock: SetClock
) -> None:
    token = await start(database, sessions)
    clock.forward(3 * 24 * 60 - 1)
    assert await person_of(database, sessions, token) == LENA
    clock.forward(1)
    assert await person_of(database, sessions, token) is None


async def test_days_are_real_ones_however_fast_the_conference_goes(database: Database) -> None:
    """In the demo a day is over in minutes; nobody is logged out by that."""
    clock = ScaledClock(START, 600, datetime.now(UTC))
    sessions = PageSessions(settings(pages={"session_days": 3}), clock)
    token = await start(database, sessions)
    async with database.read() as session:
        row = await sessions.find(session, token)
    assert row is not None
    lasts = clock.to_wall(row.expires) - datetime.now(UTC)
    assert timedelta(days=2, hours=23) < lasts <= timedelta(days=3)


async def test_who_logs_out_is_logged_out_there(database: Database, sessions: PageSessions) -> None:
    here, there = await start(database, sessions), await start(database, sessions)
    async with database.write() as session:
        await sessions.end(session, here)
    assert await person_of(database, sessions, here) is None
    assert await person_of(database, sessions, there) == LENA


async def test_or_everywhere(database: Database, sessions: PageSessions) -> None:
    tokens = [await start(database, sessions), await start(database, sessions)]
    other = await start(database, sessions, "@other:example.org")
    async with database.write() as session:
        await sessions.end_all(session, LENA)
    assert [await person_of(database, sessions, token) for token in tokens] == [None, None]
    assert await person_of(database, sessions, other) is not None


async def test_the_oldest_of_many_browsers_goes(
    database: Database, sessions: PageSessions, clock: SetClock
) -> None:
    tokens = []
    for _ in range(MOST_OF_ONE + 1):
        tokens.append(await start(database, sessions))
        clock.forward(1)
    known = [await person_of(database, sessions, token) is not None for token in tokens]
    assert known == [False] + [True] * MOST_OF_ONE


async def test_guests_are_of_one_talk_and_have_no_name(
    database: Database, sessions: PageSessions, clock: SetClock
) -> None:
    async with database.write() as session:
        tokens = [
            await sessions.start_guest(session, "tiny", START + timedelta(minutes=30))
            for _ in range(2)
        ]
    async with database.read() as session:
        rows = [await sessions.find(session, token or "") for token in tokens]
    assert [(row.name, row.talk) for row in rows if row] == [("", "tiny")] * 2
    persons = {row.person for row in rows if row}
    assert len(persons) == 2
    assert all(person.startswith("guest:") for person in persons)
    clock.forward(30)
    assert await person_of(database, sessions, tokens[0] or "") is None


async def test_a_hall_never_has_more_guests_than_there_can_be(
    database: Database, clock: SetClock, sessions: PageSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who makes browsers by the thousand neither fills the disk nor keeps others out."""
    monkeypatch.setattr(page_sessions, "MOST_GUESTS", 3)
    until = START + timedelta(minutes=30)
    made = []
    async with database.write() as session:
        for _ in range(4):
            made.append(await sessions.start_guest(session, "tiny", until))
            clock.forward(1)
        assert await sessions.start_guest(session, "big", until) is not None
        assert await session.scalar(select(func.count(PageSession.token))) == 4
    known = [await person_of(database, sessions, token or "") is not None for token in made]
    assert known == [False, True, True, True], "who came first goes"


async def test_who_is_logged_out_already_makes_no_room_in_a_full_hall(
    database: Database, clock: SetClock, sessions: PageSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A talk may be delayed: then guests who came before end earlier than others."""
    monkeypatch.setattr(page_sessions, "MOST_GUESTS", 2)
    async with database.write() as session:
        await sessions.start_guest(session, "tiny", START + timedelta(seconds=5))
        clock.forward(10)
        for _ in range(3):
            await sessions.start_guest(session, "tiny", START + timedelta(hours=1))
            clock.forward(1)
        left = select(func.count(PageSession.token)).where(PageSession.expires > clock.now())
        assert await session.scalar(left) == 2
