"""What somebody does has an id of its own among all faces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fosdembot.actions.actor import Actor

AT = datetime(2026, 1, 31, 10, tzinfo=UTC)
NOW = AT + timedelta(minutes=3)


def test_in_chat_the_cause_is_the_event() -> None:
    actor = Actor("@ada:example.org", act="$event", at=AT, now=NOW, tap=True)
    assert actor.cause == "$event"
    by = actor.by
    assert (by.person, by.cause, by.at, by.tap, by.acted_at) == (
        "@ada:example.org",
        "$event",
        NOW,
        True,
        AT,
    )


def test_two_faces_do_not_share_a_cause() -> None:
    causes = {Actor("ada", act="$1", at=AT, now=NOW, face=f).cause for f in ("chat", "web", "tv")}
    assert causes == {"$1", "web:$1", "tv:$1"}
