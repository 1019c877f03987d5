"""Chat, votes and members are one transaction of a few statements; what is remembered for that
is what the database says, whoever writes, and whatever fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import (
    Outgoing,
    Room,
    RoomState,
    SyncPosition,
)
from fosdembot.matrix.items import Item, PositionLost
from fosdembot.matrix.outbox import KEY
from simulation.fake_homeserver import FakeHomeserver

from .effects_way import (
    ADA,
    BEA,
    BOT,
    NOW,
    ROOM,
    Way,
    full,
    made,
    said,
    told,
)
from .parts import Machine


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
