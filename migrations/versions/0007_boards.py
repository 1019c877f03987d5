"""Boards know what they say"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("says", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(
            sa.Column("posted_again", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.create_index(batch_op.f("ix_boards_room_id"), ["room_id"], unique=False)
    # Only the migration needs the default.
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.alter_column("posted_again", server_default=None)
    op.execute(
        "UPDATE boards SET room_id = "
        "(SELECT room_id FROM outbox WHERE outbox.key = boards.message_key)"
    )
