"""Who calls their room as a hosts' or control room is called does not get its role."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fosdembot.db.tables import RoomAddress
from fosdembot.matrix.room_addresses import role_room_of
from fosdembot.matrix.rooms import HAS_A_ROLE
from simulation.fake_homeserver import ADMIN, SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom
from simulation.waiting import wait_for

from .parts import BOT, Machine, Parts

ADA = f"@ada:{SERVER}"
HOSTS, KERNEL, OTHER = f"#hosts:{SERVER}", f"#kernel:{SERVER}", f"#other:{SERVER}"


async def role_is(parts: Parts, address: str, room: FakeRoom | None) -> None:
    expected = room.room_id if room is not None else None

    async def so() -> bool:
        async with parts.database.read() as session:
            return await role_room_of(session, address) == expected

    await wait_for(so, 10, f"the role of {address} is with {expected}")


async def leads(parts: Parts, address: str) -> str | None:
    return await parts.room_of(address)


def claimed(server: FakeHomeserver, alias: str) -> FakeRoom:
    """The chat of an attendee with the bot, which says that it is called `alias`; so it was,
    for a moment."""
    chat = server.create_room(alias, [BOT], creator=ADA, public=False)
    del server.aliases[alias]
    return chat


async def want(parts: Parts, addresses: Sequence[str], roles: Sequence[str]) -> None:
    parts.rooms.want(addresses, roles)
    parts.rooms.retry()


async def test_who_claims_the_alias_of_a_hosts_room_gets_no_role(
    server: FakeHomeserver, machine: Machine
) -> None:
    claimed(server, HOSTS)
    hosts = server.create_room(HOSTS)
    parts = await machine.start()
    async with parts.entering():
        await want(parts, [HOSTS], [HOSTS])
        await role_is(parts, HOSTS, hosts)


async def test_nor_while_there_is_no_such_room(server: FakeHomeserver, machine: Machine) -> None:
    claimed(server, HOSTS)
    parts = await machine.start()
    async with parts.entering():
        await want(parts, [HOSTS], [HOSTS])

        async def told() -> bool:
            return parts.problems == [{HOSTS: "M_NOT_FOUND"}]

        await wait_for(told, 10)
        await role_is(parts, HOSTS, None)
        hosts = server.create_room(HOSTS)
        parts.rooms.retry()
        await role_is(parts, HOSTS, hosts)


async def test_a_claim_makes_no_talk_room_either(server: FakeHomeserver, machine: Machine) -> None:
    talks = server.create_room(OTHER, [ADA])
    chat = server.create_room(KERNEL, creator=ADA, public=False)
    del server.aliases[KERNEL]
    parts = await machine.start()
    async with parts.entering(OTHER):
        await parts.until_in(OTHER, talks.room_id)
        chat.set_membership(ADA, BOT, "invite", is_direct=True)

        async def joined() -> bool:
            return await parts.membership(chat.room_id) == "join"

        await wait_for(joined, 10)
        kernel = server.create_room(KERNEL, canonical=False)
        parts.rooms.want([OTHER, KERNEL])
        await parts.until_in(KERNEL, kernel.room_id)


async def test_where_two_rooms_say_they_are_it_the_homeserver_decides(
    server: FakeHomeserver, machine: Machine
) -> None:
    claimed(server, KERNEL)
    kernel = server.create_room(KERNEL, [BOT])
    parts = await machine.start()
    async with parts.entering(KERNEL):
        await parts.until_in(KERNEL, kernel.room_id)


async def test_an_alias_that_was_learned_for_talks_is_asked_again_for_a_role(
    server: FakeHomeserver, machine: Machine
) -> None:
    hers = server.create_room(HOSTS, creator=ADA)
    parts = await machine.start()
    async with parts.entering():
        await want(parts, [HOSTS], [])
        await parts.until_in(HOSTS, hers.room_id)
        del server.aliases[HOSTS]
        ours = server.create_room(HOSTS)
        await want(parts, [HOSTS], [HOSTS])
        await role_is(parts, HOSTS, ours)


@pytest.mark.parametrize("again", [True, False])
async def test_who_had_the_alias_before_the_organisers_loses_the_role_with_it(
    again: bool, server: FakeHomeserver, machine: Machine
) -> None:
    hers = server.create_room(HOSTS, creator=ADA)
    parts = await machine.start()
    async with parts.entering():
        await want(parts, [HOSTS], [HOSTS])
        await role_is(parts, HOSTS, hers)
    del server.aliases[HOSTS]
    ours = server.create_room(HOSTS) if again else None
    # After a restart nothing is taken from memory; the other is asked after a while.
    parts = await machine.start()
    async with parts.entering():
        await want(parts, [HOSTS], [HOSTS])
        await role_is(parts, HOSTS, ours)


@pytest.mark.parametrize("way", ["another alias", "its id"])
@pytest.mark.parametrize("first", ["talks", "role"])
async def test_a_talk_that_leads_to_a_room_with_a_role_makes_it_no_talk_room(
    first: str, way: str, server: FakeHomeserver, machine: Machine
) -> None:
    hosts = server.create_room(HOSTS)
    server.aliases[OTHER] = hosts.room_id
    other = OTHER if way == "another alias" else hosts.room_id
    parts = await machine.start()
    async with parts.entering():
        if first == "talks":
            await want(parts, [other], [])
            await parts.until_in(other, hosts.room_id)
        await want(parts, [HOSTS, other], [HOSTS])
        await role_is(parts, HOSTS, hosts)

        async def told() -> bool:
            return {other: HAS_A_ROLE} in parts.problems

        await wait_for(told, 10, "the clash is told")
        assert await leads(parts, other) is None
        assert len(parts.problems) == 1, "once"
        # The schedule is corrected; another day the role is taken away.
        await want(parts, [other], [])
        await parts.until_in(other, hosts.room_id)


async def test_a_role_goes_with_its_room_when_that_is_upgraded(
    server: FakeHomeserver, machine: Machine
) -> None:
    from .test_rooms import follow, upgrade

    first = server.create_room(HOSTS)
    parts = await machine.start()
    parts.handled.first = follow
    async with parts.entering():
        await want(parts, [HOSTS], [HOSTS])
        await role_is(parts, HOSTS, first)
        second = await upgrade(server, first, first.room_id)
        parts.rooms.retry()
        await role_is(parts, HOSTS, second)
        # The alias may still lead to the first; who is asked says so.
        parts.rooms.retry()
        row = await parts.get(RoomAddress, HOSTS)
        assert row is not None
        assert row.successor is None
    again = await machine.start()
    async with again.entering():
        await want(again, [HOSTS], [HOSTS])
        await role_is(again, HOSTS, second)
        trap = server.create_room(create={"predecessor": {"room_id": second.room_id}})
        second.add(ADMIN, "m.room.message", {"msgtype": "m.text", "body": "no tombstone"})
        again.rooms.retry()
        await role_is(again, HOSTS, second)
    assert trap.membership(BOT) == "leave"
