"""What something costs: CPU time, statements, and for how long nobody else had a turn."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing

_LOOK_EVERY = 0.005
"""Seconds between two looks at whether the loop is free."""
_QUIET_FOR = 0.4
_QUIET = 0.05
"""CPU seconds within `_QUIET_FOR` seconds below which nothing is going on: looking whether the loop
is free takes up to half of that on a slow machine."""


@dataclass
class Meter:
    """Of one stretch of work."""

    cpu: float = 0.0
    """CPU seconds of the whole process."""
    wall: float = 0.0
    held: float = 0.0
    """CPU seconds for which the loop's thread did one thing without giving way, at most. Not
    of the clock on the wall: what else the machine does is not the bot's."""
    statements: int = 0
    transactions: int = 0
    outbox_written: list[float] = field(default_factory=list)
    """`time.monotonic()` of the commits of what was put in the outbox."""


@contextmanager
def measured(database: Database, *, closely: bool = True) -> Iterator[Meter]:
    """`closely`: the loop is watched and statements are counted. That takes CPU time itself, a
    fiftieth of the time that passes, and sends prepared statements through SQLAlchemy; so where
    others are waited for, it is left out."""
    with ExitStack() as stack:
        meter = Meter()
        stack.enter_context(_commits(database, meter))
        if closely:
            stack.enter_context(_statements(database, meter))
        began, cpu = time.monotonic(), time.process_time()
        watch = stack.enter_context(Watch()) if closely else None
        try:
            yield meter
        finally:
            meter.cpu, meter.wall = time.process_time() - cpu, time.monotonic() - began
            if watch is not None:
                watch.note()
                meter.held = watch.longest


@contextmanager
def _commits(database: Database, meter: Meter) -> Iterator[None]:
    """Of what was put in the outbox, and of all."""
    wrote = False

    def execute(_c: Any, statement: Any, *_: Any) -> None:
        nonlocal wrote
        into = statement.table.name if getattr(statement, "is_insert", False) else None
        wrote = wrote or into == Outgoing.__tablename__

    def commit(_c: Any) -> None:
        nonlocal wrote
        meter.transactions += 1
        if wrote:
            meter.outbox_written.append(time.monotonic())
        wrote = False

    with _listening(database, before_execute=execute, commit=commit):
        yield


@contextmanager
def _statements(database: Database, meter: Meter) -> Iterator[None]:
    def statement(*_: Any) -> None:
        meter.statements += 1

    with _listening(database, before_cursor_execute=statement):
        yield


@contextmanager
def _listening(database: Database, **listeners: Callable[..., None]) -> Iterator[None]:
    both = list(itertools.product(database.engines, listeners.items()))
    for engine, (name, listener) in both:
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        for engine, (name, listener) in both:
            event.remove(engine, name, listener)


class Watch:
    """For how long the loop's thread does one thing without giving way, at most; in CPU seconds.
    It watches from the first moment on at which whoever began it gives way."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._before: float | None = None
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> Watch:
        self._watching = asyncio.create_task(self._watch())
        return self

    def __exit__(self, *_: object) -> None:
        # Whoever ends it may have held the loop until now.
        self.note()
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.note()
            await asyncio.sleep(_LOOK_EVERY)

    def note(self) -> None:
        now = time.thread_time()
        if self._before is not None:
            self.longest = max(self.longest, now - self._before)
        self._before = now


async def idle() -> None:
    """Until nothing is going on in this process."""
    while True:
        before = time.process_time()
        await asyncio.sleep(_QUIET_FOR)
        if time.process_time() - before < _QUIET:
            return
