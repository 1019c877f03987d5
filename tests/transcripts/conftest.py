"""What the tests of transcripts need: a desk with questions, on SQLite."""

from __future__ import annotations

from tests.questions.conftest import database, empty_database, hall, make_hall

# pytest finds its fixtures here.
__all__ = ["database", "empty_database", "hall", "make_hall"]
