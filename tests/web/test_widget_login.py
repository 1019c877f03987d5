"""Somebody in a client's frame is who their homeserver says, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from fosdembot.db.page_tables import PageSession
from fosdembot.matrix.openid import is_user_of
from simulation.fake_homeserver import SERVER
from simulation.pages import Answer
from tests.stage import empty_database
from tests.web.world import ADA, KERNEL, STRANGER, World, world

__all__ = ["empty_database", "world"]

TOKEN = "openid-token-of-somebody"


async def trade(world: World, server: str = SERVER, token: str = TOKEN, **more: Any) -> Answer:
    form = {"matrix_server_name": server, "access_token": token, "room": "kernel", **more}
    return await world.post("/widget", form)


def homeserver(world: World) -> Any:
    return world.running.server


async def test_they_are_who_their_homeserver_says(world: World) -> None:
    homeserver(world).openid[TOKEN] = ADA
    answer = await trade(world)
    assert answer.status == 200, answer.text
    told = answer.json
    assert (told["person"], told["name"]) == (ADA, "Ada")
    assert "Set-Cookie" not in answer.headers
    async with world.database.read() as session:
        found = await world.bot.page_sessions.find(session, told["token"])
        assert found is not None
        assert found.person == ADA
        (row,) = await session.scalars(select(PageSession))
    assert TOKEN not in str([row.token, row.person, row.name])


async def test_the_room_may_stand_in_the_address(world: World) -> None:
    homeserver(world).openid[TOKEN] = ADA
    form = {"matrix_server_name": SERVER, "access_token": TOKEN}
    assert (await world.post("/widget?room=kernel", form)).status == 200
    assert (await world.post("/widget", form)).status == 404


SUBS: list[Any] = [
    "@eve:evil.example.org",
    f"@eve:{SERVER}.evil.example.org",
    f"eve:{SERVER}",
    f"@:{SERVER}",
    f"@a b:{SERVER}",
    f"@a\n:{SERVER}",
    f"@{'a' * 300}:{SERVER}",
    "guest:1",
    "",
    5,
    None,
]


async def test_a_homeserver_speaks_for_its_own_people_alone(world: World) -> None:
    for sub in SUBS:
        homeserver(world).openid[TOKEN] = sub
        answer = await trade(world)
        assert answer.status == 403, sub
        assert "did not confirm who you are" in answer.json["error"]
    assert await sessions(world) == 0


async def test_what_is_not_asked(world: World) -> None:
    homeserver(world).openid[TOKEN] = ADA
    for server in ("", "localhost", "127.0.0.1:8008", f"{SERVER}@evil", "x" * 9000):
        assert (await trade(world, server)).status == 403, server
    for token in ("", "other", "a b", "x" * 5000, "ä", "a\r\nX: y"):
        assert (await trade(world, token=token)).status == 403, token
    assert await sessions(world) == 0


async def test_who_is_not_in_the_room_joins_first(world: World) -> None:
    """A homeserver of one's own confirms any number of accounts; those that come in are seen."""
    homeserver(world).openid[TOKEN] = STRANGER
    answer = await trade(world)
    assert answer.status == 403
    assert "Join it" in answer.json["error"]
    room = world.running.room(KERNEL)
    room.set_membership(STRANGER, STRANGER, "join", displayname="Strange")
    assert (await trade(world)).status == 200


async def test_a_homeserver_that_is_away(world: World) -> None:
    homeserver(world).openid[TOKEN] = ADA
    homeserver(world).is_away = True
    answer = await trade(world)
    assert answer.status == 503
    assert "Try again in a minute" in answer.json["error"]


async def test_nothing_of_it_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await trade(world)
    await trade(world, "unknown.invalid")
    homeserver(world).is_away = True
    await trade(world)
    assert TOKEN not in caplog.text


async def sessions(world: World) -> int:
    async with world.database.read() as session:
        return await session.scalar(select(func.count(PageSession.token))) or 0


@pytest.mark.parametrize(
    ("person", "server", "is_it"),
    [
        ("@ada:example.org", "example.org", True),
        ("@ada:example.org:8448", "example.org:8448", True),
        ("@Ada/b=c+d:example.org", "example.org", True),
        ("@ada:example.org:8448", "example.org", False),
        ("@ada:example.org", "example.org:8448", False),
        ("@ada", "example.org", False),
        ("@ada:", "", True),
    ],
)
def test_whose_users_they_are(person: str, server: str, is_it: bool) -> None:
    assert is_user_of(person, server) is is_it
