"""Chat, votes and members are one transaction of a few statements; what is remembered for that
is what the database says, whoever writes, and whatever fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.util import await_only

from fosdembot.changes import Changes
from fosdembot.clock import WallClock
from fosdembot.db.base import Base
from fosdembot.db.engine import Database, WriteSession, postgresql, sqlite
from fosdembot.db.tables import (
    Outgoing,
    RoleRoom,
    Room,
    RoomAddress,
    RoomState,
    SeenEvent,
    SyncPosition,
)
from fosdembot.matrix.api import Json
from fosdembot.matrix.effects import Effects
from fosdembot.matrix.items import Item, Look, PositionLost
from fosdembot.matrix.known import KnownRoom, KnownRooms
from fosdembot.matrix.outbox import KEY
from fosdembot.matrix.wake import Wake
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.postgres import Postgres

from .parts import Machine

BOT, ADA, BEA = (f"@{name}:{SERVER}" for name in ("bot", "ada", "bea"))
NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
ROOM, ADDRESS = f"!room:{SERVER}", f"#room:{SERVER}"

Work = Callable[[WriteSession], Awaitable[None]]


@dataclass
class Heard:
    """What was handled, by which way."""

    plain: list[str] = field(default_factory=list)
    together: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    fails: Callable[[Sequence[str]], None] = lambda bodies: None
    """Called where a plain batch takes effect."""
    does: dict[str, Work] = field(default_factory=dict)
    """By what is said, what comes of it."""

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        return room.is_talk_room and not str(event["content"].get("body")).startswith("!")

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        bodies = bodies_of(events)
        self.fails(bodies)
        return lambda: self.plain.extend(bodies)

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        session.after_commit(lambda: self.together.extend(bodies_of(events)))

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        body = str(event["content"].get("body"))
        session.after_commit(lambda: self.alone.append(body))
        if body in self.does:
            await self.does[body](session)

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        pass


def bodies_of(events: Sequence[tuple[str, Json]]) -> list[str]:
    return [str(each["content"].get("body")) for _, each in events]


class Way:
    """From items to effects, in a talk room that the bot is in."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.heard = Heard()
        log = logging.getLogger("fosdembot.test")
        changes = Changes(log)
        self.effects = Effects(database, WallClock(), BOT, self.heard, changes, Wake(), log)
        self._position = 0

    async def take(self, *items: Item) -> None:
        look = Look(f"s{self._position}", None)
        await self.effects.apply(list(items), look, f"s{self._position + 1}")
        self._position += 1

    async def until_it_waits(self, task: asyncio.Task[None]) -> None:
        for _ in range(50):
            await asyncio.sleep(0.002)
        assert not task.done()

    async def name_of(self, person: str) -> str | None:
        async with self.database.read() as session:
            row = await session.get(RoomState, (ROOM, "m.room.member", person))
        return row.content.get("displayname") if row is not None else None

    async def position(self) -> str | None:
        async with self.database.read() as session:
            return await session.scalar(select(SyncPosition.since))

    async def seen(self) -> set[str]:
        async with self.database.read() as session:
            return set(await session.scalars(select(SeenEvent.event_id)))


@pytest.fixture(params=["sqlite", "postgresql"])
async def way(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres
) -> AsyncIterator[Way]:
    if request.param == "sqlite":
        database = sqlite(str(tmp_path / "bot.db"))
    else:
        database = postgresql(await postgres.create_database(f"plain_{uuid4().hex[:8]}"))
    await database.run_sync(Base.metadata.create_all)
    async with database.write() as session:
        session.add(SyncPosition(user_id=BOT, since="s0"))
        session.add(Room(room_id=ROOM, membership="join"))
        session.add(RoomAddress(address=ADDRESS, room_id=ROOM))
    yield Way(database)
    await database.close()


def said(body: str, by: str = ADA, event_id: str = "") -> Item:
    content = {"msgtype": "m.text", "body": body}
    return Item(ROOM, "event", made(by, "m.room.message", content, event_id or f"${body}"))


def told(person: str, name: str, membership: str = "join") -> Item:
    """Who sent something, as it comes with each answer."""
    content = {"membership": membership, "displayname": name}
    state = made(person, "m.room.member", content, f"$member-{person}-{name}")
    return Item(ROOM, "state", {**state, "state_key": person})


def made(by: str, kind: str, content: Json, event_id: str) -> Json:
    return {
        "event_id": event_id,
        "type": kind,
        "sender": by,
        "origin_server_ts": 1_700_000_000_000,
        "content": content,
        "unsigned": {},
    }


def full(failures: int) -> Callable[[object], None]:
    """So often the database cannot be written to."""
    left = [None] * failures

    def fail(_: object) -> None:
        if left:
            left.pop()
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    return fail


async def test_a_plain_batch_is_one_transaction(way: Way) -> None:
    commits: list[None] = []
    for engine in way.database.engines:
        event.listen(engine, "commit", lambda _: commits.append(None))
    await way.take(told(ADA, "Ada"), Item(ROOM, "join"), said("1"), told(BEA, "Bea"), said("2"))
    assert way.heard.plain == ["1", "2"]
    assert len(commits) == 1
    assert await way.position() == "s1"
    assert await way.seen() == {"$1", "$2"}
    assert (await way.name_of(ADA), await way.name_of(BEA)) == ("Ada", "Bea")


async def test_who_comes_in_the_timeline_is_known(way: Way) -> None:
    item = told(ADA, "Ada")
    await way.take(Item(ROOM, "event", item.content), told(ADA, "Lovelace"), said("1"))
    assert way.heard.alone == []
    assert await way.name_of(ADA) == "Lovelace"


def sent(key: str, **values: Any) -> Outgoing:
    """A row of the outbox, whose request is under way."""
    return Outgoing(
        key=key,
        kind=values.pop("kind", "message"),
        room_id=ROOM,
        event_type="m.room.message",
        content={"body": key},
        urgency=10,
        due=NOW,
        state=values.pop("state", "sending"),
        revision=1,
        txn_id=f"txn-{key}",
        **values,
    )


async def test_what_we_said_ourselves_comes_back_in_a_plain_batch(way: Way) -> None:
    """By the hundred, where many talks begin at one moment: messages, pins, and who we are."""
    async with way.database.write() as session:
        session.add_all([sent("1"), sent("2", state="sent", event_id="$told", sent_at=NOW)])
    asked: list[str] = []
    for engine in way.database.engines:
        event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    one = made(BOT, "m.room.message", {"body": "1", KEY: "txn-1"}, "$1")
    two = made(BOT, "m.room.message", {"body": "2"}, "$2") | {
        "unsigned": {"transaction_id": "txn-2"}
    }
    pin = made(BOT, "m.room.pinned_events", {"pinned": ["$1"]}, "$pin") | {"state_key": ""}
    items = [told(BOT, "Bot"), *(Item(ROOM, "event", each) for each in (one, two, pin)), said("3")]
    await way.take(*items)
    assert way.heard.plain == ["3"]
    assert not any("FROM seen_events" in statement for statement in asked), "it goes the plain way"
    assert await way.seen() == {"$1", "$2", "$pin", "$3"}
    async with way.database.read() as session:
        rows = (await session.scalars(select(Outgoing).order_by(Outgoing.key))).all()
        assert [(row.state, row.event_id) for row in rows] == [("sent", "$1"), ("sent", "$told")]
        assert rows[1].sent_at == NOW, "that was known"
        state = await session.get_one(RoomState, (ROOM, "m.room.pinned_events", ""))
        assert (state.sender, state.content) == (BOT, {"pinned": ["$1"]})
    assert await way.name_of(BOT) == "Bot"


async def test_our_redaction_that_comes_back_makes_us_forget_what_was_said(way: Way) -> None:
    async with way.database.write() as session:
        session.add(sent("1", state="sent", event_id="$1"))
        session.add(sent("redact/1", kind="redaction", target="1"))
    redaction = made(BOT, "m.room.redaction", {KEY: "txn-redact/1"}, "$redaction")
    await way.take(Item(ROOM, "event", redaction))
    async with way.database.read() as session:
        rows = (await session.scalars(select(Outgoing).order_by(Outgoing.key))).all()
        assert [row.state for row in rows] == ["sent", "sent"]
        assert rows[0].content == {}


@pytest.mark.parametrize("by", [BOT, ADA])
async def test_that_we_leave_or_are_thrown_out_is_no_plain_event(way: Way, by: str) -> None:
    leaves = made(by, "m.room.member", {"membership": "leave"}, "$leaves") | {"state_key": BOT}
    await way.take(said("1"), Item(ROOM, "event", leaves), said("2"))
    async with way.database.read() as session:
        assert (await session.get_one(Room, ROOM)).membership == "leave"
    assert "$2" not in await way.seen()


async def test_one_event_of_another_kind_goes_by_itself_and_its_neighbours_together(
    way: Way,
) -> None:
    await way.take(said("1"), said("!help"), told(ADA, "Ada"), said("2"))
    assert (way.heard.plain, way.heard.together, way.heard.alone) == ([], ["1", "2"], ["!help"])
    assert await way.seen() == {"$1", "$!help", "$2"}
    assert await way.name_of(ADA) == "Ada"


async def test_what_comes_again_takes_effect_once(way: Way) -> None:
    await way.take(said("1"), said("2"))
    await way.take(said("1"), said("1"), said("2"))
    await way.take(said("2"), said("3"), said("3"))
    assert [*way.heard.plain, *way.heard.together] == ["1", "2", "3"]
    assert way.heard.alone == []
    assert await way.position() == "s3"


async def test_whoever_moves_the_position_meanwhile_is_noticed(way: Way) -> None:
    await way.take(said("1"))
    async with way.database.write() as session:
        await session.execute(update(SyncPosition).values(since="s9"))
    with pytest.raises(PositionLost):
        await way.take(said("2"))
    assert await way.seen() == {"$1"}
    assert way.heard.plain == ["1"]


async def test_a_plain_batch_that_fails_goes_one_by_one(way: Way) -> None:
    def fails(bodies: Sequence[str]) -> None:
        if "bad" in bodies:
            raise KeyError("of our own")

    way.heard.fails = fails
    await way.take(told(ADA, "Ada"), said("1"), said("bad"))
    assert (way.heard.plain, way.heard.together) == ([], ["1", "bad"])
    assert await way.name_of(ADA) == "Ada"
    await way.take(told(ADA, "Ada"), said("2"))
    assert way.heard.plain == ["2"]


@pytest.mark.parametrize("where", ["before the commit", "at the commit"])
async def test_what_was_not_committed_is_not_remembered(where: str, way: Way) -> None:
    await way.take(told(ADA, "Ada"), said("1"))
    fail = full(1)
    if where == "before the commit":
        way.heard.fails = fail
    else:
        for engine in way.database.engines:
            event.listen(engine, "commit", fail)
    items = told(ADA, "Lovelace"), told(BEA, "Bea"), said("2")
    with pytest.raises(OperationalError):
        await way.take(*items)
    assert await way.position() == "s1"
    await way.take(*items)
    assert (await way.name_of(ADA), await way.name_of(BEA)) == ("Lovelace", "Bea")
    assert way.heard.plain == ["1", "2"]
    assert await way.position() == "s2"


async def test_a_member_that_somebody_else_writes_is_written_again(way: Way) -> None:
    await way.take(told(ADA, "Ada"), said("1"))
    async with way.database.write() as session:
        row = await session.get_one(RoomState, (ROOM, "m.room.member", ADA))
        row.content = {"membership": "leave"}
    await way.take(told(ADA, "Ada"), said("2"))
    assert await way.name_of(ADA) == "Ada"


async def test_a_member_who_is_known_is_not_written_again(way: Way) -> None:
    await way.take(told(ADA, "Ada"), said("1"))
    written: list[str] = []

    def note(*args: Any) -> None:
        written.append(args[2])

    for engine in way.database.engines:
        event.listen(engine, "before_cursor_execute", note)
    await way.take(told(ADA, "Ada"), said("2"))
    assert not any("room_state" in statement for statement in written)


async def test_what_a_room_has_become_counts_at_once(way: Way) -> None:
    await way.take(said("1"))
    async with way.database.write() as session:
        session.add(RoleRoom(address="#hosts", room_id=ROOM))
    await way.take(said("2"))
    assert (way.heard.plain, way.heard.alone) == (["1"], ["2"])
    async with way.database.write() as session:
        (await session.get_one(Room, ROOM)).membership = "leave"
    await way.take(said("3"))
    assert way.heard.alone == ["2"]
    assert await way.seen() == {"$1", "$2"}


async def test_what_a_room_becomes_while_a_batch_waits_counts(way: Way) -> None:
    await way.take(said("1"))
    async with way.database.write() as session:
        taken = asyncio.create_task(way.take(said("2")))
        await way.until_it_waits(taken)
        session.add(RoleRoom(address="#hosts", room_id=ROOM))
    await taken
    assert (way.heard.plain, way.heard.alone) == (["1"], ["2"])


async def test_what_a_room_becomes_within_a_batch_counts_for_its_rest(way: Way) -> None:
    async def role(session: WriteSession) -> None:
        session.add(RoleRoom(address="#hosts", room_id=ROOM))

    way.heard.does["!role"] = role
    await way.take(said("1"), said("!role"), said("2"))
    assert (way.heard.together, way.heard.alone) == (["1"], ["!role", "2"])


async def test_of_a_room_that_is_written_to_while_it_is_read_nothing_is_remembered(
    way: Way,
) -> None:
    rooms = KnownRooms(way.database)
    async with way.database.write() as session:
        (await session.get_one(Room, ROOM)).membership = "leave"
        await session.flush()
        assert (await rooms.load([ROOM]))[ROOM].membership == "join"
        assert rooms.find(ROOM) is None
    assert rooms.find(ROOM) is None
    assert (await rooms.load([ROOM]))[ROOM].membership == "leave"
    found = rooms.find(ROOM)
    assert found is not None
    assert found.membership == "leave"


async def test_what_is_written_while_a_room_is_read_is_read_next_time(way: Way) -> None:
    rooms, written = KnownRooms(way.database), ["once"]

    async def write() -> None:
        async with way.database.write() as session:
            (await session.get_one(Room, ROOM)).membership = "leave"

    def meanwhile(*args: Any) -> None:
        if "EXISTS" in args[2] and written:
            written.pop()
            await_only(write())

    event.listen(way.database.engine.sync_engine, "after_cursor_execute", meanwhile)
    assert (await rooms.load([ROOM]))[ROOM].membership == "join"
    assert rooms.find(ROOM) is None
    assert (await rooms.load([ROOM]))[ROOM].membership == "leave"


async def test_members_who_were_there_before_us_are_forgotten_with_the_room(way: Way) -> None:
    await way.take(told(ADA, "Ada"), said("1"))
    await way.take(Item(ROOM, "reset"), told(ADA, "Ada"), said("!2"))
    assert await way.name_of(ADA) == "Ada"
    await way.take(Item(ROOM, "reset"), told(BEA, "Bea"), said("!3"))
    assert await way.name_of(ADA) is None


async def test_of_a_batch_that_fails_only_the_bad_event_is_lost(way: Way) -> None:
    async def bad(_: WriteSession) -> None:
        raise KeyError("of our own")

    way.heard.does["!bad"] = bad
    await way.take(told(ADA, "Ada"), said("!1"), said("2"), said("!bad"), said("!3"))
    assert (way.heard.together, way.heard.alone) == (["2"], ["!1", "!3"])
    assert await way.seen() == {"$!1", "$2", "$!bad", "$!3"}
    assert await way.name_of(ADA) == "Ada"


async def test_a_crash_between_two_batches_of_one_answer(
    server: FakeHomeserver, machine: Machine
) -> None:
    room = server.create_room(members=[BOT, ADA])
    parts = await machine.start()
    await parts.catch_up()
    before = await parts.get(SyncPosition, BOT)
    assert before is not None
    expected = [f"+{number}" for number in range(30)]
    for body in expected:
        room.say(ADA, body)
    await parts.catch_up()
    assert [body for batch in parts.handled.plain for body in batch] == expected
    async with parts.database.write() as session:
        (await session.get_one(SyncPosition, BOT)).since = before.since
    room.say(ADA, "+new")
    again = await machine.start()
    await again.catch_up()
    assert again.handled.bodies == ["+new"]
