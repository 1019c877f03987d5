"""A run in forked workers says what one in a single process says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulation.ports import WORKER

from .forked import WORKERS_WITH_SERVERS
from .quick import ROOT

SOME = """
import os, signal, subprocess, time, warnings
from pathlib import Path
import pytest

@pytest.fixture(scope="session", autouse=True)
def of_the_run():
    file = open(__file__)
    yield
    if "left open" not in FAULTS:
        file.close()
    Path(f"ended-{os.getpid()}").touch()
    assert "session" not in FAULTS, "a fixture of the run"

@pytest.fixture(scope="module")
def of_the_file():
    with Path("started").open("a") as file:
        file.write("x")

@pytest.fixture
def server_folder():
    if "waits" in FAULTS:
        child = subprocess.Popen(["sleep", "600"])
    yield
    if "waits" in FAULTS:
        child.kill()
        child.wait()

@pytest.mark.parametrize("n", range(20))
def test_it(n, of_the_file, tmp_path, capfd):
    print("told by one of many")

def test_its_worker(of_the_file):
    print("what it wrote")
    assert os.environ["FOSDEMBOT_TEST_WORKER"] in ("0", "1")
    assert "fails" not in FAULTS

def test_killed():
    if "killed" in FAULTS:
        os.kill(os.getpid(), signal.SIGKILL)

def test_warns():
    warnings.warn(UserWarning("mind the gap"))

@pytest.mark.parametrize("n", range(20))
def test_server(n, server_folder):
    assert "fails" not in FAULTS or n != 7
    if "waits" in FAULTS:
        Path(f"waits-{os.getpid()}").touch()
        time.sleep(600)
"""
INI = """
[pytest]
markers = servers
asyncio_default_fixture_loop_scope = function
filterwarnings =
  error::ResourceWarning
  error::pytest.PytestUnraisableExceptionWarning
"""
PLUGINS = ("tests.quick", "tests.strict", "tests.forked")
# A shell's background job is started with Ctrl-C ignored.
PYTEST = """
import signal, sys, pytest
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(pytest.main())
"""


def start(folder: Path, faults: str, *options: str) -> subprocess.Popen[str]:
    """A run of `SOME`, in a group of processes of its own."""
    (folder / "pytest.ini").write_text(INI)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_some.py").write_text(f"FAULTS = {faults!r}\n{SOME}")
    plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
    return subprocess.Popen(
        [sys.executable, "-c", PYTEST, *plugins, "--forked", *options, "tests"],
        cwd=folder,
        env=_environment() | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Without what this run of tests has set."""
    return {
        name: value for name, value in os.environ.items() if "PYTEST" not in name and name != WORKER
    }


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and what it told; it has left no process behind."""
    told, _ = process.communicate()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    return process.returncode, told


def run(folder: Path, faults: str, *options: str) -> tuple[int, str]:
    return end(start(folder, faults, *options))


def test_all_is_well(tmp_path: Path) -> None:
    code, told = run(tmp_path, "")
    assert code == 0
    assert "43 passed, 1 warning" in told
    assert told.count("UserWarning: mind the gap") == 1
    assert "[100%]" in told
    assert "told by one of many" not in told
    assert (tmp_path / "started").read_text() == "x", "the tests of a file stay together"


def test_what_fails_is_shown_with_what_it_wrote(tmp_path: Path) -> None:
    code, told = run(tmp_path, "fails")
    assert code == 1
    assert "2 failed, 41 passed" in told
    assert "what it wrote" in told
    assert 'assert "fails" not in FAULTS' in told
    assert "FAILED tests/test_some.py::test_server[7]" in told


def test_a_worker_that_dies_fails_its_tests(tmp_path: Path) -> None:
    code, told = run(tmp_path, "killed")
    assert code == 1
    assert "test_killed was not finished: its worker has ended (SIGKILL)" in told
    assert "test_warns was not finished" in told
    assert "2 failed, 41 passed" in told


def test_what_goes_wrong_at_the_end_is_told(tmp_path: Path) -> None:
    code, told = run(tmp_path, "session")
    assert code == 1
    assert "a fixture of the run" in told


def test_what_is_left_open_is_told(tmp_path: Path) -> None:
    code, told = run(tmp_path, "left open")
    assert code == 1
    assert "Exception ignored in: <_io.FileIO name=" in told


def test_the_first_failure_is_the_last_where_wanted(tmp_path: Path) -> None:
    code, told = run(tmp_path, "fails", "-x")
    assert code == 1
    assert "stopping after 1 failures" in told
    assert "test_server" not in told, "those with servers were to come"


def test_ctrl_c_ends_all(tmp_path: Path) -> None:
    process = start(tmp_path, "waits")
    # A terminal sends it to the workers, too, and to what they have started.
    until = time.monotonic() + 60
    while len(list(tmp_path.glob("waits-*"))) < WORKERS_WITH_SERVERS:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    code, told = end(process)
    assert code == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in told
    assert "23 passed" in told
    for waited in tmp_path.glob("waits-*"):
        assert (tmp_path / waited.name.replace("waits", "ended")).exists(), (
            "its fixtures have ended"
        )
