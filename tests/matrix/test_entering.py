"""A first start in many rooms: where they stand is written for all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, select

from fosdembot.db.engine import Database
from fosdembot.db.tables import Room, RoomState
from simulation.fake_homeserver import SERVER, FakeHomeserver

from .parts import BOT, Machine

ADA = f"@ada:{SERVER}"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def known(database: Database) -> dict[str, dict[tuple[str, str], Any]]:
    """By room that the bot is in, its states."""
    async with database.read() as session:
        joined = select(Room.room_id).where(Room.membership == "join")
        found: dict[str, dict[tuple[str, str], Any]] = {
            room: {} for room in await session.scalars(joined)
        }
        for row in await session.scalars(select(RoomState)):
            found[row.room_id][row.type, row.state_key] = (row.sender, row.content)
    return found


async def entered(database: Database) -> dict[str, str]:
    async with database.read() as session:
        return {room.room_id: room.entered for room in await session.scalars(select(Room))}


async def test_many_rooms_cost_as_many_statements_as_one(
    server: FakeHomeserver, machine: Machine
) -> None:
    counted = []
    for number, rooms in enumerate((1, 60)):
        for each in range(rooms):
            server.create_room(f"#hall-{number}-{each}:{SERVER}", members=[BOT, ADA])
        parts = await machine.start(name=f"bot-{number}")
        with statements(parts.database) as done:
            await parts.catch_up()
        counted.append(len(done))
        assert len(await known(parts.database)) == len(server.rooms)
    assert counted[1] <= counted[0] + 2


async def test_what_is_known_is_as_it_was_one_by_one(
    server: FakeHomeserver, machine: Machine, monkeypatch: Any
) -> None:
    for each in range(3):
        server.create_room(f"#hall-{each}:{SERVER}", members=[BOT, ADA])
    own = server.create_room(creator=BOT, members=[ADA])
    left = server.create_room(members=[BOT])
    left.set_membership(BOT, BOT, "leave")
    together = await machine.start(name="together")
    await together.catch_up()

    async def one_by_one(_session: Any, batch: Any, *_: Any) -> Any:
        return batch

    monkeypatch.setattr("fosdembot.matrix.effects.enter", one_by_one)
    apart = await machine.start(name="apart")
    await apart.catch_up()
    found = await known(together.database)
    assert found == await known(apart.database)
    assert own.room_id in found
    assert left.room_id not in found
    assert await entered(together.database) == await entered(apart.database)


async def test_a_room_that_cannot_be_written_keeps_no_other_out(
    server: FakeHomeserver, machine: Machine, monkeypatch: Any
) -> None:
    for each in range(3):
        server.create_room(f"#hall-{each}:{SERVER}", members=[BOT])

    async def fails(*_: Any) -> Any:
        raise ValueError("a state that no column takes")

    monkeypatch.setattr("fosdembot.matrix.effects.enter", fails)
    parts = await machine.start()
    await parts.catch_up()
    assert set(await known(parts.database)) == set(server.rooms)
