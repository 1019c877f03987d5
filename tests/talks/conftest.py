"""The real schedules, for what is told of their changes."""

from __future__ import annotations

from tests.schedule.conftest import real_schedules

# pytest finds its fixtures here.
__all__ = ["real_schedules"]
