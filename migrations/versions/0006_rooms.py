"""Rooms with a role, rooms in trouble, rooms that the bot was removed from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_rooms",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_role_rooms")),
    )
    op.create_index(op.f("ix_role_rooms_room_id"), "role_rooms", ["room_id"])
    op.create_table(
        "room_alarms",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", "kind", name=op.f("pk_room_alarms")),
    )
    with op.batch_alter_table("rooms") as batch_op:
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("removed_by", sa.String(), nullable=True))
