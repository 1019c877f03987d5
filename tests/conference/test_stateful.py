"""Whatever happens in whatever order, rooms are told the truth, and once.

A plain model (two dictionaries, and the pure rules of `talks/`) stands beside the real
programme, watch, router, notice_scheduler and database.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from fosdembot.db.insert import table_of
from fosdembot.db.tables import Outgoing, ToldNotice
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks import delays
from fosdembot.talks.delays import Refused
from fosdembot.talks.notices import Kind
from fosdembot.talks.phases import on_now
from fosdembot.talks.slots import NOTHING, Override, Slot, StageSlot, build_slots
from fosdembot.texts.words import clock_time
from simulation.conference import MANY, START, Planned
from tests.stage import CLOUD, CONTROL, KERNEL, ORGANISER, Stage, stage_on

T = TypeVar("T")
# Columns, and made once: a check looks at all of it after each step.
OUTBOX = select(*table_of(Outgoing).columns)
_TOLD = select(ToldNotice.key, ToldNotice.message_key)
ROOMS = {KERNEL: "Hall", CLOUD: "Attic"}
SETTINGS = Settings()
NUMBERS = st.integers(1, 6)
ACTIONS: dict[str, Callable[..., dict[str, Override]]] = {
    "start": delays.start,
    "end": delays.end,
    "cancel": delays.cancel,
    "noshow": delays.noshow,
    "now": delays.on_instead,
    "reset": delays.reset,
}


def planned(number: int, room: str, at: float) -> Planned:
    return Planned(
        number,
        f"Talk {number}",
        at,
        25,
        place=ROOMS[room],
        chat_room=room,
        # With the same ones, and at the same time, it would be the same talk under another id.
        speaker=f"Speaker {number}",
    )


def as_talk(entry: Planned) -> Talk:
    return Talk(
        guid=f"talk-{entry.id}",
        id=str(entry.id),
        title=entry.title,
        start=START + timedelta(minutes=entry.at),
        duration=timedelta(minutes=entry.minutes),
        room=entry.place,
        chat_room=entry.chat_room,
    )


@dataclass
class Model:
    """What is published, what was decided, and in which order."""

    published: dict[int, Planned] = field(default_factory=dict)
    vanished: dict[int, Planned] = field(default_factory=dict)
    overrides: dict[str, Override] = field(default_factory=dict)
    log: list[tuple[str, dict[str, tuple[Override, Override]]]] = field(default_factory=list)

    def slots(self) -> tuple[StageSlot, ...]:
        gone = {f"talk-{number}" for number in self.vanished}
        overrides = dict(self.overrides)
        for guid in gone:
            overrides[guid] = replace(overrides.get(guid, NOTHING), cancelled=True)
        known = [as_talk(entry) for entry in {**self.vanished, **self.published}.values()]
        return build_slots(known, overrides, SETTINGS)

    def decide(self, number: int, action: str, now: datetime) -> None:
        slots = self.slots()
        slot = next(s for s in slots if s.talk.id == str(number))
        place = [s for s in slots if s.place == slot.place]
        overrides = dict(self.overrides)
        for gone in self.vanished:
            guid = f"talk-{gone}"
            overrides[guid] = replace(overrides.get(guid, NOTHING), cancelled=True)
        try:
            if action == "delay":
                changes = delays.delay(place, overrides, slot.talk.guid, 10, now)
            else:
                changes = ACTIONS[action](place, overrides, slot.talk.guid, now)
        except Refused:
            return
        if changes:
            before = {guid: self.overrides.get(guid, NOTHING) for guid in changes}
            entry = {guid: (before[guid], after) for guid, after in changes.items()}
            self.log.append((slot.talk.chat_room or "", entry))
            self.overrides |= changes

    def undo(self, room: str) -> None:
        index = max((i for i, (where, _) in enumerate(self.log) if where == room), default=None)
        if index is None:
            return
        _, entry = self.log.pop(index)
        for guid, (before, after) in entry.items():
            if self.overrides.get(guid, NOTHING) == after:
                self.overrides[guid] = before

    def publish(self, entries: dict[int, Planned], now: datetime) -> None:
        known = {**self.vanished, **self.published}
        retimed = {f"talk-{n}" for n, e in entries.items() if n in known and known[n].at != e.at}
        self.vanished = {n: e for n, e in known.items() if n not in entries}
        self.published = dict(entries)
        slots = build_slots(map(as_talk, entries.values()), self.overrides, SETTINGS)
        known_overrides = {g: o for g, o in self.overrides.items() if o != NOTHING}
        self.overrides |= delays.republished(slots, known_overrides, retimed, now)


FIRST = {
    number: planned(number, room, at)
    for number, room, at in (
        (1, KERNEL, 60),
        (2, KERNEL, 85),
        (3, KERNEL, 140),
        (4, CLOUD, 65),
        (5, CLOUD, 90),
    )
}
"""What is published at first."""


class Conference(RuleBasedStateMachine):
    begun: Path
    """A folder to be copied: of a bot that is in its rooms, and has read `FIRST`."""
    more: Mapping[str, Any] = MappingProxyType({"limits": MANY})
    """Settings beside the usual ones."""
    power: Mapping[str, int] = MappingProxyType({})
    """In the rooms."""

    @classmethod
    def prepare(cls, empty: Path, folder: Path) -> None:
        async def begin() -> None:
            file = Path(shutil.copy(empty, folder / "bot.db"))
            async with stage_on(file, **cls.more) as stage:
                for alias in (KERNEL, CLOUD, CONTROL):
                    await stage.open(alias, cls.power)
                stage.clock.set(60)
                await stage.publish(*FIRST.values())

        asyncio.run(begin())
        cls.begun = folder

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.begun.parent))
        self.runner = asyncio.Runner()
        self.exit = AsyncExitStack()
        self.model = Model()
        self.paused: set[str] = set()
        self.delivered: set[str] = set()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    @initialize()
    def begin(self) -> None:
        self.stage: Stage = self.do(self._begin())
        self.model.publish(FIRST, self.now)

    async def _begin(self) -> Stage:
        shutil.copytree(self.begun, self.folder, dirs_exist_ok=True)
        on = stage_on(self.folder / "bot.db", **self.more)
        stage = await self.exit.enter_async_context(on)
        stage.clock.set(60)
        await stage.start()
        return stage

    def teardown(self) -> None:
        self.do(self.exit.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    # What happens.

    @rule(minutes=st.integers(1, 4))
    def minutes_pass(self, minutes: int) -> None:
        self.stage.clock.forward(minutes)

    @rule()
    def it_is_the_next_start(self) -> None:
        starts = [slot.start for slot in self.model.slots() if slot.start > self.now]
        if starts:
            self.stage.clock.forward((min(starts) - self.now) / timedelta(minutes=1))

    @rule()
    def the_homeserver_takes_all(self) -> None:
        async def waiting() -> list[str]:
            async with self.stage.database.read() as session:
                queued = select(Outgoing.key).where(
                    Outgoing.state == "queued", Outgoing.kind == "message"
                )
                return list(await session.scalars(queued))

        sent = self.do(waiting())
        assert self.delivered.isdisjoint(sent), "never twice"
        self.delivered |= set(sent)
        self.do(self.stage.deliver())

    @rule()
    def the_process_dies(self) -> None:
        self.do(self.stage.restart())

    @rule(number=NUMBERS, action=st.sampled_from(("delay", *ACTIONS)))
    def a_moderator_decides(self, number: int, action: str) -> None:
        entry = self.model.published.get(number)
        if entry is not None:
            words = "delay 10" if action == "delay" else action
            self._say(entry.chat_room, f"!talk {words} {number}")
            self.model.decide(number, action, self.now)

    @rule(room=st.sampled_from(tuple(ROOMS)))
    def a_moderator_takes_it_back(self, room: str) -> None:
        self._say(room, "!undo")
        # Where no talks are any more, it is no talk room.
        if self._known(room):
            self.model.undo(room)

    @rule(number=NUMBERS, by=st.sampled_from((-15, -5, 5, 10, 30)))
    def the_schedule_retimes(self, number: int, by: int) -> None:
        self._change(number, lambda entry: replace(entry, at=entry.at + by))

    @rule(number=NUMBERS, minutes=st.sampled_from((1, 5, 25, 40)))
    def the_schedule_makes_longer_or_shorter(self, number: int, minutes: int) -> None:
        self._change(number, lambda entry: replace(entry, minutes=minutes))

    @rule(number=NUMBERS, title=st.sampled_from(("Other", "Another")))
    def the_schedule_renames(self, number: int, title: str) -> None:
        self._change(number, lambda entry: replace(entry, title=title))

    @rule(number=NUMBERS, room=st.sampled_from(tuple(ROOMS)))
    def the_schedule_moves(self, number: int, room: str) -> None:
        self._change(number, lambda entry: replace(entry, chat_room=room, place=ROOMS[room]))

    @rule(number=NUMBERS)
    def the_schedule_drops(self, number: int) -> None:
        self._publish({n: e for n, e in self.model.published.items() if n != number})

    @rule(number=NUMBERS, room=st.sampled_from(tuple(ROOMS)), at=st.sampled_from((0, 15, 60, 120)))
    def the_schedule_adds(self, number: int, room: str, at: int) -> None:
        if number not in self.model.published:
            at = round(self.stage.clock.minutes) + at
            self._publish({**self.model.published, number: planned(number, room, at)})

    @rule(scope=st.sampled_from(("all", *ROOMS)))
    def an_organiser_pauses(self, scope: str) -> None:
        self._say(CONTROL, f"!conf pause {scope}")
        self.paused |= {scope} if self._known(scope) else set()

    @rule(scope=st.sampled_from(("all", *ROOMS)))
    def an_organiser_resumes(self, scope: str) -> None:
        self._say(CONTROL, f"!conf resume {scope}")
        self.paused -= self.paused if scope == "all" else {scope}

    def _known(self, scope: str) -> bool:
        return scope == "all" or scope in self.stage.bot.programme.addresses()

    def _say(self, room: str, body: str) -> None:
        self.do(self.stage.say(room, ORGANISER, body))

    def _change(self, number: int, change: Callable[[Planned], Planned]) -> None:
        if (entry := self.model.published.get(number)) is not None:
            self._publish({**self.model.published, number: change(entry)})

    def _publish(self, entries: dict[int, Planned]) -> None:
        self.do(self.stage.publish(*entries.values()))
        self.model.publish(entries, self.now)

    # What is true after it.

    @invariant()
    def rooms_are_told_the_truth(self) -> None:
        if hasattr(self, "stage"):
            self.do(self.stage.bot.notice_scheduler.step())
            self.do(self._check())

    async def _check(self) -> None:
        slots = self.model.slots()
        async with self.stage.database.read() as session:
            rows = (await session.execute(OUTBOX)).all()
            told = {row.key: row.message_key for row in await session.execute(_TOLD)}
            shown = {r: await self.stage.bot.programme.room(session, r) for r in ROOMS}
        for room in ROOMS:
            here = [slot for slot in slots if slot.talk.chat_room == room]
            assert _times(shown[room].slots) == _times(here)
            waiting = [r for r in rows if r.room_id == "!" + room[1:] and r.state == "queued"]
            silent = self.paused & {"all", room}
            for row in waiting:
                if row.kind == "message" and row.key.split("/")[0] in set(Kind):
                    assert not silent
                    self._is_true(row.key, here)
            if not silent:
                self._is_complete(here, told, {row.key: row for row in rows})

    def _is_true(self, key: str, slots: Sequence[Slot]) -> None:
        """What waits to be sent is about a talk that takes place, here, at that time."""
        kind, _, guid, start = key.split("/")
        [slot] = [slot for slot in slots if slot.talk.guid == guid]
        assert slot.takes_place
        assert f"{slot.start:%Y%m%dT%H%M%S}" == start
        if kind == Kind.HEADS_UP:
            assert slot.start - timedelta(minutes=10) <= self.now
        else:
            assert slot.start <= self.now

    def _is_complete(
        self, slots: Sequence[Slot], told: dict[str, str], rows: Mapping[str, Any]
    ) -> None:
        """Whatever is on was told, and the pinned message says how long it is on."""
        for slot in on_now(slots, self.now):
            if slot.end - slot.start < timedelta(minutes=2):
                continue
            end = f"{slot.talk.guid}/{slot.start:%Y%m%dT%H%M%S}"
            by = {told[key] for key in told if key.startswith("now/") and key.endswith(end)}
            assert by
            said = "".join(_says(rows, key) for key in by)
            assert slot.talk.title in said
            assert clock_time(slot.end, self.stage.bot.programme.zone, self.now) in said


def _times(slots: Sequence[Slot]) -> list[tuple[str, datetime, datetime, bool]]:
    return sorted((s.talk.guid, s.start, s.end, s.takes_place) for s in slots)


def _says(rows: Mapping[str, Any], key: str) -> str:
    row, edit = rows[key], rows.get(f"edit:{key}")
    # One that was taken back edits nothing, also where its message is told anew.
    said = row if edit is None or edit.state == "dropped" else edit
    return str(said.content["body"])


@pytest.fixture
def machine(empty_database: Path, tmp_path: Path) -> type[Conference]:
    Conference.prepare(empty_database, tmp_path)
    return Conference


@pytest.mark.usefixtures("nothing_fails")
def test_any_conference(machine: type[Conference]) -> None:
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(max_examples=12, stateful_step_count=25, deadline=None),
    )
