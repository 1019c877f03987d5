"""What happened in a meeting and was not heard yet: in order, and bounded whatever people do."""

from __future__ import annotations

import asyncio
from collections import Counter

from .meeting import Arrived, Event, Left, MeetingError, Said

MOST_SAID = 500
"""Lines that wait; what comes beyond is not heard."""
MOST_SAID_OF_ONE = 20
"""So that nobody keeps the others from being heard."""
MOST_MOVES = 500
"""People who came, left or changed. Beyond that it is not told who: that somebody did is known,
and who is there stands elsewhere."""


class Happened:
    def __init__(self) -> None:
        self._waiting: dict[tuple[str, int], Event] = {}
        """By participant; a number for each line, none for who came or left: of that only the last
        counts."""
        self._numbers = 0
        self._said: Counter[str] = Counter()
        self._moves = 0
        self._news = asyncio.Event()
        self._ended: MeetingError | None = None

    def tell(self, event: Event) -> bool:
        """Returns whether it will be heard."""
        if isinstance(event, Said):
            who = event.sender.id
            if self._said.total() >= MOST_SAID or self._said[who] >= MOST_SAID_OF_ONE:
                return False
            self._said[who] += 1
            self._numbers += 1
            self._waiting[who, self._numbers] = event
        else:
            key = (event.participant.id, 0)
            if key not in self._waiting:
                if self._moves >= MOST_MOVES:
                    return False
                self._moves += 1
            self._waiting[key] = event
        self._news.set()
        return True

    def end(self, why: MeetingError) -> None:
        """Nothing more will happen; the first reason counts."""
        if self._ended is None:
            self._ended = why
            self._news.set()

    @property
    def ended(self) -> MeetingError | None:
        return self._ended

    async def next(self) -> Event:
        """Raises what `end` was told, once all was heard."""
        while not self._waiting:
            if self._ended is not None:
                raise self._ended
            self._news.clear()
            await self._news.wait()
        key = next(iter(self._waiting))
        event = self._waiting.pop(key)
        match event:
            case Said(sender=sender):
                self._said[sender.id] -= 1
                if not self._said[sender.id]:
                    del self._said[sender.id]
            case Arrived() | Left():
                self._moves -= 1
        return event
