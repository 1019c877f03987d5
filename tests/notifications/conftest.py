"""A house on SQLite, see `tests/actions/house.py`."""

from __future__ import annotations

from tests.actions.conftest import database, empty_database, house

# pytest finds its fixtures here.
__all__ = ["database", "empty_database", "house"]
