"""schedule.json, as frab, pretalx and the CCC's hub publish it.

Version 1 of https://c3voc.de/schedule/schema.json: `schedule.conference.days`, each with
`rooms`, an object from room names to lists of events.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fosdembot.settings import ScheduleSettings

from .assemble import LONGEST_NAME
from .frab import Row, read_rows
from .model import Schedule, ScheduleError
from .text import clean

_READ = "read is schedule.json, with schedule.conference.days[].rooms"


def read_json(data: bytes, settings: ScheduleSettings) -> Schedule:
    """Read schedule.json. Raises `ScheduleError`."""
    try:
        document = json.loads(data)
    except RecursionError:
        raise ScheduleError(f"found JSON nested too deeply; {_READ}") from None
    except json.JSONDecodeError as err:
        raise ScheduleError(
            f"found JSON with a mistake at line {err.lineno}, column {err.colno}"
            f" ({err.msg}); {_READ}"
        ) from None
    except ValueError as err:
        reason = clean(str(err), 120)
        raise ScheduleError(f"found JSON that cannot be read ({reason}); {_READ}") from None
    conference = _conference(document)
    return read_rows("json", conference, _rows(conference), settings)


def _conference(document: object) -> Mapping[str, Any]:
    schedule = _object(document).get("schedule")
    conference = _object(schedule).get("conference")
    days = _object(conference).get("days")
    # A draft of version 2 has days as well, but its events elsewhere.
    if isinstance(days, list) and (not days or any("rooms" in _object(day) for day in days)):
        return _object(conference)
    keys = _keys(document, "")
    if isinstance(schedule, dict):
        keys = _keys(schedule, "schedule.") + _keys(conference, "schedule.conference.")
    found = f"with {', '.join(keys[:6])}" if keys else "that is no object"
    raise ScheduleError(f"found JSON {found}; {_READ}")


def _keys(value: object, prefix: str) -> list[str]:
    return [prefix + clean(key, 40) for key in _object(value)]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _rows(conference: Mapping[str, Any]) -> Iterator[Row]:
    not_recorded = _not_recorded(conference)
    for day in conference["days"]:
        for name, events in _object(_object(day).get("rooms")).items():
            for event in map(_object, _list(events)):
                room = clean(event.get("room"), LONGEST_NAME) or clean(name, LONGEST_NAME)
                yield Row(day, room, event, room in not_recorded)


def _not_recorded(conference: Mapping[str, Any]) -> set[str]:
    """The names of the rooms whose features forbid recording (the hub's, at 39C3)."""
    names = set()
    for room in map(_object, _list(conference.get("rooms"))):
        recording = _object(room.get("features")).get("recording")
        if clean(recording, 40).lower() == "recording_forbidden":
            names.add(clean(room.get("name"), LONGEST_NAME))
    return names
