"""What a page must be told of a screen, as events of its stream (HTML, "Server-sent events")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .screens import Countdown, Screen


def whole(screen: Screen) -> Mapping[str, Any]:
    """Everything, for a page of which nobody knows what it shows."""
    return {
        "parts": dict(screen.parts),
        "items": {item.key: item.html for item in screen.items},
        "order": [item.key for item in screen.items],
        "say": screen.announced,
    }


def difference(before: Screen, after: Screen) -> Mapping[str, Any]:
    """What makes a page that shows the one show the other. A part that is not there any more is
    emptied."""
    old, new = dict(before.parts), dict(after.parts)
    had = {item.key: item.html for item in before.items}
    has = {item.key: item.html for item in after.items}
    gone = dict.fromkeys(old.keys() - new.keys(), "")
    data: dict[str, Any] = {
        "parts": gone | {id: html for id, html in new.items() if old.get(id) != html},
        "items": {key: html for key, html in has.items() if had.get(key) != html},
    }
    if list(had) != (order := list(has)):
        data["order"] = order
    if before.announced != after.announced:
        data["say"] = after.announced
    return {key: value for key, value in data.items() if value or key in ("order", "say")}


def seconds_until(countdown: Countdown | None, wall: datetime, to_wall: Any) -> bytes:
    """The moments of the clock as JSON, in seconds from now on. `wall`: what time it is there."""
    if countdown is None:
        return b"null"
    moments = {"until": countdown.until, "warns_at": countdown.warns_at}
    return encoded(
        {
            name: round((to_wall(moment) - wall).total_seconds(), 3)
            for name, moment in moments.items()
            if moment is not None
        }
    )


def encoded(data: Mapping[str, Any]) -> bytes:
    """As JSON in one line."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def event(id: str, seconds: bytes, data: bytes) -> bytes:
    """`data`: an encoded object; `seconds`: see `seconds_until`."""
    rest = data[1:] if data == b"{}" else b"," + data[1:]
    return b'id: %b\ndata: {"in":%b%b\n\n' % (id.encode(), seconds, rest)
