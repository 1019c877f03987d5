"""The room view: what every face shows of a talk room, on a real database, without a bot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fosdembot.conference.room_talks import AudienceTalks, StageTalks
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database
from fosdembot.db.tables import RoomAddress
from fosdembot.questions.assignment import Ambiguous, Chosen
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.talks.answers import whats_on
from fosdembot.talks.phases import Phase
from fosdembot.talks.slots import Override, S, as_streamed
from simulation.parts import SetClock
from tests.stage import MODERATOR
from tests.talks.programme import ROOM, at, settings, talk

from .programmes import programme_on

ROOM_ID = "!kernel"
OLDER = "#older:example.org"
TINY = talk("tiny", "10:00", chat_room=ROOM)
BIG = talk("big", "10:30", chat_room=ROOM)
LUNCH = talk("lunch", "12:00", 60, title="Lunch", chat_room=ROOM)
OLD = talk("old", "14:00", chat_room=ROOM)
DAY = (TINY, BIG, LUNCH, OLD)


class World:
    """A programme in force, and what reads it."""

    def __init__(self, database: Database, **sections: Any) -> None:
        self.database = database
        self._settings = settings(**sections)
        self.programme = programme_on(database, self._settings, SetClock())
        self.views = RoomViews(self.programme, self._settings)

    async def publish(self, *talks: Talk) -> None:
        async with self.database.write() as session:
            schedule = Schedule(format="", title="", time_zone="Europe/Brussels", entries=talks)
            await self.programme.replace(session, schedule)

    async def decide(self, **changes: Override) -> None:
        async with self.database.write() as session:
            await self.programme.decide(session, ROOM, MODERATOR, "test", changes)


@pytest.fixture
async def world(database: Database) -> World:
    """The audience sees everything a minute later."""
    world = World(database, notices={"stream_delay_by_room": {ROOM: 60}})
    await world.publish(*DAY)
    return world


def names(talks: tuple[S, ...]) -> list[str]:
    return [slot.talk.guid for slot in talks]


async def stage(world: World, clock: str) -> StageTalks:
    async with world.database.read() as session:
        return await world.views.stage(session, ROOM, at(clock))


async def audience(world: World, clock: str) -> AudienceTalks:
    async with world.database.read() as session:
        return await world.views.audience(session, ROOM, at(clock))


@pytest.mark.parametrize(
    ("clock", "on", "next_up", "current"),
    [
        ("09:59:59", [], ["tiny"], ["tiny"]),
        ("10:00:00", ["tiny"], ["big"], ["tiny"]),
        ("10:25:00", [], ["big"], ["tiny"]),
        ("10:30:00", ["big"], ["lunch"], ["big"]),
        ("12:10:00", ["lunch"], ["old"], ["old"]),
        ("14:34:59", [], [], ["old"]),
        ("14:35:00", [], [], []),
    ],
)
async def test_the_audience_sees_it_all_later_by_the_delay(
    world: World, clock: str, on: list[str], next_up: list[str], current: list[str]
) -> None:
    minute = timedelta(minutes=1)
    here = await stage(world, clock)
    assert (names(here.on), names(here.next), names(here.current)) == (on, next_up, current)
    async with world.database.read() as session:
        there = await world.views.audience(session, ROOM, at(clock) + minute)
    assert (names(there.on), names(there.next), names(there.current)) == (on, next_up, current)
    assert [slot.start - minute for slot in there.slots] == [slot.start for slot in here.slots]


async def test_the_types_keep_the_two_times_apart(world: World) -> None:
    """mypy fails where one of these lines needs no `ignore` any more."""
    here, there = await stage(world, "10:00"), await audience(world, "10:00")
    as_streamed(there.slots, settings(), ROOM)  # type: ignore[arg-type]
    whats_on(here.slots, here.at, here.zone, "!")  # type: ignore[arg-type]
    here.phase(there.slots[0])  # type: ignore[arg-type]


async def test_a_break_is_on_but_no_talk(world: World) -> None:
    assert (await stage(world, "10:10")).has_talk_on
    during = await stage(world, "12:10")
    assert names(during.on) == ["lunch"]
    assert not during.has_talk_on
    assert during.asked_about == Chosen(during.slots[3], in_doubt=True)


async def test_what_moderators_decided_counts(world: World) -> None:
    await world.decide(tiny=Override(shift=timedelta(minutes=3)), big=Override(cancelled=True))
    early = await stage(world, "10:01")
    assert names(early.next) == ["tiny"]
    assert [early.phase(slot) for slot in early.slots[:2]] == [Phase.UPCOMING, Phase.CANCELLED]
    qa = await stage(world, "10:24")
    tiny = qa.of("tiny")
    assert tiny is not None
    assert qa.phase(tiny) is Phase.QA
    streamed = (await audience(world, "10:24")).of("tiny")
    assert streamed is not None
    assert streamed.qa_start == at("10:24")
    assert tiny.qa_start == at("10:23")
    following = qa.after("tiny")
    assert following is not None
    assert following.talk.guid == "old"
    assert qa.of("nothing") is None


async def test_where_two_are_on_the_reader_learns_of_both(world: World) -> None:
    await world.publish(TINY, talk("other", "10:00", room="Hall 0", chat_room=ROOM))
    talks = await audience(world, "10:10")
    assert isinstance(talks.asked_about, Ambiguous)
    assert names(talks.current) == ["other", "tiny"]


async def test_a_room_has_the_talks_of_all_its_addresses(world: World) -> None:
    await world.publish(TINY, talk("big", "10:30", chat_room=OLDER))
    async with world.database.write() as session:
        session.add_all(RoomAddress(address=a, room_id=ROOM_ID) for a in (ROOM, OLDER))
    async with world.database.read() as session:
        talks = await world.views.stage_of_room(session, ROOM_ID, at("10:31"))
        nowhere = await world.views.stage_of_room(session, "!other", at("10:31"))
    assert {slot.talk.guid for slot in talks.slots if slot.takes_place} == {"big", "tiny"}
    assert names(talks.current) == ["big"]
    assert nowhere.slots == nowhere.current == ()
    assert nowhere.asked_about is None
