"""What `make quick` tests is found out, and not listed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.quick import ROOT, not_quick

FILE = """
import pytest
from hypothesis import given, strategies

made = []

@pytest.fixture
def real_schedules(): ...

def test_of_real_schedules(real_schedules): ...

@given(strategies.integers())
def test_at_random(number):
    made.append(number)

def test_how_often():
    print(len(made), "made up")
"""


@pytest.mark.parametrize(
    "module",
    ["talks.test_slots", "texts.test_render", "schedule.test_frab", "chat.reading.test_events"],
)
def test_what_knows_neither_database_nor_process_is_quick(module: str) -> None:
    assert f"tests.{module}" not in not_quick()


@pytest.mark.parametrize(
    ("module", "needs"),
    [
        ("chat.commands.test_vote", "the bot's parts"),
        ("conference.test_stateful", "a bot of its own, by no fixture"),
        ("questions.test_desk", "a database"),
        ("matrix.test_inbox", "a fake homeserver"),
        ("e2e.test_storm", "real servers"),
        ("simulation.test_server", "a process"),
        ("test_interrupt", "a process of its own"),
    ],
)
def test_what_needs_more_is_not(module: str, needs: str) -> None:
    assert f"tests.{module}" in not_quick(), needs


@pytest.mark.parametrize(
    ("options", "tests", "made"),
    [([], "3 passed", "100 made up"), (["--quick"], "2 passed, 1 deselected", "10 made up")],
)
def test_in_a_run(tmp_path: Path, options: list[str], tests: str, made: str) -> None:
    (tmp_path / "test_it.py").write_text(FILE)
    plugins = ["-p", "tests.quick", "-p", "tests.strict", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-s", "-W", "ignore", *plugins, *options, tmp_path],
        cwd=ROOT,
        # What is installed beside takes longer to start than all this.
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (tests in done.stdout, made in done.stdout) == (True, True), done.stdout
