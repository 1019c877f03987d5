"""Alembic's environment: runs on the connection that `fosdembot/db/migrate.py` passes.

For a new revision: `make migration MESSAGE="what changes"` (see docs/architecture.md).
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

import fosdembot.db.meeting_tables
import fosdembot.db.page_tables
import fosdembot.db.question_tables
import fosdembot.db.tables
import fosdembot.db.transcript_tables  # noqa: F401 (all put their tables into the metadata)
from fosdembot.db.base import Base, UtcDateTime
from fosdembot.db.migrate import VERSION_TABLE


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """A revision holds no class of ours, which may be another one day."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
