"""What Synapse imports, for a fork server (`fork_server.py`).

Twisted makes its reactor while it is imported: each child gets a reactor of its own, since it would
share the descriptors of this one with all others.
"""

from __future__ import annotations

import inspect
import os
import sys
from functools import cache
from typing import Any

import synapse.app.homeserver
from prometheus_client import metrics
from synapse.events import validator
from synapse.logging import context
from synapse.util import clock
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
    untyped.callLater(0, result.callback, None)
    return result


_threads: Any = threads
_count_nothing()
_name_no_steps(context, clock)
_threads.deferToThreadPool = _without_thread
# Its caches look up what their functions' parameters are called with each call.
inspect.getfullargspec = cache(inspect.getfullargspec)
_check_once(validator.MENTIONS_SCHEMA, validator.MENTIONS_VALIDATOR)
_check_once(validator.POWER_LEVELS_SCHEMA, validator.POWER_LEVELS_VALIDATOR)
os.register_at_fork(after_in_child=_renew_reactor)
