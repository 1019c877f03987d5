"""Python's garbage collector, as a run of thousands of tests wants it.

Each full collection looked at everything that was imported, 100 ms and more every few tests.
"""

from __future__ import annotations

import gc

from hypothesis import strategies

_THRESHOLDS = (50_000, 20, 100)
"""Some MB of garbage that is part of cycles; anything else is freed at once in any case."""


def pytest_collection() -> None:
    """What is imported from here on stays: nothing is looked for in it."""
    gc.disable()


def pytest_collection_finish() -> None:
    """All is imported now, and workers are forked after that: what a process finds out once comes
    first. In a fresh clone it takes Hypothesis a second to learn which characters there are."""
    strategies.text().validate()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()
