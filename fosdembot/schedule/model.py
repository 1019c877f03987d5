"""What every published format is read into: a `Schedule` of `Talk`s.

Times are aware datetimes in UTC. Strings are as published, stripped of control
characters and bounded in length by the readers; they are still untrusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class MediaLink:
    """Something to watch or read, on the web."""

    label: str
    """As published, on one line."""
    url: str
    """http or https."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One entry of the programme, known by its `guid`."""

    guid: str
    """Identity: the published guid (in iCalendar the UID, and of repeats `@` and the day
    for which they were planned), else `id:` and the published id. Where several entries
    have the same one, `@` and the time and place follow."""
    id: str
    title: str
    start: datetime
    duration: timedelta
    room: str = ""
    """The name of the place, as published; not a Matrix room."""
    subtitle: str = ""
    track: str = ""
    kind: str = ""
    """The published type ("lecture", "devroom" …)."""
    language: str = ""
    slug: str = ""
    url: str = ""
    persons: tuple[str, ...] = ()
    chat_room: str | None = None
    """Alias (`#a:b`) or id (`!a`) of the Matrix room, from a link labelled "Chat room"."""
    hallway: str | None = None
    """Where one goes on afterwards, from a link labelled "Hallway chat room"."""
    meeting: str | None = None
    """Address of the meeting in which its speaker is, from a link labelled "Jitsi". It is the way
    into the broadcast: never told in public."""
    recording_optout: bool = False
    recordings: tuple[MediaLink, ...] = ()
    subtitles: tuple[MediaLink, ...] = ()
    """Of the recordings, as files."""
    slides: tuple[MediaLink, ...] = ()
    names: tuple[str, ...] | None = None
    """What it may be called by, where that is not just its guid and id: the guid as it is
    published now comes first, then the id, then what it was called before (see `identity.py`)."""

    @property
    def called(self) -> tuple[str, ...]:
        """By what settings and people may name it."""
        if self.names is not None:
            return self.names
        return (self.guid, self.id) if self.id not in ("", self.guid) else (self.guid,)

    @property
    def published_guid(self) -> str:
        return self.names[0] if self.names else self.guid

    @property
    def end(self) -> datetime:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Schedule:
    """A published programme as it was read.

    `entries` are in order of start, room and guid; no two have the same guid.
    """

    format: str
    """`xml`, `json` or `ical`."""
    title: str
    time_zone: str | None
    """IANA name of the zone in which people read the times, where one is known."""
    entries: tuple[Talk, ...]
    warnings: tuple[str, ...] = ()
    """One line each, for organisers; bounded in number."""
    left_out: int = 0
    """How many more there are; the last line says so."""
    utc_offset: timedelta | None = None
    """Where no zone is known: the offset from UTC in which the first entry was published."""
    zone_unnamed: bool = False
    """Whether all times are in UTC for want of a zone's name, so that people are told UTC."""

    @property
    def warned(self) -> int:
        """How many warnings there are, with those that are left out."""
        return len(self.warnings) + (self.left_out - 1 if self.left_out else 0)

    @property
    def tz(self) -> tzinfo:
        """In which people read the times: the zone, else the published offset, else UTC."""
        if self.time_zone is not None:
            return ZoneInfo(self.time_zone)
        return UTC if self.utc_offset is None else timezone(self.utc_offset)


class ScheduleError(Exception):
    """A schedule cannot be read. The message is one line for people: what was
    found, and what is read instead."""


class ZoneMissing(ScheduleError):
    """It has times without a zone, and nobody said in which they are meant; `why` says so."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why}: set schedule.zone (on the command line --zone), for example Europe/Brussels"
        )
        self.why = why
