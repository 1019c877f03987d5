"""What votes and answers were caused by need not be a Matrix event"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("vote_marks", schema=None) as batch_op:
        batch_op.alter_column("event_id", new_column_name="cause")
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_constraint("uq_answers_event_id", type_="unique")
        batch_op.alter_column("event_id", new_column_name="cause")
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_answers_cause"), ["cause"])
    with op.batch_alter_table("question_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE question_log SET acted_at = "
        "(SELECT at FROM seen_events WHERE seen_events.event_id = question_log.cause)"
    )
