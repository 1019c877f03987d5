"""Programs that are forked from a process which has imported what they import."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulation.forking import ForkServer, fork_server, starts_are_forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: others spawn")

TELLS = """
import json, os, sys
told = [__name__, os.getpid(), os.getsid(0), os.getcwd(), sys.argv[1:], os.environ.get("COLOUR"),
        "colorsys" in sys.modules, sys.path[0], sys.stdin.read(), len(os.listdir("/proc/self/fd"))]
print(json.dumps(told))
print("an error", file=sys.stderr)
"""


@pytest.fixture
def server() -> Iterator[ForkServer]:
    server = ForkServer(["colorsys"])
    yield server
    server.close()


def run(server: ForkServer, folder: Path, code: str, *arguments: str) -> tuple[int, str]:
    """How it ended, and what it wrote."""
    (folder / "program.py").write_text(code)
    with (folder / "log").open("w") as log:
        child = server.start("program", arguments, folder, log.fileno())
    return child.wait(), (folder / "log").read_text()


def test_a_child_is_a_process_of_its_own(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLOUR", "blue")
    ended, said = run(server, tmp_path, TELLS, "one", "two words")
    assert ended == 0
    line, error, _ = said.split("\n")
    name, pid, session, folder, arguments, colour, imported, path, read, descriptors = json.loads(
        line
    )
    assert (name, arguments, colour, read) == ("__main__", ["one", "two words"], "blue", "")
    assert session == pid != os.getpid()
    assert folder == path == str(tmp_path)
    assert imported
    # 0, 1, 2 and the folder that is listed.
    assert descriptors == 4
    assert error == "an error"


def test_a_module_may_come_from_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "modules.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("counted/__init__.py", "from .numbers import FIVE")
        archive.writestr("counted/numbers.py", "FIVE = 5")
        archive.writestr("counted/later.py", "SIX = 6")
    server = ForkServer([f"{path}:counted"])
    tells = "import sys, counted.later as it; print('counted.numbers' in sys.modules, it.__file__)"
    assert run(server, tmp_path, tells) == (0, f"True {path}/counted/later.py\n")
    # What is beside the package in the archive is nobody's.
    assert run(server, tmp_path, f"import sys; raise SystemExit({str(path)!r} in sys.path)")[0] == 0
    server.close()


def test_a_module_that_comes_from_elsewhere_is_not_taken_for_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended"):
        ForkServer([f"{tmp_path}:simulation"])


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("raise SystemExit", 0),
        ("raise SystemExit(True)", 1),
        ("raise SystemExit(-1)", 255),
        ("raise SystemExit('no such port')", 1),
        ("raise ValueError", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_how_it_ended_is_known(server: ForkServer, tmp_path: Path, code: str, status: int) -> None:
    assert run(server, tmp_path, code)[0] == status


def test_what_ends_with_a_trace_says_so(server: ForkServer, tmp_path: Path) -> None:
    assert (
        "ValueError: no such port" in run(server, tmp_path, "raise ValueError('no such port')")[1]
    )


ENDS = """
import atexit, sys, threading, time
def late():
    time.sleep(0.2)
    print("a thread")
atexit.register(print, "at exit")
threading.Thread(target=late).start()
sys.stdout.reconfigure(line_buffering=False)
print("the program")
"""


def test_whatever_is_to_be_done_at_its_end_is_done(server: ForkServer, tmp_path: Path) -> None:
    assert run(server, tmp_path, ENDS) == (0, "the program\na thread\nat exit\n")


def test_a_message_is_shown_at_its_end(server: ForkServer, tmp_path: Path) -> None:
    assert run(server, tmp_path, "raise SystemExit('no such port')") == (1, "no such port\n")


def test_a_hundred_starts_leave_nothing(server: ForkServer, tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    run(server, tmp_path, "")
    before = descriptors()
    assert [run(server, tmp_path, "")[0] for _ in range(100)] == [0] * 100
    assert descriptors() == before
    # Its own as well.
    assert json.loads(run(server, tmp_path, TELLS)[1].split("\n")[0])[-1] == 4


def test_one_that_runs_has_not_ended_and_dies_with_the_server(
    server: ForkServer, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text("import time; time.sleep(600)")
    with (tmp_path / "log").open("w") as log:
        child = server.start("program", (), tmp_path, log.fileno())
    ended = os.pidfd_open(child.pid)
    assert child.poll() is None
    server.close()
    assert select.select([ended], [], [], 5)[0]
    os.close(ended)


def test_a_run_shares_it_and_each_ends_its_own_children(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import os, time; print(os.getppid()); time.sleep(600)")
    servers = [ForkServer(["colorsys"], f"a run {os.getpid()}") for _ in range(2)]
    children = [server.start("program", (), tmp_path, 1) for server in servers]
    parents = {stat_of(child.pid)[1] for child in children}
    assert len(parents) == 1
    parent = os.pidfd_open(int(parents.pop()))
    servers[0].close()
    with pytest.raises(ProcessLookupError):
        os.kill(children[0].pid, 0)
    assert children[1].poll() is None
    # Who is killed says no farewell.
    servers[1]._control.close()
    assert select.select([parent], [], [], 5)[0], "it ends with the last"
    os.close(parent)
    with pytest.raises(ProcessLookupError):
        os.kill(children[1].pid, 0)


def stat_of(pid: int) -> list[str]:
    """Its state, its parent and so on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def test_it_can_be_killed_as_a_group_from_its_first_moment(
    server: ForkServer, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text("import time; time.sleep(600)")
    for _ in range(20):
        child = server.start("program", (), tmp_path, 1)
        os.killpg(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL


def test_it_writes_to_a_pipe_as_to_a_file(server: ForkServer, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import sys; sys.stdout.reconfigure(); print('one')")
    reads, writes = os.pipe()
    child = server.start("program", (), tmp_path, writes)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        assert pipe.read() == "one\n"
    assert child.wait() == 0


def test_an_import_that_starts_a_thread_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "threaded.py").write_text(
        "import threading, time; threading.Thread(target=time.sleep, args=[9], daemon=True).start()"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    with pytest.raises(RuntimeError, match="the fork server has ended"):
        ForkServer(["threaded"])


def test_only_what_names_its_imports_is_forked() -> None:
    assert fork_server(()) is None
    assert fork_server(["colorsys"]) is fork_server(["colorsys"]) is not None


def test_one_block_at_a_time() -> None:
    """The run's own is open."""
    with pytest.raises(AssertionError), starts_are_forked():
        pass
