"""Which talk is which, where published ids do not tell: they are new, swapped or used again.

An id is believed as long as nothing contradicts it. Where it fails, a talk with the same
title and place, else title and start, else speakers and start, is the same talk. Where
several would do, none is taken: they stay apart.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from operator import attrgetter

from .model import Schedule, Talk
from .text import bare

BY_PLACE = "title and place"
BY_START = "title and start"
BY_SPEAKERS = "speakers and start"
BY_ID = "an earlier id"
MOST_FORMER = 4
"""Guid and id of two changes ago: a printed programme may still have them."""
_UNTITLED = "untitled"
_NEAR = timedelta(days=7)
"""Meetings that take place every week, with one title in one place, are different ones."""
_SEASON = timedelta(days=90)
"""Conferences are further apart; one that is put off by more has another programme. Ids that are
numbers begin anew with each."""
_SHOWN = attrgetter(
    *(
        f.name
        for f in fields(Talk)
        if f.name not in ("guid", "id", "names", "slug", "url", "persons")
    )
)
"""All that people see of a talk but its speakers, and the address of its page."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A talk, and what it is recognised by."""

    talk: Talk
    id: str
    title: str
    """Empty where it says nothing."""
    place: str
    speakers: tuple[str, ...]
    content: Hashable

    @classmethod
    def of(cls, talk: Talk) -> _Entry:
        title = bare(talk.title)
        speakers = tuple(sorted(name.casefold() for name in talk.persons))
        return cls(
            talk=talk,
            id=talk.published_guid,
            title="" if title == _UNTITLED else title,
            place=(talk.room or talk.track).casefold(),
            speakers=speakers,
            content=(speakers, _SHOWN(talk)),
        )

    @property
    def start(self) -> datetime:
        return self.talk.start


_Key = Callable[[_Entry], Hashable]
"""What two talks must have in common; None: nothing to go by."""
_Test = Callable[[_Entry, _Entry], bool]


@dataclass(frozen=True, slots=True)
class Recognised:
    """A schedule whose talks have the guids under which they are known already."""

    schedule: Schedule
    by: Mapping[str, int]
    """By what the talks in force that have another id now were recognised, and how many."""
    lost: int
    """How many talks in force are not published under their id any more."""


def recognise(
    known: Iterable[Talk],
    new: Schedule,
    gone: Iterable[Talk] = (),
    lasting: Collection[str] = (),
) -> Recognised:
    """`new` with the guids of the talks in force (`known`), or of those that vanished
    (`gone`), where they are the same talks. Any other talk gets a guid that none has had.

    A talk keeps the names that it had before and that no other has now: those in
    `lasting`, and the latest of the others.
    """
    known, gone = list(known), list(gone)
    matching = _Matching(known, gone, new.entries)
    names = {name for talk in new.entries for name in talk.called}
    taken = {talk.guid for talk in (*known, *gone)}
    entries = []
    for talk in new.entries:
        old = matching.found.get(talk.guid)
        guid = old.guid if old is not None else _free(talk.guid, taken)
        former = [name for name in (old.called if old else ()) if name not in names]
        entries.append(_renamed(talk, guid, former, lasting))
    entries.sort(key=lambda talk: (talk.start, talk.room, talk.guid))
    lost = len(known) - matching.kept
    return Recognised(replace(new, entries=tuple(entries)), matching.by, lost)


def _renamed(talk: Talk, guid: str, former: Iterable[str], lasting: Collection[str]) -> Talk:
    kept = [name for name in former if name in lasting]
    kept += [name for name in former if name not in lasting][:MOST_FORMER]
    if guid == talk.guid and not kept:
        return talk
    return replace(talk, guid=guid, names=tuple(dict.fromkeys((*talk.called, *kept))))


def _free(guid: str, taken: set[str]) -> str:
    while guid in taken:
        guid += "+"
    taken.add(guid)
    return guid


class _Matching:
    """Finds for the talks of a new schedule those that are known, each at most once."""

    def __init__(self, known: list[Talk], gone: list[Talk], new: Iterable[Talk]) -> None:
        self.found: dict[str, Talk] = {}
        """By the guid in the new schedule."""
        self.by: Counter[str] = Counter()
        self.kept = 0
        """How many talks in force have their id still."""
        self._in_force = {talk.guid for talk in known}
        self._used: set[str] = set()
        here, former = [*map(_Entry.of, known)], [*map(_Entry.of, gone)]
        self._new = [*map(_Entry.of, new)]
        everybody = here + former
        # From what is certain to what is likely; what is in force comes before what is gone.
        self._unchanged(here)
        self._by_id(here, _same_title)
        self._by_id(former, _same_title)
        self._by_id(here, _same_slot)
        self._by_title(here, here)
        self._by_id(here, _resembles)
        self._by(_speakers_start, BY_SPEAKERS, here, here)
        self._by_id(here, _same_season)
        self._by_id(former, _same_season)
        self._by_former_id(here)
        self._by_title(former, everybody)
        self._by(_speakers_start, BY_SPEAKERS, former, everybody)
        self._by_former_id(former)

    def _unchanged(self, known: Iterable[_Entry]) -> None:
        """Talks with titles of which nothing changed but, perhaps, who has which id."""
        old, new = _grouped(known, _title), _grouped(self._new, _title)
        for title, these in new.items():
            those = old.get(title, [])
            if len(those) != len(these) or _contents(those) != _contents(these):
                continue
            by_id = {entry.id: entry for entry in those}
            for entry in these:
                same = by_id.get(entry.id)
                if same is not None and same.content == entry.content:
                    self._pair(same, entry, BY_PLACE)
            alike = _grouped((e for e in those if e.talk.guid not in self._used), _content)
            for entry in these:
                if entry.id not in self.found:
                    self._pair(alike[entry.content].pop(), entry, BY_PLACE)

    def _by_title(self, among: Iterable[_Entry], rivals: Iterable[_Entry]) -> None:
        self._by(_title_place_start, BY_PLACE, among, rivals)
        self._by(_title_place_day, BY_PLACE, among, rivals)
        self._by(_title_place, BY_PLACE, among, rivals)
        self._by(_title_start, BY_START, among, rivals)

    def _by(self, key: _Key, by: str, among: Iterable[_Entry], rivals: Iterable[_Entry]) -> None:
        """Pair those that have the same key; it may have no rival, on either side."""
        old, new = _grouped(rivals, key), _grouped(self._new, key)
        for entry in among:
            value = key(entry)
            if value is None or len(old[value]) > 1 or len(new.get(value, ())) != 1:
                continue
            [other] = new[value]
            if abs(other.start - entry.start) < _NEAR:
                self._pair(entry, other, by)

    def _by_id(self, among: Iterable[_Entry], test: _Test) -> None:
        """Pair those that have the same id, and pass the test."""
        by_id = {entry.id: entry for entry in among if entry.talk.guid not in self._used}
        for entry in self._new:
            old = by_id.get(entry.id)
            if old is not None and test(old, entry):
                self._pair(old, entry, BY_ID)

    def _by_former_id(self, among: Iterable[_Entry]) -> None:
        old, new = _by_name(among), _by_name(self._new)
        for name in [name for name in old if name in new]:
            [entry, *rivals], [other, *others] = old[name], new[name]
            if not (rivals or others) and _resembles(entry, other):
                self._pair(entry, other, BY_ID)

    def _pair(self, old: _Entry, new: _Entry, by: str) -> None:
        guid = old.talk.guid
        if guid in self._used or new.id in self.found:
            return
        self._used.add(guid)
        self.found[new.id] = old.talk
        if guid in self._in_force:
            if old.id == new.id:
                self.kept += 1
            else:
                self.by[by] += 1


def _grouped(entries: Iterable[_Entry], key: _Key) -> dict[Hashable, list[_Entry]]:
    found: defaultdict[Hashable, list[_Entry]] = defaultdict(list)
    for entry in entries:
        found[key(entry)].append(entry)
    return found


def _by_name(entries: Iterable[_Entry]) -> dict[str, list[_Entry]]:
    found: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        for name in entry.talk.called:
            found[name].append(entry)
    return found


def _contents(entries: Iterable[_Entry]) -> Counter[Hashable]:
    return Counter(entry.content for entry in entries)


_title = attrgetter("title")
_content = attrgetter("content")


def _title_place_start(entry: _Entry) -> Hashable:
    return (entry.title, entry.place, entry.start) if entry.title else None


def _title_place_day(entry: _Entry) -> Hashable:
    return (entry.title, entry.place, entry.start.date()) if entry.title else None


def _title_place(entry: _Entry) -> Hashable:
    return (entry.title, entry.place) if entry.title else None


def _title_start(entry: _Entry) -> Hashable:
    return (entry.title, entry.start) if entry.title else None


def _speakers_start(entry: _Entry) -> Hashable:
    return (entry.speakers, entry.start) if entry.speakers else None


def _same_title(old: _Entry, new: _Entry) -> bool:
    return old.title == new.title


def _same_slot(old: _Entry, new: _Entry) -> bool:
    """At the same time in the same place, and one title only says more than the other."""
    if (old.start, old.place) != (new.start, new.place):
        return False
    one, other = (re.findall(r"\w+", entry.talk.title.casefold()) for entry in (old, new))
    shorter = min(len(one), len(other))
    return shorter > 0 and one[:shorter] == other[:shorter]


def _same_season(old: _Entry, new: _Entry) -> bool:
    return abs(old.start - new.start) < _SEASON


def _resembles(old: _Entry, new: _Entry) -> bool:
    """Whether there is more in common than an id, which may have been used again."""
    same_people = old.speakers != () and old.speakers == new.speakers
    return old.start == new.start or same_people or _same_title(old, new)
