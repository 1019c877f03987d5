"""The published schedules of real conferences, which are never part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_schedules() -> Path:
    """The folder with the real schedules and their EXPECTED.tsv."""
    folder = os.environ.get("FOSDEMBOT_SCHEDULES")
    if not folder:
        pytest.skip("set FOSDEMBOT_SCHEDULES to the folder with the real schedules")
    return Path(folder)
