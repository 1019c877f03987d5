"""Wakes a part that has something to do."""

from __future__ import annotations

from collections.abc import Callable


class Wake:
    """A signal that is not lost when it is given before somebody listens."""

    def __init__(self) -> None:
        self._hear: Callable[[], None] | None = None
        self._is_early = False
        self._was_set = False

    def set(self) -> None:
        """From outside."""
        self._was_set = True
        self.nudge()

    def nudge(self) -> None:
        """From inside: what the part has begun has ended, for example."""
        if self._hear is None:
            self._is_early = True
        else:
            self._hear()

    def listen(self, hear: Callable[[], None]) -> None:
        """Call `hear` at each signal from now on; at once, if one was given already."""
        self._hear = hear
        if self._is_early:
            self._is_early = False
            hear()

    def was_set(self) -> bool:
        """Whether somebody outside has set it since this was last asked."""
        was_set, self._was_set = self._was_set, False
        return was_set
