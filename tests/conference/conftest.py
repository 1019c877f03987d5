"""A bot without a homeserver, and one with a fake."""

from __future__ import annotations

from tests.running import database, server
from tests.schedule.conftest import real_schedules
from tests.stage import empty_database, make_stage

from .hall import audience, hall
from .room_world import world

__all__ = [
    "audience",
    "database",
    "empty_database",
    "hall",
    "make_stage",
    "real_schedules",
    "server",
    "world",
]
