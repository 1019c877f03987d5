"""Talks of real schedules are recognised under other ids, and taken for no others."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from fosdembot.schedule.diff import ScheduleDiff, diff
from fosdembot.schedule.identity import recognise
from fosdembot.schedule.model import Schedule
from fosdembot.settings import ScheduleSettings

from .real import read_real
from .test_identity import renamed, schedule


def real(folder: Path, name: str) -> Schedule:
    return read_real(folder / name, ScheduleSettings(zone="Europe/Brussels"))


FOSDEM = [
    f"fosdem-2026-{r}.xml" for r in ("r1-20260118", "r2-20260125", "r3-20260130", "r4-20260202")
]


def test_the_ids_of_fosdem_hold(real_schedules: Path) -> None:
    for old, new in pairwise(real(real_schedules, name) for name in FOSDEM):
        recognised = recognise(old.entries, new)
        assert dict(recognised.by) == {}
        assert diff(old, recognised.schedule) == diff(old, new)


@pytest.mark.parametrize(
    "name",
    [*FOSDEM, "fosdem-2021.xml", "39c3-everything.json", "moca24.ics", "good2025-schedule.ics"],
)
def test_a_real_schedule_under_new_ids_is_the_same(real_schedules: Path, name: str) -> None:
    old = real(real_schedules, name)
    begin = time.process_time()
    recognised = recognise(old.entries, schedule(*renamed(old.entries)))
    assert time.process_time() - begin < 1
    assert dict(recognised.by) == {"title and place": len(old.entries)}
    assert diff(old, recognised.schedule) == ScheduleDiff()


def test_from_one_revision_to_the_next_under_new_ids(real_schedules: Path) -> None:
    """Of those that nobody could take for another, all are known."""
    for old, new in pairwise(real(real_schedules, name) for name in FOSDEM):
        here = {t.guid for t in old.entries}
        stayed = [t for t in new.entries if t.guid in here]
        found = recognise(old.entries, schedule(*renamed(stayed))).schedule.entries
        known = {t.guid for t in found if f"new-{t.guid}" == t.published_guid}
        assert len(known) >= len(stayed) - 6
        assert here & {t.guid for t in found} == known, "none is taken for another"
