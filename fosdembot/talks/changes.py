"""What is told of a changed schedule: in a room what matters there soon, the rest to organisers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from fosdembot.schedule.diff import Change, ScheduleDiff
from fosdembot.schedule.identity import Recognised
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.schedule.text import bare
from fosdembot.settings import Settings
from fosdembot.texts import changes as texts
from fosdembot.texts.render import Text, clean, joined, lines, room_link, say
from fosdembot.texts.words import clock_time, count, day_name, hour, names

from .naming import LONGEST_PLACE, place_named, talk_named, title_of
from .notices import level_of
from .slots import NOTHING, Override, is_talk

MOST_LINES = 8
MOST_DIGEST_LINES = 20
_FEWEST_LOST = 5
_MOST_LOST = 1 / 5

RoomOf = Callable[[Talk], str | None]


@dataclass(frozen=True, slots=True)
class _Change:
    """All that changed of one talk; `old` is None for a new one, `new` for one that is gone."""

    old: Talk | None
    new: Talk | None

    @property
    def talk(self) -> Talk:
        talk = self.new or self.old
        assert talk is not None
        return talk


def rehoused(old: Schedule, new: Schedule, room_of: RoomOf) -> tuple[Change, ...]:
    """The talks that have another Matrix room, whatever else changed."""
    before = {talk.guid: talk for talk in old.entries}
    kept = (Change(before[talk.guid], talk) for talk in new.entries if talk.guid in before)
    return tuple(change for change in kept if room_of(change.old) != room_of(change.new))


def room_messages(
    diff: ScheduleDiff,
    room_of: RoomOf,
    overrides: Mapping[str, Override],
    now: datetime,
    zone: tzinfo,
    settings: Settings,
    rehoused: Sequence[Change] = (),
) -> dict[str, Text]:
    """By Matrix room the one message about what changes there soon.

    Soon is the window of the settings; what is over concerns nobody, nor what the
    moderators decided before the schedule did (`overrides`, by guid, as they were).
    `rehoused` are talks that have another room.
    """
    window = timedelta(hours=settings.notices.change_window_hours)

    def concerns(talk: Talk | None) -> bool:
        return talk is not None and talk.end > now and talk.start < now + window

    words = _Words(now, zone)
    rooms: defaultdict[str, list[Text]] = defaultdict(list)
    for change in _changes(diff, rehoused):
        if not is_talk(change.talk, settings) or level_of(change.talk, settings) == "off":
            continue
        if concerns(change.old) or concerns(change.new):
            override = overrides.get(change.talk.guid, NOTHING)
            for room, line in _room_lines(change, room_of, override, words):
                rooms[room].append(line)
    return {room: _one_message(found, settings.command_prefix) for room, found in rooms.items()}


def digest(
    diff: ScheduleDiff,
    rooms_told: int,
    now: datetime,
    zone: tzinfo,
    rehoused: Sequence[Change] = (),
    room_of: RoomOf = lambda talk: talk.chat_room,
) -> Text | None:
    """All changes for the organisers, in at most 22 lines; None where nothing changed."""
    others = {
        "with another hallway": diff.hallways,
        "with another meeting": diff.meetings,
        "in another track": diff.tracks,
        "of another kind": _named(diff.kinds, lambda talk: talk.kind),
        "in another language": _named(diff.languages, lambda talk: talk.language),
        "with another word on recording": diff.recording,
    }
    counts = [
        f"{len(talks):,} {what}"
        for what, talks in (
            ("new", diff.added),
            ("gone", diff.removed),
            ("at another time", diff.retimed),
            ("in another place", diff.moved),
            ("renamed", diff.retitled),
            ("with other speakers", diff.speakers),
            ("with another chat room", rehoused),
            *others.items(),
        )
        if talks
    ]
    if not counts:
        return None
    words = _Words(now, zone)
    changes = _changes(diff, rehoused, *others.values())
    told = say(texts.ROOMS_TOLD, rooms=count(rooms_told, "room"))
    said = [say(texts.DIGEST, counts=", ".join(counts), told=told)]
    said += [words.digest_line(change, room_of) for change in changes[:MOST_DIGEST_LINES]]
    if len(changes) > MOST_DIGEST_LINES:
        more = count(len(changes) - MOST_DIGEST_LINES, "more change")
        said.append(say(texts.DIGEST_MORE, changes=more))
    return lines(said)


def held_back(old: Schedule, new: Schedule) -> str | None:
    """Why `new` is not put in force unasked: it lacks more than a fifth of the talks, and
    at least five. None where nothing speaks against it."""
    kept = {talk.guid for talk in new.entries}
    lost = sum(talk.guid not in kept for talk in old.entries)
    if lost < _FEWEST_LOST or lost <= len(old.entries) * _MOST_LOST:
        return None
    return say(texts.LOST, lost=lost, talks=count(len(old.entries), "talk")).plain


def ids_changed(recognised: Recognised) -> Text | None:
    """By what talks were recognised that have other ids now; None where none has."""
    first, *others = sorted(recognised.by.items(), key=lambda each: -each[1]) or [("", 0)]
    if not first[1]:
        return None
    counts = [f"{first[1]:,} of {count(recognised.lost, 'talk')} recognised by {first[0]}"]
    return say(texts.IDS, counts=", ".join(counts + [f"{n:,} by {by}" for by, n in others]))


def many_ids_changed(recognised: Recognised) -> bool:
    """Whether so many have other ids that somebody should know."""
    return sum(recognised.by.values()) > len(recognised.schedule.entries) * _MOST_LOST


def same_title(one: str, other: str) -> bool:
    """Whether titles differ in nothing but case, blanks and punctuation."""
    return bare(one) == bare(other)


def _changes(
    diff: ScheduleDiff, rehoused: Sequence[Change], *others: Iterable[Change]
) -> list[_Change]:
    """One for each talk, by its (new) start; `others` are changes of which rooms hear nothing."""
    changed = {
        change.new.guid: _Change(change.old, change.new)
        for changes in (diff.retimed, diff.moved, diff.retitled, diff.speakers, rehoused, *others)
        for change in changes
    }
    found = [
        *(_Change(None, talk) for talk in diff.added),
        *(_Change(talk, None) for talk in diff.removed),
        *changed.values(),
    ]
    return sorted(found, key=lambda change: (change.talk.start, change.talk.guid))


def _named(changes: Iterable[Change], what: Callable[[Talk], str]) -> tuple[Change, ...]:
    """Not those of which it was only filled in."""
    return tuple(change for change in changes if what(change.old) and what(change.new))


def _room_lines(
    change: _Change, room_of: RoomOf, override: Override, words: _Words
) -> Iterable[tuple[str, Text]]:
    old, new = change.old, change.new
    if override.cancelled:
        return
    before = room_of(old) if old is not None else None
    after = room_of(new) if new is not None else None
    if old is not None and new is not None and before == after:
        if after and (line := words.changed(old, new, override)):
            yield after, line
        return
    # One that is on and comes from elsewhere is told as that, with all that it has.
    if new is not None and after and (old is None or not words.is_on(new)):
        yield after, words.new(new)
    if old is not None and before:
        if new is None:
            if not override.noshow:
                yield before, words.cancelled(old)
        elif after:
            yield before, words.moved_away(old, new, after)


def _one_message(found: list[Text], prefix: str) -> Text:
    if len(found) == 1:
        return say(texts.ONE, line=found[0])
    said = [say(texts.SEVERAL), *found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        more = count(len(found) - MOST_LINES, "more change")
        said.append(say(texts.AND_MORE, changes=more, p=prefix))
    return lines(said)


class _Words:
    """The sentences about changes, told at `now`."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._now = now
        self._zone = zone

    def is_on(self, talk: Talk) -> bool:
        return talk.start <= self._now < talk.end

    def new(self, talk: Talk) -> Text:
        place = place_named(talk)
        return say(
            texts.NEW_AT if place else texts.NEW,
            start=self._time(talk.start),
            place=place,
            talk=talk_named(talk, with_speakers=True),
        )

    def cancelled(self, talk: Talk) -> Text:
        named = talk_named(talk, with_speakers=False)
        return say(texts.CANCELLED, talk=named, start=self._time(talk.start))

    def moved_away(self, old: Talk, new: Talk, room: str) -> Text:
        template = texts.OTHER_CHAT if old.room == new.room else texts.MOVED_AWAY
        named = talk_named(new, with_speakers=False)
        return say(template, talk=named, start=self._time(new.start), room=room_link(room))

    def changed(self, old: Talk, new: Talk, override: Override = NOTHING) -> Text | None:
        """None where nothing changed that people would notice."""
        parts = list(self._parts(old, new, override))
        if not parts:
            return None
        named = talk_named(new, with_speakers=False)
        return say(texts.CHANGED, talk=named, changes=joined(parts))

    def digest_line(self, change: _Change, room_of: RoomOf) -> Text:
        entry = self._entry(change.talk)
        if change.old is None:
            return say(texts.DIGEST_NEW, entry=entry)
        if change.new is None:
            return say(texts.DIGEST_GONE, entry=entry)
        parts = list(self._parts(change.old, change.new, NOTHING, every=True))
        if (room := room_of(change.new)) != room_of(change.old):
            parts.append(
                say(texts.HAS_CHAT, room=room_link(room)) if room else say(texts.HAS_NO_CHAT)
            )
        parts += self._for_organisers(change.old, change.new)
        return say(texts.DIGEST_CHANGED, entry=entry, changes=joined(parts))

    def _for_organisers(self, old: Talk, new: Talk) -> Iterable[Text]:
        if new.hallway != old.hallway:
            hallway = room_link(new.hallway) if new.hallway else None
            yield say(texts.HAS_HALLWAY, room=hallway) if hallway else say(texts.HAS_NO_HALLWAY)
        if new.meeting != old.meeting:
            # Not which: it is the way into the broadcast.
            yield say(texts.HAS_MEETING if new.meeting else texts.HAS_NO_MEETING)
        if new.track != old.track:
            yield say(texts.IS_IN_TRACK, track=_name(new.track), before=_name(old.track))
        if new.kind != old.kind and new.kind and old.kind:
            yield say(texts.IS_KIND, kind=_name(new.kind), before=_name(old.kind))
        if new.language != old.language and new.language and old.language:
            language, before = _name(new.language), _name(old.language)
            yield say(texts.IS_IN_LANGUAGE, language=language, before=before)
        if new.recording_optout != old.recording_optout:
            yield say(texts.NOT_RECORDED if new.recording_optout else texts.RECORDED)

    def _parts(
        self, old: Talk, new: Talk, override: Override, every: bool = False
    ) -> Iterable[Text]:
        if new.start != old.start:
            known = old.start + override.shift + override.pushed + override.shortened
            if new.start != known:
                before = self._time_before(known, new.start)
                yield say(texts.IS_AT, start=self._time(new.start), before=before)
        elif new.end != old.end:
            before = self._time_before(old.end, new.end)
            yield say(texts.ENDS_AT, end=self._time(new.end), before=before)
        if new.room != old.room and new.room:
            before = clean(old.room, LONGEST_PLACE) or "–"
            yield say(texts.IS_IN, place=clean(new.room, LONGEST_PLACE), before=before)
        if sorted(new.persons) != sorted(old.persons):
            if speakers := names(new.persons):
                yield say(texts.IS_WITH, speakers=speakers)
            else:
                yield say(texts.WITHOUT_SPEAKERS)
        if new.title != old.title and (every or not same_title(new.title, old.title)):
            yield say(texts.WAS_CALLED, before=title_of(old))

    def _entry(self, talk: Talk) -> Text:
        place = place_named(talk)
        return say(
            texts.ENTRY if place else texts.ENTRY_NOWHERE,
            day=day_name(talk.start, self._zone),
            start=hour(talk.start, self._zone),
            place=place,
            talk=talk_named(talk, with_speakers=False),
        )

    def _time(self, moment: datetime) -> str:
        return clock_time(moment, self._zone, self._now)

    def _time_before(self, moment: datetime, instead: datetime) -> str:
        """Without its day, where `instead` has just named it."""
        days = {each.astimezone(self._zone).date() for each in (moment, instead)}
        return clock_time(moment, self._zone, instead if len(days) == 1 else self._now)


def _name(of: str) -> str:
    return clean(of, LONGEST_PLACE) or "–"
