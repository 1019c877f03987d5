"""What changed between two schedules. A talk is its guid; where ids changed, see `identity.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .model import Schedule, Talk


@dataclass(frozen=True, slots=True)
class Change:
    """A talk that both schedules have, as it was and as it is."""

    old: Talk
    new: Talk


@dataclass(frozen=True, slots=True)
class ScheduleDiff:
    """Each in the order of the programme it stands in: removed in the old one, all else in
    the new one. A talk may stand in several of those after `removed`. Equal to
    `ScheduleDiff()` where nothing of this changed."""

    added: tuple[Talk, ...] = ()
    removed: tuple[Talk, ...] = ()
    retimed: tuple[Change, ...] = ()
    """Another start or duration."""
    moved: tuple[Change, ...] = ()
    """Another place."""
    retitled: tuple[Change, ...] = ()
    """Another title, be it by a letter."""
    speakers: tuple[Change, ...] = ()
    """Other persons; another order of the same ones is no change."""
    chat_rooms: tuple[Change, ...] = ()
    """Another link to a chat room. Which room that makes it, the settings say as well."""
    hallways: tuple[Change, ...] = ()
    """Another link to a room where one goes on afterwards."""
    meetings: tuple[Change, ...] = ()
    """Another link to the speaker's meeting, which is told nobody: only that it is another."""
    tracks: tuple[Change, ...] = ()
    kinds: tuple[Change, ...] = ()
    """Another published type."""
    languages: tuple[Change, ...] = ()
    recording: tuple[Change, ...] = ()
    """It may be recorded now, or may not any more."""
    media: tuple[Change, ...] = ()
    """Other links to recordings, subtitles or slides. That is what its transcript is about: rooms
    and organisers hear nothing of it as a change of the schedule."""

    def __bool__(self) -> bool:
        return self != ScheduleDiff()


def diff(old: Schedule, new: Schedule) -> ScheduleDiff:
    """What `new` changes of `old`."""
    before = {talk.guid: talk for talk in old.entries}
    after = {talk.guid for talk in new.entries}
    kept = [Change(before[talk.guid], talk) for talk in new.entries if talk.guid in before]

    def differing(aspect: Callable[[Talk], object]) -> tuple[Change, ...]:
        return tuple(change for change in kept if aspect(change.old) != aspect(change.new))

    return ScheduleDiff(
        added=tuple(talk for talk in new.entries if talk.guid not in before),
        removed=tuple(talk for talk in old.entries if talk.guid not in after),
        retimed=differing(lambda talk: (talk.start, talk.duration)),
        moved=differing(lambda talk: talk.room),
        retitled=differing(lambda talk: talk.title),
        speakers=differing(lambda talk: sorted(talk.persons)),
        chat_rooms=differing(lambda talk: talk.chat_room),
        hallways=differing(lambda talk: talk.hallway),
        meetings=differing(lambda talk: talk.meeting),
        tracks=differing(lambda talk: talk.track),
        kinds=differing(lambda talk: talk.kind),
        languages=differing(lambda talk: talk.language),
        recording=differing(lambda talk: talk.recording_optout),
        media=differing(lambda talk: (talk.recordings, talk.subtitles, talk.slides)),
    )
