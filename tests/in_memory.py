"""What tests write lies in memory, where there is room for it.

Almost every test has a database of its own, and SQLite waits for the disk several times in each:
that took longer than many a test itself.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 1 << 30
"""Bytes. Containers often have 64 MB."""


def write_to_memory() -> None:
    """`tmp_path` and its like, unless somebody says where they are to be."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
