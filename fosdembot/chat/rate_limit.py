"""How many commands of one person are answered."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
PEOPLE_AT_MOST = 10_000


class RateLimit:
    """Counts by the time at which commands arrived (`matrix/effects.py`): of what came while
    the bot was away, when it was sent, as if the bot had been there; else now. A sender who
    dates events as they like gains nothing, and no time goes backwards.

    Counts each event once: where the database fails, the same events come again.
    """

    def __init__(self, most: int, window: timedelta = WINDOW) -> None:
        """`most`: of one person, within any `window`."""
        self._most = most
        self._window = window
        self._answered: OrderedDict[str, dict[str, datetime]] = OrderedDict()
        self._refused: dict[str, str] = {}
        """The event at which a person was told."""

    def allows(self, person: str, event_id: str, at: datetime) -> bool:
        """Whether this command of theirs is answered; if so it counts."""
        answered = self._answered.get(person, {})
        if event_id in answered:
            return True
        at = max([at, *answered.values()])
        recent = {event: when for event, when in answered.items() if at - when < self._window}
        self._answered[person] = recent
        self._answered.move_to_end(person)
        if len(self._answered) > PEOPLE_AT_MOST:
            forgotten, _ = self._answered.popitem(last=False)
            self._refused.pop(forgotten, None)
        if len(recent) >= self._most:
            return False
        recent[event_id] = at
        self._refused.pop(person, None)
        return True

    def is_first_refusal(self, person: str, event_id: str) -> bool:
        """Whether they were not told yet, since the last command that was allowed."""
        return self._refused.setdefault(person, event_id) == event_id
