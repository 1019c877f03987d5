"""`pytest --forked`: the tests of one run in several processes, which are forked once all files
are imported and all tests are known.

Workers of pytest-xdist start on their own: each of eight would import everything and collect ten
thousand tests, eleven seconds of CPU time. Here that is done once. First some workers run the
tests without servers, then others those with servers: each takes the next tests from a pipe
whenever it has nothing to do, and sends its reports to the process that forked it.
"""

from __future__ import annotations

import gc
import os
import secrets
import signal
import struct
import traceback
from collections.abc import Iterable, Sequence
from itertools import groupby
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

import pytest
from _pytest.unraisableexception import collect_unraisable

from simulation.ports import WORKER

WORKERS = 2
"""For tests without servers: they wait for nothing, and a machine of CI has two cores."""
WORKERS_WITH_SERVERS = 6
"""These wait for what falls due as much as they compute. They come after the others: beside each
other they would wait for two cores, and for each other's deadlines."""
RUN = secrets.token_hex()
"""The name of this run; its workers have it, too."""
_NUMBER = struct.Struct("=i")
_PIPE_BYTES = 65_536
"""What a pipe holds before anybody reads it."""

Tests = Sequence[pytest.Item]


class Between(pytest.Item):
    """Comes after the last test that a worker took: only what is the whole run's outlives it."""

    def runtest(self) -> None:
        raise NotImplementedError


class Worker:
    """A process that was forked, as seen by the one that forked it."""

    def __init__(self, pid: int, reports: Connection) -> None:
        self.pid = pid
        self.reports = reports
        self.left: list[str] = []
        """The tests that it has taken and not finished."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forked", action="store_true", help=(__doc__ or "").partition("\n")[0])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    option = session.config.option
    if not option.forked or option.collectonly or session.testsfailed:
        return None
    # Whoever comes later would use another's folders, and remove them.
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    for servers, number in ((False, WORKERS), (True, WORKERS_WITH_SERVERS)):
        items = [i for i in session.items if bool(i.get_closest_marker("servers")) == servers]
        if items:
            _Run(session, items, number).run()
    return True


def together(items: Iterable[pytest.Item]) -> list[Tests]:
    """What one worker takes at once: the tests of a file. Of those with servers, which take long,
    a single one, unless a fixture is its whole file's."""
    return [list(tests) for _, tests in groupby(items, key=_together)]


def _together(item: pytest.Item) -> str:
    fixtures = getattr(item, "_fixtureinfo", None)
    found = fixtures.name2fixturedefs.values() if fixtures is not None else ()
    of_file = any(fixture.scope in ("class", "module") for some in found for fixture in some)
    alone = item.get_closest_marker("servers") is not None and not of_file
    return item.nodeid if alone else str(item.path)


class _Run:
    """Some tests of a session, and the workers that run them."""

    def __init__(self, session: pytest.Session, items: Tests, number: int) -> None:
        self.session = session
        self.tests = together(items)
        self.not_run = {item.nodeid for item in items}
        self.taken, filled = os.pipe()
        numbers = b"".join(map(_NUMBER.pack, range(len(self.tests))))
        assert len(numbers) <= _PIPE_BYTES
        os.write(filled, numbers)
        os.close(filled)
        self.workers: list[Worker] = []
        for n in range(min(number, len(self.tests))):
            self.workers.append(self._fork(n))

    def run(self) -> None:
        try:
            while self.workers:
                ready = wait([worker.reports for worker in self.workers])
                for worker in [w for w in self.workers if w.reports in ready]:
                    self._hear(worker)
        finally:
            self._take_no_more()
            for worker in self.workers:
                worker.reports.close()
                os.waitpid(worker.pid, 0)
            os.close(self.taken)
        if self.session.shouldfail:
            raise self.session.Failed(self.session.shouldfail)
        if self.session.shouldstop:
            raise self.session.Interrupted(self.session.shouldstop)
        for test in sorted(self.not_run):
            self._failed(test, "was not run: all workers have ended")

    def _fork(self, number: int) -> Worker:
        received, sent = Pipe(duplex=False)
        pid = os.fork()
        if pid == 0:
            ended = 1
            try:
                for unused in [received, *(worker.reports for worker in self.workers)]:
                    unused.close()
                _Work(self.session, number, sent).run(self.tests, self.taken)
                ended = 0
            except (BrokenPipeError, KeyboardInterrupt):
                pass
            except BaseException:
                traceback.print_exc()
            finally:
                # The rest of this process's stack is another's.
                os._exit(ended)
        sent.close()
        return Worker(pid, received)

    def _hear(self, worker: Worker) -> None:
        try:
            what, said = worker.reports.recv()
        except EOFError:
            self._ended(worker)
            return
        hook = self.session.config.hook
        if what == "takes":
            worker.left = [item.nodeid for item in self.tests[said]]
        elif what == "warning":
            hook.pytest_warning_recorded.call_historic(kwargs=said)
        else:
            for data in said:
                report = hook.pytest_report_from_serializable(config=self.session.config, data=data)
                hook.pytest_runtest_logreport(report=report)
            if what in worker.left:
                worker.left.remove(what)
                self.not_run.discard(what)
        if self.session.shouldfail or self.session.shouldstop:
            self._take_no_more()

    def _ended(self, worker: Worker) -> None:
        self.workers.remove(worker)
        worker.reports.close()
        _, status = os.waitpid(worker.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
            for test in worker.left or [f"worker {worker.pid}"]:
                self.not_run.discard(test)
                self._failed(test, f"was not finished: its worker has ended ({how})")

    def _take_no_more(self) -> None:
        while os.read(self.taken, _PIPE_BYTES):
            pass

    def _failed(self, test: str, why: str) -> None:
        report = pytest.TestReport(test, (test, None, test), {}, "failed", f"{test} {why}", "call")
        self.session.config.hook.pytest_runtest_logreport(report=report)


class _Work:
    """What a worker does; pytest's hooks for it."""

    def __init__(self, session: pytest.Session, number: int, to: Connection) -> None:
        self.session = session
        self.to = to
        self.said: list[Any] = []
        self.begun = False
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        os.environ[WORKER] = str(number)
        # What a test writes goes to a file, which is still that of all workers.
        capture = plugins.getplugin("capturemanager")
        capture.stop_global_capturing()
        capture.start_global_capturing()
        capture.suspend_global_capture()
        folders = session.config._tmp_path_factory  # type: ignore[attr-defined]
        folders._basetemp = folders.mktemp(f"worker-{number}")
        plugins.register(self)
        self.begun = True

    def run(self, tests: Sequence[Tests], taken: int) -> None:
        hook = self.session.config.hook
        between = Between.from_parent(self.session, name="between")
        last = None
        try:
            while number := os.read(taken, _NUMBER.size):
                (index,) = _NUMBER.unpack(number)
                self.to.send(("takes", index))
                for last, after in zip(tests[index], [*tests[index][1:], between], strict=True):
                    hook.pytest_runtest_protocol(item=last, nextitem=after)
                    self._send(last.nodeid)
                    if self.session.shouldfail or self.session.shouldstop:
                        return
        finally:
            if last is not None:
                self._end(last)

    def _end(self, last: pytest.Item) -> None:
        """End what is the whole run's; what goes wrong is told with the last test."""
        config = self.session.config

        def end() -> None:
            self.session._setupstate.teardown_exact(None)
            # What is only now found to have been left open is told, too.
            gc.collect()
            collect_unraisable(config)

        call = pytest.CallInfo.from_call(end, when="teardown")
        self.pytest_runtest_logreport(pytest.TestReport.from_item_and_call(last, call))
        self._send("")

    def _send(self, test: str) -> None:
        self.to.send((test, self.said))
        self.said = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed:
            # Nobody reads what it has written.
            report.sections = []
        config = self.session.config
        self.said.append(config.hook.pytest_report_to_serializable(config=config, report=report))

    def pytest_warning_recorded(
        self, warning_message: Any, when: str, nodeid: str, location: Any
    ) -> None:
        if not self.begun:
            return  # It was told before: pytest repeats it to who comes later.
        kept = type(warning_message)(
            UserWarning(f"{warning_message.category.__name__}: {warning_message.message}"),
            UserWarning,
            warning_message.filename,
            warning_message.lineno,
        )
        said = {"warning_message": kept, "when": when, "nodeid": nodeid, "location": location}
        self.to.send(("warning", said))
