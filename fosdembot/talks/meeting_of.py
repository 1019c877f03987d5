"""In which meeting the speaker of a talk is, by schedule and settings. Pure."""

from __future__ import annotations

from functools import lru_cache

from fosdembot.meeting_url import MeetingUrl, NotAMeeting
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings

from .room_address import filled


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
    # Jitsi takes dots out of names of rooms.
    url = filled(template, talk, settings, dot="-")
    return _read(url) if url is not None else None


@lru_cache(10_000)
def _read(url: str) -> MeetingUrl | None:
    try:
        return MeetingUrl.parse(url)
    except NotAMeeting:
        return None
