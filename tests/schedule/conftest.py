"""Schedules of real conferences, which are never part of the repository; what reading costs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_schedules() -> Path:
    """The folder with the real schedules and their EXPECTED.tsv."""
    folder = os.environ.get("FOSDEMBOT_SCHEDULES")
    if not folder:
        pytest.skip("set FOSDEMBOT_SCHEDULES to the folder with the real schedules")
    return Path(folder)


@pytest.fixture
def cpu_seconds() -> Callable[[], float]:
    """How long the test has used the processor so far."""
    begun = time.process_time()
    return lambda: time.process_time() - begun
