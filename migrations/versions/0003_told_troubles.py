"""Troubles that organisers were told of"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told_troubles",
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_told_troubles")),
    )
