"""Questions that are there when a test begins: nobody is told of them any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fosdembot.questions.desk import Desk
from fosdembot.questions.events import nobody


@contextmanager
def unheard(desk: Desk) -> Iterator[Desk]:
    """The desk, of whose changes nobody hears for as long."""
    hears, desk.hears = desk.hears, nobody
    try:
        yield desk
    finally:
        desk.hears = hears
