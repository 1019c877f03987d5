"""Roles are read once in a transaction, and are true all the time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from fosdembot.db.engine import Database
from fosdembot.db.tables import Room, RoomAddress, RoomState
from fosdembot.matrix.power import room_state
from fosdembot.matrix.remembered import remembering
from fosdembot.matrix.request_pool import RequestPool
from fosdembot.matrix.role_rooms import RoleRooms
from fosdembot.matrix.room_addresses import (
    addresses_of,
    role_addresses_of,
    role_in,
    role_room_of,
)

from .parts import Machine, Parts

HOSTS, CONTROL = "#hosts:example.org", "#control:example.org"
ROOM, OTHER = "!room:example.org", "!other:example.org"


async def _joined(database: Database) -> None:
    async with database.write() as session:
        session.add_all(Room(room_id=room, membership="join") for room in (ROOM, OTHER))


def _roles(parts: Parts) -> RoleRooms:
    requests = RequestPool(1, 1, lambda: None, parts.clock, parts.log)
    return RoleRooms(parts.api, parts.database, requests, lambda: None, parts.clock, parts.log)


async def test_what_is_written_in_a_transaction_is_seen_there(machine: Machine) -> None:
    parts = await machine.start()
    roles = _roles(parts)
    await _joined(parts.database)
    async with parts.database.write() as session:
        assert await role_room_of(session, HOSTS) is None
        await roles.give(session, HOSTS, ROOM)
        assert await role_room_of(session, HOSTS) == ROOM
        assert await role_addresses_of(session, ROOM) == [HOSTS]
        await roles.give(session, HOSTS, OTHER)
        assert await role_addresses_of(session, ROOM) == []
        assert await role_in(session, OTHER, CONTROL) == HOSTS
        assert await role_in(session, OTHER, HOSTS) is None
        roles.want([])
        await roles.rooms(session)
        assert await role_room_of(session, HOSTS) is None


async def test_nothing_is_known_from_one_transaction_to_the_next(machine: Machine) -> None:
    parts = await machine.start()
    await _joined(parts.database)
    for room in (ROOM, OTHER):
        async with parts.database.write() as session:
            await _roles(parts).give(session, HOSTS, room)
        async with parts.database.read() as session:
            assert await role_room_of(session, HOSTS) == room


async def test_while_an_event_is_handled_addresses_and_missing_states_are_asked_for_once(
    machine: Machine,
) -> None:
    database = (await machine.start()).database
    asked: list[str] = []
    async with database.write() as session:

        @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        with remembering(session):
            for _ in range(2):
                assert await addresses_of(session, ROOM) == []
                assert await room_state(session, ROOM, "m.room.join_rules") is None
        assert len(asked) == 2
        session.add(RoomAddress(address="#room:example.org", room_id=ROOM))
        session.add(
            RoomState(room_id=ROOM, type="m.room.join_rules", state_key="", sender="", content={})
        )
        with remembering(session):
            assert await addresses_of(session, ROOM) == ["#room:example.org"]
            assert await room_state(session, ROOM, "m.room.join_rules") is not None
