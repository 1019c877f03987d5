"""A bot without a homeserver."""

from __future__ import annotations

from tests.stage import empty_database, make_stage

__all__ = ["empty_database", "make_stage"]
