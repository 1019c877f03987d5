"""Whether our clock is the homeserver's: what falls due goes by ours, people live by theirs."""

from __future__ import annotations

from collections import deque
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

from fosdembot.clock import Clock

SAMPLES = 9
AT_LEAST = 5
"""So many answers must have told the time: a single one may have been under way for long, or
lie."""
APART = timedelta(seconds=10)
"""As `fosdembot doctor` has it: people read "starting now" against their own clocks."""


class ServerTime:
    """Each answer of the homeserver bears its time (RFC 9110, "Date")."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead: deque[float] = deque(maxlen=SAMPLES)
        """Seconds by which the homeserver's clock was ahead of ours."""

    def note(self, date: str) -> None:
        """An answer came just now that says that it is `date`."""
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return
        theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
        ours = self._clock.to_wall(self._clock.now())
        # It has whole seconds: on the average half a one has gone by.
        self._ahead.append((theirs - ours).total_seconds() + 0.5)

    @property
    def is_unknown(self) -> bool:
        return len(self._ahead) < AT_LEAST

    @property
    def ahead(self) -> timedelta | None:
        """How far the homeserver is ahead of us, where that is too far to be right; None
        where it is not, or is not known."""
        if self.is_unknown:
            return None
        middle = timedelta(seconds=median(self._ahead))
        return middle if abs(middle) >= APART else None
