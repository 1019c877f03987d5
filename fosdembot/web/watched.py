"""A topic at which somebody looks, and those who do."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum

from .screens import Redraw, Screen, Topic
from .telling import difference, encoded, event, whole

MOST_CHANGES = 8
"""Who has missed more of them is told all anew."""
SOONEST = timedelta(seconds=1)
"""A page that says that it looks another way already is not drawn without end."""
SAME_MOMENT = 0.02
"""Seconds for which the clock's moments are told as they were counted."""
STILL_HERE = b"event: beat\ndata: {}\n\n"
"""Not a comment, which a page's script would not hear: it notices when nothing comes any more."""


class Stale(IntEnum):
    """What may be another way than it was drawn."""

    NOTHING = 0
    QUESTIONS = 1
    ALL = 2


@dataclass(slots=True, eq=False)
class Watched:
    topic: Topic
    screen: Screen = field(init=False, default_factory=Screen)
    version: int = field(init=False, default=0)
    """Of the screen: each that is another than the one before has the next."""
    lookers: set[Looker] = field(init=False, default_factory=set)
    drawing: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    stale: Stale = field(init=False, default=Stale.ALL)
    redraw_at: datetime | None = field(init=False, default=None)
    """When it looks another way though nothing happens."""
    drawn_at: float = field(init=False, default=0.0)
    """By the clock's seconds."""
    not_before: float = field(init=False, default=0.0)
    """When it may be drawn again for those who look at it."""
    failures: int = field(init=False, default=0)
    """Since it was drawn the last time."""
    _name: str = field(init=False, default_factory=lambda: secrets.token_hex(4))
    """Versions of another one, before a restart for example, are no versions of this."""
    _before: deque[Screen] = field(init=False, default_factory=lambda: deque(maxlen=MOST_CHANGES))
    """The screens of the versions before, the newest last."""
    _changes: dict[int, bytes] = field(init=False, default_factory=dict)
    """By how many versions a page has missed, what makes it true, encoded. Not one change after
    the other: nobody is told what was on the page meanwhile, and may be redacted."""
    _whole: bytes | None = field(init=False, default=None)
    """The screen, encoded, if somebody has asked for it."""
    _parts: set[str] = field(init=False, default_factory=set)
    """The ids of all that it ever had: what is gone has to be emptied."""
    _newest: tuple[float, int, bytes] = field(init=False, default=(0.0, 0, b""))
    """When the newest change was put together for pages, its version, and as what."""

    @property
    def is_unused(self) -> bool:
        return not self.lookers and not self.drawing.locked()

    def is_due(self, now: datetime) -> bool:
        return self.stale > Stale.NOTHING or self._has_come(now)

    def redraw(self, now: datetime) -> Redraw | None:
        """What draws it anew, if only questions may be others, and that is enough."""
        is_enough = self.stale is Stale.QUESTIONS and not self._has_come(now)
        return self.screen.redraw if is_enough else None

    def _has_come(self, now: datetime) -> bool:
        """The moment at which it looks another way."""
        return self.redraw_at is not None and self.redraw_at <= now

    def take(self, screen: Screen, now: datetime) -> bool:
        """It looks like this now; returns whether that is another way."""
        before, self.screen = self.screen, screen
        soonest = now + SOONEST
        self.redraw_at = None if screen.redraw_at is None else max(screen.redraw_at, soonest)
        data = difference(before, screen)
        if not data and before.countdown == screen.countdown:
            return False
        self._parts |= screen.parts.keys()
        self.version += 1
        self._before.append(replace(before, facts=None, redraw=None))
        self._changes = {1: encoded(data)}
        self._whole = None
        return True

    # What is told of it.

    @property
    def position(self) -> str:
        """Of a page that shows the newest version."""
        return f"{self._name}.{self.version}"

    def version_at(self, position: str) -> int | None:
        """Which version a page shows; None: one that we know nothing of."""
        name, _, version = position.partition(".")
        if name != self._name or not version.isascii() or not version.isdigit():
            return None
        told = int(version[:10])
        return told if self.version - len(self._before) <= told <= self.version else None

    def since(self, told: int | None, now: float, seconds: Callable[[Screen], bytes]) -> bytes:
        """What a page is told that shows version `told`. `now`: by the clock's seconds;
        `seconds`: see `telling.seconds_until`."""
        at, version, said = self._newest
        is_next = told is not None and told == self.version - 1
        if is_next and version == self.version and now - at <= SAME_MOMENT:
            return said
        data = self._since(told, seconds(self.screen))
        if is_next:
            self._newest = now, self.version, data
        return data

    def _since(self, told: int | None, seconds: bytes) -> bytes:
        missed = None if told is None else self.version - told
        if missed == 0:
            return event(self.position, seconds, b"{}")
        if missed is None or missed > len(self._before):
            if self._whole is None:
                gone = dict.fromkeys(self._parts - self.screen.parts.keys(), "")
                everything = whole(self.screen)
                self._whole = encoded({**everything, "parts": gone | everything["parts"]})
            return event(self.position, seconds, self._whole)
        if missed not in self._changes:
            self._changes[missed] = encoded(difference(self._before[-missed], self.screen))
        return event(self.position, seconds, self._changes[missed])


@dataclass(slots=True, eq=False)
class Looker:
    """An open page."""

    watched: Watched
    told: int | None = None
    """The version that it shows."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while there is something that it has not been told."""
    is_new: bool = True
    """Whether it was told nothing yet."""
    is_closed: bool = False
    cut_off: Callable[[], None] | None = None
    """Ends what is being sent."""
    must_ask: bool = True
    """Whether it may still look is to be asked before it is told anything: also at first, as it is
    told of no change from before it looked."""
    is_beat: bool = False
    """Something has to be sent, so that the connection is kept."""

    def close(self) -> None:
        self.is_closed = True
        self.news.set()
        if self.cut_off is not None:
            self.cut_off()

    def ask_again(self) -> None:
        self.must_ask = True
        self.news.set()

    def beat(self) -> None:
        self.is_beat = self.must_ask = True
        self.news.set()

    def take(self, now: float, seconds: Callable[[Screen], bytes]) -> bytes:
        """What it has not been told, as `Watched.since`; from now on it has."""
        self.news.clear()
        watched, is_beat = self.watched, self.is_beat
        self.is_beat = False
        if self.told == watched.version and not self.is_new:
            return STILL_HERE if is_beat else b""
        data = watched.since(self.told, now, seconds)
        self.told, self.is_new = watched.version, False
        return data
