"""Transcripts, and who does not want to be named in them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transcripts",
        sa.Column("talk", sa.String(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("begins", sa.String(), nullable=True),
        sa.Column("recording", sa.String(), nullable=True),
        sa.Column("uploaded", sa.String(), nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_transcripts_tries")),
        sa.PrimaryKeyConstraint("talk", name=op.f("pk_transcripts")),
    )
    for column in ("due", "room_id"):
        op.create_index(f"ix_transcripts_{column}", "transcripts", [column])
    op.create_table(
        "transcript_changes",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_transcript_changes")),
    )
    op.create_index("ix_transcript_changes_room_id", "transcript_changes", ["room_id"])
    op.create_table(
        "opt_outs",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("substr(person, 1, 1) = '@'", name=op.f("ck_opt_outs_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_opt_outs")),
    )
