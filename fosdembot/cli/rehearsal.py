"""Which part of a programme is rehearsed: a place's or a track's talks of one day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import click

from fosdembot.schedule.model import Schedule, Talk
from fosdembot.schedule.times import BadEntry, parse_clock, parse_moment
from fosdembot.settings import Settings
from fosdembot.talks.phases import programme_day
from fosdembot.talks.slots import is_talk, place_of
from fosdembot.texts.render import clean

AFTER_THE_LAST = timedelta(minutes=5)
"""In conference time: what is told when the last talk is over."""


@dataclass(frozen=True, slots=True)
class Part:
    of: str
    """The place or the track."""
    talks: tuple[Talk, ...]
    """By start."""
    start: datetime
    end: datetime


def choose(
    programme: Schedule, settings: Settings, of: str | None, begin: str | None, until: str | None
) -> Part:
    """What is played from `begin` to `until`.

    `of` may be a part of a name; without it, the place with the most talks is meant.
    Times are `10:00`, `2026-01-31`, both, or ISO with an offset; without a zone they are
    meant in the schedule's, without a date on the first day with talks. Raises
    `ClickException`.
    """
    zone = programme.tz
    talks = [talk for talk in programme.entries if is_talk(talk, settings)]
    names = _named(talks, of) if of else None
    if names is not None:
        talks = [talk for talk in talks if names in (talk.room, talk.track)]
    if not talks:
        raise click.ClickException("the schedule has no talks to rehearse")
    day, start = _moment(begin, programme_day(talks[0].start, zone), zone, "--from")
    days = dict.fromkeys(str(programme_day(talk.start, zone)) for talk in talks)
    talks = [talk for talk in talks if programme_day(talk.start, zone) == day]
    if names is None and talks:
        names = Counter(place_of(talk) for talk in talks).most_common(1)[0][0]
        talks = [talk for talk in talks if place_of(talk) == names]
    if not talks:
        raise click.ClickException(f"there are no such talks on {day}, but on {', '.join(days)}")
    if start is None:
        start = talks[0].start - timedelta(minutes=settings.notices.heads_up_minutes + 1)
    _, end = _moment(until, day, zone, "--until")
    end = end or max(talk.end for talk in talks) + AFTER_THE_LAST
    played = tuple(talk for talk in talks if talk.end > start and talk.start < end)
    if not played:
        raise click.ClickException(f"there are no talks of {clean(names or '', 60)} at that time")
    return Part(names or "", played, start, end)


def _named(talks: Sequence[Talk], of: str) -> str:
    """The place or track that `of` means: exactly, else by a part of its name."""
    names = dict.fromkeys(name for talk in talks for name in (talk.room, talk.track) if name)
    wanted = of.casefold().strip()
    exact = [name for name in names if name.casefold() == wanted]
    fitting = exact or [name for name in names if wanted in name.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    some = ", ".join(clean(name, 60) for name in (fitting or list(names))[:8])
    what = "more than one place or track is" if fitting else "no place or track is"
    raise click.ClickException(f"{what} called {clean(of, 60)}; there are {some}")


def _moment(text: str | None, day: date, zone: tzinfo, option: str) -> tuple[date, datetime | None]:
    """The programme's day, and the moment on it where one is named."""
    if not text:
        return day, None
    try:
        moment = datetime.combine(day, time()) + parse_clock(text)
    except BadEntry:
        try:
            parsed = parse_moment(text)
        except BadEntry:
            raise click.BadParameter(
                "a time is 10:00, 2026-01-31 or 2026-01-31T10:00", param_hint=option
            ) from None
        if not isinstance(parsed, datetime):
            return parsed, None
        moment = parsed
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return programme_day(local, zone), local.astimezone(UTC)
