"""Whatever happens in whatever order, what is pinned says what `!talk` would say.

The conference of `test_stateful.py`; in one of its rooms nothing is edited. Sometimes the clock
was wrong.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import select

from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import pinned
from fosdembot.talks.answers import whats_on
from fosdembot.talks.notices import APART
from fosdembot.talks.phases import on_now
from fosdembot.talks.room_talks import RoomTalks
from fosdembot.talks.slots import Slot, as_streamed
from tests.stage import BOT, CLOUD, CONTROL, KERNEL, Stage, stage_on

from .test_stateful import ROOMS, SETTINGS, Conference

_ANSWER = re.compile(r'Now(?: in .*?)?, until (.{5,9}) \(.* left\): "(.*?)"')
_PINNED = re.compile(r'^Now(?: in .*?)?, until (.{5,9}): "(.*?)"', re.MULTILINE)


class Pinned(Conference):
    def __init__(self) -> None:
        super().__init__()
        self.announced: dict[str, int] = {}
        """Of each talk that is on how often that was said, since it is."""

    async def _begin(self) -> Stage:
        file = shutil.copy(self.database, self.folder / "bot.db")
        unedited = {"edits_by_room": {CLOUD: "off"}}
        stage = await self.exit.enter_async_context(stage_on(Path(file), notices=unedited))
        for alias in (KERNEL, CLOUD, CONTROL):
            await stage.open(alias, {BOT: 50})
        stage.clock.set(60)
        return stage

    @rule(minutes=st.sampled_from((1, 5, 13)))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.stage.clock.forward(-minutes)

    async def _check(self) -> None:
        for room in ROOMS:
            await self._check_pins(room)

    async def _check_pins(self, room: str) -> None:
        slots = [slot for slot in self.model.slots() if slot.talk.chat_room == room]
        zone = self.stage.bot.programme.zone
        async with self.stage.database.read() as session:
            rows = {row.key: row for row in await session.scalars(select(Outgoing))}
        said = "\n".join(self._pinned_in(rows, room))
        seen = as_streamed(slots, SETTINGS, room)
        answer = whats_on(RoomTalks(seen, self.now, zone), "!").plain
        says, truth = set(_PINNED.findall(said)), set(_ANSWER.findall(answer))
        short = any(slot.end - slot.start < APART for slot in on_now(slots, self.now))
        past = {entry for entry in says if entry[0][-5:] <= f"{self.now.astimezone(zone):%H:%M}"}
        silent = self.paused & {"all", room}
        if not short:
            assert says - past <= truth, (said, answer)
            assert silent or truth <= says, (said, answer)
        self._is_announced_once(rows, room, slots)

    def _pinned_in(self, rows: dict[str, Outgoing], room: str) -> list[str]:
        row = rows.get(f"pin:!{room[1:]}")
        keys = pinned(row) if row is not None else []
        return [str((rows.get(f"edit:{key}") or rows[key]).content["body"]) for key in keys]

    def _is_announced_once(
        self, rows: dict[str, Outgoing], room: str, slots: Sequence[Slot]
    ) -> None:
        here = {f"{room} {slot.talk.guid}": slot for slot in on_now(slots, self.now)}
        for name in [name for name in self.announced if name.startswith(room)]:
            if name not in here:
                del self.announced[name]
        for name, slot in here.items():
            named = f"/{slot.talk.guid}/"
            times = sum(key.startswith("now/") and named in key for key in rows)
            if name in self.announced and self.announced[name] and slot.end - slot.start > APART:
                assert times <= self.announced[name], "the same talk is still on"
            self.announced[name] = times


@pytest.fixture
def machine(empty_database: Path) -> type[Pinned]:
    Pinned.database = empty_database
    return Pinned


def test_any_conference(machine: type[Pinned]) -> None:
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(max_examples=12, stateful_step_count=25, deadline=None),
    )
