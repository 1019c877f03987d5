"""What an event refers to, however it is made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.matrix import relations

ONE, ROOT = "$one", "$root"
THREAD = {"rel_type": "m.thread", "event_id": ROOT}
IN_REPLY = {"m.in_reply_to": {"event_id": ONE}}
NAMES = ["m.relates_to", "m.in_reply_to", "m.new_content", "rel_type", "event_id", "key"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner)
    ),
    max_leaves=10,
)


def related(**relation: Any) -> dict[str, Any]:
    return {"body": "old", "m.relates_to": relation}


def reaction(**relation: Any) -> dict[str, Any]:
    return {"type": "m.reaction", "content": related(**relation)}


def test_an_edit_says_what_is_new() -> None:
    edit = {**related(rel_type="m.replace", event_id=ONE), "m.new_content": {"body": "new"}}
    assert relations.replaced(edit) == ONE
    assert relations.new_content(edit) == {"body": "new"}


@pytest.mark.parametrize(
    "content",
    [
        {"body": "old"},
        {"body": "old", "m.new_content": {"body": "new"}},
        {**related(rel_type="m.replace", event_id=ONE), "m.new_content": "new"},
        {**related(rel_type="m.thread", event_id=ONE), "m.new_content": {"body": "new"}},
        {**related(rel_type="m.replace", event_id=[ONE]), "m.new_content": {"body": "new"}},
    ],
)
def test_anything_else_says_what_it_says(content: dict[str, Any]) -> None:
    assert relations.new_content(content) is content


@pytest.mark.parametrize("event_id", ["", "$" * 256, "$a\x00b", "$a\nb", 5, None, "web:7", "a"])
def test_to_what_is_no_event_nothing_refers(event_id: Any) -> None:
    assert (
        relations.annotation(reaction(rel_type="m.annotation", event_id=event_id, key="x")) is None
    )
    assert relations.replaced(related(rel_type="m.replace", event_id=event_id)) is None
    assert relations.replied_to(related(**{"m.in_reply_to": {"event_id": event_id}})) is None
    assert relations.redacts({"type": "m.room.redaction", "redacts": event_id}) is None


def test_a_reaction() -> None:
    liked = reaction(rel_type="m.annotation", event_id=ONE, key="👍")
    assert relations.annotation(liked) == (ONE, "👍")
    assert relations.annotation({**liked, "type": "m.room.message"}) is None
    long = reaction(rel_type="m.annotation", event_id=ONE, key="x" * 60_000)
    assert relations.annotation(long) == (ONE, "x" * relations.LONGEST_KEY)


@pytest.mark.parametrize(
    "relation",
    [
        {"rel_type": "m.replace", "event_id": ONE, "key": "👍"},
        {"rel_type": "m.annotation", "event_id": ONE},
        {"rel_type": "m.annotation", "event_id": ONE, "key": 5},
        {"rel_type": "m.annotation", "key": "👍"},
        {"rel_type": "m.annotation", "event_id": "", "key": "👍"},
        {"rel_type": "m.annotation", "event_id": "$" * 256, "key": "👍"},
    ],
)
def test_no_reaction(relation: dict[str, Any]) -> None:
    assert relations.annotation(reaction(**relation)) is None


@pytest.mark.parametrize(
    ("event", "redacted"),
    [
        ({"type": "m.room.redaction", "redacts": ONE, "content": {}}, ONE),
        ({"type": "m.room.redaction", "content": {"redacts": ONE}}, ONE),
        ({"type": "m.room.redaction", "redacts": ONE, "content": {"redacts": "$other"}}, ONE),
        ({"type": "m.room.redaction", "redacts": [ONE], "content": [ONE]}, None),
        ({"type": "m.room.message", "redacts": ONE, "content": {}}, None),
    ],
)
def test_a_redaction(event: dict[str, Any], redacted: str | None) -> None:
    assert relations.redacts(event) == redacted


@pytest.mark.parametrize(
    ("relation", "to", "root"),
    [
        (IN_REPLY, ONE, None),
        ({**THREAD, **IN_REPLY, "is_falling_back": True}, ROOT, ROOT),
        ({**THREAD, **IN_REPLY, "is_falling_back": False}, ONE, ROOT),
        ({**THREAD, **IN_REPLY}, ONE, ROOT),
        ({**THREAD, "is_falling_back": True}, ROOT, ROOT),
        (THREAD, None, ROOT),
        ({**IN_REPLY, "is_falling_back": True}, ONE, None),
        ({"m.in_reply_to": ONE}, None, None),
    ],
)
def test_replies_and_threads(relation: dict[str, Any], to: str | None, root: str | None) -> None:
    content = related(**relation)
    assert (relations.replied_to(content), relations.thread_root(content)) == (to, root)


@given(JSON, st.sampled_from(["m.reaction", "m.room.redaction", None]))
def test_whatever_is_sent(value: Any, kind: str | None) -> None:
    content = value if isinstance(value, dict) else {"m.relates_to": value}
    event = {"type": kind, "redacts": value, "content": value}
    found = [
        relations.replaced(content),
        relations.replied_to(content),
        relations.thread_root(content),
        relations.redacts(event),
    ]
    assert all(each is None or isinstance(each, str) for each in found)
    assert isinstance(relations.new_content(content), dict)
    assert relations.annotation(event) is None or kind == "m.reaction"


def message(body: str, **unsigned: Any) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": body}
    return {"type": "m.room.message", "sender": "@a:b", "content": content, "unsigned": unsigned}


def with_edit(sender: str, content: Any) -> dict[str, Any]:
    return message("old", **{"m.relations": {"m.replace": {"sender": sender, "content": content}}})


def test_the_last_edit_of_a_message_that_was_read() -> None:
    edit = related(rel_type="m.replace", event_id=ONE) | {"m.new_content": {"body": "new"}}
    assert relations.newest_content(message("old")) == message("old")["content"]
    assert relations.newest_content(with_edit("@a:b", edit)) == {"body": "new"}
    assert relations.newest_content(with_edit("@x:b", edit)) == message("old")["content"]
    shapeless: list[Any] = [None, {}, [], "new"]
    for nothing in shapeless:
        assert relations.newest_content(with_edit("@a:b", nothing)) == message("old")["content"]


@pytest.mark.parametrize(
    "event",
    [
        {},
        message("x") | {"type": "m.reaction"},
        message("x") | {"content": {}},
        message("x") | {"content": "x"},
        message("x", redacted_because={}),
        message("x") | {"content": related(rel_type="m.replace", event_id=ONE)},
    ],
)
def test_what_is_no_message_says_nothing(event: dict[str, Any]) -> None:
    assert relations.newest_content(event) is None


@given(JSON, JSON)
def test_a_message_of_any_shape_that_was_read(content: Any, bundled: Any) -> None:
    event = message("x") | {"content": content}
    event["unsigned"] = {"m.relations": {"m.replace": bundled}}
    found = relations.newest_content(event)
    assert found is None or isinstance(found, dict)
