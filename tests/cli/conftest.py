"""The real schedules, and a bot's database, for the commands that read them."""

from __future__ import annotations

from tests.schedule.conftest import real_schedules
from tests.stage import empty_database, make_stage

# pytest finds its fixtures here.
__all__ = ["empty_database", "make_stage", "real_schedules"]
