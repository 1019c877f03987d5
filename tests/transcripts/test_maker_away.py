"""A room's history cannot be read for a while, and all else can: what is not to be read goes all
the same, and what stands stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from fosdembot.db.engine import Database
from fosdembot.db.transcript_tables import TranscriptRow
from simulation.conference import START
from simulation.fake_requests import Fault
from simulation.running import BOT, CONTROL, ORGANISER
from simulation.stepped_clock import SteppedClock, sqlite_at_once

from .day import ADA, BOB, HALL, SECRET, Day, Evening, day


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


def without_history(world: Day) -> Fault:
    server = world.bot.server
    return server.fail(Fault("messages", (504, {}), room=server.aliases[HALL], times=100_000))


async def troubles(world: Day) -> list[str]:
    world.bot.room(CONTROL).say(ORGANISER, "!conf status")
    await world.later(seconds=5)
    said = world.bot.said(CONTROL)[-1]
    return [line for line in said.split("\n") if line.startswith("Trouble")]


async def test_what_is_redacted_goes(evening: Evening) -> None:
    async with evening() as world:
        without_history(world)
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert world.chat()[-1] == "Hello"


async def test_what_is_redacted_goes_where_a_crash_kept_it_from_being_noted_as_made(
    evening: Evening, database: Database, tmp_path: Path
) -> None:
    async with evening() as world:
        server, clock, regretted = world.bot.server, world.clock, world.regretted
    async with database.write() as session:
        await session.execute(update(TranscriptRow).values(due=clock.now(), made_at=None))
    server.rooms[server.aliases[HALL]].redact(ADA, regretted)
    server.fail(Fault("messages", (504, {}), room=server.aliases[HALL], times=100_000))
    async with day(database, tmp_path, server, clock) as world:
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()


async def test_a_redacted_question_goes_from_the_index_too(evening: Evening) -> None:
    async with evening() as world:
        await world.later(minutes=1)
        question = world.transcript().questions[0]
        assert len(world.files_with(question.text)) > 3
        without_history(world)
        world.bot.room(HALL).redact(ADA, question.event or "")
        await world.later(minutes=1)
        assert world.files_with(question.text) == []


async def test_an_edit_that_is_redacted_goes_with_its_message(evening: Evening) -> None:
    async with evening() as world:
        new = {"msgtype": "m.text", "body": "Even worse"}
        relation = {"rel_type": "m.replace", "event_id": world.regretted}
        edit = world.say(ADA, "* Even worse", **{"m.new_content": new, "m.relates_to": relation})
        await world.later(minutes=1)
        assert "Even worse" in world.chat()
        without_history(world)
        world.bot.room(HALL).redact(ADA, edit)
        await world.later(minutes=1)
        assert world.files_with("Even worse") == []


async def test_who_opts_out_and_what_is_dismissed_goes(evening: Evening) -> None:
    async with evening() as world:
        question = world.transcript().questions[0]
        without_history(world)
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        assert world.files_with("<bdi>ada</bdi>") == []
        assert SECRET in world.chat()
        world.say(ORGANISER, f"!dismiss {question.number}")
        await world.later(minutes=1)
        assert world.files_with(question.text) == []
        assert SECRET in world.chat()


async def test_who_opts_out_and_what_is_dismissed_goes_where_nothing_of_the_room_is_answered(
    evening: Evening,
) -> None:
    """Not even who may read there."""
    async with evening() as world:
        question, server = world.transcript().questions[0], world.bot.server
        for asked in ("state", "messages"):
            server.fail(Fault(asked, (504, {}), room=server.aliases[HALL], times=100_000))
        world.say(ADA, "!privacy optout")
        world.say(ORGANISER, f"!dismiss {question.number}")
        await world.later(minutes=1)
        assert world.files_with(question.text) == []
        assert world.files_with("<bdi>ada</bdi>") == []
        assert SECRET in world.chat()
        assert "public/talk-1/index.html" in world.files_with(SECRET)


async def test_a_gap_takes_no_place_of_what_is_known(database: Database, tmp_path: Path) -> None:
    """Where to begin is known here, so what the homeserver fails to give is soon a gap."""
    clock = SteppedClock(START + timedelta(minutes=10))
    async with day(database, tmp_path, clock=clock) as world:
        await world.later(minutes=2)
        await world.jump(minutes=70)
        world.say(BOB, "Hello")
        await world.jump(hours=3)
        assert world.chat() == ["Hello"]
        without_history(world)
        world.say(ORGANISER, "!transcript talk-1")
        await world.later(minutes=20)
        assert (world.chat(), world.gaps()) == (["Hello"], [])


async def test_a_chat_with_a_gap_is_made_whole_later(database: Database, tmp_path: Path) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(BOB, "Hello")
        fault = without_history(world)
        await world.jump(minutes=6)
        await world.later(minutes=15)
        assert (world.names, world.chat()) == (["talk-1"], [])
        assert len(world.gaps()) == 1
        assert (await troubles(world))[0].endswith(
            'the transcript of "Tiny kernels" lacks something, or is older than it should be '
            "(HTTP 504). I keep trying; the log has more."
        )
        fault.times = 0
        await world.later(minutes=61)
        assert (world.chat(), world.gaps()) == (["Hello"], [])
        assert await troubles(world) == []


async def test_what_stands_stays_and_is_made_whole_later(evening: Evening) -> None:
    async with evening() as world:
        before = world.chat()
        fault = without_history(world)
        world.say(ORGANISER, "!transcript talk-1")
        await world.later(minutes=40)
        assert (world.chat(), world.gaps()) == (before, [])
        answered = {"m.relates_to": {"m.in_reply_to": {"event_id": world.regretted}}}
        world.say(ADA, "I do", **answered)
        fault.times = 0
        await world.later(minutes=61)
        assert (world.chat(), world.gaps()) == ([*before, "I do"], [])


async def test_what_is_answered_stays(evening: Evening) -> None:
    async with evening() as world:
        without_history(world)
        answered = {"m.relates_to": {"m.in_reply_to": {"event_id": world.regretted}}}
        world.say(ADA, "I do", **answered)
        await world.later(minutes=1)
        assert SECRET in world.chat()


async def test_what_is_kept_and_not_published_stays_where_the_bot_was_thrown_out(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path, privacy={"contact": ""}) as world:
        await world.later(seconds=5)
        world.say(BOB, "Hello")
        await world.jump(minutes=6)
        assert (world.chat(), list(world.folder.published())) == (["Hello"], [])
        world.bot.room(HALL).set_membership(ORGANISER, BOT, "ban")
        await world.jump(hours=3)
        assert (world.chat(), list(world.folder.published())) == (["Hello"], [])


async def test_what_is_redacted_while_the_bot_is_thrown_out_goes_once_it_is_back(
    evening: Evening,
) -> None:
    async with evening() as world:
        await world.jump(hours=3)
        room = world.bot.room(HALL)
        room.set_membership(ORGANISER, BOT, "ban")
        await world.later(minutes=2)
        room.redact(ADA, world.regretted)
        for number in range(150):
            room.say(BOB, f"more {number}")
        await world.later(minutes=2)
        assert SECRET in world.chat()
        room.set_membership(ORGANISER, BOT, "leave")
        room.set_membership(ORGANISER, BOT, "invite")
        await world.later(minutes=30)
        assert room.membership(BOT) == "join"
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()


async def test_a_history_that_is_refused_for_good_is_asked_for_a_week(evening: Evening) -> None:
    async with evening() as world:
        before, server = world.chat(), world.bot.server
        refused = (403, {"errcode": "M_FORBIDDEN", "error": "gone"})
        fault = server.fail(Fault("messages", refused, room=server.aliases[HALL], times=10**6))
        world.say(ORGANISER, "!transcript talk-1")
        await world.later(minutes=3)
        assert (world.chat(), fault.times < 10**6) == (before, True)
        for _ in range(9):
            await world.jump(hours=24)
        asked = fault.times
        for _ in range(5):
            await world.jump(hours=1)
        assert fault.times == asked
        assert world.chat() == before


async def test_where_nothing_is_answered_nobody_waits_for_each_message(evening: Evening) -> None:
    async with evening() as world:
        without_history(world)
        room, server = world.bot.room(HALL), world.bot.server
        fault = server.fail(Fault("event", (504, {}), room=server.aliases[HALL], times=1000))
        for event in [each["event_id"] for each in room.by(ADA)][-4:]:
            room.redact(ADA, event)
        await world.later(seconds=20)
        assert world.files_with(SECRET) == []
        assert fault.times == 999, "each was asked for by itself"
