"""Whatever happens in whatever order, what is pinned says what `!talk` would say.

The conference of `test_stateful.py`; in one of its rooms nothing is edited. Sometimes the clock
was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from fosdembot.matrix.outbox import pinned
from fosdembot.talks.answers import whats_on
from fosdembot.talks.notices import APART
from fosdembot.talks.phases import on_now
from fosdembot.talks.room_talks import RoomTalks
from fosdembot.talks.slots import StageSlot, as_streamed
from tests.stage import BOT, CLOUD

from .test_stateful import OUTBOX, ROOMS, SETTINGS, Conference

_ANSWER = re.compile(r'Now(?: in .*?)?, until (.{5,9}) \(.* left\): "(.*?)"')
_PINNED = re.compile(r'^Now(?: in .*?)?, until (.{5,9}): "(.*?)"', re.MULTILINE)


class Pinned(Conference):
    more = MappingProxyType({**Conference.more, "notices": {"edits_by_room": {CLOUD: "off"}}})
    power = MappingProxyType({BOT: 50})

    def __init__(self) -> None:
        super().__init__()
        self.announced: dict[tuple[str, str], int] = {}
        """Of each talk that is on (its room, its guid) how often that was said, since it is."""
        self.announced_before: dict[tuple[str, str], int] = {}
        """How often it was said of it until then: it may have been on before, at another time."""

    @rule(minutes=st.sampled_from((1, 5, 13)))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.stage.clock.forward(-minutes)

    async def _check(self) -> None:
        async with self.stage.database.read() as session:
            rows = {row.key: row for row in await session.execute(OUTBOX)}
        slots = self.model.slots()
        for room in ROOMS:
            self._check_pins(rows, room, [s for s in slots if s.talk.chat_room == room])

    def _check_pins(self, rows: Mapping[str, Any], room: str, slots: Sequence[StageSlot]) -> None:
        zone = self.stage.bot.programme.zone
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

    def _pinned_in(self, rows: Mapping[str, Any], room: str) -> list[str]:
        row = rows.get(f"pin:!{room[1:]}")
        keys = pinned(row) if row is not None else []
        edits = (rows.get(f"edit:{key}") for key in keys)
        # One that was taken back edits nothing, also where its message is told anew.
        valid = [edit if edit and edit.state != "dropped" else None for edit in edits]
        says = (edit or rows[key] for key, edit in zip(keys, valid, strict=True))
        return [str(row.content["body"]) for row in says]

    def _is_announced_once(
        self, rows: Mapping[str, Any], room: str, slots: Sequence[StageSlot]
    ) -> None:
        on = {slot.talk.guid: slot for slot in on_now(slots, self.now)}
        for guid in (f"talk-{number}" for number in range(1, 7)):
            name = (room, guid)
            told = [row for key, row in rows.items() if key.startswith("now/") and guid in key]
            times = sum(row.room_id == f"!{room[1:]}" for row in told)
            if guid not in on:
                self.announced_before[name] = times
                self.announced.pop(name, None)
                continue
            times -= self.announced_before.get(name, 0)
            if self.announced.get(name) and on[guid].end - on[guid].start > APART:
                assert times <= self.announced[name], "the same talk is still on"
            self.announced[name] = times


@pytest.fixture
def machine(empty_database: Path, tmp_path: Path) -> type[Pinned]:
    Pinned.prepare(empty_database, tmp_path)
    return Pinned


@pytest.mark.usefixtures("nothing_fails")
def test_any_conference(machine: type[Pinned]) -> None:
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(max_examples=12, stateful_step_count=25, deadline=None),
    )
