"""Talks that overlap in one room: mostly somebody's slip, which the reader points out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from .model import Schedule, Talk
from .text import clean


def overlap_warning(schedule: Schedule, longest_talk: timedelta) -> str | None:
    """One line about the talks that begin while another one is on in the same room.

    Entries of `longest_talk` or more are no talks, and may well last all day beside them.
    None where there are no such talks.
    """
    found = list(_overlapping(schedule.entries, longest_talk))
    if not found:
        return None
    earlier, later = found[0]
    zone = schedule.tz
    many = "1 talk begins" if len(found) == 1 else f"{len(found)} talks begin"
    return (
        f"{many} while another one is on in the same room; first: {clean(later.title, 80)!r},"
        f" {later.start.astimezone(zone):%a %d %b %H:%M} in {clean(later.room, 60)}, where"
        f" {clean(earlier.title, 80)!r} is on until {earlier.end.astimezone(zone):%H:%M}"
    )


def _overlapping(entries: Iterable[Talk], longest_talk: timedelta) -> Iterable[tuple[Talk, Talk]]:
    """Each talk that begins too early, behind the one that is still on; by start."""
    last: dict[str, Talk] = {}
    for talk in sorted(entries, key=lambda talk: (talk.start, talk.room, talk.guid)):
        if not talk.room or not timedelta() < talk.duration < longest_talk:
            continue
        before = last.get(talk.room)
        if before is not None and talk.start < before.end:
            yield before, talk
        if before is None or talk.end >= before.end:
            last[talk.room] = talk
