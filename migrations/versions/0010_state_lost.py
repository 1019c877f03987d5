"""Where a part of a room's history was passed over, its state is asked for until it is known"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rooms", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state_lost_at", sa.DateTime(timezone=True), nullable=True))
