"""The programme in force: what is published, and what moderators decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fosdembot.changes import ScheduleChanged, TalksChanged
from fosdembot.conference.talk_json import (
    override_from_json,
    override_to_json,
    talk_from_json,
    talk_to_json,
)
from fosdembot.db.engine import sqlite
from fosdembot.db.tables import TalkLog
from fosdembot.schedule.model import MediaLink, Talk
from fosdembot.settings import Settings
from fosdembot.talks.slots import NOTHING, Override
from simulation.conference import START, Planned
from simulation.parts import SetClock
from tests.schedule.samples import frab, talk
from tests.stage import CLOUD, KERNEL, MODERATOR, MakeStage, Stage, talks

from .programmes import programme_on

MINUTE = timedelta(minutes=1)
TINY = Planned(1, "Tiny kernels", 60, 25)
BIG = Planned(2, "Big kernels", 85, 25)
CLOUDS = Planned(11, "Small clouds", 60, 50, place="Attic", chat_room=CLOUD)


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    stage = await make_stage()
    await stage.publish(*talks(TINY, BIG), CLOUDS)
    return stage


async def times(stage: Stage, address: str = KERNEL) -> dict[str, tuple[float, float] | None]:
    """When the talks of a room take place, in minutes after `START`; None: not at all."""
    async with stage.database.read() as session:
        room = await stage.bot.programme.room(session, address)
    return {
        slot.talk.guid: ((slot.start - START) / MINUTE, (slot.end - START) / MINUTE)
        if slot.takes_place
        else None
        for slot in room.slots
    }


async def decide(stage: Stage, changes: Mapping[str, Override], room: str = KERNEL) -> None:
    async with stage.database.write() as session:
        await stage.bot.programme.decide(session, room, MODERATOR, "test", changes)


async def undo(stage: Stage, room: str = KERNEL) -> bool:
    async with stage.database.write() as session:
        return await stage.bot.programme.undo(session, room) is not None


LATE = Override(shift=10 * MINUTE)
PUSHED = Override(pushed=10 * MINUTE)
PUBLISHED = {"talk-1": (60, 85), "talk-2": (85, 110)}


async def test_as_published(stage: Stage) -> None:
    assert await times(stage) == PUBLISHED
    assert await times(stage, CLOUD) == {"talk-11": (60, 110)}
    assert await times(stage, "#other:example.org") == {}
    assert set(stage.bot.programme.talks) == {"talk-1", "talk-2", "talk-11"}


async def test_a_decision_holds_also_after_a_restart(stage: Stage) -> None:
    await decide(stage, {"talk-1": LATE, "talk-2": PUSHED})
    await stage.restart()
    assert await times(stage) == {"talk-1": (70, 95), "talk-2": (95, 120)}
    assert await times(stage, CLOUD) == {"talk-11": (60, 110)}


async def test_those_whom_it_concerns_are_called_once_it_is_committed(stage: Stage) -> None:
    called: list[object] = []
    stage.bot.changes.subscribe(called.append)
    with suppress(ZeroDivisionError):
        async with stage.database.write() as session:
            await stage.bot.programme.decide(session, KERNEL, MODERATOR, "x", {"talk-1": LATE})
            raise ZeroDivisionError
    assert called == []
    assert await times(stage) == PUBLISHED
    await decide(stage, {"talk-1": LATE})
    assert called == [TalksChanged(frozenset({KERNEL}))]
    await stage.publish(*talks(TINY, BIG, Planned(3, "New", 120, 25)), CLOUDS)
    assert called == [TalksChanged(frozenset({KERNEL})), ScheduleChanged()]


async def test_every_decision_is_in_the_log(stage: Stage) -> None:
    await decide(stage, {"talk-1": LATE, "talk-2": PUSHED})
    await decide(stage, {"talk-1": NOTHING, "talk-2": NOTHING})
    await undo(stage)
    async with stage.database.read() as session:
        first, second = list(await session.scalars(select(TalkLog).order_by(TalkLog.id)))
    assert (first.actor, first.action, first.room_id) == (MODERATOR, "test", KERNEL)
    assert first.at == stage.clock.now()
    assert [change["guid"] for change in first.changes] == ["talk-1", "talk-2"]
    assert first.changes[0]["before"] is None
    assert first.changes[0]["after"] == second.changes[0]["before"] == override_to_json(LATE)
    assert second.changes[0]["after"] is None
    assert (first.undone, second.undone) == (False, True)


async def test_undo_goes_back_step_by_step_in_its_own_room(stage: Stage) -> None:
    await decide(stage, {"talk-1": LATE})
    await decide(stage, {"talk-11": LATE}, CLOUD)
    await decide(stage, {"talk-1": Override(cancelled=True)})
    assert await undo(stage)
    assert await times(stage) == {"talk-1": (70, 95), "talk-2": (85, 110)}
    assert await undo(stage)
    assert await times(stage) == PUBLISHED
    assert not await undo(stage)
    assert await times(stage, CLOUD) == {"talk-11": (70, 120)}


async def test_a_talk_that_vanished_is_cancelled_and_may_come_back(stage: Stage) -> None:
    await decide(stage, {"talk-1": LATE})
    await stage.publish(*talks(BIG), CLOUDS)
    assert await times(stage) == {"talk-1": None, "talk-2": (85, 110)}
    await stage.restart()
    assert await times(stage) == {"talk-1": None, "talk-2": (85, 110)}
    async with stage.database.read() as session:
        room = await stage.bot.programme.room(session, KERNEL)
    assert room.vanished == {"talk-1"}
    await stage.publish(*talks(TINY, BIG), CLOUDS)
    assert await times(stage) == {"talk-1": (70, 95), "talk-2": (85, 110)}


async def test_where_the_schedule_takes_a_delay_in_it_does_not_count_twice(stage: Stage) -> None:
    await decide(stage, {"talk-1": LATE, "talk-2": PUSHED})
    await stage.publish(*talks(Planned(1, "Tiny", 70, 25), Planned(2, "Big", 95, 25)), CLOUDS)
    assert await times(stage) == {"talk-1": (70, 95), "talk-2": (95, 120)}


async def test_other_changes_of_the_schedule_leave_decisions_alone(stage: Stage) -> None:
    await decide(stage, {"talk-1": LATE, "talk-2": PUSHED})
    await stage.publish(*talks(Planned(1, "Tinier", 60, 30), BIG), CLOUDS)
    assert await times(stage) == {"talk-1": (70, 100), "talk-2": (95, 120)}


async def test_a_retimed_talk_still_makes_way(stage: Stage) -> None:
    """The first is late; the second is retimed to a moment at which that is still on."""
    await decide(stage, {"talk-1": LATE, "talk-2": PUSHED})
    await stage.publish(*talks(TINY, Planned(2, "Big", 90, 25)), CLOUDS)
    assert await times(stage) == {"talk-1": (70, 95), "talk-2": (95, 120)}


async def test_rooms_with_a_talk_soon_come_first(stage: Stage) -> None:
    assert stage.bot.programme.addresses() == [KERNEL, CLOUD]
    stage.clock.set(86)
    assert stage.bot.programme.addresses() == [CLOUD, KERNEL]
    stage.clock.set(200)
    assert stage.bot.programme.addresses() == [CLOUD, KERNEL]


async def test_neighbours_are_those_of_its_places(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*talks(TINY), Planned(2, "Big kernels", 85, 25, chat_room=CLOUD))
    async with stage.database.read() as session:
        room = await stage.bot.programme.room(session, KERNEL)
    assert [slot.talk.id for slot in room.slots] == ["1"]
    assert [slot.talk.id for slot in room.neighbours] == ["1", "2"]


@pytest.mark.parametrize(
    ("zone", "offset", "clock"),
    [
        ("Europe/Brussels", "+00:00", "10:00"),
        ("", "+02:00", "11:00"),
        ("", "-03:30", "05:30"),
        ("", "+00:00", "09:00"),
    ],
)
async def test_people_read_the_times_of_the_schedule_s_zone(
    make_stage: MakeStage, zone: str, offset: str, clock: str
) -> None:
    """Also where it has offsets only, as many camps do; also after a restart."""
    stage = await make_stage()
    start = START.astimezone(datetime.fromisoformat(f"2026-01-31T00:00:00{offset}").tzinfo)
    conference = {"title": "Camp", "time_zone_name": zone} if zone else {"title": "Camp"}
    event = talk(date=start.isoformat(), start=f"{start:%H:%M}")
    stage.schedule.write_bytes(frab("xml", [event], conference))
    await stage.bot.schedule_poller.step()
    for _ in range(2):
        assert stage.bot.programme.title == "Camp"
        assert f"{START.astimezone(stage.bot.programme.zone):%H:%M}" == clock
        await stage.restart()


async def test_it_starts_with_nothing(empty_database: Path) -> None:
    database = sqlite(str(empty_database))
    programme = programme_on(database, Settings(), SetClock())
    await programme.load()
    assert (programme.addresses(), programme.title, programme.zone) == ([], "", UTC)
    await database.close()


def test_a_talk_comes_back_from_the_database_as_it_was() -> None:
    entry = Talk(
        guid="g",
        id="1",
        title="Ti\u00e4ny",
        start=datetime(2026, 1, 31, 9, 30, 15, tzinfo=UTC),
        duration=timedelta(minutes=25, seconds=30),
        persons=("Ada L.", "Grace H."),
        chat_room=KERNEL,
        hallway=None,
        meeting="https://meet.example.org/kernel",
        recording_optout=True,
        recordings=(MediaLink("Recording", "https://example.org/a"),),
        subtitles=(MediaLink("Subtitles", "https://example.org/b"),),
        slides=(MediaLink("Slides", "https://example.org/c"),),
    )
    fields = talk_to_json(entry)
    assert json.loads(json.dumps(fields)) == fields, "it is compared with what the database holds"
    assert talk_from_json(fields) == entry


def test_a_talk_that_an_earlier_version_wrote_is_read() -> None:
    entry = Talk("g", "1", "Tiny kernels", START, 25 * MINUTE)
    fields = talk_to_json(entry)
    for name in ("meeting", "names", "recordings", "subtitles", "slides"):
        del fields[name]
    assert talk_from_json(fields) == entry


@pytest.mark.parametrize(
    "override",
    [
        NOTHING,
        Override(shift=10 * MINUTE, pushed=-3 * MINUTE),
        Override(started=START, ended=START + MINUTE, cancelled=True),
        Override(noshow=True),
    ],
)
def test_so_does_a_decision(override: Override) -> None:
    assert override_from_json(override_to_json(override)) == override
    assert (override_to_json(override) is None) == (override == NOTHING)


async def test_names_are_forgotten_some_time_after_the_last_talk(make_stage: MakeStage) -> None:
    stage = await make_stage(questions={"keep_names_days": 2})
    two_days = timedelta(days=2)
    stage.clock.set(10 * 24 * 60)
    assert stage.bot.programme.names_before() is None
    # What goes on for days is no talk.
    desk = Planned(3, "Info desk", 60, 5 * 24 * 60)
    await stage.publish(*talks(TINY, BIG, desk))
    stage.clock.set(110 + two_days / MINUTE)
    assert stage.bot.programme.names_before() is None
    stage.clock.forward(1)
    assert stage.bot.programme.names_before() == stage.clock.now() - two_days
