"""Answers about a room's programme: what is on, what comes next, the rest of the day.

`slots` are those of one Matrix room, as the room sees them (`as_streamed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from fosdembot.texts import answers as texts
from fosdembot.texts.render import Text, lines, link, say, sentences
from fosdembot.texts.words import clock_time, count, day_name, duration

from .naming import place_named, talk_named
from .phases import Phase, next_up, on_now, phase, programme_day
from .slots import AudienceSlot

MOST_LINES = 12
_MOST_TALKS = 6


def whats_on(slots: Sequence[AudienceSlot], now: datetime, zone: tzinfo, prefix: str) -> Text:
    """`!talk`: what is on and for how long, with its page; else what comes next."""
    current = on_now(slots, now)
    if not current:
        return sentences([say(texts.NOTHING_ON), whats_next(slots, now, zone, prefix)])
    several = _several_places(slots)
    said = []
    for slot in current[:_MOST_TALKS]:
        first = say(
            texts.ON_AT if several and slot.place else texts.ON,
            talk=talk_named(slot.talk, with_speakers=True),
            place=place_named(slot.talk),
            left=duration(slot.end - now),
            end=clock_time(slot.end, zone, now),
        )
        said.append(sentences([first, *_qa(slot, now, zone)]))
        if page := link(slot.talk.url):
            said.append(page)
    return lines([*said, *_also(len(current) - _MOST_TALKS, prefix)])


def whats_next(slots: Sequence[AudienceSlot], now: datetime, zone: tzinfo, prefix: str) -> Text:
    """`!next`: what comes next, in each place that the room serves."""
    following = next_up(slots, now)
    if not following:
        return _nothing(slots)
    several = _several_places(slots)
    said = [
        say(
            texts.NEXT_AT if several and slot.place else texts.NEXT,
            talk=talk_named(slot.talk, with_speakers=True),
            place=place_named(slot.talk),
            start=clock_time(slot.start, zone, now),
            wait=duration(slot.start - now),
        )
        for slot in following[:_MOST_TALKS]
    ]
    return lines([*said, *_also(len(following) - _MOST_TALKS, prefix)])


def rest_of_day(slots: Sequence[AudienceSlot], now: datetime, zone: tzinfo, prefix: str) -> Text:
    """`!schedule`: what is on and what comes, today; else on the next day with talks."""
    left = [slot for slot in slots if slot.end > now]
    planned = [slot for slot in left if slot.takes_place]
    if not planned:
        return _nothing(slots)
    today = programme_day(now, zone)
    day = min(programme_day(slot.start, zone) for slot in planned if slot.end > now)
    if day <= today:
        heading = say(texts.TODAY)
        entries = [slot for slot in left if programme_day(slot.start, zone) <= today]
    else:
        later = say(texts.DAY, day=day_name(planned[0].start, zone))
        heading = sentences([say(texts.NOTHING_TODAY), later])
        entries = [slot for slot in left if programme_day(slot.start, zone) == day]
    several = _several_places(slots)
    said = [_entry(slot, now, zone, several) for slot in entries[:MOST_LINES]]
    if len(entries) > MOST_LINES:
        more = count(len(entries) - MOST_LINES, "more talk")
        said.append(say(texts.AND_MORE, talks=more, p=prefix))
    return lines([heading, *said])


def _entry(slot: AudienceSlot, now: datetime, zone: tzinfo, several: bool) -> Text:
    templates = {
        Phase.CANCELLED: (texts.ENTRY_CANCELLED, texts.ENTRY_CANCELLED_AT),
        Phase.UPCOMING: (texts.ENTRY, texts.ENTRY_AT),
    }
    template, template_at = templates.get(phase(slot, now), (texts.ENTRY_ON, texts.ENTRY_ON_AT))
    return say(
        template_at if several and slot.place else template,
        start=f"{slot.start.astimezone(zone):%H:%M}",
        place=place_named(slot.talk),
        talk=talk_named(slot.talk, with_speakers=False),
    )


def _qa(slot: AudienceSlot, now: datetime, zone: tzinfo) -> list[Text]:
    if slot.qa_start is None:
        return []
    if phase(slot, now) is Phase.QA:
        return [say(texts.QA_ON)]
    return [say(texts.QA_LATER, qa=clock_time(slot.qa_start, zone, now))]


def _also(number: int, prefix: str) -> list[Text]:
    return [say(texts.ALSO, talks=count(number, "more talk"), p=prefix)] if number > 0 else []


def _nothing(slots: Sequence[AudienceSlot]) -> Text:
    return say(texts.NO_MORE if slots else texts.NO_TALKS)


def _several_places(slots: Sequence[AudienceSlot]) -> bool:
    return len({slot.place for slot in slots}) > 1
