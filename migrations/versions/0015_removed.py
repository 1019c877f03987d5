"""Changes of messages: whether one was redacted, or only edited or answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of those that are noted already nobody knows: what may be redacted counts as redacted.
    op.add_column(
        "transcript_changes",
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
