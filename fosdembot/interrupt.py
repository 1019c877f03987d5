"""SIGTERM and Ctrl-C that cannot be lost.

maubot lets Python raise `KeyboardInterrupt` wherever the program happens to be. The
driver of PostgreSQL swallows it at times (asyncpg 0.32, while data comes in), and the
process goes on as if nobody had told it to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal


def between_callbacks() -> None:
    """From now on the running loop raises `KeyboardInterrupt` between two callbacks, where
    maubot waits for it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows' loops cannot; there it stays as it was.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, _interrupt)


def _interrupt() -> None:
    raise KeyboardInterrupt
