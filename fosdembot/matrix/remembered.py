"""What the handling of one event asks for again and again, and does not change.

Which addresses lead to a room, and which state it does not have: a command asks ten times.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

_NAME = "remembered"
"""What of `AsyncSession.info` holds it."""


@contextmanager
def remembering(session: AsyncSession) -> Iterator[None]:
    """Nobody asks in this block for addresses or states of rooms after writing them."""
    session.info[_NAME] = {}
    try:
        yield
    finally:
        del session.info[_NAME]


def remembered(session: AsyncSession) -> dict[Any, Any]:
    """Under whatever key; not kept outside of such a block."""
    found: dict[Any, Any] = session.info.get(_NAME, {})
    return found
