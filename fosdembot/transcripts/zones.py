"""The zone in which people read the times of a transcript."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo


def zone_of(name: str) -> tzinfo:
    """The IANA zone of that name; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return UTC
