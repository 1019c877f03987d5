"""Secret links: what opens, for how long, and what is kept of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from fosdembot.conference.page_links import (
    LONGEST_NAME,
    MOST,
    Link,
    LinkFor,
    LinkKind,
    NoLink,
    PageLinks,
    TooManyLinks,
)
from fosdembot.db.engine import Database
from fosdembot.db.page_tables import PageLink
from tests.actions.house import BIG, MODERATOR, TINY, House
from tests.questions.conftest import database
from tests.stage import empty_database
from tests.talks.programme import ROOM, talk

__all__ = ["database", "empty_database"]

SPEAKER_S = LinkFor(LinkKind.SPEAKER, talk=TINY.guid)
OVERLAY = LinkFor(LinkKind.OVERLAY, address=ROOM)


class Links:
    def __init__(self, database: Database) -> None:
        self.house = House(database, pages={"link_days": 2})
        self.links = PageLinks(self.house.programme, self.house.settings)

    async def make(self, for_what: LinkFor = SPEAKER_S, name: str = "Ada") -> str:
        async with self.house.database.write() as session:
            return await self.links.make(session, for_what, name, self.house.clock.now(), MODERATOR)

    async def find(self, secret: str) -> Link:
        async with self.house.database.read() as session:
            return await self.links.find(session, secret, self.house.clock.now())

    async def is_over(self, secret: str) -> bool:
        with pytest.raises(NoLink) as raised:
            await self.find(secret)
        return raised.value.is_over


@pytest.fixture
async def links(database: Database) -> Links:
    made = Links(database)
    await made.house.open()
    return made


async def test_a_link_opens_what_it_is_for(links: Links) -> None:
    of_talk, of_room = await links.make(), await links.make(OVERLAY, "")
    link = await links.find(of_talk)
    assert (link.kind, link.talk, link.address, link.name) == (
        LinkKind.SPEAKER,
        TINY.guid,
        None,
        "Ada",
    )
    link = await links.find(of_room)
    assert (link.kind, link.talk, link.address) == (LinkKind.OVERLAY, None, ROOM)


@pytest.mark.parametrize("secret", ["", "x", "x" * 32, "x" * 1_000_000, "\ud800", "a\0b"])
async def test_anything_else_opens_nothing(links: Links, secret: str) -> None:
    await links.make()
    assert not await links.is_over(secret)


async def test_the_database_does_not_have_the_secret(links: Links) -> None:
    """Who reads a backup cannot open anything."""
    secret = await links.make()
    async with links.house.database.read() as session:
        (row,) = await session.scalars(select(PageLink))
        kept = [str(getattr(row, column.key)) for column in PageLink.__table__.columns]
    assert secret not in " ".join(kept)
    assert not [one for one in kept if await opens(links, one)]


async def opens(links: Links, secret: str) -> bool:
    try:
        await links.find(secret)
    except NoLink:
        return False
    return True


async def test_it_expires_some_days_after_the_talk(links: Links) -> None:
    secret = await links.make()
    last = TINY.end + timedelta(days=2)
    now = links.house.clock.now()
    links.house.clock.forward((last - now) / timedelta(minutes=1) - 1)
    assert await opens(links, secret)
    links.house.clock.forward(1)
    assert await links.is_over(secret)


async def test_one_that_is_made_later_lasts_as_long(links: Links) -> None:
    """Written answers are taken long after the talk."""
    links.house.clock.forward(60 * 24 * 20)
    secret = await links.make()
    links.house.clock.forward(60 * 24 * 2 - 1)
    assert await opens(links, secret)


async def test_a_talk_that_is_put_off_takes_its_links_with_it(links: Links) -> None:
    secret = await links.make()
    await links.house.publish(talk("tiny", TINY.start + timedelta(days=10), chat_room=ROOM), BIG)
    links.house.clock.forward(60 * 24 * 10)
    assert await opens(links, secret)


async def test_one_of_a_talk_that_vanished_stays_for_its_days(links: Links) -> None:
    secret = await links.make()
    await links.house.publish(BIG)
    assert await opens(links, secret)
    links.house.clock.forward(60 * 24 * 3)
    assert await links.is_over(secret)


async def test_revoked_links_open_nothing_others_do(links: Links) -> None:
    revoked = [await links.make(), await links.make()]
    others = [
        await links.make(LinkFor(LinkKind.SPEAKER, talk=BIG.guid)),
        await links.make(LinkFor(LinkKind.MODERATOR, talk=TINY.guid)),
        await links.make(OVERLAY),
    ]
    async with links.house.database.write() as session:
        now, kinds = links.house.clock.now(), [LinkKind.SPEAKER]
        number = await links.links.revoke(session, now, talk=TINY.guid, kinds=kinds)
    assert number == 2
    assert [await links.is_over(secret) for secret in revoked] == [True, True]
    assert [await opens(links, secret) for secret in others] == [True, True, True]


async def test_all_are_revoked_at_once(links: Links) -> None:
    made = [await links.make(), await links.make(OVERLAY)]
    async with links.house.database.write() as session:
        assert await links.links.revoke(session, links.house.clock.now()) == 2
    assert [await links.is_over(secret) for secret in made] == [True, True]


async def test_of_each_kind_there_are_only_so_many_in_force(links: Links) -> None:
    for _ in range(MOST):
        await links.make()
    with pytest.raises(TooManyLinks):
        await links.make()
    await links.make(LinkFor(LinkKind.MODERATOR, talk=TINY.guid))
    await links.make(OVERLAY)
    async with links.house.database.write() as session:
        await links.links.revoke(session, links.house.clock.now(), talk=TINY.guid)
    await links.make()


async def test_names_are_harmless(links: Links) -> None:
    link = await links.find(await links.make(name="Ada\n\u202e@room " + "x" * 300))
    assert len(link.name) <= LONGEST_NAME + 1
    assert "\n" not in link.name
    assert "\u202e" not in link.name


@pytest.mark.parametrize(
    ("kind", "talk", "address"),
    [
        (LinkKind.SPEAKER, None, None),
        (LinkKind.SPEAKER, None, ROOM),
        (LinkKind.MODERATOR, "tiny", ROOM),
        (LinkKind.OVERLAY, "tiny", None),
        (LinkKind.OVERLAY, "tiny", ROOM),
        (LinkKind.OVERLAY, None, None),
    ],
)
def test_a_link_is_for_one_talk_or_one_room(
    kind: LinkKind, talk: str | None, address: str | None
) -> None:
    with pytest.raises(ValueError, match="neither"):
        LinkFor(kind, talk, address)
