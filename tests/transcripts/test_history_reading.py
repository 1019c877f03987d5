"""How a room's history is read: from where, in pages, and around what cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from fosdembot.matrix.api import HomeserverAway
from fosdembot.transcripts import history
from simulation.events import Json
from simulation.fake_requests import Answered, Fault

from .rooms import ADA, BOB, BOT, FAR, Hall, minute, window


@pytest.fixture
async def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path)


@pytest.mark.parametrize("knows_dates", [True, False])
async def test_it_begins_at_an_event_that_we_can_trust(hall: Hall, knows_dates: bool) -> None:
    hall.say(-90, BOT, "long before")
    last = hall.say(-60, BOT, "before")
    hall.say(-0.5, FAR, "somebody else")
    hall.say(1, BOT, "within")
    if not knows_dates:
        refusal = (404, {"errcode": "M_UNRECOGNIZED", "error": "what?"})
        hall.server.fail(Fault("timestamp_to_event", refusal, times=99))
    read = await hall.read()
    assert read.texts == ["within"]
    assert read.begins == last
    assert read.accounts["of no talk"] == 2


async def test_a_later_reading_begins_where_the_first_did(hall: Hall) -> None:
    hall.say(-1, ADA, "before")
    hall.say(1, BOB, "within")
    begins = (await hall.read()).begins
    before = hall.server.requests["timestamp_to_event"]
    read = await hall.read(begins=begins)
    assert read.texts == ["within"]
    assert hall.server.requests["timestamp_to_event"] == before


async def test_a_talk_that_begins_earlier_now_is_read_from_there(hall: Hall) -> None:
    hall.say(-30, ADA, "long before")
    hall.say(-10, ADA, "earlier")
    begins = hall.say(-1, ADA, "before")
    hall.say(1, BOB, "within")
    read = await hall.read(window(-15, 30), begins=begins)
    assert read.texts == ["earlier", "before", "within"]


async def test_many_pages_are_one_chat(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 7)
    for number in range(100):
        hall.say(number / 10, (ADA, BOB)[number % 2], f"number {number}")
    assert (await hall.read()).texts == [f"number {number}" for number in range(100)]


async def test_nothing_is_read_beyond_what_can_belong_to_it(hall: Hall) -> None:
    hall.server.page_at_most = 10
    for number in range(300):
        hall.say(number, ADA, f"number {number}")
    read = await hall.read()
    assert len(read.said) == 30
    assert sum(read.accounts.values()) <= 150 + 10 + 10


async def test_around_what_cannot_be_read_there_is_a_gap(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        hall.say(number + 1, ADA, f"number {number}")
    poison = hall.room.events[-5]
    hall.event(11, ADA, "m.room.member", {"membership": "join", "displayname": "Lovelace"}, ADA)
    hall.say(12, ADA, "at last")
    ask = hall.server.answer

    async def answer(token: str, path: str, query: dict[str, str], body: Json) -> Answered:
        answered = await ask(token, path, query, body)
        broken = "/messages" in path and f'"{poison["event_id"]}"'.encode() in answered.body
        return Answered(200, b"[]") if broken else answered

    monkeypatch.setattr(hall.server, "answer", answer)
    read = await hall.read()
    numbers = [f"number {number}" for number in range(10)]
    assert read.texts == [*numbers[:5], "(gap)", *numbers[6:], "at last"]
    assert [minute(gap.after) for gap in read.gaps if gap.after] == [5]
    assert read.said[-1].name == "Lovelace"
    assert {message.name for message in read.said[:-1]} == {"Ada"}


async def test_a_room_that_we_may_not_read_is_a_gap(hall: Hall) -> None:
    hall.say(1, ADA, "said")
    refusal = (403, {"errcode": "M_FORBIDDEN", "error": "no"})
    hall.server.fail(Fault("messages", refusal, times=99))
    assert (await hall.read()).texts == ["(gap)"]


async def test_a_homeserver_that_is_away_is_asked_again_later(hall: Hall, tmp_path: Path) -> None:
    hall.say(1, ADA, "said")
    fault = hall.server.fail(Fault("messages", (502, {}), times=99))
    with pytest.raises(HomeserverAway):
        await hall.read()
    fault.times = 0
    assert (await hall.read()).texts == ["said"]
    assert list(tmp_path.iterdir()) == []


async def test_a_limit_is_waited_for(hall: Hall) -> None:
    hall.say(1, ADA, "said")
    limited = (429, {"errcode": "M_LIMIT_EXCEEDED", "error": "slow", "retry_after_ms": 1})
    hall.server.fail(Fault("messages", limited, times=1))
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(hall.read())
        await hall.steps.advance(1)
    assert reading.result().texts == ["said"]


async def test_a_redaction_that_is_not_allowed_changes_nothing(hall: Hall) -> None:
    """The homeserver says what is redacted, not who says so."""
    said = hall.say(1, ADA, "said")
    hall.event(2, FAR, "m.room.redaction", {"redacts": said})
    assert (await hall.read()).texts == ["said"]


def meanwhile(hall: Hall, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Something takes place once the first page of history was given."""
    monkeypatch.setattr(history, "PAGE", 12)
    ask = hall.server.answer
    pages = iter((True,))

    async def answer(token: str, path: str, query: dict[str, str], body: Json) -> Answered:
        answered = await ask(token, path, query, body)
        if query.get("dir") == "f" and "limit" in query and next(pages, False):
            happens()
        return answered

    monkeypatch.setattr(hall.server, "answer", answer)


@pytest.mark.parametrize("by", [ADA, BOB])
async def test_what_is_redacted_while_we_read_is_gone(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    said = hall.say(1, ADA, "said")
    for number in range(20):
        hall.say(2, BOB, f"number {number}")
    answer = hall.reply(3, BOB, "an answer", said)
    meanwhile(hall, monkeypatch, lambda: hall.room.redact(by, said))
    read = await hall.read()
    assert "said" not in read.texts
    quote = read.by_id(answer).reply_to
    assert quote is not None
    assert quote.id == ""


async def test_an_edit_that_is_redacted_while_we_read_is_gone(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = hall.say(1, ADA, "said")
    for number in range(20):
        hall.say(2, BOB, f"number {number}")
    edit = hall.edit(3, ADA, said, "said in anger")
    meanwhile(hall, monkeypatch, lambda: hall.room.redact(ADA, edit))
    message = (await hall.read()).by_id(said)
    assert (message.text, message.edited) == ("said", None)


@pytest.mark.parametrize("forced", [True, False])
async def test_where_the_homeserver_fails_time_and_again_the_rest_is_read(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, forced: bool
) -> None:
    monkeypatch.setattr(history, "PAGE", 5)
    for number in range(20):
        hall.say(number, ADA, f"number {number}")
    ask = hall.server.answer
    poison = f'"{hall.room.events[-10]["event_id"]}"'.encode()

    async def answer(token: str, path: str, query: dict[str, str], body: Json) -> Answered:
        answered = await ask(token, path, query, body)
        broken = "/messages" in path and poison in answered.body
        return Answered(500, b"{}") if broken else answered

    monkeypatch.setattr(hall.server, "answer", answer)
    if not forced:
        with pytest.raises(HomeserverAway):
            await hall.read()
        return
    texts = (await hall.read(forced=True)).texts
    assert texts == [f"number {n}" if n != 10 else "(gap)" for n in range(20)]


async def test_what_is_no_event_is_a_gap(hall: Hall) -> None:
    hall.say(1, ADA, "said")
    hall.server.raw["odd"] = b"5"
    hall.event(2, ADA, "odd", {})
    hall.event(2, ADA, "odd", {})
    hall.say(3, ADA, "said again")
    read = await hall.read()
    assert read.texts == ["said", "(gap)", "said again"]
    assert [gap.why for gap in read.gaps] == ["type 'int'"]


async def test_a_gap_long_before_the_talk_is_none_of_it(hall: Hall) -> None:
    hall.server.raw["odd"] = b"5"
    hall.event(-25, ADA, "odd", {})
    hall.say(-20, ADA, "before")
    hall.say(1, ADA, "said")
    read = await hall.read(others=[window(-30, 0)])
    assert (read.texts, read.accounts["gap"]) == (["said"], 1)


async def test_a_folder_that_cannot_be_written_is_named(hall: Hall) -> None:
    hall.folder = hall.folder / "missing"
    with pytest.raises(OSError, match="missing"):
        await hall.read()
