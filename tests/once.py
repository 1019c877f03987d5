"""What takes long to make and nobody changes is made once for all workers of a run."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path


def once(folder: Path, make: Callable[[Path], Path]) -> Path:
    """What `make` made in `folder`, which is there for it; the others wait until it is there."""
    note = folder.with_name(f"{folder.name}.made")
    with note.open("a+") as made:
        fcntl.flock(made, fcntl.LOCK_EX)
        made.seek(0)
        if not (path := made.read()):
            folder.mkdir(exist_ok=True)
            path = str(make(folder))
            made.write(path)
    return Path(path)
