"""The revisions of a real schedule, fed to a running bot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from fosdembot.db.engine import Database
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.schedule.read import read
from fosdembot.settings import Settings
from fosdembot.talks.changes import same_title
from fosdembot.talks.notices import Notice, plan
from fosdembot.talks.slots import build_slots
from simulation.fake_homeserver import FakeHomeserver
from simulation.running import BOT, CONTROL, ORGANISER, Running, clock_from, running
from simulation.waiting import wait_for

BRUSSELS = ZoneInfo("Europe/Brussels")
EVENING_BEFORE = datetime(2026, 1, 30, 20, 0, tzinfo=BRUSSELS)
SATURDAY_NOON = datetime(2026, 1, 31, 12, 0, tzinfo=BRUSSELS)
NAMES = ("r1-20260118", "r2-20260125", "r3-20260130", "r4-20260202")


@cache
def revision(folder: Path, name: str) -> bytes:
    return (folder / f"fosdem-2026-{name}.xml").read_bytes()


@cache
def parsed(data: bytes) -> Schedule:
    return read(data, Settings().schedule)


def rooms_of(*schedules: Schedule) -> list[str]:
    return sorted({t.chat_room for s in schedules for t in s.entries if t.chat_room})


def without(data: bytes, number: int) -> bytes:
    """The schedule without so many of its talks."""
    text = data.decode()
    talks = re.findall(r"<event .*?</event>", text, re.DOTALL)
    for talk in talks[::3][:number]:
        text = text.replace(talk, "", 1)
    return text.encode()


def planned(schedule: Schedule) -> dict[str, list[Notice]]:
    """Every notice of every room, from the schedule alone."""
    settings = Settings()
    by_room: dict[str, list[Talk]] = {room: [] for room in rooms_of(schedule)}
    for talk in schedule.entries:
        if talk.chat_room:
            by_room[talk.chat_room].append(talk)
    return {
        room: plan(build_slots(talks, {}, settings), settings, room, False, schedule.tz)
        for room, talks in by_room.items()
    }


def concerned(old: Schedule, new: Schedule, now: datetime) -> set[str]:
    """The rooms in which a talk of the next 24 hours is not what it was."""
    before, after = ({t.guid: t for t in s.entries} for s in (old, new))
    found: set[str] = set()
    for guid in before.keys() | after.keys():
        was, becomes = before.get(guid), after.get(guid)
        known = [talk for talk in (was, becomes) if talk is not None]
        soon = any(now < t.end and t.start < now + timedelta(hours=24) for t in known)
        # Entries of six hours and more are no talks.
        is_one = known[-1].duration < timedelta(hours=6)
        if soon and is_one and (was is None or becomes is None or _differ(was, becomes)):
            found |= {talk.chat_room for talk in known if talk.chat_room}
    return found


def far_titles(schedule: Schedule, room: str, now: datetime) -> set[str]:
    """Of the talks that are over, or only begin after 24 hours."""
    here = [talk for talk in schedule.entries if talk.chat_room == room]
    soon = {t.title for t in here if now < t.end and t.start < now + timedelta(hours=24)}
    return {talk.title for talk in here} - soon


def _differ(one: Talk, other: Talk) -> bool:
    facts = ((t.start, t.duration, t.room, t.chat_room, sorted(t.persons)) for t in (one, other))
    return len(set(map(str, facts))) > 1 or not same_title(one.title, other.title)


class Start(Protocol):
    def __call__(
        self, first: bytes, at: datetime, rooms: Sequence[str]
    ) -> AbstractAsyncContextManager[Running]: ...


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "schedule.xml"


@pytest.fixture
def start(source: Path, server: FakeHomeserver, database: Database) -> Start:
    """Starts a bot that is in all `rooms`, and whose first schedule is `first`."""

    def begin(
        first: bytes, at: datetime, rooms: Sequence[str]
    ) -> AbstractAsyncContextManager[Running]:
        source.write_bytes(first)
        for alias in (CONTROL, *rooms):
            server.create_room(alias, [BOT, ORGANISER])
        schedule, limits = {"source": str(source)}, {"messages_per_second": 1000}
        return running(server, database, clock_from(at), schedule=schedule, limits=limits)

    return begin


async def scheduled(bot: Running, schedule: Schedule) -> None:
    """Until what is planned is what follows from the schedule, no more and no less."""
    expected = planned(schedule)

    async def as_expected() -> bool:
        plans = bot.bot.notice_scheduler.plans
        rooms = expected.keys() | plans.keys()
        return all(list(plans.get(room, [])) == expected.get(room, []) for room in rooms)

    await wait_for(as_expected, what="plans that follow from the schedule")


async def feed(bot: Running, source: Path, data: bytes) -> None:
    """Publish another schedule; the bot looks at it, without waiting for its next poll."""
    new = source.with_suffix(".new")
    new.write_bytes(data)
    new.replace(source)
    await bot.bot.schedule_poller.step()


def changes_told(bot: Running, rooms: Sequence[str]) -> dict[str, list[str]]:
    told = {room: [s for s in bot.said(room) if s.startswith("Schedule change")] for room in rooms}
    return {room: said for room, said in told.items() if said}


@pytest.mark.parametrize(
    ("at", "names"),
    [(EVENING_BEFORE, NAMES), (SATURDAY_NOON, NAMES[2:])],
    ids=["the evening before", "Saturday noon"],
)
async def test_each_revision_is_what_is_scheduled_and_told(
    real_schedules: Path, start: Start, source: Path, at: datetime, names: Sequence[str]
) -> None:
    data = [revision(real_schedules, name) for name in names]
    schedules = [parsed(each) for each in data]
    rooms = rooms_of(*schedules)
    async with start(data[0], at, rooms) as bot:
        await bot.heard(CONTROL, "Schedule read: FOSDEM 2026")
        await scheduled(bot, schedules[0])
        assert changes_told(bot, rooms) == {}
        told: dict[str, int] = dict.fromkeys(rooms, 0)
        for number, (old, new) in enumerate(pairwise(schedules), 1):
            await feed(bot, source, data[number])
            await bot.heard(CONTROL, "The schedule has changed:", number)
            await scheduled(bot, new)
            await bot.quiet()
            # It enters a new room only after it has read of it.
            for room in concerned(old, new, at) & set(rooms_of(*schedules[:number])):
                told[room] += 1
            heard = changes_told(bot, rooms)
            assert {room: len(said) for room, said in heard.items()} == {
                room: number for room, number in told.items() if number
            }
            for room, said in heard.items():
                assert not any(f'"{title}"' in said[-1] for title in far_titles(new, room, at))
        assert sum(told.values()) >= 8
        assert len(bot.said(CONTROL)) == len(names)


async def test_a_broken_file_and_one_that_lost_300_talks(
    real_schedules: Path, start: Start, source: Path
) -> None:
    good = revision(real_schedules, "r4-20260202")
    schedule = parsed(good)
    rooms = rooms_of(schedule)
    async with start(good, EVENING_BEFORE, rooms) as bot:
        await bot.heard(CONTROL, "Schedule read")
        await scheduled(bot, schedule)
        await feed(bot, source, revision(real_schedules, "INVALID-conflict-markers"))
        await bot.heard(CONTROL, "cannot be used: found XML that is not well-formed")
        await bot.bot.schedule_poller.step()
        bot.room(CONTROL).say(ORGANISER, "!conf status")
        [*_, status] = await bot.heard(CONTROL, "The newest could not be read")
        assert status.startswith("FOSDEM 2026: 1,07")

        fewer = without(good, 300)
        await feed(bot, source, fewer)
        await bot.heard(CONTROL, "looks wrong: 300 of 1,0")
        await bot.bot.schedule_poller.step()
        bot.room(CONTROL).say(ORGANISER, "!conf rooms")
        await bot.heard(CONTROL, "pin")
        await bot.quiet()
        await scheduled(bot, schedule)
        assert changes_told(bot, rooms) == {}
        assert sum("cannot be used" in said for said in bot.said(CONTROL)) == 1
        assert sum("looks wrong" in said for said in bot.said(CONTROL)) == 1

        bot.room(CONTROL).say(ORGANISER, "!conf schedule accept")
        await bot.heard(CONTROL, "300 gone")
        await scheduled(bot, parsed(fewer))
        await bot.quiet()
        lost = {t.chat_room for t in _lost(schedule, parsed(fewer)) if t.start < _tomorrow()}
        assert set(changes_told(bot, rooms)) == lost - {None}


def _lost(old: Schedule, new: Schedule) -> list[Talk]:
    kept = {talk.guid for talk in new.entries}
    return [t for t in old.entries if t.guid not in kept and t.duration < timedelta(hours=6)]


def _tomorrow() -> datetime:
    return EVENING_BEFORE + timedelta(hours=24)
