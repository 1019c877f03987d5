"""What the message that says which talks are on has to say now. Pure.

It was told once, when a talk began. Then the talk may be delayed, cancelled, ended or moved:
what the message names as on must be on, until the end that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from fosdembot.schedule.model import Talk
from fosdembot.texts import notices as texts
from fosdembot.texts.render import Text, lines, say

from .naming import talk_named
from .notices import Kind, Notice
from .slots import StageSlot
from .wording import Wording

Says = Mapping[str, datetime | None]
"""By guid the talks that a message is about: the end until which it says that they are on, or
None where it says that they are not."""


@dataclass(frozen=True, slots=True)
class BoardContent:
    """What one message has to say."""

    notices: tuple[Notice, ...]
    """To be told as if they were due: its talks are on, or are over as it said."""
    says: dict[str, datetime | None]
    off: Text | None = None
    """What it says instead, where none of its talks is on, and not as it said."""
    off_frame: Text | None = None
    """The same as people read it on the day itself: another only if it says something else."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is planned any more of what it told, which is over as it said: it
        stands as it is."""
        return not self.notices and self.off is None

    def is_on(self, now: datetime) -> bool:
        """Whether it says of a talk that it is on."""
        return any(end is not None and end > now for end in self.says.values())


class Room:
    """A Matrix room at `now`: its planned notices, and the slots of its talks."""

    def __init__(
        self,
        notices: Iterable[Notice],
        slots: Iterable[StageSlot],
        talks: Mapping[str, Talk],
        now: datetime,
        zone: tzinfo,
        prefix: str,
    ) -> None:
        self._now = now
        self._zone = zone
        self._prefix = prefix
        self._talks = talks
        self._slots = {slot.talk.guid: slot for slot in slots}
        self._starts = {n.slot.talk.guid: n for n in notices if n.kind is Kind.NOW}

    @property
    def is_quiet(self) -> bool:
        """Whether no talk is on that the room is or will be told of."""
        return not any(is_on(notice, self._now) for notice in self._starts.values())

    def content(self, told: Sequence[Notice], says: Says, *, is_last: bool) -> BoardContent:
        """Of the message that told the notices `told`, as they are planned now, and that
        `says` this. The last of the room also says what comes next, where nothing is on."""
        guids = [*says, *(n.slot.talk.guid for n in told if n.kind is Kind.NOW)]
        ends = {guid: self._end(guid, told, says) for guid in dict.fromkeys(guids)}
        kept = tuple(n for n in told if n.kind is not Kind.NOW or ends.get(n.slot.talk.guid))
        if any(end is not None and end > self._now for end in ends.values()):
            return BoardContent(kept, ends)
        off = [guid for guid, end in ends.items() if end is None]
        if not off:
            return BoardContent(kept, ends)
        said, frame = (lines(self._off(off, is_last, at)) for at in (self._now, None))
        return BoardContent((), ends, said, frame)

    def _end(self, guid: str, told: Sequence[Notice], says: Says) -> datetime | None:
        """Until when a message rightly says that a talk is on, or was."""
        notice, said = self._starts.get(guid), says.get(guid)
        if notice is not None and notice in told and is_on(notice, self._now):
            return notice.slot.end
        # "Until 10:25" is no claim any more at 10:26, whatever becomes of the talk then.
        return said if said is not None and said <= self._now else None

    def _off(self, guids: Iterable[str], is_last: bool, at: datetime | None) -> list[Text]:
        """What becomes of talks that are not on, and what comes next; read at the time `at`,
        or each line on the day that it speaks of."""
        said = [(self._order(guid), self._line(guid, at)) for guid in guids]
        if is_last and self.is_quiet:
            coming = [n for n in self._next() if n.slot.talk.guid not in set(guids)]
            said += [(n.slot.start, self._starting(n, at)) for n in coming]
            if not coming and not any(self._is_to_come(guid) for guid in guids):
                said.append(
                    (datetime.max.replace(tzinfo=self._now.tzinfo), say(texts.NONE_TO_COME))
                )
        return [line for _, line in sorted(said, key=lambda entry: entry[0])]

    def _order(self, guid: str) -> datetime:
        """What does not take place comes first, then by start."""
        if self._is_to_come(guid):
            return self._starts[guid].slot.start
        return _FIRST

    def _is_to_come(self, guid: str) -> bool:
        notice = self._starts.get(guid)
        return notice is not None and notice.expires > self._now

    def _next(self) -> list[Notice]:
        """Of each place the talk that is announced next."""
        first: dict[str, Notice] = {}
        for notice in sorted(self._starts.values(), key=lambda n: (n.due, n.key)):
            if notice.due > self._now:
                first.setdefault(notice.slot.place, notice)
        return list(first.values())[:_MOST_NEXT]

    def _line(self, guid: str, at: datetime | None) -> Text:
        if self._is_to_come(guid):
            return self._starting(self._starts[guid], at)
        slot, talk = self._slots.get(guid), self._talks.get(guid)
        if talk is None:
            return say(texts.NOT_ON)
        named = talk_named(talk, with_speakers=False)
        if slot is None:
            return say(texts.ELSEWHERE, talk=named)
        if slot.cancelled:
            return say(texts.CANCELLED, talk=named)
        return say(texts.NOSHOW if slot.noshow else texts.OVER, talk=named)

    def _starting(self, notice: Notice, at: datetime | None) -> Text:
        announced = replace(notice, kind=Kind.HEADS_UP, more=0)
        at = at or notice.due
        return Wording([announced], at, self._zone, self._prefix, {}, False).text()


def is_on(notice: Notice, now: datetime) -> bool:
    return notice.due <= now < notice.expires


_MOST_NEXT = 3
"""Talks that are named as the next: a room of thirty places is not told of all of them."""
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
