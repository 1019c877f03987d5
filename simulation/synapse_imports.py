"""What Synapse imports, for a fork server (`fork_server.py`).

Twisted makes its reactor while it is imported: each child gets a reactor of its own, since it would
share the descriptors of this one with all others.
"""

from __future__ import annotations

import inspect
import os
import sys
from contextlib import nullcontext
from functools import cache
from typing import Any

import synapse.app.homeserver
from prometheus_client import metrics
from synapse.events import validator
from synapse.handlers.delayed_events import DelayedEventsHandler
from synapse.handlers.worker_lock import WorkerLocksHandler
from synapse.logging import context
from synapse.metrics.background_process_metrics import BackgroundProcessLoggingContext
from synapse.storage.database import LoggingTransaction
from synapse.util import clock
from synapse.util.metrics import Measure
from twisted.internet import defer, reactor, threads
from twisted.internet.epollreactor import EPollReactor

# `python -m` runs it; imported as well, it would exist twice.
del sys.modules[synapse.app.homeserver.__name__]


def _renew_reactor() -> None:
    assert isinstance(reactor, EPollReactor)
    untyped: Any = reactor
    for reader in untyped.removeAll():
        reader.connectionLost(None)
    untyped._poller.close()
    untyped.__init__()


def _count_nothing() -> None:
    """Nobody asks a server of the tests for what it has counted and measured."""
    does = {"labels", "inc", "dec", "set", "set_function", "observe"}
    for kind in (metrics.MetricWrapperBase, metrics.Counter, metrics.Gauge, metrics.Histogram):
        for method in does & vars(kind).keys():
            setattr(kind, method, lambda metric, *_, **__: metric)


def _measure_nothing() -> None:
    """How long its steps and what it does in the background take, and what they use."""
    measure: Any = Measure
    background: Any = BackgroundProcessLoggingContext
    untyped: Any = context
    measure.__init__ = lambda measure, *_, **__: None
    measure.__enter__ = lambda measure: measure
    measure.__exit__ = lambda measure, *_: None
    measure.get_resource_usage = lambda measure: untyped.ContextResourceUsage()

    def begin(self: Any, *, name: str, server_name: str, instance_id: object = None) -> None:
        untyped.LoggingContext.__init__(self, name=f"{name}-{instance_id}", server_name=server_name)

    background.__init__ = begin
    del background.start, background.__exit__


def _log_no_sql() -> None:
    """It writes each statement in one line, for a log that is never written here."""

    def execute(self: Any, work: Any, sql: str, *args: Any, **named: Any) -> Any:
        return work(self.database_engine.convert_param_style(sql), *args, **named)

    untyped: Any = LoggingTransaction
    untyped._do_execute = execute


def _wait_for_no_purge() -> None:
    """An event that is sent waits until nobody deletes the history of its room: with two
    transactions in the database, since another worker might. Nobody here deletes any.

    Nor does anybody here delay events, for which it would look after each."""
    untyped: Any = WorkerLocksHandler
    locked = untyped.acquire_read_write_lock

    def acquire(self: Any, name: str, key: str, *, write: bool) -> Any:
        return locked(self, name, key, write=True) if write else nullcontext()

    untyped.acquire_read_write_lock = acquire
    delayed: Any = DelayedEventsHandler
    delayed.notify_new_event = lambda self: None


def _name_no_steps(*modules: Any) -> None:
    """It draws five random letters for each step of its work, by which its log names that step
    where all of them are logged, which they never are here."""
    for module in modules:
        module.random_string_insecure_fast = lambda length: "-" * length


def _check_once(schema: Any, checker: Any) -> None:
    """Synapse checks its own schemas, which never change, again for each event that mentions
    people, which all of a bot's messages do: a tenth of its work. Here it does so once."""
    checker.check_schema(schema)
    checker.check_schema = lambda schema: None


def _without_thread(_: Any, __: Any, work: Any, *args: Any, **named: Any) -> defer.Deferred[Any]:
    """What Synapse leaves to a thread, mostly to that of its one connection to SQLite, is done here
    a moment later, as in Synapse's own tests: to change threads cost it a third of its time."""
    result: defer.Deferred[Any] = defer.Deferred()
    result.addCallback(lambda _: work(*args, **named))
    untyped: Any = reactor
    # As `callFromThread`, which wakes the reactor by writing to a pipe.
    untyped.threadCallQueue.append((result.callback, (None,), {}))
    return result


def _go_on_at_once() -> None:
    """Where that waits, the reactor does not wait for anything else."""
    kind: Any = EPollReactor
    waits = kind.timeout
    kind.timeout = lambda reactor: 0 if reactor.threadCallQueue else waits(reactor)


_threads: Any = threads
_count_nothing()
_measure_nothing()
_log_no_sql()
_wait_for_no_purge()
_go_on_at_once()
_name_no_steps(context, clock)
_threads.deferToThreadPool = _without_thread
# Its caches look up what their functions' parameters are called with each call.
inspect.getfullargspec = cache(inspect.getfullargspec)
_check_once(validator.MENTIONS_SCHEMA, validator.MENTIONS_VALIDATOR)
_check_once(validator.POWER_LEVELS_SCHEMA, validator.POWER_LEVELS_VALIDATOR)
os.register_at_fork(after_in_child=_renew_reactor)
