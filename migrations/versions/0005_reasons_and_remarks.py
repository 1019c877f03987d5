"""Reasons for dismissals, remarks that may become answers, versions of messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("counts", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.add_column(sa.Column("mark", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_answers_mark"), ["mark"], unique=False)
    # What there is counts; for what comes the bot says it itself.
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.alter_column("counts", server_default=None)
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("event_id", name=op.f("uq_versions_event_id")),
    )
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_versions_original"), ["original"], unique=False)
    op.create_table(
        "reasons",
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("tap", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_reasons_question_id")
        ),
        sa.PrimaryKeyConstraint("cause", name=op.f("pk_reasons")),
        sa.UniqueConstraint("tap", name=op.f("uq_reasons_tap")),
    )
    with op.batch_alter_table("reasons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reasons_question_id"), ["question_id"], unique=False)
