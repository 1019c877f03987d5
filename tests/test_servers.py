"""A run of the tests with servers imports only files that have such tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .quick import ROOT

SERVERS = """
import pytest

@pytest.fixture
def server_folder(): ...

@pytest.fixture
def homeserver(server_folder): ...

def test_it(homeserver): ...
"""
NONE = "print('this file was read')\ndef test_it(): ...\n"


def run(folder: Path, *options: str) -> str:
    plugins = ["-p", "tests.quick", "-p", "tests.servers", "-p", "tests.strict"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-s", *plugins, *options, "tests"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def conference(folder: Path) -> Path:
    """Two files, one of which has a test with servers; the path of the other."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = servers\n")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_servers.py").write_text(SERVERS)
    none = folder / "tests" / "test_none.py"
    none.write_text(NONE)
    return none


def test_what_has_none_is_imported_once(tmp_path: Path) -> None:
    conference(tmp_path)
    assert "1 passed, 1 deselected" in run(tmp_path, "-m", "not servers")
    with_servers = run(tmp_path, "-m", "servers")
    assert "was read" not in with_servers
    assert "1 passed in" in with_servers


def test_what_is_not_known_is_imported(tmp_path: Path) -> None:
    none = conference(tmp_path)
    assert "was read" in run(tmp_path, "-m", "servers"), "nothing ran before"
    run(tmp_path, "-m", "not servers")
    none.write_text(SERVERS)
    assert "2 passed" in run(tmp_path, "-m", "servers"), "it has changed"


def test_a_run_of_some_tests_says_nothing_of_the_others(tmp_path: Path) -> None:
    none = conference(tmp_path)
    none.write_text(f"{SERVERS}{NONE}".replace("test_it():", "test_other():"))
    assert "1 passed" in run(tmp_path, "-m", "not servers", "-k", "test_other")
    assert "2 passed" in run(tmp_path, "-m", "servers")
