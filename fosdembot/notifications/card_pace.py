"""How many cards a hosts' room gets in a minute: each is five events, and anybody may ask."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)


class CardPace:
    """Counts each card once: where the database fails, the same events come again."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._put: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        """By room: key of a card → when it was put there."""
        self._full_since: dict[str, datetime] = {}

    def allows(self, room: str, key: str, now: datetime) -> bool:
        """Whether a card may be put now; if so it counts."""
        recent = {k: at for k, at in self._put[room].items() if _is_recent(at, now)}
        self._put[room] = recent
        if key in recent:
            return True
        if len(recent) >= self._per_minute:
            return False
        recent[key] = now
        return True

    def is_first_refusal(self, room: str, now: datetime) -> bool:
        """Whether none was held back there in the last minute."""
        since = self._full_since.get(room)
        if since is not None and _is_recent(since, now):
            return False
        self._full_since[room] = now
        return True


def _is_recent(at: datetime, now: datetime) -> bool:
    """Not where the clock was set back meanwhile: hosts would get no card until it is as late
    again."""
    return timedelta(0) <= now - at < WINDOW
