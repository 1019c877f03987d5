"""A prepared statement does what SQLAlchemy would do, without it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, Engine, bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from fosdembot.db.base import Base
from fosdembot.db.engine import Database
from fosdembot.db.errors import is_transient
from fosdembot.db.insert import new_rows, replaced_rows, table_of
from fosdembot.db.prepared import MOST_COMPILED, Prepared
from fosdembot.db.question_tables import QuestionRoom
from fosdembot.db.tables import Room, RoomState, SeenEvent

T = TypeVar("T")
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
MARK = insert(table_of(SeenEvent))
MARKED = select(SeenEvent.event_id, SeenEvent.at).order_by(SeenEvent.event_id)


@pytest.fixture
async def tables(database: Database) -> Database:
    await database.run_sync(Base.metadata.create_all)
    async with database.write() as session:
        session.add_all([Room(room_id=room, membership="join") for room in ("!a", "!b", "!c")])
    return database


async def at_once(database: Database, work: Callable[[Connection], T]) -> T:
    return await database.at_once(work, durable=False)


def mark(number: int, at: datetime = NOON) -> dict[str, Any]:
    return {"event_id": f"${number}", "room_id": "!a", "sender": "@ada", "at": at}


async def test_values_are_kept_as_sqlalchemy_keeps_them(tables: Database) -> None:
    """In SQLite a time is text without a zone, and JSON is text."""
    state = {"room_id": "!a", "type": "t", "state_key": "", "sender": "@ada"}
    cet = timezone(timedelta(hours=1))

    def work(connection: Connection) -> None:
        Prepared(MARK).run_all(connection, [mark(1), mark(2, NOON.astimezone(cet))])
        content = {"name": "Kernel", "list": [1]}
        replaced_rows(connection, RoomState).run_all(connection, [state | {"content": {"old": 1}}])
        replaced_rows(connection, RoomState).run_all(connection, [state | {"content": content}])

    await at_once(tables, work)
    async with tables.read() as session:
        assert [tuple(row) for row in await session.execute(MARKED)] == [("$1", NOON), ("$2", NOON)]
        assert (await session.scalars(select(RoomState.content))).all() == [
            {"name": "Kernel", "list": [1]}
        ]


async def test_rows_are_read_as_sqlalchemy_reads_them(tables: Database) -> None:
    def work(connection: Connection) -> tuple[list[Any], list[Any]]:
        connection.execute(MARK, [mark(1)])
        statement = select(Room.room_id, Room.bridged, SeenEvent.at).where(
            SeenEvent.room_id == Room.room_id, Room.membership == bindparam("membership")
        )
        row = {"membership": "join"}
        prepared = [tuple(each) for each in Prepared(statement).all(connection, row)]
        return prepared, [tuple(each) for each in connection.execute(statement, row)]

    prepared, plain = await at_once(tables, work)
    assert prepared == plain == [("!a", False, NOON)]


async def test_lists_may_have_any_length(tables: Database) -> None:
    of_rooms = (
        select(Room.room_id)
        .where(
            Room.room_id.in_(bindparam("rooms", expanding=True)),
            Room.membership == "join",
            Room.room_id != bindparam("without"),
        )
        .order_by(Room.room_id)
    )
    prepared = Prepared(of_rooms)

    def work(connection: Connection) -> list[list[str]]:
        asked = [["!c", "!a"], ["!b"], ["!a", "!b", "!c"], [], ["!b"]]
        rows = [{"rooms": rooms, "without": "!c"} for rooms in asked]
        return [[row[0] for row in prepared.all(connection, each)] for each in rows]

    assert await at_once(tables, work) == [["!a"], ["!b"], ["!a", "!b"], [], ["!b"]]


async def test_of_lists_of_many_lengths_only_some_are_remembered(tables: Database) -> None:
    wanted = select(Room.room_id).where(Room.room_id.in_(bindparam("rooms", expanding=True)))
    prepared = Prepared(wanted)

    def work(connection: Connection) -> None:
        for length in range(1, 2 * MOST_COMPILED):
            rooms = ["!a", *(f"!{number}" for number in range(length))]
            assert [room for (room,) in prepared.all(connection, {"rooms": rooms})] == ["!a"]

    await at_once(tables, work)
    assert len(prepared._compiled) <= MOST_COMPILED


async def test_it_says_how_many_rows_it_changed(tables: Database) -> None:
    moved = Prepared(
        update(table_of(Room))
        .where(table_of(Room).c.room_id == bindparam("which"))
        .values(membership=bindparam("now"))
    )

    def work(connection: Connection) -> list[int]:
        rooms = new_rows(connection, QuestionRoom)
        return [
            moved.run(connection, {"which": "!a", "now": "leave"}),
            moved.run(connection, {"which": "!x", "now": "leave"}),
            rooms.run(connection, {"room_id": "!a", "scope": "!a", "last_number": 0}),
            rooms.run(connection, {"room_id": "!a", "scope": "!b", "last_number": 0}),
        ]

    assert await at_once(tables, work) == [1, 0, 1, 0]


async def test_what_the_database_refuses_is_refused_as_everywhere(tables: Database) -> None:
    """Without the values, which are what people wrote, and so that callers know it."""

    def twice(connection: Connection) -> None:
        Prepared(MARK).run_all(connection, [mark(1), mark(1)])

    with pytest.raises(IntegrityError) as refused:
        await at_once(tables, twice)
    assert not is_transient(refused.value)
    assert "@ada" not in str(refused.value)
    async with tables.read() as session:
        assert (await session.execute(MARKED)).all() == []


async def test_what_may_succeed_later_is_told_apart(tables: Database) -> None:
    def work(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            Prepared(MARK).run(connection, mark(1))
        finally:
            connection.exec_driver_sql("PRAGMA query_only=OFF")

    if tables.engine.dialect.name == "sqlite":
        with pytest.raises(OperationalError) as refused:
            await at_once(tables, work)
        assert is_transient(refused.value)


@pytest.mark.parametrize("many", [True, False])
async def test_whoever_remembers_rows_learns_of_it(tables: Database, many: bool) -> None:
    watch, other = tables.watch(SeenEvent), tables.watch(Room)
    before, of_others = watch.version, other.version

    def work(connection: Connection) -> None:
        if many:
            Prepared(MARK).run_all(connection, [mark(1)])
        else:
            Prepared(MARK).run(connection, mark(1))
        assert watch.is_changing

    await at_once(tables, work)
    assert watch.version != before
    assert other.version == of_others


async def test_the_author_of_a_statement_may_keep_it_true(tables: Database) -> None:
    watch = tables.watch(SeenEvent)
    before = watch.version

    def work(connection: Connection) -> None:
        Prepared(MARK, watched=False).run(connection, mark(1))

    await at_once(tables, work)
    assert watch.version == before


async def test_sqlalchemy_does_not_execute_it(tables: Database) -> None:
    by_sqlalchemy: list[str] = []
    for engine in tables.engines:
        event.listen(engine, "before_execute", lambda *args: by_sqlalchemy.append(str(args[1])))

    def work(connection: Connection) -> None:
        Prepared(MARK).run(connection, mark(1))
        assert len(Prepared(MARKED).all(connection, {})) == 1

    await at_once(tables, work)
    found = [each for each in by_sqlalchemy if "seen_events" in each]
    assert found == []


async def test_a_session_on_sqlite_has_no_sqlalchemy_in_between_either(tables: Database) -> None:
    """PostgreSQL's driver takes nothing but what SQLAlchemy gives it there."""
    by_sqlalchemy: list[str] = []
    async with tables.write() as session:
        session.add(SeenEvent(**mark(1)))
    for engine in tables.engines:
        event.listen(engine, "before_execute", lambda *args: by_sqlalchemy.append(str(args[1])))
    async with tables.read() as session:
        assert [tuple(row) for row in await Prepared(MARKED).find(session, {})] == [("$1", NOON)]
    assert bool(by_sqlalchemy) == (tables.engine.dialect.name != "sqlite")


async def test_a_session_finds_what_it_was_about_to_write(tables: Database) -> None:
    async with tables.write() as session:
        session.add(SeenEvent(**mark(1)))
        assert len(await Prepared(MARKED).find(session, {})) == 1


async def test_what_a_session_writes_is_rolled_back_with_it(tables: Database) -> None:
    watch = tables.watch(SeenEvent)
    with suppress(ZeroDivisionError):
        async with tables.write() as session:
            async with session.part():
                await session.run_sync(lambda it: Prepared(MARK).run(it.connection(), mark(1)))
            assert watch.is_changing
            assert len(await Prepared(MARKED).find(session, {})) == 1
            raise ZeroDivisionError
    async with tables.read() as session:
        assert await Prepared(MARKED).find(session, {}) == []


async def test_whoever_listens_to_statements_hears_of_it(tables: Database) -> None:
    heard: list[str] = []

    def listen(engine: Engine) -> None:
        event.listen(engine, "before_cursor_execute", lambda *args: heard.append(args[2]))

    for engine in tables.engines:
        listen(engine)

    def work(connection: Connection) -> None:
        Prepared(MARK).run(connection, mark(1))

    await at_once(tables, work)
    assert [each for each in heard if each.startswith("INSERT INTO seen_events")]


async def test_defaults_are_not_left_out_in_silence(tables: Database) -> None:
    def work(connection: Connection) -> None:
        Prepared(insert(table_of(Room))).run(connection, {"room_id": "!z"})

    with pytest.raises(TypeError, match="fill in"):
        await at_once(tables, work)
