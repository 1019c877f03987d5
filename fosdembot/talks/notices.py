"""Which notices fall due in a Matrix room, and when.

Exactly once: a notice is named by its key, in which stand the room, the kind, the
talk and its start. What was told under a key is never told again; a talk that is
retimed has a new key and is told again at its new time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256
from re import fullmatch

from fosdembot.schedule.model import Talk
from fosdembot.settings import Level, Settings

from .phases import programme_day, sessions
from .slots import AudienceSlot, StageSlot, as_streamed

APART = timedelta(minutes=2)
"""Two notices about one place are at least so far apart; a talk that is shorter gets none."""
_HEADS_UP_HOLDS = timedelta(minutes=4)
_TIME_LEFT_HOLDS = timedelta(minutes=3)
_OVER_HOLDS = timedelta(minutes=10)
_MANY_PLACES = 3
"""Where a room serves more, it hears what begins, not every Q&A."""


class Kind(StrEnum):
    HEADS_UP = "heads_up"
    COUNTDOWN = "countdown"
    NOW = "now"
    QA = "qa"
    TIME_LEFT = "time_left"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell at `due`, unless it could not be told before `expires`."""

    key: str
    """At most 128 characters, of the printable ASCII."""
    kind: Kind
    due: datetime
    expires: datetime
    slot: AudienceSlot
    """At the times that those who watch the stream see."""
    following: AudienceSlot | None
    """What comes next in the same place on the same day."""
    more: int
    """How many talks begin later that day in the Matrix room."""
    name_place: bool
    """Whether the Matrix room serves several places, so that they must be told apart."""
    edit_of: str | None = None
    """Key of the notice that this one edits. It is told only if that one was."""
    closing: bool = False
    """Whether it is the last about its talk, and so says where to go afterwards."""
    archived: bool = False
    """Whether people are to know that there will be a transcript of its talk."""
    transcripts: str = ""
    """Where transcripts are to be found, in the last notice of a session."""


def plan(
    slots: Iterable[StageSlot], settings: Settings, room: str, bridged: bool, zone: tzinfo
) -> list[Notice]:
    """All notices of one Matrix room, by due time.

    `slots` are the room's, at their real times; `room` is its address as the
    settings and the schedule name it; `zone` decides where a day ends.
    """
    return sorted(
        _Plan(tuple(slots), settings, room, bridged, zone).notices(),
        key=lambda notice: (notice.due, notice.key),
    )


def level_of(talk: Talk, settings: Settings) -> Level:
    """How much is told about a talk: as its track is set, else as all."""
    return settings.notices.tracks.get(talk.track, settings.notices.level)


def may_edit(settings: Settings, room: str, bridged: bool) -> bool:
    """Whether messages in a Matrix room are edited: over a bridge each edit is a new line."""
    edits = settings.notices.edits_by_room.get(room, settings.notices.edits)
    return edits == "on" or (edits == "auto" and not bridged)


def at_address(key: str, room: str) -> str:
    """The key of the same notice, where its Matrix room has the address `room`."""
    kind, _, rest = key.partition("/")
    return f"{kind}/{_digest(room)}/{rest.partition('/')[2]}"


class _Plan:
    def __init__(
        self, slots: Sequence[StageSlot], settings: Settings, room: str, bridged: bool, zone: tzinfo
    ) -> None:
        self._settings = settings
        self._notices = settings.notices
        self._url = settings.transcripts.public_url if settings.archives else ""
        self._room = _digest(room)
        self._edits = may_edit(settings, room, bridged)
        places = {slot.place for slot in slots}
        self._several_places = len(places) > 1
        self._many_places = len(places) > _MANY_PLACES
        self._slots = tuple(
            slot
            for slot in as_streamed(slots, settings, room)
            if slot.takes_place and slot.end - slot.start >= APART
        )
        self._zone = zone
        self._following = _following(self._slots, zone)
        self._more = _more_that_day(self._slots, zone)

    def notices(self) -> Iterator[Notice]:
        gap = timedelta(minutes=self._notices.session_gap_minutes)
        runs = sessions(self._slots, gap)
        quiet_since: datetime | None = None
        for number, run in enumerate(runs):
            yield from self._heads_up(run, quiet_since)
            quiet_since = max(slot.end for slot in run)
            next_start = runs[number + 1][0].start if number + 1 < len(runs) else None
            for slot in run:
                yield from self._talk(slot, quiet_since, next_start)

    def _heads_up(
        self, run: Sequence[AudienceSlot], quiet_since: datetime | None
    ) -> Iterator[Notice]:
        start = run[0].start
        before = timedelta(minutes=self._notices.heads_up_minutes)
        due = start - before
        if quiet_since is not None:
            due = max(due, quiet_since + APART)
        if due > start - min(before, APART):
            return
        moments = [
            (minutes, moment)
            for minutes in sorted(set(self._notices.countdown_minutes), reverse=True)
            if (moment := start - timedelta(minutes=minutes)) > due
        ]
        for slot in run:
            if slot.start != start or Kind.HEADS_UP not in self._kinds(slot):
                continue
            first = self._notice(Kind.HEADS_UP, slot, due, min(due + _HEADS_UP_HOLDS, start))
            yield first
            if not self._edits:
                continue
            ends = [moment for _, moment in moments[1:]] + [start]
            for (minutes, moment), expires in zip(moments, ends, strict=False):
                yield self._notice(
                    Kind.COUNTDOWN, slot, moment, expires, suffix=str(minutes), edit_of=first.key
                )

    def _talk(
        self, slot: AudienceSlot, session_end: datetime, next_start: datetime | None
    ) -> Iterator[Notice]:
        kinds = self._kinds(slot)
        says_over = Kind.OVER in kinds and slot.end == session_end
        says_qa = Kind.QA in kinds and self._says_qa(slot)
        ends = slot.end == session_end
        if Kind.NOW in kinds:
            closing = not (says_over or says_qa)
            last = closing and ends
            yield self._notice(Kind.NOW, slot, slot.start, slot.end, closing=closing, last=last)
        told = [slot.start, slot.end]
        if slot.qa_start is not None and says_qa:
            told.append(slot.qa_start)
            closing = not says_over
            last = closing and ends
            yield self._notice(Kind.QA, slot, slot.qa_start, slot.end, closing=closing, last=last)
        time_left = timedelta(minutes=self._notices.time_left_minutes)
        left = slot.end - time_left
        if Kind.TIME_LEFT in kinds and _far_from(left, told) and left - slot.start >= 2 * time_left:
            expires = min(left + _TIME_LEFT_HOLDS, slot.end)
            yield self._notice(Kind.TIME_LEFT, slot, left, expires)
        if says_over:
            expires = slot.end + _OVER_HOLDS
            if next_start is not None:
                heads_up = timedelta(minutes=self._notices.heads_up_minutes)
                expires = max(slot.end + APART, min(expires, next_start - heads_up))
            yield self._notice(Kind.OVER, slot, slot.end, expires, closing=True, last=True)

    def _kinds(self, slot: AudienceSlot) -> tuple[str, ...]:
        level = level_of(slot.talk, self._settings)
        return () if level == "off" else getattr(self._notices.kinds, level)

    def _says_qa(self, slot: AudienceSlot) -> bool:
        if slot.qa_start is None:
            return False
        if self._many_places and level_of(slot.talk, self._settings) != "full":
            return False
        return _far_from(slot.qa_start, (slot.start, slot.end))

    def _notice(
        self,
        kind: Kind,
        slot: AudienceSlot,
        due: datetime,
        expires: datetime,
        *,
        suffix: str = "",
        edit_of: str | None = None,
        closing: bool = False,
        last: bool = False,
    ) -> Notice:
        start = (slot.start - slot.stream_delay).astimezone(UTC)
        return Notice(
            key=f"{kind}{suffix}/{self._room}/{_short(slot.talk.guid)}/{start:%Y%m%dT%H%M%S}",
            kind=kind,
            due=due,
            expires=expires,
            slot=slot,
            following=self._following.get(slot.talk.guid),
            more=self._more[slot.talk.guid],
            name_place=self._several_places and bool(slot.place),
            edit_of=edit_of,
            closing=closing,
            transcripts=self._url if last else "",
            archived=self._settings.archives and not slot.is_break,
        )


def _following(slots: Sequence[AudienceSlot], zone: tzinfo) -> dict[str, AudienceSlot]:
    """Of each talk the first in the same place, on the same day, that begins after it."""
    found: dict[str, AudienceSlot] = {}
    waiting: dict[str, list[AudienceSlot]] = {}
    for slot in slots:
        before = waiting.setdefault(slot.place, [])
        for other in [other for other in before if other.end <= slot.start]:
            before.remove(other)
            if programme_day(other.start, zone) == programme_day(slot.start, zone):
                found[other.talk.guid] = slot
        before.append(slot)
    return found


def _more_that_day(slots: Sequence[AudienceSlot], zone: tzinfo) -> dict[str, int]:
    """By guid, how many talks begin later on the same day."""
    starts: dict[object, list[datetime]] = {}
    for slot in slots:
        day = starts.setdefault(programme_day(slot.start, zone), [])
        if not slot.is_break:
            day.append(slot.start)
    more: dict[str, int] = {}
    for slot in slots:
        day = starts[programme_day(slot.start, zone)]
        more[slot.talk.guid] = len(day) - bisect_right(day, slot.start)
    return more


def _far_from(moment: datetime, others: Iterable[datetime]) -> bool:
    return all(abs(moment - other) >= APART for other in others)


def _digest(room: str) -> str:
    return sha256(room.encode("utf-8", "replace")).hexdigest()[:12]


def _short(guid: str) -> str:
    if fullmatch(r"[A-Za-z0-9.:-]{1,64}", guid):
        return guid
    return "~" + sha256(guid.encode("utf-8", "replace")).hexdigest()[:40]
