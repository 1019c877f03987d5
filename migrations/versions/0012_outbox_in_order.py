"""What waits in the outbox, in the order in which it is sent, and by when it must be"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.drop_index("ix_outbox_waiting", "outbox")
    for name, columns in {
        "ix_outbox_waiting": ["urgency", "due", "id"],
        "ix_outbox_expiring": ["expires"],
    }.items():
        op.create_index(name, "outbox", columns, sqlite_where=WAITING, postgresql_where=WAITING)
