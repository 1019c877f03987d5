"""The published talks, by what they are looked up by; and how others take their place. Pure:
with a thousand talks it is work for a thread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import Settings
from fosdembot.talks.delays import republished
from fosdembot.talks.page_words import PageWords
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import build_slots, place_of

from .talk_json import override_from_json, override_to_json, talk_from_json, talk_to_json
from .talk_rows import TalkFacts


@dataclass(frozen=True, slots=True)
class Published:
    """The published talks, by what they are looked up by. Replaced whole."""

    talks: Mapping[str, Talk]
    by_address: Mapping[str, tuple[Talk, ...]]
    by_place: Mapping[str, tuple[Talk, ...]]
    words: PageWords
    title: str
    zone: tzinfo
    followed: Hashable
    """Of what rooms are told: as long as it is the same, there is nothing to plan anew."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What another schedule changes."""

    new: Sequence[TalkFacts]
    changed: Sequence[TalkFacts]
    published: Published


def replacement(
    schedule: Schedule, rows: Iterable[TalkFacts], settings: Settings, now: datetime
) -> Replacement:
    """See `Programme.replace`; `rows` are all talks, as they were."""
    before = {row.guid: row for row in rows}
    after = dict(before)
    retimed: set[str] = set()
    for talk in schedule.entries:
        published, row = talk_to_json(talk), before.get(talk.guid)
        if row is None:
            after[talk.guid] = TalkFacts(talk.guid, published, None, None)
            continue
        if row.published["start"] != published["start"]:
            retimed.add(talk.guid)
        after[talk.guid] = replace(row, published=published, vanished_at=None)
    _settle(schedule, before, after, retimed, settings, now)
    here = {talk.guid for talk in schedule.entries}
    for guid in before.keys() - here:
        after[guid] = replace(after[guid], vanished_at=before[guid].vanished_at or now)
    vanished = [talk_from_json(row.published) for guid, row in before.items() if guid not in here]
    return Replacement(
        new=[row for guid, row in after.items() if guid not in before],
        changed=[row for guid, row in after.items() if guid in before and row != before[guid]],
        published=index(schedule, vanished, settings),
    )


def _settle(
    schedule: Schedule,
    before: Mapping[str, TalkFacts],
    after: dict[str, TalkFacts],
    retimed: Collection[str],
    settings: Settings,
    now: datetime,
) -> None:
    overrides = {
        guid: override_from_json(row.override) for guid, row in before.items() if row.override
    }
    if not overrides:
        return
    slots = build_slots(schedule.entries, overrides, settings)
    for guid, override in republished(slots, overrides, retimed, now).items():
        after[guid] = replace(after[guid], override=override_to_json(override))


def index(schedule: Schedule, vanished: Iterable[Talk], settings: Settings) -> Published:
    names = {name for talk in schedule.entries for name in talk.called}
    gone = [_without(names, talk) for talk in vanished]
    talks = {talk.guid: talk for talk in (*schedule.entries, *gone)}
    by_address: defaultdict[str, list[Talk]] = defaultdict(list)
    by_place: defaultdict[str, list[Talk]] = defaultdict(list)
    for talk in talks.values():
        by_place[place_of(talk)].append(talk)
        if (address := address_of(talk, settings)) is not None:
            by_address[address].append(talk)
    return Published(
        talks,
        {address: tuple(found) for address, found in by_address.items()},
        {place: tuple(found) for place, found in by_place.items()},
        PageWords(tuple(by_address)),
        schedule.title,
        schedule.tz,
        _followed(schedule, talks.values(), settings),
    )


def _without(names: set[str], talk: Talk) -> Talk:
    """A talk that vanished, without the names that others have now."""
    if names.isdisjoint(talk.called):
        return talk
    return replace(talk, names=tuple(name for name in talk.called if name not in names))


def _followed(schedule: Schedule, talks: Iterable[Talk], settings: Settings) -> Hashable:
    """What rooms are told by: all but what a talk is called by, and the address of its page."""
    here = {talk.guid for talk in schedule.entries}
    slots = {slot.talk.guid: slot.qa_start for slot in build_slots(talks, {}, settings)}
    return (schedule.title, str(schedule.tz)), frozenset(
        (
            replace(talk, id="", names=None, slug="", url=""),
            address_of(talk, settings),
            slots.get(talk.guid),
            talk.guid in here,
        )
        for talk in talks
    )
