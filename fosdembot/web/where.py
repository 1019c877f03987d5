"""What went wrong, for the log: what kind of error, and where; not its message, in which there may
be what people wrote, or a secret."""

from __future__ import annotations

import traceback

DEEPEST = 4
"""Places that are told, the innermost first."""


def where(err: BaseException) -> str:
    """As "KeyError at room_page.py:40 < app.py:31"."""
    frames = traceback.extract_tb(err.__traceback__)[-DEEPEST:]
    places = [f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames)]
    told = f"{type(err).__name__} at {' < '.join(places) or 'nowhere'}"
    return f"{told}, from {type(err.__cause__).__name__}" if err.__cause__ else told
