"""What came of a decision about a talk, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from fosdembot.conference.programme import Programme, RoomProgramme
from fosdembot.talks.delays import moved
from fosdembot.talks.naming import title_of
from fosdembot.talks.phases import next_up, on_now
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import clock_time, count, duration

MOST_MOVED = 2
"""Talks that are named, of those that have to move as well."""


class Outcome:
    """Speaks of the room as it was `before` and is `after` a decision, told at `now`."""

    def __init__(
        self,
        before: RoomProgramme,
        after: RoomProgramme,
        now: datetime,
        programme: Programme,
        prefix: str,
    ) -> None:
        self._before = before
        self._after = after
        self._now = now
        self._programme = programme
        self._prefix = prefix
        self._slots = {slot.talk.guid: slot for slot in after.neighbours}
        self._told: set[str] = set()

    def knows(self, guid: str) -> bool:
        """Whether the talk still takes place here, or nearby."""
        return guid in self._slots

    def about(self, template: str, guid: str) -> Text:
        """A sentence about one talk, which is then not told of again."""
        self._told.add(guid)
        return self._say(template, self._slots[guid])

    def state(self, guid: str) -> Text:
        """Whether the talk takes place, and when."""
        slot = self._slots[guid]
        if slot.cancelled:
            return self.about(texts.CANCELLED, guid)
        if slot.noshow:
            return self.about(texts.NOSHOW, guid)
        if (slot.start, slot.end) == (slot.talk.start, slot.talk.end):
            return self.about(texts.ON_TIME, guid)
        return self.about(texts.LATE if slot.start > slot.talk.start else texts.FROM_TO, guid)

    def moved_here(self) -> list[Text]:
        """The other talks of the room that now begin at another time."""
        here = {slot.talk.guid for slot in self._after.slots}
        return self._moved(slot for slot in self._others() if slot.talk.guid in here)

    def moved_elsewhere(self) -> dict[str, Text]:
        """The same of other Matrix rooms, by address, that share a place with this one."""
        found: defaultdict[str, list[Slot]] = defaultdict(list)
        for slot in self._others():
            address = self._programme.address_for(slot.talk)
            if address is not None and address != self._after.address:
                found[address].append(slot)
        return {address: sentences(self._moved(slots)) for address, slots in found.items()}

    def next(self) -> list[Text]:
        """What the room waits for now, where that is not what it was."""
        before, after, now = self._before.slots, self._after.slots, self._now
        if on_now(after, now):
            return []
        waited = () if on_now(before, now) else next_up(before, now)
        known = self._told | {slot.talk.guid for slot in waited}
        following = [slot for slot in next_up(after, now) if slot.talk.guid not in known]
        return [self._say(texts.NEXT_IS, slot) for slot in following[:1]]

    def _others(self) -> list[Slot]:
        pairs = moved(self._before.neighbours, self._after.neighbours)
        return [
            new
            for old, new in pairs
            if new.talk.guid not in self._told and new.takes_place and old.start != new.start
        ]

    def _moved(self, slots: Iterable[Slot]) -> list[Text]:
        slots = list(slots)
        said = [self._say(texts.ALSO_MOVED, slot) for slot in slots[:MOST_MOVED]]
        if len(slots) > MOST_MOVED:
            more = count(len(slots) - MOST_MOVED, "more talk")
            said.append(say(texts.MORE_MOVED, talks=more, p=self._prefix))
        return said

    def _say(self, template: str, slot: Slot) -> Text:
        zone, now = self._programme.zone, self._now
        return say(
            template,
            title=title_of(slot.talk),
            start=clock_time(slot.start, zone, now),
            end=clock_time(slot.end, zone, now),
            late=duration(slot.start - slot.talk.start),
        )
