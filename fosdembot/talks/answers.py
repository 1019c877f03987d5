"""Answers about a room's programme: what is on, what comes next, the rest of the day."""

from __future__ import annotations

from fosdembot.texts import answers as texts
from fosdembot.texts.render import Text, lines, link, say, sentences
from fosdembot.texts.words import clock_time, count, day_name, duration, hour

from .naming import place_named, talk_named
from .phases import Phase, programme_day
from .room_talks import AudienceTalks
from .slots import AudienceSlot

MOST_LINES = 12
_MOST_TALKS = 6


def whats_on(talks: AudienceTalks, prefix: str) -> Text:
    """`!talk`: what is on and for how long, with its page; else what comes next."""
    now, zone, current = talks.at, talks.zone, talks.on
    if not current:
        return sentences([say(texts.NOTHING_ON), whats_next(talks, prefix)])
    several = _several_places(talks)
    said = []
    for slot in current[:_MOST_TALKS]:
        first = say(
            texts.ON_AT if several and slot.place else texts.ON,
            talk=talk_named(slot.talk, with_speakers=True),
            place=place_named(slot.talk),
            left=duration(slot.end - now),
            end=clock_time(slot.end, zone, now),
        )
        said.append(sentences([first, *_qa(slot, talks)]))
        if page := link(slot.talk.url):
            said.append(page)
    return lines([*said, *_also(len(current) - _MOST_TALKS, prefix)])


def whats_next(talks: AudienceTalks, prefix: str) -> Text:
    """`!next`: what comes next, in each place that the room serves."""
    now, zone, following = talks.at, talks.zone, talks.next
    if not following:
        return _nothing(talks)
    several = _several_places(talks)
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


def rest_of_day(talks: AudienceTalks, prefix: str) -> Text:
    """`!schedule`: what is on and what comes, today; else on the next day with talks."""
    now, zone = talks.at, talks.zone
    left = [slot for slot in talks.slots if slot.end > now]
    planned = [slot for slot in left if slot.takes_place]
    if not planned:
        return _nothing(talks)
    today = programme_day(now, zone)
    day = min(programme_day(slot.start, zone) for slot in planned if slot.end > now)
    if day <= today:
        heading = say(texts.TODAY)
        entries = [slot for slot in left if programme_day(slot.start, zone) <= today]
    else:
        later = say(texts.DAY, day=day_name(planned[0].start, zone))
        heading = sentences([say(texts.NOTHING_TODAY), later])
        entries = [slot for slot in left if programme_day(slot.start, zone) == day]
    several = _several_places(talks)
    said = [_entry(slot, talks, several) for slot in entries[:MOST_LINES]]
    if len(entries) > MOST_LINES:
        more = count(len(entries) - MOST_LINES, "more talk")
        said.append(say(texts.AND_MORE, talks=more, p=prefix))
    return lines([heading, *said])


def _entry(slot: AudienceSlot, talks: AudienceTalks, several: bool) -> Text:
    templates = {
        Phase.CANCELLED: (texts.ENTRY_CANCELLED, texts.ENTRY_CANCELLED_AT),
        Phase.UPCOMING: (texts.ENTRY, texts.ENTRY_AT),
    }
    template, template_at = templates.get(talks.phase(slot), (texts.ENTRY_ON, texts.ENTRY_ON_AT))
    return say(
        template_at if several and slot.place else template,
        start=hour(slot.start, talks.zone),
        place=place_named(slot.talk),
        talk=talk_named(slot.talk, with_speakers=False),
    )


def _qa(slot: AudienceSlot, talks: AudienceTalks) -> list[Text]:
    if slot.qa_start is None:
        return []
    if talks.phase(slot) is Phase.QA:
        return [say(texts.QA_ON)]
    return [say(texts.QA_LATER, qa=clock_time(slot.qa_start, talks.zone, talks.at))]


def _also(number: int, prefix: str) -> list[Text]:
    return [say(texts.ALSO, talks=count(number, "more talk"), p=prefix)] if number > 0 else []


def _nothing(talks: AudienceTalks) -> Text:
    return say(texts.NO_MORE if talks.slots else texts.NO_TALKS)


def _several_places(talks: AudienceTalks) -> bool:
    return len({slot.place for slot in talks.slots}) > 1
