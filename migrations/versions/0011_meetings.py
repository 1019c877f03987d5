"""Speakers' meetings, and what they are told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WORK = sa.text("state IN ('queued', 'sending') OR retract")


def upgrade() -> None:
    op.create_table(
        "meetings_of_rooms",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_meetings_of_rooms")),
    )
    op.create_table(
        "meeting_removals",
        sa.Column("meeting", sa.String(), nullable=False),
        sa.Column("talk", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("meeting", name=op.f("pk_meeting_removals")),
    )
    op.create_table(
        "meeting_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("talk", sa.String(), nullable=True),
        sa.Column("shows", sa.String(), nullable=True),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("stanza", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voice", sa.String(), nullable=True),
        sa.Column("retract", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'refused', 'dropped')",
            name=op.f("ck_meeting_lines_state"),
        ),
        sa.CheckConstraint(
            "kind IN ('times', 'moment', 'question', 'answer', 'refusal')",
            name=op.f("ck_meeting_lines_kind"),
        ),
        sa.CheckConstraint(
            "shows IS NULL OR shows IN ('best', 'taken', 'none')",
            name=op.f("ck_meeting_lines_shows"),
        ),
        sa.CheckConstraint(
            "CASE state WHEN 'queued' THEN tried IS NULL WHEN 'dropped' THEN true"
            " ELSE tried IS NOT NULL END",
            name=op.f("ck_meeting_lines_tried"),
        ),
        sa.CheckConstraint("length(body) <= 500", name=op.f("ck_meeting_lines_body")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_meeting_lines_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_lines")),
        sa.UniqueConstraint("meeting", "key", name=op.f("uq_meeting_lines_meeting_key")),
        sa.UniqueConstraint("stanza", name=op.f("uq_meeting_lines_stanza")),
    )
    for column in ("talk", "question_id"):
        op.create_index(f"ix_meeting_lines_{column}", "meeting_lines", [column])
    op.create_index(
        "ix_meeting_lines_work",
        "meeting_lines",
        ["meeting", "id"],
        sqlite_where=WORK,
        postgresql_where=WORK,
    )
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk", sa.String(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("talk", "start", "about", name=op.f("uq_check_ins_talk_start_about")),
    )
    op.create_table(
        "hushed_talks",
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("talk", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cause", name=op.f("pk_hushed_talks")),
    )
    op.create_index("ix_hushed_talks_talk", "hushed_talks", ["talk"])
