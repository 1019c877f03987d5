"""What a speaker is told of the time, and when: from the talk's own moments, not the audience's.
Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from fosdembot.talks.slots import StageSlot
from fosdembot.texts import meetings as texts
from fosdembot.texts.render import Text, clean, say, sentences
from fosdembot.texts.words import clock_time, count, end_time, hour

LONGEST_TITLE = 100
SOON = timedelta(minutes=5)
"""Before the questions."""
LEFT = timedelta(minutes=2)
"""Before the end."""
AFTER = timedelta(minutes=2)
"""So long after its end a talk is still what the meeting is about."""
_APART = timedelta(minutes=1)
"""Two moments that are closer are one for the speaker: the later counts."""


_LATECOMER = timedelta(minutes=5)
"""So long after the start the speaker is still told what comes, where nobody could do so before."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something to tell at `due`, unless it could not be told before `expires`."""

    key: str
    """Names kind, talk and time: a talk that is retimed is told of its new times."""
    due: datetime
    expires: datetime
    text: Text


def times_of(slot: StageSlot) -> str:
    """When the talk begins, takes questions, and ends."""
    moments = (slot.start, slot.qa_start, slot.end)
    return "-".join(f"{each:%Y%m%dT%H%M%S}" if each else "" for each in moments)


def differ(told: str, times: str, *, is_on: bool) -> bool:
    """Whether the speaker has to know these times; when it began does not matter any more to
    whoever speaks."""
    if is_on:
        return told.partition("-")[2] != times.partition("-")[2]
    return told != times


@dataclass(frozen=True, slots=True)
class Times:
    """How a speaker is told when they are on. `delay`: of the stream; `obeys`: whether commands
    are heard in the meeting; `are_several`: whether it has several talks, which are named."""

    zone: tzinfo
    prefix: str
    delay: timedelta
    obeys: bool
    are_several: bool

    def before(self, slot: StageSlot, now: datetime) -> tuple[Text, datetime]:
        """Of the talk that comes; and when that is outdated."""
        template = texts.READY_WITH if self.are_several else texts.READY
        title = clean(slot.talk.title, LONGEST_TITLE)
        starts = say(template, start=clock_time(slot.start, self.zone, now), title=title)
        return sentences([starts, *self._rest(slot)]), slot.start

    def begun(self, slot: StageSlot, now: datetime) -> tuple[Text, datetime] | None:
        """Of a talk that is on, whose speaker was not told before; None: it would be no help."""
        until = min(slot.start + _LATECOMER, (slot.qa_start or slot.end) - _APART)
        if not slot.start <= now < until:
            return None
        template = texts.BEGUN_WITH if self.are_several else texts.BEGUN
        begun = say(template, title=clean(slot.talk.title, LONGEST_TITLE))
        return sentences([begun, *self._rest(slot)]), until

    def changed(self, slot: StageSlot) -> tuple[Text, datetime]:
        """Of a talk that is on, and has other times than its speaker was told."""
        template = texts.TIMES_END if slot.qa_start is None else texts.TIMES_QUESTIONS
        return self._say(template, slot), slot.end

    def _rest(self, slot: StageSlot) -> list[Text]:
        if slot.qa_start is None:
            said = [self._say(texts.READY_END, slot)]
        else:
            shown = texts.READY_TYPE if self.obeys else texts.READY_SHOWN
            said = [self._say(texts.READY_QUESTIONS, slot), say(shown, p=self.prefix)]
        if self.delay:
            seconds = round(self.delay.total_seconds())
            said.append(say(texts.STREAM_BEHIND, seconds=seconds))
        return said

    def _say(self, template: str, slot: StageSlot) -> Text:
        qa = hour(slot.qa_start, self.zone) if slot.qa_start is not None else ""
        return say(template, qa=qa, end=end_time(slot.start, slot.end, self.zone))


def moments(slot: StageSlot, zone: tzinfo, now: datetime | None = None) -> Iterator[Moment]:
    """Those of a talk that is on, in their order. `texts.QA` is completed by who knows the
    questions. `now`: when they are told, if that is later than they are due."""
    end, qa = slot.end, slot.qa_start
    left = end - LEFT
    if qa is not None:
        if qa - SOON - slot.start >= _APART:
            text = say(texts.SOON, minutes=_minutes(SOON, qa, now))
            yield Moment(_key("soon", slot, qa), qa - SOON, qa - _APART, text)
        text = say(texts.QA, end=end_time(slot.start, end, zone))
        yield Moment(_key("qa", slot, qa), qa, end, text)
    if left - max(slot.start, qa or slot.start) >= _APART:
        text = say(texts.LEFT, minutes=_minutes(LEFT, end, now))
        yield Moment(_key("left", slot, end), left, end - _APART, text)
    yield Moment(_key("over", slot, end), end, end + AFTER, say(texts.OVER))


def due(slot: StageSlot, now: datetime, zone: tzinfo) -> list[Moment]:
    """Those that are to be told now, unless they were."""
    return [each for each in moments(slot, zone, now) if each.due <= now < each.expires]


def next_due(slot: StageSlot, now: datetime, zone: tzinfo) -> datetime | None:
    """When the next one is."""
    return min((each.due for each in moments(slot, zone) if each.due > now), default=None)


def is_open(slot: StageSlot, now: datetime) -> bool:
    """Whether the talk's questions are shown before they are taken."""
    return slot.qa_start is not None and slot.qa_start <= now < slot.end


def qa_key(slot: StageSlot) -> str | None:
    """That of the moment at which the Q&A begins."""
    return _key("qa", slot, slot.qa_start) if slot.qa_start is not None else None


def _key(kind: str, slot: StageSlot, at: datetime) -> str:
    return f"{kind}/{slot.talk.guid}/{at:%Y%m%dT%H%M%S}"


def _minutes(planned: timedelta, until: datetime, now: datetime | None) -> str:
    """How long it is `until` then: as planned, or less where it is told late."""
    left = min(planned, until - now) if now is not None else planned
    return count(max(1, round(left / timedelta(minutes=1))), "minute")
