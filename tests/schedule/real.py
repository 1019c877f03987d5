"""The schedules of real conferences, each read once under the same settings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fosdembot.schedule.model import Schedule
from fosdembot.schedule.read import read
from fosdembot.settings import ScheduleSettings


@cache
def read_real(path: Path, settings: ScheduleSettings) -> Schedule:
    """The schedule in the file at `path`. Nobody can change it, so tests share it."""
    return read(path.read_bytes(), settings)
