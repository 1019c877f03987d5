"""Keeps Python's garbage collector from holding the event loop.

A full collection looks at every object of the process that may refer to others. Of these there are
about 300,000 before the bot has done anything (SQLAlchemy, maubot, our own code), and nearly all
live as long as the process: on a slow machine looking at them takes 120 ms, in which nobody is
answered. So they are set aside when the bot starts (`gc.freeze`). Later collections look only at
what has come since, and what is no part of a cycle is freed at once in any case.

What is set aside cannot be collected until the last bot of this process has stopped. That is
little: what is already known to be garbage is collected before.
"""

from __future__ import annotations

import gc

_YOUNG = 1
"""The generation up to which a collection is short."""


class SetAside:
    """What lives when `set_aside` is called, until `give_back`."""

    def __init__(self, users: set[SetAside] | None = None) -> None:
        self._users = _USERS if users is None else users

    def set_aside(self) -> None:
        """May be called again, as more objects have come to stay."""
        self._users.add(self)
        gc.collect(_YOUNG)
        gc.freeze()

    def give_back(self) -> None:
        """A bot that was stopped is collected, as anything else is. Where others run, that
        happens at once, and holds the loop for that one time: else what several bots leave
        behind, one after another, would never be collected."""
        if self not in self._users:
            return
        self._users.discard(self)
        gc.unfreeze()
        if self._users:
            gc.collect()
            gc.freeze()


_USERS: set[SetAside] = set()
"""Several instances of the plugin may run in one process, and share its garbage collector."""
