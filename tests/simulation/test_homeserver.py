"""The real homeserver, and the client that reads it."""

from __future__ import annotations

import asyncio

import pytest

from simulation.client import Client, RequestError
from simulation.homeserver import Homeserver
from simulation.server import ServerError
from tests.conftest import MakeHomeserver, MakePerson


async def test_register(homeserver: Homeserver) -> None:
    account = await homeserver.register("test-register", "secret")
    assert account.user_id == f"@test-register:{homeserver.server_name}"
    assert account.device_id
    assert "secret" not in repr(account)
    assert account.access_token not in repr(account)
    with pytest.raises(ServerError, match="400"):
        await homeserver.register("test-register")


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_people_talk_in_a_room(person: MakePerson, version: str) -> None:
    ada, bob = await person("ada"), await person("bob")
    name, server = ada.user_id[1:].split(":")
    room = await ada.create_room("Kernel", alias=f"room-of-{name}", room_version=version)
    assert (await ada.state(room, "m.room.create"))["room_version"] == version
    assert await bob.join(f"#room-of-{name}:{server}") == room

    first = await ada.send(room, "one")
    second = await bob.reply(room, first, "two")
    await bob.react(room, first, "👍")
    third = await bob.edit(room, second, "two!")
    fourth = await ada.send(room, "four", msgtype="m.notice")
    await ada.redact(room, fourth)

    said = await bob.messages(room)
    assert [(m.event_id, m.sender, m.body) for m in said] == [
        (first, ada.user_id, "one"),
        (second, bob.user_id, "two"),
        (third, bob.user_id, "* two!"),
    ]
    assert (said[1].reply_to, said[2].edits) == (first, second)
    assert await ada.messages(room, sender=ada.user_id) == said[:1]


async def test_invitation_to_a_closed_room(person: MakePerson) -> None:
    ada, bob = await person("ada"), await person("bob")
    room = await ada.create_room(public=False)
    with pytest.raises(RequestError, match="M_FORBIDDEN"):
        await bob.join(room)
    await ada.invite(room, bob.user_id)
    await bob.join(room)
    assert await bob.joined_rooms() == [room]
    await bob.leave(room)
    assert await bob.joined_rooms() == []


async def test_all_messages_are_read_in_order(person: MakePerson) -> None:
    ada = await person("ada")
    ada.page = 7
    room = await ada.create_room()
    for number in range(20):
        await ada.send(room, str(number))
    said = await ada.wait_for_messages(room, 20)
    assert [message.body for message in said] == [str(number) for number in range(20)]


async def test_data_and_port_outlive_a_stop_and_a_crash(
    private_homeserver: MakeHomeserver, person: MakePerson
) -> None:
    server = await private_homeserver()
    ada = await person("ada", at=server)
    room = await ada.create_room()
    await ada.send(room, "before")
    await server.restart()
    await ada.send(room, "between")
    server.kill()
    await server.start()
    await ada.send(room, "after")
    assert [message.body for message in await ada.messages(room)] == ["before", "between", "after"]


async def test_one_account_is_limited_and_freed(
    private_homeserver: MakeHomeserver, person: MakePerson
) -> None:
    limits = {"rc_message": {"per_second": 0.01, "burst_count": 3}}
    server = await private_homeserver(limits)
    ada, bob = await person("ada", at=server), await person("bob", at=server)
    room = await ada.create_room()
    await bob.join(room)
    assert await refused(ada, room)
    await server.override_ratelimit(ada.user_id, 0, 0)
    assert not await refused(ada, room)
    assert await refused(bob, room)


async def refused(person: Client, room: str) -> bool:
    """Whether five messages in a row meet the limit (nio waits and tries again)."""
    try:
        async with asyncio.timeout(2):
            for _ in range(5):
                await person.send(room, "again")
    except TimeoutError:
        return True
    return False
