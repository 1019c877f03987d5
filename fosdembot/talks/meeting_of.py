"""In which meeting the speaker of a talk is, by schedule and settings. Pure."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from fosdembot.meeting_url import MeetingUrl, NotAMeeting
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings

from .phases import programme_day
from .room_address import alias_part


def meeting_of(talk: Talk, settings: Settings) -> MeetingUrl | None:
    """The link in the schedule, else the template, else the table (by the talk's names, track,
    place). In a rehearsal there is none."""
    if settings.rehearsal.room:
        return None
    if talk.meeting and (linked := _read(talk.meeting)):
        return linked
    jitsi = settings.jitsi
    if jitsi.template and (made := _from_template(jitsi.template, talk, settings)):
        return made
    for name in (*talk.called, talk.track, talk.room):
        if name and (url := jitsi.table.get(name)):
            return _read(url)
    return None


def _from_template(template: str, talk: Talk, settings: Settings) -> MeetingUrl | None:
    """None where a part of the template is not known of this talk."""
    zone = ZoneInfo(settings.schedule.zone or "UTC")
    values = {
        "year": str(programme_day(talk.start, zone).year),
        "track": alias_part(talk.track),
        "room": alias_part(talk.room),
        "slug": alias_part(talk.slug),
        "id": alias_part(talk.id),
    }
    if not all(values[name] for name in values if f"{{{name}" in template):
        return None
    # Dots are nothing in Jitsi's names of rooms.
    return _read(
        template.format(**{name: value.replace(".", "-") for name, value in values.items()})
    )


@lru_cache(10_000)
def _read(url: str) -> MeetingUrl | None:
    try:
        return MeetingUrl.parse(url)
    except NotAMeeting:
        return None
