"""What happened in a room since we last looked, whole and in the room's order.

A `/sync` answer may be `limited`: it holds the newest events only, and the gap
must be read from the room's history (Client-Server API, "Syncing").
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fosdembot.clock import Clock, at_most

from .answers import Fault, Page, Part, read_page
from .api import Api, HomeserverAway, Json, MatrixError, Unreadable

T = TypeVar("T")
_log = logging.getLogger(__name__)

MEMBER = "m.room.member"
JOIN_RULES = "m.room.join_rules"
PINNED = "m.room.pinned_events"
WIDGET = "im.vector.modular.widgets"
LAYOUT = "io.element.widgets.layout"
"""Where clients show widgets, of all widgets of a room. Nobody follows it: it is asked for when it
is written to."""
STATE_TYPES = [
    "m.room.create",
    "m.room.power_levels",
    "m.room.encryption",
    JOIN_RULES,
    "m.room.tombstone",
    "m.room.canonical_alias",
    "m.room.name",
    PINNED,
    WIDGET,
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


def sync_filter(timeline: bool, limit: int = 100, rooms: Sequence[str] | None = None) -> Json:
    """What `/sync` shall answer with: of each room the newest `limit` events, or, without
    `timeline`, just where it stands. Of `rooms` only, if they are given; invitations come in
    any case."""
    return {
        "presence": _NOTHING,
        "account_data": _NOTHING,
        "room": {
            **({} if rooms is None else {"rooms": list(rooms)}),
            "ephemeral": _NOTHING,
            "account_data": _NOTHING,
            "state": _STATE_AND_SENDERS if timeline else {"types": STATE_TYPES},
            "timeline": {"types": _EVENT_TYPES if timeline else [], "limit": limit},
        },
    }


POSITION_ONLY: Json = {
    "presence": _NOTHING,
    "account_data": _NOTHING,
    "room": {"rooms": [], "timeline": _NOTHING, "state": _NOTHING},
}
"""The filter for a `/sync` answer that tells of nothing but the position."""

PAGE = 500
"""Events of history that are asked for at once; fewer, where that cannot be read."""
PAGE_WITHIN = 30.0
"""Seconds for one request."""
PAGES_AT_MOST = 200
"""Of history, when reading backwards: with 500 events each."""
FORWARD_AT_MOST = 5000
"""Pages from an old position on. A server that never comes to an end must not keep us."""

Stop = Callable[[Json], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a room's history."""

    events: list[Json]
    members: list[Json]
    """The member events of their senders, as they were at its beginning ("Lazy-loading room
    members")."""
    faults: tuple[Fault, ...] = ()
    hole: Unreadable | None = None
    """Why what came before it could not be read, where that was wanted."""


async def _pages(
    api: Api, room: str, direction: str, start: str | None, end: str | None
) -> AsyncIterator[Stretch]:
    """Pages of history between two tokens. One of which we may see nothing is empty, and
    not the last. Raises `Unreadable` where a single event makes its page unreadable."""
    limit, seen = PAGE, {start}
    while True:
        try:
            page = await _page(api, room, direction, start, end, limit)
        except Unreadable:
            if limit == 1:
                raise
            limit = max(1, limit // 8)
            continue
        yield Stretch(page.events, page.members, page.faults)
        if page.end is None or page.end in seen or len(seen) > FORWARD_AT_MOST:
            return
        seen.add(page.end)
        start, limit = page.end, min(limit * 2, PAGE)


async def backwards_to(
    api: Api, room: str, start: str | None, end: str | None, stop: Stop
) -> Stretch:
    """The events of `room` between the token `start` (without it: now) and the earlier
    token `end`, oldest first, down to and with the one at which `stop` says yes; or down to
    a hole, before one that cannot be read."""
    found: list[Json] = []
    members: dict[str, Json] = {}
    faults: list[Fault] = []
    pages = 0
    try:
        async for page in _pages(api, room, "b", start, end):
            members |= {event["state_key"]: event for event in page.members if is_state(event)}
            faults += page.faults
            for event in page.events:
                found.append(event)
                if await stop(event):
                    return in_order(found, members, faults)
            pages += 1
            if pages == PAGES_AT_MOST:
                break
    except Unreadable as err:
        return in_order(found, members, faults, err)
    return in_order(found, members, faults)


def in_order(
    backwards: Sequence[Json],
    members: dict[str, Json],
    faults: Sequence[Fault],
    hole: Unreadable | None = None,
) -> Stretch:
    """`members` are as of the end of a page: those that changed in it were others before."""
    for event in backwards:
        if event["type"] == MEMBER and is_state(event):
            before = event["unsigned"].get("prev_content")
            before = before if isinstance(before, dict) else {}
            members[event["state_key"]] = {**event, "content": before}
    return Stretch(list(reversed(backwards)), list(members.values()), tuple(faults), hole)


def whole(stretch: Stretch) -> Stretch:
    """`stretch`; raises `Unreadable` where a part of it is missing."""
    if stretch.hole is not None:
        raise stretch.hole
    return stretch


def hole(err: HomeserverAway) -> Fault:
    """What is recorded of it."""
    return Fault("", f"a part of the history cannot be read: {err}")


async def _page(
    api: Api, room: str, direction: str, start: str | None, end: str | None, limit: int
) -> Page:
    try:
        answer = await api.messages(room, direction, start, end, HISTORY_FILTER, limit, PAGE_WITHIN)
    except MatrixError as err:
        if err.status not in (403, 404):
            raise
        # We were thrown out, or the room is gone: the others must not wait for it.
        _log.warning("The history of %s cannot be read: %s", room, err)
        return Page([], [], None)
    return read_page(answer)


async def since_join(
    api: Api, part: Part, since: str, user_id: str, seen: Collection[str], is_known: Stop
) -> Stretch:
    """The events of a room from our own joining on, after the token `since` in any case; from
    the first, if we were removed since, and came back. `seen` are the ids of those in `part`
    that we know from an earlier stay, where `is_known` says the same of others."""
    events = part.events
    known = max((i for i, event in enumerate(events) if event["event_id"] in seen), default=-1)
    found = Stretch(events[known + 1 :], [])
    begins = known >= 0 or any(_is_first_word(event, user_id) for event in events)
    if part.limited and part.prev_batch is not None and not begins:

        async def stop(event: Json) -> bool:
            return _is_first_word(event, user_id) or await is_known(event)

        before = await backwards_to(api, part.room, part.prev_batch, since, stop)
        found = replace(before, events=before.events + part.events)
    return replace(found, events=found.events[_first_joining(found.events, user_id) :])


async def since_token(api: Api, part: Part, since: str, user_id: str) -> tuple[Stretch, list[Json]]:
    """The events of a room after the token `since`, those that `part` shows apart; from
    our joining on, if we were not in it at that moment."""

    async def stop(event: Json) -> bool:
        return False

    before = Stretch([], [])
    if part.limited and part.prev_batch is not None:
        before = await backwards_to(api, part.room, part.prev_batch, since, stop)
    hidden = len(before.events)
    for index, event in enumerate(before.events + part.events):
        if is_own_membership(event, user_id):
            if is_joining(event, user_id):
                after = part.events[max(index - hidden, 0) :]
                return replace(before, events=before.events[index:]), after
            break
    return before, part.events


def from_first_joining(stretches: Sequence[Stretch], user_id: str) -> Sequence[Stretch]:
    """What follows our first joining; all, where the events show that we were in before."""
    for number, stretch in enumerate(stretches):
        for index, event in enumerate(stretch.events):
            if is_joining(event, user_id):
                first = replace(stretch, events=stretch.events[index:])
                return [first, *stretches[number + 1 :]]
            if is_own_membership(event, user_id) and membership(event) != "invite":
                return stretches
    return stretches


def state_before_join(part: Part, user_id: str) -> list[Json]:
    """The state events of a room that is new to us which stand before our joining: the
    answer gives state only up to its timeline's beginning."""
    index = _first_joining(part.events, user_id)
    return [event for event in part.events[:index] if is_state(event)]


async def gap(api: Api, part: Part, since: str) -> AsyncIterator[Stretch]:
    """The events of a room between the token `since` and those that `part` shows."""
    if part.limited and part.prev_batch is not None:
        async for page in _pages(api, part.room, "f", since, part.prev_batch):
            yield page


async def in_time(clock: Clock, seconds: float, reading: Awaitable[T]) -> T:
    """What is read. Raises `HomeserverAway` if that takes longer."""
    try:
        async with at_most(clock, seconds):
            return await reading
    except TimeoutError as err:
        raise HomeserverAway("it takes too long to read") from err


async def all_in_time(
    clock: Clock, seconds: float, stretches: AsyncIterator[Stretch]
) -> AsyncIterator[Stretch]:
    """The same of several. What is done with them takes of that time, but is not cut off."""
    until = clock.monotonic() + seconds
    while True:
        left = until - clock.monotonic()
        stretch = await in_time(clock, left, anext(stretches, None))
        if stretch is None:
            return
        yield stretch


async def around(
    api: Api, room: str, since: str, until: str, forced: bool
) -> AsyncIterator[Stretch]:
    """As `gap`, between two tokens; what cannot be read in between is among the faults. With
    `forced`, this also holds for what the homeserver fails to answer, if it answers for what
    comes after it."""
    try:
        async for page in _pages(api, room, "f", since, until):
            yield page
        return
    except HomeserverAway as err:
        if not (forced or isinstance(err, Unreadable)):
            raise
        why = err
    pages: list[Stretch] = []
    try:
        async for page in _pages(api, room, "b", until, since):
            pages.append(page)
            if len(pages) == PAGES_AT_MOST:
                break
    except HomeserverAway as err:
        if not (pages or isinstance(err, Unreadable)):
            raise
    yield Stretch([], [], (hole(why),))
    for page in reversed(pages):
        members = {event["state_key"]: event for event in page.members if is_state(event)}
        yield in_order(page.events, members, page.faults)


def _first_joining(events: Sequence[Json], user_id: str) -> int | None:
    return next((i for i, event in enumerate(events) if is_joining(event, user_id)), None)


def _is_first_word(event: Json, user_id: str) -> bool:
    """Whether the room had nothing to do with us before this event."""
    if not is_own_membership(event, user_id):
        return False
    before = event.get("unsigned", {}).get("prev_content")
    return not isinstance(before, dict) or "membership" not in before


def is_state(event: Json) -> bool:
    return isinstance(event.get("state_key"), str)


def is_own_membership(event: Json, user_id: str) -> bool:
    return event.get("type") == MEMBER and event.get("state_key") == user_id


def is_joining(event: Json, user_id: str) -> bool:
    """Whether we came in with this event. A change of display name is a join event too."""
    if not is_own_membership(event, user_id) or membership(event) != "join":
        return False
    before = event.get("unsigned", {}).get("prev_content")
    return not (isinstance(before, dict) and before.get("membership") == "join")


def membership(event: Json) -> str | None:
    value = event["content"].get("membership")
    return value if value in ("join", "invite", "leave", "ban") else None
