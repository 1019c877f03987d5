"""Who sent a request: what each way of showing it is worth, and where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp.test_utils import make_mocked_request

from fosdembot.actions.actor import Who
from fosdembot.conference.page_links import LinkFor, LinkKind, PageLinks
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.conference.roles import Role
from fosdembot.db.engine import Database
from fosdembot.web.cookies import Cookies
from fosdembot.web.refusals import Declined
from fosdembot.web.visitors import NOBODY, Visitor, Visitors
from tests.actions.house import TINY, House
from tests.questions.conftest import database
from tests.stage import empty_database
from tests.talks.programme import ROOM

__all__ = ["database", "empty_database"]

LENA, RELAY = "@lena:example.org", "@relay:example.org"
ROOM_PAGE, TALK_PAGE = "/r/kernel", "/talk"


class Door:
    """Asks who sent a request."""

    def __init__(self, database: Database) -> None:
        self.house = House(
            database,
            pages={"public_url": "https://qa.example.org"},
            questions={"relays": [RELAY]},
        )
        settings, clock = self.house.settings, self.house.clock
        self.links = PageLinks(self.house.programme, settings)
        self.sessions = PageSessions(settings, clock)
        self.cookies = Cookies(settings.pages.public_url)
        self.visitors = Visitors(self.links, self.sessions, self.cookies, settings, clock)

    async def of(self, path: str = ROOM_PAGE, cookie: str = "", **headers: str) -> Visitor:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            sent["Cookie"] = f"{self.cookies.name()}={cookie}"
        async with self.house.database.read() as session:
            return await self.visitors.of(session, make_mocked_request("GET", path, headers=sent))

    async def log_in(self, person: str = LENA) -> str:
        async with self.house.database.write() as session:
            return await self.sessions.start(session, person, "Lena")

    async def guest(self) -> str:
        until = self.house.clock.now() + timedelta(minutes=30)
        async with self.house.database.write() as session:
            return await self.sessions.start_guest(session, TINY.guid, until) or ""

    async def key(self, kind: LinkKind = LinkKind.SPEAKER) -> str:
        is_overlay = kind is LinkKind.OVERLAY
        place = {"address": ROOM} if is_overlay else {"talk": TINY.guid}
        async with self.house.database.write() as session:
            now = self.house.clock.now()
            return await self.links.make(session, LinkFor(kind, **place), "Ada", now)


@pytest.fixture
async def door(database: Database) -> Door:
    made = Door(database)
    await made.house.open()
    return made


async def test_whoever_shows_nothing_is_nobody(door: Door) -> None:
    assert await door.of() == NOBODY


async def test_a_cookie_says_who_and_that_it_is_sent_unasked(door: Door) -> None:
    visitor = await door.of(cookie=await door.log_in())
    assert visitor == Visitor(Who(LENA), "Lena", by_cookie=True)


async def test_a_token_in_a_header_is_sent_by_the_page_itself(door: Door) -> None:
    token = await door.log_in()
    for scheme in ("Bearer", "bearer"):
        assert await door.of(Authorization=f"{scheme} {token}") == Visitor(Who(LENA), "Lena")


async def test_a_guest_is_of_one_talk(door: Door) -> None:
    visitor = await door.of(cookie=await door.guest())
    assert visitor.who is not None
    assert visitor.who.person.startswith("guest:")
    assert (visitor.guest_of, visitor.name, visitor.by_cookie) == (TINY.guid, "", True)


@pytest.mark.parametrize(
    ("kind", "role"), [(LinkKind.SPEAKER, Role.SPEAKER), (LinkKind.MODERATOR, Role.MODERATOR)]
)
async def test_a_link_vouches_for_its_role_in_its_talk_alone(
    door: Door, kind: LinkKind, role: Role
) -> None:
    key = await door.key(kind)
    by_address = await door.of(f"{TALK_PAGE}?key={key}")
    by_header = await door.of(TALK_PAGE, X_Page_Key=key)
    assert by_address == by_header
    assert by_address.link is not None
    id_ = by_address.link.id
    assert by_address.who == Who(f"link:{id_}", vouched=role, bound_to=TINY.guid)
    assert (by_address.name, by_address.by_cookie) == ("Ada", False)


async def test_by_an_overlay_s_link_nobody_does_anything(door: Door) -> None:
    visitor = await door.of(f"/overlay?key={await door.key(LinkKind.OVERLAY)}")
    assert visitor.who is None
    assert visitor.link is not None
    assert visitor.link.address == ROOM


@pytest.mark.parametrize("path", ["/talk", "/talk/events", "/overlay"])
async def test_on_its_own_pages_the_link_decides(door: Door, path: str) -> None:
    """Somebody in the audience was given the speaker's link: there they are the speaker."""
    cookie, key = await door.log_in(), await door.key()
    visitor = await door.of(f"{path}?key={key}", cookie)
    assert visitor.link is not None


@pytest.mark.parametrize("path", ["/r/kernel", "/r/kernel/ask", "/talks", "/r/talk", "/"])
async def test_elsewhere_who_is_logged_in_is_who_they_are(door: Door, path: str) -> None:
    """A speaker who votes does so as themselves."""
    cookie, key = await door.log_in(), await door.key()
    assert (await door.of(f"{path}?key={key}", cookie)).who == Who(LENA)
    assert (await door.of(path, cookie, X_Page_Key=key)).who == Who(LENA)
    assert (await door.of(f"{path}?key={key}")).link is not None


@pytest.mark.parametrize("path", [TALK_PAGE, ROOM_PAGE])
async def test_a_key_that_opens_nothing_is_refused(door: Door, path: str) -> None:
    key = await door.key()
    with pytest.raises(Declined, match=r"not valid\. Ask for a new one"):
        await door.of(f"{path}?key={key[:-1]}")
    async with door.house.database.write() as session:
        await door.links.revoke(session, door.house.clock.now())
    with pytest.raises(Declined, match="not valid any more"):
        await door.of(f"{path}?key={key}")


async def test_a_session_that_is_over(door: Door) -> None:
    """A page in a frame must notice; with a cookie one is nobody again, and reads on."""
    token = await door.log_in()
    async with door.house.database.write() as session:
        await door.sessions.end(session, token)
    assert await door.of(cookie=token) == NOBODY
    with pytest.raises(Declined, match="Log in again") as declined:
        await door.of(Authorization=f"Bearer {token}")
    assert declined.value.status == 401


async def test_one_secret_is_not_good_for_another(door: Door) -> None:
    token, key = await door.log_in(), await door.key()
    assert await door.of(cookie=key) == NOBODY
    with pytest.raises(Declined):
        await door.of(Authorization=f"Bearer {key}")
    with pytest.raises(Declined):
        await door.of(f"{TALK_PAGE}?key={token}")


async def test_an_account_that_became_a_relay_speaks_for_nobody(door: Door) -> None:
    visitor = await door.of(cookie=await door.log_in(RELAY))
    assert visitor.who == Who(RELAY, relayed=True)
