"""Talks and decisions as they are kept in the database: plain JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from fosdembot.schedule.model import MediaLink, Talk
from fosdembot.talks.slots import NOTHING, Override

Json = dict[str, Any]
_MEDIA: Final = ("recordings", "subtitles", "slides")


def talk_to_json(talk: Talk) -> Json:
    fields = asdict(talk)
    fields["start"] = talk.start.isoformat()
    fields["duration"] = talk.duration.total_seconds()
    fields["persons"] = list(talk.persons)
    fields["names"] = None if talk.names is None else list(talk.names)
    for kind in _MEDIA:
        fields[kind] = list(fields[kind])
    return fields


def talk_from_json(fields: Json) -> Talk:
    names = fields.get("names")
    return Talk(
        **{
            **fields,
            "start": datetime.fromisoformat(fields["start"]),
            "duration": timedelta(seconds=fields["duration"]),
            "persons": tuple(fields["persons"]),
            "names": None if names is None else tuple(names),
            **{kind: tuple(MediaLink(**link) for link in fields.get(kind, ())) for kind in _MEDIA},
        }
    )


def override_to_json(override: Override) -> Json | None:
    """None for one that says nothing."""
    if override == NOTHING:
        return None
    shortened = override.shortened.total_seconds()
    return {
        "shift": override.shift.total_seconds(),
        "pushed": override.pushed.total_seconds(),
        **({"shortened": shortened} if shortened else {}),
        "started": override.started and override.started.isoformat(),
        "ended": override.ended and override.ended.isoformat(),
        "cancelled": override.cancelled,
        "noshow": override.noshow,
    }


def override_from_json(fields: Json | None) -> Override:
    if fields is None:
        return NOTHING
    return Override(
        shift=timedelta(seconds=fields["shift"]),
        pushed=timedelta(seconds=fields["pushed"]),
        shortened=timedelta(seconds=fields.get("shortened", 0)),
        started=_moment(fields["started"]),
        ended=_moment(fields["ended"]),
        cancelled=fields["cancelled"],
        noshow=fields["noshow"],
    )


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value is not None else None
