"""Rooms that lag behind the others, and when a position was reached"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sync_position", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rooms", sa.Column("behind", sa.String(), nullable=True))
    op.add_column("rooms", sa.Column("behind_at", sa.DateTime(timezone=True), nullable=True))
