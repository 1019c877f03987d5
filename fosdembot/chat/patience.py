"""How many commands of one person are answered."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
PEOPLE_AT_MOST = 10_000


class Patience:
    """Counts by the time at which commands were sent, so that what was sent while the
    bot was away is judged as if it had been there."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._sent: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._refused: set[str] = set()

    def allows(self, person: str, at: datetime) -> bool:
        """Whether this one is answered; if so it counts."""
        sent = self._sent.setdefault(person, deque())
        self._sent.move_to_end(person)
        if len(self._sent) > PEOPLE_AT_MOST:
            forgotten, _ = self._sent.popitem(last=False)
            self._refused.discard(forgotten)
        while sent and at - sent[0] >= WINDOW:
            sent.popleft()
        if len(sent) >= self._per_minute:
            return False
        sent.append(at)
        self._refused.discard(person)
        return True

    def is_first_refusal(self, person: str) -> bool:
        """Whether they were not told yet, since the last command that was allowed."""
        if person in self._refused:
            return False
        self._refused.add(person)
        return True
