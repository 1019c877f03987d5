"""Times, numbers and names as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from .render import clean

LONGEST_NAME = 60
_NEAR = timedelta(hours=6)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock_time(moment: datetime, zone: tzinfo, now: datetime) -> str:
    """`10:25`; with its day where that is not today: `Sun 10:25`, `14 Feb 10:25`.

    Just after midnight needs no day for those who sit in the evening before.
    """
    local = moment.astimezone(zone)
    text = hour(moment, zone)
    days = (local.date() - now.astimezone(zone).date()).days
    if days == 0 or abs(moment - now) < _NEAR:
        return text
    if 0 < days < 7:
        return f"{_WEEKDAYS[local.weekday()]} {text}"
    return f"{local.day} {_MONTHS[local.month - 1]} {text}"


def hour(moment: datetime, zone: tzinfo) -> str:
    """`10:25`. The hour that the end of summer time brings twice names its zone: `02:30 CET`."""
    local = moment.astimezone(zone)
    text = f"{local:%H:%M}"
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{text} {local.tzname()}" if is_twice else text


def day_name(moment: datetime, zone: tzinfo) -> str:
    """`Sun 1 Feb`."""
    local = moment.astimezone(zone)
    return f"{_WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def date_name(moment: datetime, zone: tzinfo) -> str:
    """`1 Feb 2026`."""
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def end_time(start: datetime, end: datetime, zone: tzinfo) -> str:
    """`10:25`; of what lasts a day or longer with its date: `Sun 1 Feb 10:25`."""
    clock = hour(end, zone)
    return clock if end - start < timedelta(days=1) else f"{day_name(end, zone)} {clock}"


def duration(length: timedelta) -> str:
    """`5 minutes`, `1 minute`, `2 hours`, `3 days`: to the nearest, never 0."""
    minutes = max(1, round(length / timedelta(minutes=1)))
    if minutes < 90:
        return count(minutes, "minute")
    hours = round(minutes / 60)
    return count(hours, "hour") if hours < 36 else count(round(hours / 24), "day")


def count(number: int, noun: str) -> str:
    """`1 talk`, `1,079 talks`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def names(people: Sequence[str]) -> str:
    """`Ada L.`, `Ada L. and Grace H.`, `Ada L., Grace H., Linus T. and 2 others`; "" for none."""
    known = [name for person in people if (name := clean(person, LONGEST_NAME))]
    if len(known) > 3:
        others = len(known) - 3
        known = [*known[:3], "1 other" if others == 1 else f"{others:,} others"]
    if len(known) < 2:
        return "".join(known)
    return f"{', '.join(known[:-1])} and {known[-1]}"
