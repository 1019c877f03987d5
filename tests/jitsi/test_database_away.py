"""The database is away for a moment, while the connection to the meeting stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from fosdembot.conference.meeting_lines import Lines
from fosdembot.db.engine import WriteSession
from fosdembot.jitsi.meeting import Said
from fosdembot.questions.states import Action

from .hall import Hall
from .stand_in import MIRA

Away = Callable[[int], list[float]]


@pytest.fixture
def away(qa: Hall, monkeypatch: pytest.MonkeyPatch) -> Away:
    """Lets so many transactions fail; how long was waited between them, if it was."""
    clock, write = qa.stage.clock, qa.stage.database.write
    waited: list[float] = []
    left = [0]

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    def fails(*, durable: bool = True) -> object:
        if left[0] > 0:
            left[0] -= 1
            raise OSError("away")
        return write(durable=durable)

    def begin(times: int) -> list[float]:
        left[0] = times
        return waited

    monkeypatch.setattr(clock, "sleep", sleep)
    monkeypatch.setattr(clock, "monotonic", lambda: sum(waited))
    monkeypatch.setattr(qa.stage.database, "write", fails)
    return begin


async def test_a_line_is_said_once_though_the_database_is_away_as_it_appears(
    qa: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[int] = []
    note = Lines.note

    async def fails_twice(self: Lines, session: WriteSession, id_: int, state: str) -> None:
        if len(failed) < 2:
            failed.append(id_)
            raise OSError("away")
        await note(self, session, id_, state)

    monkeypatch.setattr(Lines, "note", fails_twice)
    await qa.act(2, Action.TAKE)
    for _ in range(2):
        with pytest.raises(OSError, match="away"):
            await qa.look()
    await qa.look()
    await qa.restart()
    await qa.look()
    assert qa.meeting.said.count("Now: 2 (0 votes): How big? – Bob") == 1
    assert {row.state for row in await qa.rows()} == {"sent"}


async def test_who_comes_in_meanwhile_stays_and_goes_on_once_it_is_back(
    qa: Hall, away: Away
) -> None:
    await qa.act(2, Action.TAKE)
    away(1)
    task = asyncio.create_task(qa.bridge.serve(qa.connection))
    async with asyncio.timeout(10):
        while "Now: 2 (0 votes): How big? – Bob" not in qa.meeting.said and not task.done():
            await asyncio.sleep(0.01)
    assert not task.done()
    qa.meeting.end()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_is_typed_meanwhile_takes_effect_once_it_is_back(qa: Hall, away: Away) -> None:
    away(3)
    assert await qa.hears("!next") == ["Now: 1 (0 votes): How small? – Bob"]
    assert await qa.state(1) == "answering"


async def test_what_took_effect_though_the_database_could_not_say_so_is_not_done_again(
    qa: Hall, monkeypatch: pytest.MonkeyPatch, away: Away
) -> None:
    """The connection to a server may be lost after it has committed."""
    commit = WriteSession.commit
    failed: list[bool] = []

    async def lost(self: WriteSession) -> None:
        await commit(self)
        if not failed:
            failed.append(True)
            raise OSError("lost")

    away(0)
    monkeypatch.setattr(WriteSession, "commit", lost)
    assert await qa.hears("!next") == ["Now: 1 (0 votes): How small? – Bob"]
    assert await qa.states(1, 2) == ["answering", "open"]


async def test_what_was_typed_long_ago_is_not_done_when_nobody_expects_it(
    qa: Hall, away: Away, caplog: pytest.LogCaptureFixture
) -> None:
    waited = away(1000)
    await qa.hear(said("a", "!next"))
    assert 30 <= sum(waited) < 60
    before = len(waited)
    await qa.hear(said("b", "!next"))
    assert len(waited) == before, "others wait no longer for it"
    assert caplog.text.count("a message had no effect") == 2
    away(0)
    assert await qa.hears("!done") == ["1 is answered. Next: 2 (0 votes): How big? – Bob"]
    away(2)
    assert await qa.hears("!next") == ["Now: 2 (0 votes): How big? – Bob"]


async def test_a_fault_of_ours_is_not_tried_again(
    qa: Hall, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> bool:
        raise ValueError

    monkeypatch.setattr(type(qa.bridge.obeying), "hear", breaks)
    await qa.hear(said("a", "!next"))
    assert away(0) == []


def said(id_: str, text: str) -> Said:
    return Said(id_, MIRA, text)
