"""From the entries of any format to a `Schedule`: bounds, warnings, identities, order."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from .model import Schedule, ScheduleError, Talk
from .text import clean, unescaped
from .times import BadEntry, Zones, names_utc

MOST_ENTRIES = 20_000
MOST_WARNINGS = 20
MOST_PERSONS = 50
LONGEST_NAME = 200
LONGEST_TITLE = 500
_ALL_IN_UTC = (
    "all its times are in UTC and no other time zone is named, so rooms are told UTC: set"
    " schedule.zone (on the command line --zone), for example Europe/Brussels"
)
# An id that so many entries share is a constant, not an identity.
_MOST_WITH_ONE_ID = 4


class TooManyEntries(ScheduleError):
    def __init__(self) -> None:
        super().__init__(f"found more than {MOST_ENTRIES:,} entries; no conference has so many")


class Assembly:
    """Collects the entries of one document, and what is odd in them."""

    def __init__(self, format_: str, zones: Zones) -> None:
        self.zones = zones
        self._format = format_
        self._talks: list[Talk] = []
        self._offsets: list[tuple[datetime, timedelta]] = []
        self._unreadable: list[str] = []
        self._without_duration: list[str] = []
        self._astray: list[str] = []
        self._unplayable: list[str] = []
        self._warnings: list[str] = []

    def warn(self, text: str) -> None:
        self._warnings.append(clean(text, 300))

    def skip(self, entry: str, why: BadEntry) -> None:
        """Leave out one entry that cannot be read; `entry` names it for people."""
        self._unreadable.append(clean(f"left out {entry}: {why}", 300))
        self._count()

    def add(
        self,
        talk: Talk,
        offset: timedelta | None,
        astray: bool = False,
        unplayable: bool = False,
    ) -> None:
        """Add an entry, whose start was published with this offset from UTC.

        `astray`: its link to a chat room leads to no Matrix room. `unplayable`: a link to its
        recording or subtitles is no http(s) address.
        """
        self._talks.append(_as_meant(talk))
        self._count()
        if offset is not None:
            self._offsets.append((talk.start, offset))
        if not talk.duration:
            self._without_duration.append(talk.title)
        if astray:
            self._astray.append(talk.title)
        if unplayable:
            self._unplayable.append(talk.title)

    def _count(self) -> None:
        if len(self._talks) + len(self._unreadable) > MOST_ENTRIES:
            raise TooManyEntries

    def schedule(self, title: str) -> Schedule:
        """The whole. Raises `ScheduleError` where none of its entries can be read."""
        if self._unreadable and not self._talks:
            raise ScheduleError(
                f"found {len(self._unreadable)} entries, none of which can be read;"
                f" {self._unreadable[0]}"
            )
        if not self._talks:
            self.warn("the schedule has no entries")
        self._sum_up(self._without_duration, "without a readable duration")
        self._sum_up(self._astray, "with a chat room link that leads to no Matrix room")
        self._sum_up(self._unplayable, "with a recording link that is no http(s) address")
        named, configured, shown = self.zones.named, self.zones.configured, self.zones.shown
        if named and configured and shown is not configured and named.key != configured.key:
            self.warn(
                f"the schedule names the zone {named.key}, so the configured {configured.key}"
                " is not used; zone_overrides: true would put it first"
            )
        entries = sorted(self._told_apart(), key=lambda talk: (talk.start, talk.room, talk.guid))
        offset = min(self._offsets)[1] if self._offsets and shown is None else None
        unnamed = bool(entries) and self._names_no_zone()
        if unnamed:
            self._warnings.insert(0, _ALL_IN_UTC)
        # What is said of many entries must not be lost behind a long list of single ones.
        said = self._warnings + self._unreadable
        warnings = said[:MOST_WARNINGS]
        left_out = max(0, len(said) - MOST_WARNINGS)
        if left_out:
            warnings.append(f"and {left_out} more like these")
        return Schedule(
            format=self._format,
            title=unescaped(clean(title, LONGEST_TITLE)),
            time_zone=shown.key if shown else None,
            entries=tuple(entries),
            warnings=tuple(warnings),
            left_out=left_out,
            utc_offset=offset,
            zone_unnamed=unnamed,
        )

    def _names_no_zone(self) -> bool:
        """Whether people would be told UTC although nobody chose it.

        What a calendar calls UTC is its tool's default; frab's formats name the conference's
        zone, which may be UTC.
        """
        if self.zones.configured is not None:
            return False
        if self.zones.shown is not None:
            return self._format == "ical" and names_utc(self.zones.shown)
        return not any(offset for _, offset in self._offsets)

    def _sum_up(self, titles: list[str], what: str) -> None:
        if titles:
            first = clean(titles[0], 80)
            self.warn(f"{len(titles)} of {len(self._talks)} entries {what}, first: {first!r}")

    def _told_apart(self) -> list[Talk]:
        by_guid: dict[str, set[Talk]] = defaultdict(set)
        for talk in self._talks:
            by_guid[talk.guid].add(talk)
        distinct = sum(len(same) for same in by_guid.values())
        if distinct < len(self._talks):
            self.warn(
                f"entries that repeat others exactly, read once: {len(self._talks) - distinct}"
            )
        taken = {guid for guid, same in by_guid.items() if guid}
        result: list[Talk] = []
        for guid, same in sorted(by_guid.items()):
            ordered = sorted(same, key=lambda talk: (talk.start, talk.room, talk.title, repr(talk)))
            if len(ordered) == 1 and guid:
                result += ordered
                continue
            self.warn(
                f"{len(ordered)} entries have the id {clean(guid, 80)!r}; time and room tell them"
                " apart"
                if guid
                else f"{len(ordered)} entries have no id; time and room tell them apart"
            )
            if guid and len(ordered) <= _MOST_WITH_ONE_ID:
                result.append(ordered.pop(0))
            result += _with_suffixes(ordered, taken)
        return result


def _as_meant(talk: Talk) -> Talk:
    """The talk without what its tool escaped once too often."""
    texts = (talk.title, talk.subtitle, talk.room, talk.track, *talk.persons)
    if not any("&" in text for text in texts):
        return talk
    return replace(
        talk,
        title=unescaped(talk.title) or talk.title,
        subtitle=unescaped(talk.subtitle),
        room=unescaped(talk.room),
        track=unescaped(talk.track),
        persons=tuple(unescaped(person) for person in talk.persons),
    )


def _with_suffixes(talks: Iterable[Talk], taken: set[str]) -> list[Talk]:
    """The talks, each under a guid of its own that depends on it alone, not on the others.

    Only where time and place are the same too does the rest of the talk tell.
    """
    places = {
        talk: f"{talk.guid}@{talk.start:%Y%m%dT%H%MZ}-{_digest(talk.room, 6)}" for talk in talks
    }
    shared = Counter(places.values())
    result = []
    for talk, guid in places.items():
        if shared[guid] > 1:
            # A recording that is published later makes it no other talk.
            same = replace(talk, recordings=(), subtitles=(), slides=())
            guid += f"-{_digest(repr(same), 16)}"
        while guid in taken:
            guid += "+"
        taken.add(guid)
        result.append(replace(talk, guid=guid))
    return result


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
