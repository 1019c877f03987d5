"""What rooms are told of decisions about talks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from fosdembot.conference.events import TalkDecided
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.room_addresses import room_of
from fosdembot.talks.decisions import Decision
from fosdembot.talks.delays import moved
from fosdembot.talks.naming import title_of
from fosdembot.talks.phases import next_up, on_now
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import clock_time, count, duration

MOST_MOVED = 2
"""Talks that are named, of those that have to move as well."""
_DECIDED = {
    Decision.START: texts.STARTED,
    Decision.END: texts.ENDED,
    Decision.CANCEL: texts.CANCELLED,
    Decision.NOSHOW: texts.NOSHOW,
    Decision.NOW: texts.ON_NOW,
}
"""Of the others it is said how the talk stands now."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a decision, in words."""

    decided: TalkDecided
    programme: Programme
    prefix: str

    def here(self) -> Text:
        """For the talk's room."""
        return sentences([*self._talk(), *self._moved_here(), *self._next()])

    def elsewhere(self) -> dict[str, Text]:
        """For other Matrix rooms, by address, that share a place with it: the talks that now
        begin at another time."""
        found: defaultdict[str, list[Slot]] = defaultdict(list)
        for slot in self._others():
            address = self.programme.address_for(slot.talk)
            if address is not None and address != self.decided.after.address:
                found[address].append(slot)
        return {address: sentences(self._moved(slots)) for address, slots in found.items()}

    def _talk(self) -> list[Text]:
        """What is decided about the talk; none where it takes place neither here nor nearby any
        more."""
        decided = self.decided
        said = [say(texts.UNDONE)] if decided.decision is None else []
        slots = decided.after.neighbours
        slot = next((slot for slot in slots if slot.talk.guid == decided.guid), None)
        if slot is None:
            return said
        template = _DECIDED.get(decided.decision) if decided.decision is not None else None
        return [*said, self._say(template or _now(slot), slot)]

    def _moved_here(self) -> list[Text]:
        """The other talks of the room that now begin at another time."""
        here = {slot.talk.guid for slot in self.decided.after.slots}
        return self._moved(slot for slot in self._others() if slot.talk.guid in here)

    def _next(self) -> list[Text]:
        """What the room waits for now, where that is not what it was."""
        before, after = self.decided.before.slots, self.decided.after.slots
        now = self.decided.at
        if on_now(after, now):
            return []
        waited = () if on_now(before, now) else next_up(before, now)
        known = {self.decided.guid, *(slot.talk.guid for slot in waited)}
        following = [slot for slot in next_up(after, now) if slot.talk.guid not in known]
        return [self._say(texts.NEXT_IS, slot) for slot in following[:1]]

    def _others(self) -> list[Slot]:
        pairs = moved(self.decided.before.neighbours, self.decided.after.neighbours)
        return [
            new
            for old, new in pairs
            if new.talk.guid != self.decided.guid and new.takes_place and old.start != new.start
        ]

    def _moved(self, slots: Iterable[Slot]) -> list[Text]:
        slots = list(slots)
        said = [self._say(texts.ALSO_MOVED, slot) for slot in slots[:MOST_MOVED]]
        if len(slots) > MOST_MOVED:
            more = count(len(slots) - MOST_MOVED, "more talk")
            said.append(say(texts.MORE_MOVED, talks=more, p=self.prefix))
        return said

    def _say(self, template: str, slot: Slot) -> Text:
        zone, now = self.programme.zone, self.decided.at
        return say(
            template,
            title=title_of(slot.talk),
            start=clock_time(slot.start, zone, now),
            end=clock_time(slot.end, zone, now),
            late=duration(slot.start - slot.talk.start),
        )


@dataclass(frozen=True, slots=True)
class TalkNews:
    outbox: Outbox
    programme: Programme
    prefix: str

    async def decided(self, session: WriteSession, decided: TalkDecided) -> None:
        """Tell the talk's room, and others whose talks had to move."""
        outcome = Outcome(decided, self.programme, self.prefix)
        told = outcome.elsewhere()
        if not decided.answered_there:
            told = {decided.after.address: outcome.here(), **told}
        for address, text in told.items():
            room = await room_of(session, address)
            if room is not None:
                key = f"decision/{decided.cause}/{room}"
                await self.outbox.message(session, key, room, notice(text), Urgency.CHANGE)


def _now(slot: Slot) -> str:
    """Whether a talk takes place, and when."""
    if slot.cancelled:
        return texts.CANCELLED
    if slot.noshow:
        return texts.NOSHOW
    if (slot.start, slot.end) == (slot.talk.start, slot.talk.end):
        return texts.ON_TIME
    return texts.LATE if slot.start > slot.talk.start else texts.FROM_TO
