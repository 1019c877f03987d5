"""What a speaker is told of the time, and when: from the talk's own moments, not the audience's.
Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from fosdembot.talks.slots import StageSlot
from fosdembot.texts import meetings as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import clock_time, count, end_time

SOON = timedelta(minutes=5)
"""Before the questions."""
LEFT = timedelta(minutes=2)
"""Before the end."""
AFTER = timedelta(minutes=2)
"""So long after its end a talk is still what the meeting is about."""
_APART = timedelta(minutes=1)
"""Two moments that are closer are one for the speaker: the later counts."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something to tell at `due`, unless it could not be told before `expires`."""

    key: str
    """Names kind, talk and time: a talk that is retimed is told of its new times."""
    due: datetime
    expires: datetime
    text: Text
    opens: bool = False
    """Whether questions are shown from then on."""


def ready(
    slot: StageSlot, delay: timedelta, now: datetime, zone: tzinfo, prefix: str, *, obeys: bool
) -> Moment:
    """To the speaker of the talk that comes. `delay`: of the stream; `obeys`: whether commands are
    heard in the meeting."""
    end = end_time(slot.start, slot.end, zone)
    said = [say(texts.READY, start=clock_time(slot.start, zone, now))]
    if slot.qa_start is not None:
        said.append(
            say(texts.READY_QUESTIONS, qa=f"{slot.qa_start.astimezone(zone):%H:%M}", end=end)
        )
        said.append(say(texts.READY_TYPE if obeys else texts.READY_SHOWN, p=prefix))
    else:
        said.append(say(texts.READY_END, end=end))
    if delay:
        said.append(say(texts.STREAM_BEHIND, seconds=round(delay.total_seconds())))
    return Moment(_key("ready", slot, slot.start), now, slot.start, sentences(said))


def moments(slot: StageSlot, zone: tzinfo) -> Iterator[Moment]:
    """Those of a talk that is on, in their order. `texts.QA` is completed by who knows the
    questions."""
    end, qa = slot.end, slot.qa_start
    if not slot.takes_place or slot.is_break:
        return
    left = end - LEFT
    if qa is not None:
        if qa - SOON - slot.start >= _APART:
            text = say(texts.SOON, minutes=_minutes(SOON))
            yield Moment(_key("soon", slot, qa), qa - SOON, qa - _APART, text)
        text = say(texts.QA, end=end_time(slot.start, end, zone))
        yield Moment(_key("qa", slot, qa), qa, end, text, opens=True)
    if left - max(slot.start, qa or slot.start) >= _APART:
        text = say(texts.LEFT, minutes=_minutes(LEFT))
        yield Moment(_key("left", slot, end), left, end - _APART, text)
    yield Moment(_key("over", slot, end), end, end + AFTER, say(texts.OVER))


def due(slot: StageSlot, now: datetime, zone: tzinfo) -> list[Moment]:
    """Those that are to be told now, unless they were."""
    return [each for each in moments(slot, zone) if each.due <= now < each.expires]


def next_due(slot: StageSlot, now: datetime, zone: tzinfo) -> datetime | None:
    """When the next one is."""
    return min((each.due for each in moments(slot, zone) if each.due > now), default=None)


def is_open(slot: StageSlot, now: datetime) -> bool:
    """Whether the talk's questions are shown by themselves."""
    return slot.qa_start is not None and slot.qa_start <= now < slot.end + AFTER


def _key(kind: str, slot: StageSlot, at: datetime) -> str:
    return f"{kind}/{slot.talk.guid}/{at:%Y%m%dT%H%M%S}"


def _minutes(length: timedelta) -> str:
    return count(round(length / timedelta(minutes=1)), "minute")
