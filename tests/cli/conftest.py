"""The real schedules, for the commands that read them."""

from __future__ import annotations

from tests.schedule.conftest import real_schedules

# pytest finds its fixtures here.
__all__ = ["real_schedules"]
