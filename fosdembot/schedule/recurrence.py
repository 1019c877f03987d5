"""Recurrence rules (RFC 5545, 3.3.10), followed by dateutil within bounds.

A rule comes from outside. dateutil looks for its next moment up to the year 9999, which
takes up to a minute where there is none (the 30th of February), and for ever where the
interval is 0; so rules are checked first, and followed in the last years of that calendar.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from functools import lru_cache

from dateutil.rrule import rrulestr

from .times import BadEntry, parse_moment

_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_PLAIN = {"FREQ", "WKST"}
_CONDITIONS = {
    "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND",
    "BYSETPOS",
}  # fmt: skip
_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_LONGEST_RULE = 1500
FOLLOWED_YEARS = 20
"""How long a repeating entry is followed."""
_MOST_TIMES_A_DAY = 288
"""dateutil makes all of a day's times at once."""


class BadRule(ValueError):
    """A rule cannot be followed; the message says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Rule:
    frequency: str
    interval: int
    parts: str
    """The frequency and the conditions, as dateutil reads them."""
    count: int | None = None
    until: datetime | date | None = None

    @property
    def endless(self) -> bool:
        return self.count is None and self.until is None


def parse_rule(text: str) -> Rule:
    """Raises `BadRule`."""
    if len(text) > _LONGEST_RULE:
        raise BadRule("it is too long")
    fields = [field.strip() for field in text.upper().split(";")]
    parts = dict(_part(field) for field in fields if field and not field.startswith("X-"))
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    interval = parts.pop("INTERVAL", "1")
    if parts.pop("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.pop("SKIP", "OMIT") != "OMIT":
        raise BadRule("it counts by another calendar")
    if unknown := sorted(parts.keys() - _PLAIN - _CONDITIONS):
        raise BadRule(f"it has {unknown[0][:20]}")
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise BadRule(f"its frequency is {frequency[:20]!r}")
    if not _NUMBER.fullmatch(interval):
        raise BadRule(f"its interval is {interval[:20]!r}")
    if count is not None and not _NUMBER.fullmatch(count):
        raise BadRule(f"its count is {count[:20]!r}")
    if frequency in ("MINUTELY", "SECONDLY") and parts.keys() & _CONDITIONS:
        raise BadRule("it has conditions below the hour")
    if _times_a_day(parts) > _MOST_TIMES_A_DAY:
        raise BadRule("it repeats too often")
    return Rule(
        frequency,
        int(interval),
        ";".join(f"{key}={value}" for key, value in parts.items()),
        None if count is None else int(count),
        None if until is None else _until(until),
    )


def _part(field: str) -> tuple[str, str]:
    key, _, value = field.partition("=")
    return key.strip(), value.strip()


def _times_a_day(parts: dict[str, str]) -> int:
    times = 1
    for key in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= parts.get(key, "").count(",") + 1
    return times


def _until(text: str) -> datetime | date:
    try:
        return parse_moment(text)
    except BadEntry:
        raise BadRule(f"its end reads {text[:40]!r}") from None


def moments(rule: Rule, start: datetime, last: datetime) -> Iterator[datetime]:
    """The moments of the rule from `start` to `last`, by the clock (naive), in order.

    Neither `count` nor `until` end them. Raises `BadRule` where the rule cannot be
    followed, or no further moment comes of it.
    """
    if last < start:
        return
    years = _to_the_end(start.year, last.year)
    begin, end = _moved(start, years), _moved(last, years)
    try:
        for moment in rrulestr(f"{rule.parts};INTERVAL={rule.interval}", dtstart=begin):
            if moment > end:
                return
            yield _moved(moment, -years)
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, AttributeError):
        # What dateutil says of rules that make no sense.
        raise BadRule("it makes no sense") from None
    raise BadRule("it comes to nothing")


def _moved(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years)


@lru_cache(maxsize=1000)
def _to_the_end(first: int, last: int) -> int:
    """By how many years the years from first to last are moved to the latest that have the
    same days: so that whoever looks beyond them is soon at the calendar's end.

    The calendar repeats itself after 28 years, or 400 at the most.
    """
    # A week may reach into the neighbouring years.
    years = [_kind(year) for year in range(first - 1, last + 2)]
    for later in range(MAXYEAR - len(years) + 1, first, -1):
        if [_kind(year) for year in range(later, later + len(years))] == years:
            return later - first + 1
    return 0


def _kind(year: int) -> tuple[int, bool]:
    return (date(year, 1, 1).weekday(), isleap(year))
