"""Transcripts are made anew: some may say what nobody may read, or name who opted out"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE transcripts SET due = made_at, tries = 0 WHERE made_at IS NOT NULL")
