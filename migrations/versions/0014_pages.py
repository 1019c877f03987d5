"""Pages: secret links, who is logged in, and what people in the hall do"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("talk", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('speaker', 'moderator', 'overlay')", name=op.f("ck_page_links_kind")
        ),
        sa.CheckConstraint("(kind = 'overlay') = (talk IS NULL)", name=op.f("ck_page_links_talk")),
        sa.CheckConstraint(
            "(kind = 'overlay') = (address IS NOT NULL)", name=op.f("ck_page_links_address")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_links")),
        sa.UniqueConstraint("secret", name=op.f("uq_page_links_secret")),
    )
    for column in ("talk", "address"):
        op.create_index(f"ix_page_links_{column}", "page_links", [column])
    op.create_table(
        "page_sessions",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("talk", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(substr(person, 1, 1) = '@') = (talk IS NULL)", name=op.f("ck_page_sessions_talk")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_page_sessions")),
    )
    for column in ("person", "talk", "expires"):
        op.create_index(f"ix_page_sessions_{column}", "page_sessions", [column])
    op.create_table(
        "page_logins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("browser", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_logins")),
        sa.UniqueConstraint("browser", name=op.f("uq_page_logins_browser")),
        sa.UniqueConstraint("code", name=op.f("uq_page_logins_code")),
        sa.UniqueConstraint("secret", name=op.f("uq_page_logins_secret")),
    )
    op.create_index("ix_page_logins_expires", "page_logins", ["expires"])
    op.create_table(
        "hall_votes",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("guest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_hall_votes_question_id")
        ),
        sa.PrimaryKeyConstraint("question_id", "guest", name=op.f("pk_hall_votes")),
    )
    op.create_index("ix_hall_votes_guest", "hall_votes", ["guest"])
    op.create_table(
        "room_widgets",
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_room_widgets")),
    )
    op.add_column("question_rooms", sa.Column("guests", sa.String(), nullable=True))
    # SQLite would make the table of questions anew to have no default any more.
    for column in ("hall_votes", "hall_rank"):
        op.add_column(
            "questions", sa.Column(column, sa.Integer(), nullable=False, server_default="0")
        )
