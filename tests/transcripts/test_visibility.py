"""What was said where newcomers cannot read it stays unpublished, whatever the room is like now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fosdembot.db.engine import Database
from fosdembot.matrix.api import Json, MatrixError
from fosdembot.transcripts.publishing_rules import HISTORY_VISIBILITY
from fosdembot.transcripts.visibility import MOST_CHANGES, visibility_of
from fosdembot.transcripts.window import Window
from simulation.direct import DirectApi
from simulation.running import ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, HALL, Day, day
from .rooms import ADA as ANN
from .rooms import BOT, TALK, Hall, window
from .samples import START


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([], None),
        ([(-200, "shared")], "shared"),
        ([(-200, "joined")], "joined"),
        # Before the talk, after it, and in its middle.
        ([(-200, "joined"), (-100, "shared")], "shared"),
        ([(-200, "shared"), (100, "joined")], "joined"),
        ([(-200, "joined"), (100, "shared")], "joined"),
        ([(-200, "shared"), (10, "joined"), (20, "shared")], "joined"),
        ([(-200, "shared"), (100, "joined"), (200, "world_readable")], "world_readable"),
        ([(-200, "invited"), (100, "joined"), (200, "shared")], "invited"),
        ([(10, "shared")], "shared"),
    ],
)
async def test_what_was_in_force(
    tmp_path: Path, changes: list[tuple[float, str]], found: str | None
) -> None:
    hall = Hall(tmp_path)
    for minute, visibility in changes:
        hall.event(minute, ANN, HISTORY_VISIBILITY, {"history_visibility": visibility}, "")
    assert await visibility_of(hall.api, hall.clock, hall.room.room_id, TALK) == found


async def test_a_talk_without_a_chat_goes_by_its_start(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    hall.event(-200, ANN, HISTORY_VISIBILITY, {"history_visibility": "joined"}, "")
    hall.event(1, ANN, HISTORY_VISIBILITY, {"history_visibility": "shared"}, "")
    nothing = Window(START, START)
    assert await visibility_of(hall.api, hall.clock, hall.room.room_id, nothing) == "joined"
    assert await visibility_of(hall.api, hall.clock, hall.room.room_id, window(2, 2)) == "shared"


async def test_a_homeserver_that_gives_the_content_alone_says_what_is_now(tmp_path: Path) -> None:
    hall = Hall(tmp_path)

    class Plain(DirectApi):
        async def request(
            self,
            method: str,
            path: str,
            body: Mapping[str, Any] | None = None,
            query: Mapping[str, str] | None = None,
            timeout: float = 60,
        ) -> Json:
            rest = {key: value for key, value in (query or {}).items() if key != "format"}
            return await super().request(method, path, body, rest, timeout)

    hall.event(-200, ANN, HISTORY_VISIBILITY, {"history_visibility": "joined"}, "")
    hall.event(100, ANN, HISTORY_VISIBILITY, {"history_visibility": "shared"}, "")
    api = Plain(hall.server, hall.server.log_in(BOT))
    assert await visibility_of(api, hall.clock, hall.room.room_id, TALK) == "shared"


async def test_it_is_not_asked_without_end(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    for number in range(MOST_CHANGES + 5):
        content = {"history_visibility": "shared", "number": number}
        hall.event(100 + number, ANN, HISTORY_VISIBILITY, content, "")
    before = hall.server.requests["event"]
    await visibility_of(hall.api, hall.clock, hall.room.room_id, TALK)
    assert hall.server.requests["event"] - before <= MOST_CHANGES


async def test_an_error_is_no_answer(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    with pytest.raises(MatrixError):
        await visibility_of(hall.api, hall.clock, "!other:example.org", TALK)


def shows(world: Day, visibility: str) -> None:
    content = {"history_visibility": visibility}
    world.bot.room(HALL).add(ADA, HISTORY_VISIBILITY, content, "")


async def test_what_was_said_among_those_in_the_room_stays_there(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path) as world:
        shows(world, "joined")
        await world.later(seconds=5)
        world.say(BOB, "Among us")
        await world.jump(minutes=6)
        assert world.names == ["talk-1"]
        shows(world, "shared")
        await world.later(minutes=1)
        world.say(ORGANISER, "!transcript talk-1")
        await world.later(minutes=1)
        assert world.files_with("Among us") == []
        assert list(world.folder.published()) == []
