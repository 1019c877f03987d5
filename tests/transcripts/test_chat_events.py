"""What of a room's events is kept for the chat."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.transcripts.chat_events import ChatReader, Event, Kind

from .rooms import ADA, BOT, FAR

GHOST = "@irc_carol:fake.test"


def reader() -> ChatReader:
    return ChatReader(BOT, lambda sender: sender.startswith("@irc_"), lambda *_: None)


def event(kind: str, content: dict[str, Any], sender: str = ADA, **more: Any) -> dict[str, Any]:
    base = {"event_id": "$event", "type": kind, "sender": sender, "origin_server_ts": 7}
    return {**base, "content": content, "unsigned": {}, **more}


def read(kind: str, content: dict[str, Any], **more: Any) -> Event:
    ((found, _),) = reader().read([event(kind, content, **more)], [])
    return found


def relating(how: str, **more: Any) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": how, "event_id": "$other", **more}}


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("m.room.message", {}, Kind.SAID),
        ("m.sticker", {}, Kind.SAID),
        ("org.example.anything", {}, Kind.SAID),
        ("m.reaction", relating("m.annotation", key="x"), Kind.REACTION),
        ("m.room.redaction", {"redacts": "$other"}, Kind.REDACTION),
        ("m.poll.response", relating("m.reference"), Kind.VOTE),
        ("org.matrix.msc3381.poll.end", relating("m.reference"), Kind.POLL_END),
        ("m.room.message", relating("m.replace"), Kind.EDIT),
        ("m.room.encrypted", relating("m.replace"), Kind.EDIT),
    ],
)
def test_what_becomes_of_an_event(kind: str, content: dict[str, Any], expected: Kind) -> None:
    assert read(kind, content).kind is expected
    assert read(kind, content, state_key="").kind is Kind.STATE
    redacted = {"redacted_because": {"type": "m.room.redaction"}}
    assert read(kind, {}, unsigned=redacted).kind is Kind.REDACTED


@pytest.mark.parametrize(
    ("sender", "trusted"), [(ADA, True), (BOT, True), (FAR, False), (GHOST, False)]
)
def test_only_our_own_homeservers_dates_are_trusted(sender: str, trusted: bool) -> None:
    assert read("m.room.message", {}, sender=sender).is_anchor is trusted


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "Ada"),
        ("  ", "ada"),
        ("\u200b\u202e", "ada"),
        (["Ada"], "ada"),
        (None, "ada"),
        ("Ada\n@room " + "x" * 500, "Ada @\u200broom " + "x" * 89 + "…"),
    ],
)
def test_names_are_harmless_and_no_ids(name: Any, shown: str) -> None:
    member = event("m.room.member", {"membership": "join", "displayname": name}, state_key=ADA)
    ((found, _),) = reader().read([event("m.room.message", {})], [member])
    assert found.name == shown


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (relating("m.annotation", key="👍"), "👍"),
        (relating("m.annotation", key="mxc://x/y") | {"shortcode": ":cat:"}, ":cat:"),
        (relating("m.annotation", key="mxc://x/y"), ":image:"),
        (relating("m.annotation", key="y" * 500), "y" * 39 + "…"),
        (relating("m.annotation", key="\u202e"), ""),
        (relating("m.annotation", key=1), ""),
        (relating("m.reference", key="x"), ""),
        ({"m.relates_to": []}, ""),
    ],
)
def test_keys_of_reactions(content: dict[str, Any], key: str) -> None:
    found = read("m.reaction", content)
    assert (found.content, found.about) == (key, "$other" if key else None)


def bundled(**changes: Any) -> Event | None:
    edit = event(
        "m.room.message", relating("m.replace") | {"m.new_content": {"body": "x"}}, event_id="$edit"
    )
    about = event("m.room.message", {}, event_id="$other")
    about["unsigned"] = {"m.relations": {"m.replace": edit | changes}}
    ((_, found),) = reader().read([about], [])
    return found


def test_the_edit_that_comes_with_a_message_is_its_last() -> None:
    found = bundled()
    assert found is not None
    assert (found.id, found.about, found.content) == ("$edit", "$other", '{"body": "x"}')


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": FAR},
        {"type": "m.sticker"},
        {"event_id": None},
        {"origin_server_ts": "x"},
        {"content": {}},
        {"content": {"m.new_content": "x"} | relating("m.replace")},
        {"content": {"m.new_content": {}} | relating("m.reference")},
        {"unsigned": {"redacted_because": {}}},
    ],
)
def test_what_is_no_edit_of_a_message_is_not_taken_for_one(changes: dict[str, Any]) -> None:
    assert bundled(**changes) is None
