"""What `/sync` and `/messages` answer, as values: whatever somebody put into it.

Homeservers hand on what others sent, and check little of it. What has not the shape of an
event is told apart here, once, so that nobody above has to look again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from .api import Json, Unreadable
from .wire import UNKNOWN

LONGEST_ID = 255
LONGEST_TOKEN = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry that is no event: it is recorded, and nothing comes of it."""

    name: str
    """Its event id, as far as it has one, made fit for a log."""
    why: str
    place: int = field(default=0, compare=False)
    """How many events stand before it."""


class Part(NamedTuple):
    """What an answer says of one room."""

    room: str
    events: list[Json]
    state: list[Json]
    """The state before `events`, as far as it is not known from before."""
    limited: bool = False
    """Whether there is more between the last answer and `events`, see `prev_batch`."""
    prev_batch: str | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    room: str
    state: list[Json]
    """Stripped state: type, state key, sender and content only, made up by whom it suits."""


@dataclass(frozen=True, slots=True)
class SyncAnswer:
    next_batch: str | None
    """From where to ask on; None where the answer does not say it."""
    joined: list[Part]
    left: list[Part]
    invited: list[Invitation]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a room's history, in the direction in which it was asked for."""

    events: list[Json]
    members: list[Json]
    """The member events of their senders ("Lazy-loading room members")."""
    end: str | None
    """From where to ask on; None: there is no more."""
    faults: tuple[Fault, ...] = ()


def read_sync(answer: Json) -> SyncAnswer:
    rooms = _dict(answer.get("rooms"))
    joined, left, invited = (_dict(rooms.get(key)) for key in ("join", "leave", "invite"))
    return SyncAnswer(
        token(answer.get("next_batch")),
        [_part(room, part) for room, part in joined.items() if is_id(room)],
        [_part(room, part) for room, part in left.items() if is_id(room)],
        [_invitation(room, part) for room, part in invited.items() if is_id(room)],
    )


def read_page(answer: Json) -> Page:
    """Raises `Unreadable` for what is no page of history."""
    if not isinstance(answer.get("chunk"), list):
        raise Unreadable("a page of history without events")
    events, faults = _events(answer["chunk"])
    return Page(events, _events(answer.get("state"))[0], token(answer.get("end")), faults)


def token(value: Any) -> str | None:
    """A position in a stream, as the homeserver names it."""
    known = isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isprintable()
    return value if known else None


def is_id(value: Any) -> bool:
    """Whether this may be the id of an event, a room or a user."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable()


def _part(room: str, value: Any) -> Part:
    part = _dict(value)
    timeline = _dict(part.get("timeline"))
    events, faults = _events(timeline.get("events"))
    state = _dict(part.get("state")).get("events")
    limited = timeline.get("limited") is True
    before = timeline.get("prev_batch")
    return Part(
        room,
        events,
        _states(state) if state else [],
        limited,
        token(before) if before else None,
        faults,
    )


def _invitation(room: str, value: Any) -> Invitation:
    events = _dict(_dict(value).get("invite_state")).get("events")
    found = [_stripped(event) for event in events] if isinstance(events, list) else []
    return Invitation(room, [event for event in found if event is not None])


def _stripped(value: Any) -> Json | None:
    event = _dict(value)
    kind, key, content = event.get("type"), event.get("state_key", ""), event.get("content")
    if not (is_id(kind) and is_id(event.get("sender")) and isinstance(content, dict)):
        return None
    if not (isinstance(key, str) and len(key) <= LONGEST_ID and UNKNOWN not in key):
        return None
    return {"type": kind, "state_key": key, "sender": event["sender"], "content": content}


def _states(values: Any) -> list[Json]:
    return [event for event in _events(values)[0] if "state_key" in event]


def _events(values: Any) -> tuple[list[Json], tuple[Fault, ...]]:
    events: list[Json] = []
    faults: list[Fault] = []
    for value in values if isinstance(values, list) else []:
        entry = _event(value)
        if isinstance(entry, Fault):
            faults.append(replace(entry, place=len(events)))
        else:
            events.append(entry)
    return events, tuple(faults)


def _event(value: Any) -> Json | Fault:
    """An event, whose `event_id`, `type`, `sender`, `origin_server_ts`, `content`, `unsigned`
    and, if it has one, `state_key` are what they must be."""
    if not isinstance(value, dict):
        return Fault("", f"{type(value).__name__} in place of an event")
    sent = _milliseconds(value.get("origin_server_ts"))
    for key in ("event_id", "type", "sender"):
        if not is_id(value.get(key)):
            return _fault(value, f"{key} {_shown(value.get(key))!r}")
    if not value["event_id"].startswith("$"):
        # What people do elsewhere than in Matrix has ids that begin otherwise.
        return _fault(value, "event_id of no event")
    if sent is None:
        return _fault(value, "no date")
    if not isinstance(value.get("content"), dict):
        return _fault(value, "no content")
    event = {**value, "origin_server_ts": sent, "unsigned": _dict(value.get("unsigned"))}
    if (state_key := event.pop("state_key", None)) is not None:
        if not isinstance(state_key, str) or len(state_key) > LONGEST_ID or UNKNOWN in state_key:
            return _fault(value, "state_key is none")
        event["state_key"] = state_key
    return event


def _fault(event: Json, why: str) -> Fault:
    return Fault(_shown(event.get("event_id")), why)


def _milliseconds(value: Any) -> int | None:
    if type(value) is int:
        return value  # nearly all
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else ("" if value is None else type(value).__name__)
    return "".join(c if c.isprintable() else "?" for c in text[:LONGEST_ID])


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
