"""Logins, sessions and links of pages, on each kind of database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from fosdembot.conference import page_logins
from fosdembot.conference.page_links import LinkFor, LinkKind, NoLink, PageLinks
from fosdembot.conference.page_logins import Claim, PageLogins
from fosdembot.conference.page_sessions import MOST_OF_ONE, PageSessions
from fosdembot.db.engine import Database
from fosdembot.db.page_tables import PageLink, PageLogin, PageSession
from fosdembot.db.retention import forget_what_is_old
from tests.actions.house import TINY, House
from tests.questions.conftest import any_database
from tests.stage import empty_database
from tests.talks.programme import ROOM

__all__ = ["any_database", "empty_database"]

ADA, BOB = "@ada:example.org", "@bob:example.org"


@pytest.fixture
async def house(any_database: Database) -> House:
    made = House(any_database)
    await made.open()
    return made


async def test_somebody_logs_in_by_a_code_or_a_link(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_logins, "MOST", 4)
    logins, sessions = PageLogins(house.clock), PageSessions(house.settings, house.clock)
    async with house.database.write() as session:
        begun = [await logins.begin(session) for _ in range(6)]
        assert await logins.waiting(session, begun[0].browser) is None, "the oldest goes"
        assert await logins.claim(session, begun[-1].code.lower(), ADA, "Ada") is Claim.CLAIMED
        assert await logins.claim(session, begun[-1].code, BOB, "Bob") is Claim.TAKEN
        login = await logins.waiting(session, begun[-1].browser)
        assert login is not None
        person = await logins.confirm(session, login)
        assert person is not None
        for _ in range(MOST_OF_ONE + 2):
            token = await sessions.start(session, person.id, person.name)
        for _ in range(5):
            await logins.invite(session, ADA, "Ada")
        assert await sessions.start_guest(session, TINY.guid, house.clock.now()) is not None
    async with house.database.read() as session:
        assert await sessions.find(session, token) is not None
        of_ada = select(func.count(PageSession.token)).where(PageSession.person == ADA)
        assert await session.scalar(of_ada) == MOST_OF_ONE
        links = select(func.count(PageLogin.id)).where(PageLogin.person == ADA)
        assert await session.scalar(links) == page_logins.MOST_LINKS
    house.clock.forward(60 * 24 * 30)
    await forget_what_is_old(house.database, house.clock, house.clock.now)
    async with house.database.write() as session:
        assert not await sessions.end(session, token)
        for table in (PageSession, PageLogin):
            assert not (await session.scalars(select(table))).all()


async def test_links_are_made_and_revoked(house: House) -> None:
    links, now = PageLinks(house.programme, house.settings), house.clock.now()
    async with house.database.write() as session:
        of_talk = await links.make(session, LinkFor(LinkKind.SPEAKER, TINY.guid), "Ada", now, ADA)
        of_room = await links.make(session, LinkFor(LinkKind.OVERLAY, address=ROOM), "", now)
        assert await links.revoke(session, now, talk=TINY.guid) == 1
        assert (await links.find(session, of_room, now)).address == ROOM
        with pytest.raises(NoLink):
            await links.find(session, of_talk, now)
    await forget_what_is_old(house.database, house.clock, lambda: now + timedelta(days=1))
    async with house.database.read() as session:
        assert set(await session.scalars(select(PageLink.made_by))) == {None}
