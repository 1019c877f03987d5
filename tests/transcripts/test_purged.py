"""The homeserver has a part of a room's history no more: what was published of it stays, and what
is redacted goes all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from fosdembot.matrix.api import Api, HomeserverAway
from fosdembot.transcripts import model_file
from fosdembot.transcripts.chat import People
from fosdembot.transcripts.history import FOLLOW, Wanted, read_chat
from fosdembot.transcripts.model import Line, Message, Span
from fosdembot.transcripts.past import past
from fosdembot.transcripts.rewriting import forget
from simulation.fake_requests import Fault
from simulation.running import ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, EVE, HALL, SECRET, Day, Evening
from .rooms import ADA as ANN
from .rooms import BOB as BEN
from .rooms import BOT, TALK, Hall
from .samples import transcript as sample


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


# The chat alone.


class Twice:
    """Reads the chat of a talk, and again with what is there then."""

    def __init__(self, folder: Path) -> None:
        self.hall = Hall(folder)
        self.model = folder / "model.json"
        room, span = self.hall.room.room_id, Span(start=TALK.start, end=TALK.end)
        self.old = sample().model_copy(update={"room_id": room, "window": span})
        self.messages = 0

    async def read(self, hidden: Sequence[str] = (), *, forced: bool = False) -> list[Line]:
        hall, old = self.hall, self.old if self.model.exists() else None
        stays = past(old, self.model, hall.room.room_id, TALK, FOLLOW)
        wanted = Wanted(hall.room.room_id, TALK, forced=forced, hidden=hidden, past=stays)
        people = People(BOT, hall.relays)
        with await read_chat(hall.api, wanted, people, hall.clock, hall.folder) as chat:
            lines = list(chat.lines())
            self.messages = chat.messages
        model_file.write(self.model, self.old, lines)
        return lines


@pytest.fixture
async def twice(tmp_path: Path) -> Twice:
    return Twice(tmp_path)


async def test_what_was_read_before_stays_as_it_was(twice: Twice) -> None:
    hall = twice.hall
    first = hall.say(1, ANN, "First")
    hall.edit(2, ANN, first, "First of all")
    hall.react(3, BEN, first)
    hall.in_thread(4, BEN, "In its thread", first)
    hall.reply(5, BEN, "An answer", first)
    rest = hall.say(6, ANN, "Rest")
    hall.say(7, BEN, "Last")
    before = await twice.read()
    assert len(before) == twice.messages == 5
    for event in (rest, hall.say(400, ANN, "Much later")):
        hall.room.purge(event)
        assert await twice.read() == before
        assert twice.messages == 5


async def test_what_answers_it_finds_it(twice: Twice) -> None:
    hall = twice.hall
    first = hall.say(1, ANN, "First")
    hall.in_thread(2, BEN, "In its thread", first)
    hall.say(3, BEN, "Second")
    await twice.read()
    hall.room.purge(hall.say(31, ANN, "After the talk"))
    late = hall.in_thread(40, BEN, "Late in its thread", first)
    reply = hall.reply(41, BEN, "A late answer", first)
    hall.react(42, BEN, first, "🎉")
    hall.edit(43, ANN, first, "First, corrected")
    lines = [line for line in await twice.read() if isinstance(line, Message)]
    assert [line.text for line in lines] == [
        "First, corrected",
        "In its thread",
        "Late in its thread",
        "Second",
        "A late answer",
    ]
    by_id = {line.id: line for line in lines}
    quote = by_id[reply].reply_to
    assert by_id[late].thread == first
    assert quote is not None
    assert (quote.name, quote.text) == ("Ada", "First, corrected")
    assert [one.key for one in by_id[first].reactions] == ["🎉"]


async def test_what_is_redacted_goes_where_the_redaction_is_read(twice: Twice) -> None:
    hall = twice.hall
    first, second = hall.say(1, ANN, "First"), hall.say(2, ANN, "Second")
    hall.say(3, BEN, "Third")
    await twice.read()
    hall.room.purge(hall.say(31, ANN, "After the talk"))
    hall.room.redact(ANN, first)
    hall.room.redact(BEN, second)
    assert [line.text for line in await twice.read() if isinstance(line, Message)] == ["Third"]


async def test_what_is_hidden_goes(twice: Twice) -> None:
    hall = twice.hall
    first = hall.say(1, ANN, "First")
    hall.say(2, BEN, "Second")
    await twice.read()
    hall.room.purge(hall.say(31, ANN, "After the talk"))
    lines = await twice.read(hidden=[first])
    assert [line.text for line in lines if isinstance(line, Message)] == ["Second"]


async def test_what_was_redacted_before_does_not_stay(twice: Twice) -> None:
    hall = twice.hall
    first = hall.say(1, ANN, "First")
    hall.say(2, BEN, "Second")
    await twice.read()
    hall.room.redact(ANN, first)
    lines = await twice.read()
    assert [line.text for line in lines if isinstance(line, Message)] == ["Second"]


async def test_what_the_homeserver_only_fails_to_say_is_no_loss(twice: Twice) -> None:
    hall = twice.hall
    hall.say(1, ANN, "First")
    before = await twice.read()
    hall.room.purge(hall.say(31, ANN, "After the talk"))
    hall.server.fail(Fault("event", (502, {}), room=hall.room.room_id))
    with pytest.raises(Exception, match="502"):
        await twice.read()
    assert await twice.read() == before


async def test_what_the_homeserver_only_fails_to_say_for_long_stays(twice: Twice) -> None:
    hall = twice.hall
    hall.say(1, ANN, "First")
    before = await twice.read()
    hall.room.purge(hall.say(31, ANN, "After the talk"))
    fault = hall.server.fail(Fault("event", (502, {}), room=hall.room.room_id, times=1000))
    assert await twice.read(forced=True) == before
    assert fault.times == 999


async def test_what_was_read_before_stays_where_there_is_a_hole_now(
    twice: Twice, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = twice.hall
    for number in range(3):
        hall.say(number, BEN, f"Before {number}")
    before = await twice.read()
    for number in range(3, 8):
        hall.say(number, ANN, f"After {number}")
    known, read = {line.id for line in before if isinstance(line, Message)}, Api.messages

    async def messages(self: Api, *given: Any) -> Any:
        answer = await read(self, *given)
        if any(event["event_id"] in known for event in answer["chunk"]):
            raise HomeserverAway("HTTP 504")
        return answer

    monkeypatch.setattr(Api, "messages", messages)
    lines = await twice.read(forced=True)
    said = [line.text for line in lines if isinstance(line, Message)]
    assert said == [*(f"Before {n}" for n in range(3)), *(f"After {n}" for n in range(3, 8))]
    assert len(lines) == len(said) + 1, "and it is said that there is a gap"


# The whole bot.


def purged(world: Day) -> None:
    """All that was said until now."""
    room = world.bot.room(HALL)
    room.purge(world.say(EVE, "Much later"))


async def again(world: Day) -> None:
    world.say(ORGANISER, "!transcript talk-1")
    await world.later(minutes=1)


async def test_a_chat_that_is_published_stays(evening: Evening) -> None:
    async with evening() as world:
        before = world.chat()
        assert SECRET in before
        await world.jump(hours=4)
        purged(world)
        await again(world)
        assert world.chat() == before
        assert "public/talk-1/index.html" in world.files_with(SECRET)
        assert world.transcript().messages == len(before)


async def test_what_is_redacted_afterwards_goes(evening: Evening) -> None:
    async with evening() as world:
        await world.jump(hours=4)
        purged(world)
        await again(world)
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()
        await again(world)
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()


async def test_what_is_answered_afterwards_stays(evening: Evening) -> None:
    async with evening() as world:
        before = world.chat()
        await world.jump(hours=4)
        purged(world)
        answered = {"m.relates_to": {"m.in_reply_to": {"event_id": world.regretted}}}
        world.say(BOB, "Do not", **answered)
        await world.later(minutes=1)
        assert world.chat() == before


async def test_who_opts_out_afterwards_is_not_named(evening: Evening) -> None:
    async with evening() as world:
        await world.jump(hours=4)
        purged(world)
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        assert world.files_with("<bdi>ada</bdi>") == []
        assert SECRET in world.chat()


async def test_a_question_that_is_dismissed_afterwards_goes(evening: Evening) -> None:
    async with evening() as world:
        await world.jump(hours=4)
        purged(world)
        world.say(ORGANISER, "!dismiss 1")
        await world.later(minutes=1)
        assert world.files_with("How small") == []
        assert "Hello" in world.chat()


async def test_a_homeserver_that_fails_takes_nothing_away(evening: Evening) -> None:
    async with evening() as world:
        before, server = world.chat(), world.bot.server
        await world.jump(hours=4)
        purged(world)
        fault = server.fail(Fault("event", (502, {}), room=server.aliases[HALL], times=10**6))
        await again(world)
        assert world.chat() == before
        await world.jump(minutes=30)
        assert world.chat() == before
        fault.times = 0
        await world.jump(hours=1)
        assert world.chat() == before


async def test_what_is_redacted_while_it_is_made_goes(evening: Evening) -> None:
    async with evening() as world:
        await world.jump(hours=4)
        purged(world)
        server = world.bot.server
        slow = server.fail(Fault("messages", room=server.aliases[HALL], hold=asyncio.Event()))
        assert slow.hold is not None
        world.say(ORGANISER, "!transcript talk-1")
        for _ in range(100):
            if not slow.met.is_set():
                await world.later(seconds=1)
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(seconds=5)
        slow.hold.set()
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()


@pytest.mark.parametrize("rule", ["nameless", "removed"])
async def test_who_is_forgotten_or_left_out_goes_from_it(evening: Evening, rule: str) -> None:
    async with evening(transcripts={"opted_out": rule}) as world:
        await world.jump(hours=4)
        purged(world)
        await again(world)
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        assert world.files_naming("ada") == []
        assert (SECRET in world.chat()) is (rule == "nameless")
        forget(world.folder, [BOB])
        await again(world)
        assert "Hello" not in world.chat()
        assert world.files_with("bob") == []
