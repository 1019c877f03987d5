"""A talk that was held stays where and when it was, whatever the schedule says of it later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fosdembot.db.engine import Database
from fosdembot.transcripts import model_file
from fosdembot.transcripts.held import as_held, comes_again, stays
from fosdembot.transcripts.model import Link, Links, Span, Spoken, Transcript
from fosdembot.transcripts.window import Window
from simulation.conference import Planned, publish, schedule_xml
from simulation.fake_homeserver import SERVER
from simulation.running import BOT, ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, EVE, HALL, TALKS, Day, Evening, day
from .samples import transcript

ROOM = "!hall"
OTHER = f"#other:{SERVER}"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


OLD = transcript().model_copy(update={"room_id": ROOM})
WAS = Window(OLD.window.start, OLD.window.end)


def later(by: timedelta, window: Window = WAS) -> Window:
    return Window(window.start + by, window.end + by)


@pytest.mark.parametrize(
    ("room", "window", "expected"),
    [
        (ROOM, WAS, False),
        (ROOM, later(timedelta(minutes=5)), False),
        (ROOM, later(DAY), True),
        (ROOM, later(364 * DAY), True),
        (ROOM, later(-DAY), True),
        ("!other", WAS, True),
        (None, WAS, True),
        (ROOM, None, True),
    ],
)
def test_another_room_or_day_is_not_where_it_was(
    room: str | None, window: Window | None, expected: bool
) -> None:
    assert stays(OLD, WAS.end, room, window) is expected
    assert stays(OLD, WAS.end - timedelta(seconds=1), room, window) is False


def test_a_talk_of_which_no_room_was_known_gets_one() -> None:
    assert not stays(OLD.model_copy(update={"room_id": None}), WAS.end, ROOM, WAS)


def test_what_is_put_off_comes_again_and_next_year_s_does_not() -> None:
    assert comes_again(OLD, later(DAY))
    assert not comes_again(OLD, later(364 * DAY))
    assert not comes_again(OLD, later(-DAY))
    nothing = Window(WAS.end + DAY, WAS.end + DAY)
    assert not comes_again(OLD, nothing)


def moved(old: Transcript, by: timedelta) -> Transcript:
    planned = Span(start=old.talk.planned.start + by, end=old.talk.planned.end + by)
    update = {"planned": planned, "actual": planned, "place": "Cellar", "title": "Other"}
    return old.model_copy(update={"talk": old.talk.model_copy(update=update)})


def test_the_schedule_may_correct_what_it_says_of_a_talk_but_not_when_it_was() -> None:
    made = as_held(moved(OLD, DAY), OLD, is_off=False)
    assert made.talk == OLD.talk.model_copy(update={"title": "Other"})
    assert as_held(moved(OLD, 364 * DAY), OLD, is_off=False) == OLD


def test_it_was_part_of_the_conference_of_then() -> None:
    new = OLD.model_copy(update={"conference": "Next", "zone": "Asia/Tokyo"})
    assert as_held(new, OLD, is_off=True) == OLD
    assert as_held(moved(new, 364 * DAY), OLD, is_off=False) == OLD
    assert as_held(new, OLD, is_off=False) == new, "its name was corrected"


# A whole bot.


SPOKEN = Spoken(second=1500, score=90, quote="64 kilobytes.")


def recorded(world: Day) -> None:
    """The recording is out, and the first question was found in it."""
    path, made = world.folder.model("talk-1"), world.transcript()
    found = made.questions[0].model_copy(update={"spoken": SPOKEN})
    subtitles = Link(label="Subtitles", url="https://video.example.org/tiny.vtt")
    update = {"questions": (found,), "links": Links(subtitles=(subtitles,))}
    model_file.write(path, made.model_copy(update=update), list(model_file.lines(path)))


async def republished(world: Day, first: Planned, **passes: float) -> None:
    publish(world.schedule, schedule_xml((first, *TALKS[1:])))
    await world.jump(**passes)
    await world.later(minutes=5)


async def test_another_room_s_talk_is_not_published_as_its_chat(
    database: Database, tmp_path: Path
) -> None:
    talks = (*TALKS, Planned(3, "Else", 150, 25, chat_room=OTHER))
    async with day(database, tmp_path, talks=talks, schedule={"poll_minutes": 1}) as world:
        server = world.bot.server
        server.create_room(OTHER, [BOT, ORGANISER, ADA, BOB, EVE])
        await world.later(minutes=1)
        world.say(BOB, "Hello")
        server.rooms[server.aliases[OTHER]].say(EVE, "Crew only: the key is under the mat")
        await world.jump(minutes=6)
        assert world.chat() == ["Hello"]
        await republished(world, replace(TALKS[0], chat_room=OTHER, place="Cellar"), hours=3)
        assert world.chat() == ["Hello"]
        assert world.files_with("under the mat") == []
        assert world.transcript().room == HALL


async def test_the_next_conference_s_schedule_gives_it_no_other_name(evening: Evening) -> None:
    async with evening(schedule={"poll_minutes": 1}) as world:
        then, question = world.transcript().conference, world.transcript().questions[0]
        publish(world.schedule, schedule_xml(TALKS[1:], title="Next Conf"))
        await world.jump(hours=3)
        world.say(ORGANISER, f"!dismiss {question.number}")
        await world.later(minutes=5)
        assert world.files_with(question.text) == []
        assert world.transcript().conference == then != "Next Conf"
        assert "Hello" in world.chat()


async def test_a_talk_that_is_put_off_keeps_its_chat_until_the_new_one_is_over(
    evening: Evening,
) -> None:
    async with evening(schedule={"poll_minutes": 1}) as world:
        before = world.chat()
        await republished(world, replace(TALKS[0], at=TALKS[0].at + 24 * 60), hours=3)
        assert world.chat() == before
        await world.jump(hours=20.5)
        world.say(EVE, "Now really")
        await world.later(minutes=1)
        assert world.chat() == before
        await world.jump(hours=1)
        assert world.chat() == ["Now really"]


async def test_next_year_s_talk_of_the_same_id_does_not_take_its_place(evening: Evening) -> None:
    async with evening(schedule={"poll_minutes": 1}) as world:
        before = world.chat()
        planned = world.transcript().talk.planned
        recorded(world)
        next_year = TALKS[0].at + 364 * 24 * 60
        await republished(world, replace(TALKS[0], at=next_year), days=1)
        assert (world.chat(), world.transcript().talk.planned) == (before, planned)
        assert world.transcript().questions[0].spoken == SPOKEN
        await world.jump(days=365)
        assert (world.chat(), world.transcript().talk.planned) == (before, planned)


async def test_it_is_deleted_in_time_all_the_same(evening: Evening) -> None:
    rules = {"schedule": {"poll_minutes": 1}, "transcripts": {"keep_days": 30}}
    async with evening(**rules) as world:
        next_year = TALKS[0].at + 364 * 24 * 60
        await republished(world, replace(TALKS[0], at=next_year), days=29)
        assert "talk-1" in world.names
        await world.jump(days=1)
        assert "talk-1" not in world.names
