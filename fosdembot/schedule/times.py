"""Published dates, clock times and durations, and the zones they are meant in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from fosdembot.settings import ScheduleSettings

from .model import ZoneMissing

YEARS = range(1970, 2200)
LONGEST = timedelta(days=31)
"""The longest duration that is believed."""

_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ]\s*(\d\d?):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(Z|([+-])(\d\d?)(?::?(\d\d))?)?)?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)
_DURATION = re.compile(r"\d{1,4}(?::\d{1,2}){0,3}", re.ASCII)
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+\-/]{1,64}", re.ASCII)
_NAMES_OF_UTC = {"UTC", "UCT", "GMT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/GMT"}


class BadEntry(ValueError):
    """One entry cannot be read; the message says why, in a few words."""


def parse_moment(text: str) -> datetime | date:
    """Read ISO 8601, extended (`2026-01-31T09:30:00+01:00`) or basic (`20260131T083000Z`).

    A missing offset gives a naive datetime, a missing time a date. Raises `BadEntry`.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise BadEntry(f"its date reads {text[:40]!r}")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone, sign, hours, minutes = match.groups()[6:]
    try:
        if year not in YEARS:
            raise ValueError
        if match[4] is None:
            return date(year, month, day)
        offset: tzinfo | None = None
        if zone:
            east = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
            offset = timezone(-east if sign == "-" else east)
        return datetime(year, month, day, hour, minute, second, tzinfo=offset)
    except ValueError:
        raise BadEntry(f"there is no {text[:40]!r}") from None


def parse_clock(text: str) -> timedelta:
    """Read `H:MM`, `HH:MM` or `HH:MM:SS` as the time since midnight, below 48 hours.

    Raises `BadEntry`.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise BadEntry(f"its start reads {text[:40]!r}")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if hours > 47 or minutes > 59 or seconds > 59:
        raise BadEntry(f"there is no time {text[:40]!r}")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def parse_duration(text: str) -> timedelta:
    """Read `H:MM`, `HH:MM`, `HH:MM:SS`, `D:HH:MM:SS` or a number of minutes.

    At most `LONGEST`. Raises `BadEntry`.
    """
    if not _DURATION.fullmatch(text.strip()):
        raise BadEntry(f"its duration reads {text[:40]!r}")
    parts = [int(part) for part in text.strip().split(":")]
    match parts:
        case [minutes]:
            duration = timedelta(minutes=minutes)
        case [hours, minutes]:
            duration = timedelta(hours=hours, minutes=minutes)
        case [hours, minutes, seconds]:
            duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        case _:
            days, hours, minutes, seconds = parts
            duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return min(duration, LONGEST)


def names_utc(zone: ZoneInfo) -> bool:
    """Whether it is UTC by one of its names."""
    return zone.key in _NAMES_OF_UTC


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, if there is one. `ZoneInfo` itself keeps no more than eight."""
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones in which the times of one schedule are meant."""

    named: ZoneInfo | None
    """By the schedule."""
    configured: ZoneInfo | None
    """By the operator: where the schedule names none, or in place of all it says."""
    overrides: bool = False
    unknown: str = ""
    """The name that the schedule gives, where no zone is called so."""

    @classmethod
    def of(cls, named: ZoneInfo | None, settings: ScheduleSettings, name: str = "") -> Zones:
        """`named` is the zone that the schedule names, by this `name`."""
        configured = find_zone(settings.zone)
        overrides = settings.zone_overrides and configured is not None
        return cls(named, configured, overrides, "" if named else name)

    @property
    def local(self) -> ZoneInfo | None:
        """In which a time without an offset is meant."""
        if self.overrides:
            return self.configured
        return self.named or self.configured

    @property
    def shown(self) -> ZoneInfo | None:
        """In which people read the times.

        A schedule that names UTC mostly names none: its tool's default. Its times
        are right, but the configured zone is better for showing them.
        """
        if self.configured and self.named and names_utc(self.named):
            return self.configured
        return self.local

    def utc(self, moment: datetime, fallback: tzinfo | None = None) -> datetime:
        """`moment` in UTC. One without an offset is meant in `local`, else in `fallback`.

        A clock time that the spring change leaves out counts from before the change,
        one that the autumn change repeats is the first (RFC 5545, 3.3.5). Raises
        `ZoneMissing` where no zone is known.
        """
        if self.overrides:
            return moment.replace(tzinfo=self.configured).astimezone(UTC)
        if moment.tzinfo is None:
            zone = self.local or fallback
            if zone is None:
                why = (
                    f"the schedule names the time zone {self.unknown!r}, which is not known"
                    if self.unknown
                    else "the schedule has times without a time zone"
                )
                raise ZoneMissing(why)
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)

    def wall(self, moment: datetime) -> datetime:
        """The naive local time of `moment`, which may have an offset."""
        if moment.tzinfo is not None and self.local is not None and not self.overrides:
            moment = moment.astimezone(self.local)
        return moment.replace(tzinfo=None)
