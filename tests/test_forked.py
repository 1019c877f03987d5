"""A run in forked workers says what one in a single process says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .quick import ROOT

SOME = """
import os, signal, warnings
from pathlib import Path
import pytest

@pytest.fixture(scope="session", autouse=True)
def of_the_run():
    file = open(__file__)
    yield
    if "left open" not in FAULTS:
        file.close()
    assert "session" not in FAULTS, "a fixture of the run"

@pytest.fixture(scope="module")
def of_the_file():
    with Path("started").open("a") as file:
        file.write("x")

@pytest.fixture
def server_folder(): ...

@pytest.mark.parametrize("n", range(20))
def test_it(n, of_the_file, tmp_path, capfd):
    print("told by one of many")

def test_its_worker(of_the_file):
    print("what it wrote")
    assert os.environ["PYTEST_XDIST_WORKER"] in ("gw0", "gw1")
    assert "fails" not in FAULTS

def test_killed():
    if "killed" in FAULTS:
        os.kill(os.getpid(), signal.SIGKILL)

def test_warns():
    warnings.warn(UserWarning("mind the gap"))

@pytest.mark.parametrize("n", range(20))
def test_server(n, server_folder):
    assert "fails" not in FAULTS or n != 7
"""
INI = """
[pytest]
markers = servers
asyncio_default_fixture_loop_scope = function
filterwarnings =
  error::ResourceWarning
  error::pytest.PytestUnraisableExceptionWarning
"""
PLUGINS = ("tests.quick", "tests.servers", "tests.strict", "tests.forked")


def run(folder: Path, faults: str, *options: str) -> tuple[int, str]:
    (folder / "pytest.ini").write_text(INI)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_some.py").write_text(f"FAULTS = {faults!r}\n{SOME}")
    plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--forked", *options, "tests"],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if "PYTEST" not in name}
        | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


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
