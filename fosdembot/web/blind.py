"""Since when the homeserver is away: pages say so, show what is known, and go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import escape

from fosdembot.clock import Clock
from fosdembot.conference.programme import Programme
from fosdembot.texts import pages as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import clock_time

LOOK_EVERY = 2.0
"""Seconds between two looks; so exact is the "since"."""
HICCUP = 10.0
"""Seconds of trouble of which nobody is told: one request that failed, a short restart."""
PART = "away"
"""The id of the element in which each page says so."""


@dataclass(frozen=True, slots=True)
class Homeserver:
    """How it goes with it, by the parts that speak with it."""

    is_caught_up: Callable[[], bool]
    """Whether all that happened while we were away has taken effect."""
    receiving: Callable[[], str | None]
    """Why nothing comes in; None: it does."""
    sending: Callable[[], str | None]

    def troubles(self) -> Sequence[Text]:
        """For operators. Not what the homeserver said: everybody may ask."""
        found = []
        if self.receiving() is not None:
            found.append(say(texts.NOT_RECEIVING))
        elif not self.is_caught_up():
            found.append(say(texts.CATCHING_UP))
        if self.sending() is not None:
            found.append(say(texts.NOT_SENDING))
        return found

    @property
    def is_away(self) -> bool:
        return self.receiving() is not None or self.sending() is not None


@dataclass(slots=True)
class Blind:
    homeserver: Homeserver
    programme: Programme
    clock: Clock
    since: datetime | None = None
    """Since when it is away; None: it is there."""
    sentence: str = ""
    """What pages say of it; empty where nothing is wrong."""
    _began: float = 0.0

    def look(self) -> bool:
        """Returns whether pages must say something else from now on."""
        if not self.homeserver.is_away:
            self.since = None
        elif self.since is None:
            self.since, self._began = self.clock.now(), self.clock.monotonic()
        before, self.sentence = self.sentence, self._sentence()
        return self.sentence != before

    def _sentence(self) -> str:
        if self.since is None or self.clock.monotonic() - self._began < HICCUP:
            return ""
        since = clock_time(self.since, self.programme.zone, self.clock.now())
        return say(texts.AWAY, since=since).plain

    def parts(self) -> Mapping[str, str]:
        """What each screen has besides its own."""
        return {PART: str(escape(self.sentence))}
