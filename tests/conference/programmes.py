"""A programme without a bot."""

from __future__ import annotations

import logging

from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.settings import Settings


def programme_on(database: Database, settings: Settings, clock: Clock) -> Programme:
    """Its changes are told nobody."""
    changes = Changes(logging.getLogger(__name__))
    return Programme(database, settings, clock, changes, HostsRooms(database, settings, changes))
