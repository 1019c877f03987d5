"""What our messages said that are redacted is not kept in the outbox either."""

from __future__ import annotations

from sqlalchemy import Text, Update, cast, select, update

from .tables import Outgoing

_FINISHED = ("sent", "failed", "dropped")


def forget_redacted(redaction: str | None = None) -> Update:
    """Returns the statement that empties the messages, and their edits, that the redaction with
    this key takes back (None: any). What may still be on its way keeps its words until it is
    there."""
    targets = select(Outgoing.target).where(
        Outgoing.kind == "redaction", Outgoing.state.in_(_FINISHED), Outgoing.target.is_not(None)
    )
    if redaction is not None:
        targets = targets.where(Outgoing.key == redaction)
    # A redaction of earlier edits has an edit as its target, of which the newest stays.
    messages = (Outgoing.kind == "message") & Outgoing.key.in_(targets)
    edits = (Outgoing.kind == "edit") & Outgoing.target.in_(targets)
    return (
        update(Outgoing)
        .where(
            messages | edits,
            Outgoing.event_type == "m.room.message",
            Outgoing.state.in_(_FINISHED),
            cast(Outgoing.content, Text) != "{}",
        )
        .values(content={})
    )
