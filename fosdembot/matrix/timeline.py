"""What happened in a room since we last looked, whole and in the room's order.

A `/sync` answer may be `limited`: it holds the newest events only, and the gap
must be read from the room's history (Client-Server API, "Syncing").
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .api import Api, Json, MatrixError

_log = logging.getLogger(__name__)

MEMBER = "m.room.member"
JOIN_RULES = "m.room.join_rules"
STATE_TYPES = [
    "m.room.create",
    "m.room.power_levels",
    "m.room.encryption",
    JOIN_RULES,
    "m.room.tombstone",
    "m.room.canonical_alias",
    "m.room.name",
    "m.room.pinned_events",
    "m.bridge",
    "uk.half-shot.bridge",
]
_EVENT_TYPES = [
    "m.room.message",
    "m.room.encrypted",
    "m.room.redaction",
    MEMBER,
    "m.reaction",
    *STATE_TYPES,
]
_NOTHING: Json = {"types": []}
_STATE_AND_SENDERS: Json = {
    "types": [*STATE_TYPES, MEMBER],
    "lazy_load_members": True,
    # What was sent to this device once may not have been taken in.
    "include_redundant_members": True,
}
HISTORY_FILTER: Json = {"types": _EVENT_TYPES, "lazy_load_members": True}


def sync_filter(timeline: bool) -> Json:
    """What `/sync` shall answer with; without `timeline` just where every room stands."""
    return {
        "presence": _NOTHING,
        "account_data": _NOTHING,
        "room": {
            "ephemeral": _NOTHING,
            "account_data": _NOTHING,
            "state": _STATE_AND_SENDERS if timeline else {"types": STATE_TYPES},
            "timeline": {"types": _EVENT_TYPES if timeline else [], "limit": 100},
        },
    }


PAGES_AT_MOST = 200
"""Of history, when reading backwards: with 500 events each."""

Stop = Callable[[Json], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a room's history."""

    events: list[Json]
    members: list[Json]
    """The member events of their senders, as they were at its beginning ("Lazy-loading room
    members")."""


async def _pages(
    api: Api, room: str, direction: str, start: str | None, end: str | None
) -> AsyncIterator[Stretch]:
    """Pages of history between two tokens. One of which we may see nothing is empty, and
    not the last."""
    while True:
        page = await _page(api, room, direction, start, end)
        yield Stretch(_events(page.get("chunk")), _events(page.get("state")))
        following = page.get("end")
        if not isinstance(following, str) or following == start:
            return
        start = following


async def backwards_to(
    api: Api, room: str, start: str | None, end: str | None, stop: Stop
) -> Stretch:
    """The events of `room` between the token `start` (without it: now) and the earlier
    token `end`, oldest first, down to and with the one at which `stop` says yes."""
    found: list[Json] = []
    members: dict[str, Json] = {}
    pages = 0
    async for page in _pages(api, room, "b", start, end):
        members |= {event["state_key"]: event for event in page.members if is_state(event)}
        for event in page.events:
            found.append(event)
            if await stop(event):
                return _in_order(found, members)
        pages += 1
        if pages == PAGES_AT_MOST:
            break
    return _in_order(found, members)


def _in_order(backwards: Sequence[Json], members: dict[str, Json]) -> Stretch:
    """`members` are as of the end of a page: those that changed in it were others before."""
    for event in backwards:
        if event["type"] == MEMBER and is_state(event):
            before = event.get("unsigned", {}).get("prev_content")
            before = before if isinstance(before, dict) else {}
            members[event["state_key"]] = {**event, "content": before}
    return Stretch(list(reversed(backwards)), list(members.values()))


async def _page(api: Api, room: str, direction: str, start: str | None, end: str | None) -> Json:
    try:
        return await api.messages(room, direction, start, end, HISTORY_FILTER)
    except MatrixError as err:
        if err.status not in (403, 404):
            raise
        # We were thrown out, or the room is gone: the others must not wait for it.
        _log.warning("The history of %s cannot be read: %s", room, err)
        return {}


async def since_join(api: Api, room: str, timeline: Json, since: str, user_id: str) -> Stretch:
    """The events of a room from our own joining on, after the token `since` in any case."""
    events = shown(timeline)
    if (index := _joining(events, user_id)) is not None:
        return Stretch(events[index:], [])
    prev_batch = timeline.get("prev_batch")
    if not timeline.get("limited") or not isinstance(prev_batch, str):
        return Stretch(events, [])

    async def stop(event: Json) -> bool:
        return is_joining(event, user_id)

    before = await backwards_to(api, room, prev_batch, since, stop)
    return Stretch(before.events + events, before.members)


async def since_token(
    api: Api, room: str, timeline: Json, since: str, user_id: str
) -> tuple[Stretch, list[Json]]:
    """The events of a room after the token `since`, those that `timeline` shows apart; from
    our joining on, if we were not in it at that moment."""

    async def stop(event: Json) -> bool:
        return False

    before = Stretch([], [])
    events = shown(timeline)
    prev_batch = timeline.get("prev_batch")
    if timeline.get("limited") and isinstance(prev_batch, str):
        before = await backwards_to(api, room, prev_batch, since, stop)
    hidden = len(before.events)
    for index, event in enumerate(before.events + events):
        if is_own_membership(event, user_id):
            if is_joining(event, user_id):
                before = Stretch(before.events[index:], before.members)
                return before, events[max(index - hidden, 0) :]
            break
    return before, events


def state_before_join(timeline: Json, user_id: str) -> list[Json]:
    """The state events of a room that is new to us which stand before our joining: the
    answer gives state only up to its timeline's beginning."""
    events = shown(timeline)
    index = _joining(events, user_id)
    return [event for event in events[:index] if is_state(event)]


def _joining(events: Sequence[Json], user_id: str) -> int | None:
    for index in range(len(events) - 1, -1, -1):
        if is_joining(events[index], user_id):
            return index
    return None


async def gap(api: Api, room: str, timeline: Json, since: str) -> AsyncIterator[Stretch]:
    """The events of a room between the token `since` and those that `timeline` shows."""
    prev_batch = timeline.get("prev_batch")
    if timeline.get("limited") and isinstance(prev_batch, str):
        async for page in _pages(api, room, "f", since, prev_batch):
            yield page


def shown(timeline: Json) -> list[Json]:
    """The events in a room's part of a `/sync` answer."""
    return _events(timeline.get("events"))


def is_state(event: Json) -> bool:
    return isinstance(event.get("state_key"), str)


def is_own_membership(event: Json, user_id: str) -> bool:
    return event.get("type") == MEMBER and event.get("state_key") == user_id


def is_joining(event: Json, user_id: str) -> bool:
    """Whether we came in with this event. A change of display name is a join event too."""
    if not is_own_membership(event, user_id) or membership(event) != "join":
        return False
    before = event.get("unsigned", {}).get("prev_content", {})
    return not (isinstance(before, dict) and before.get("membership") == "join")


def membership(event: Json) -> str | None:
    value = event.get("content", {}).get("membership")
    return value if value in ("join", "invite", "leave", "ban") else None


def _events(value: Any) -> list[Json]:
    """Those entries of `value` that have the shape of an event."""
    if not isinstance(value, list):
        return []
    return [event for event in value if _is_event(event)]


def _is_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and isinstance(event.get("event_id"), str)
        and isinstance(event.get("type"), str)
        and isinstance(event.get("sender"), str)
        and isinstance(event.get("origin_server_ts"), int)
        and isinstance(event.get("content"), dict)
        and isinstance(event.get("unsigned", {}), dict)
    )


state_events = _events
