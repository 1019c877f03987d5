"""Whether rooms will be told what the settings mean them to be told: an organiser who mistyped
a name learns of it before the day, not from silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from fosdembot.schedule.model import Talk
from fosdembot.setting_problems import close
from fosdembot.settings import Settings
from fosdembot.texts import readiness as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import count, date_name

from .meeting_of import meeting_of
from .room_address import address_of
from .slots import is_talk

MOST_NAMES = 20
"""Lines about names that match nothing; last year's settings may hold hundreds."""


def silence(entries: Iterable[Talk], settings: Settings, now: datetime, zone: tzinfo) -> list[Text]:
    """Why nothing at all will be told. Empty: something will."""
    if not settings.schedule.source:
        return [say(texts.NO_SOURCE)]
    talks = [talk for talk in entries if is_talk(talk, settings)]
    if not talks:
        return [say(texts.NO_TALKS)]
    number = count(len(talks), "talk")
    found = []
    if all(address_of(talk, settings) is None for talk in talks):
        found.append(say(texts.NO_ROOMS, talks=number))
    last = max(talk.end for talk in talks)
    if last < now:
        found.append(say(texts.ALL_OVER, talks=number, day=date_name(last, zone)))
    levels = {settings.notices.tracks.get(talk.track, settings.notices.level) for talk in talks}
    if levels == {"off"}:
        found.append(say(texts.LEVEL_OFF))
    return found


def unmatched(entries: Sequence[Talk], settings: Settings) -> list[Text]:
    """A line for each name in the settings' tables that the schedule does not have."""
    found = list(_unmatched(entries, settings)) if entries else []
    if len(found) > MOST_NAMES:
        more = say(texts.AND_MORE, count=len(found) - MOST_NAMES)
        found[MOST_NAMES:] = [more]
    return found


def _unmatched(entries: Sequence[Talk], settings: Settings) -> Iterator[Text]:
    talks = {name for talk in entries for name in talk.called}
    tracks = {talk.track for talk in entries if talk.track}
    places = {talk.room for talk in entries if talk.room}
    rooms = {address for talk in entries if (address := address_of(talk, settings)) is not None}
    notices, video = settings.notices, settings.prerecorded
    streams = rooms | places
    of = {settings.rehearsal.of} - {""}
    for key, names, known, template in (
        ("rooms.table", settings.rooms.table, talks | tracks | places, texts.NO_SUCH_NAME),
        ("jitsi.table", settings.jitsi.table, talks | tracks | places, texts.NO_SUCH_NAME),
        ("notices.tracks", notices.tracks, tracks, texts.NO_SUCH_TRACK),
        ("prerecorded.tracks", video.tracks, tracks, texts.NO_SUCH_TRACK),
        ("prerecorded.talks", video.talks, talks, texts.NO_SUCH_TALK),
        ("speakers", settings.speakers, talks, texts.NO_SUCH_TALK),
        ("hosts", settings.hosts, tracks | {"*"}, texts.NO_SUCH_TRACK),
        ("notices.edits_by_room", notices.edits_by_room, rooms, texts.NO_SUCH_ROOM),
        ("notices.stream_delay_by_room", notices.stream_delay_by_room, streams, texts.NO_SUCH_ROOM),
        ("rehearsal.of", of, tracks | places, texts.NO_SUCH_NAME),
    ):
        for name in names:
            if name not in known:
                meant = _meant(name, known)
                yield say(template, key=key, name=clean(name, 60), meant=meant)


def unserved(entries: Iterable[Talk], settings: Settings) -> list[Text]:
    """A line for each server at which talks have a meeting, and to which the bot never connects."""
    meetings = (meeting_of(talk, settings) for talk in entries if is_talk(talk, settings))
    talks = Counter(meeting.host for meeting in meetings if meeting is not None)
    found = [
        say(texts.NO_SUCH_SERVER, host=clean(host, 60), talks=count(number, "talk"))
        for host, number in sorted(talks.items())
        if host not in settings.jitsi.servers
    ]
    if len(found) > MOST_NAMES:
        found[MOST_NAMES:] = [say(texts.AND_MORE_SERVERS, count=len(found) - MOST_NAMES)]
    return found


def _meant(name: str, known: Iterable[str]) -> Text:
    near = [f'"{clean(other, 60)}"' for other in close(name, known)]
    return say(texts.MEANT, names=" or ".join(near)) if near else say("")
