"""What came in a room is read once, into values, whatever it is made of."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.chat.incoming import (
    Content,
    Edit,
    Encrypted,
    Incoming,
    MemberChange,
    Membership,
    Message,
    Reaction,
    Redaction,
    RightsChange,
    Tap,
    Upgrade,
)
from fosdembot.chat.reading.events import EventReader, content_of, to_json
from fosdembot.chat.reading.message import MessageReader
from fosdembot.clock import WallClock
from fosdembot.matrix.api import Json
from fosdembot.matrix.arrived import ARRIVED
from fosdembot.settings import Settings

ROOM, EVENT, ADA, BOB = "!room:example.org", "$event", "@ada:example.org", "@bob:example.org"
ONE, ROOT = "$one", "$root"
AT = datetime(2026, 1, 31, 10, tzinfo=UTC)
REPLY = {"m.in_reply_to": {"event_id": ONE}}
NAMES = [
    *("m.relates_to", "m.in_reply_to", "m.new_content", "m.relations", "m.replace", "unsigned"),
    *("rel_type", "event_id", "key", "body", "msgtype", "format", "formatted_body", "filename"),
    *("membership", "replacement_room", "redacts", "is_falling_back", "sender", "content"),
]
VALUES = ["m.annotation", "m.replace", "m.thread", "m.text", "m.image", "join", ADA, ONE, "!new:x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(VALUES),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner)
    ),
    max_leaves=20,
)
TYPES = [
    *("m.room.message", "m.reaction", "m.room.redaction", "m.room.encrypted", "m.room.member"),
    *("m.room.power_levels", "m.room.encryption", "m.room.tombstone", "m.sticker"),
]

READER = EventReader(MessageReader(Settings(), lambda: ("bot",)), WallClock())


def event(kind: str, content: Json, **more: Any) -> Json:
    sent = {"event_id": EVENT, "sender": ADA, "origin_server_ts": 0, "unsigned": {}}
    return {"type": kind, "content": content, **sent, **more}


def read(kind: str, content: Json, **more: Any) -> Incoming:
    found = READER.read(ROOM, event(kind, content, **more))
    assert (found.room, found.event_id, found.sender) == (ROOM, EVENT, ADA)
    return found


def test_a_message() -> None:
    html = {"format": "org.matrix.custom.html", "formatted_body": "<b>!talk</b>"}
    found = read("m.room.message", {"msgtype": "m.text", "body": "!talk", **html})
    assert type(found) is Message
    assert found.said is not None
    assert found.said.text == "!talk"
    assert found.content == Content("m.text", "!talk", "<b>!talk</b>", html["format"])
    assert (found.reply_to, found.thread) == (None, None)


def test_what_it_answers_and_where_it_stands() -> None:
    relation = {"rel_type": "m.thread", "event_id": ROOT, **REPLY}
    found = read("m.room.message", {"body": "a", "msgtype": "m.text", "m.relates_to": relation})
    assert isinstance(found, Message)
    assert (found.reply_to, found.thread) == (ONE, ROOT)
    assert (found.content.reply_to, found.content.thread) == (ONE, ROOT)


@pytest.mark.parametrize("kind", ["m.text", "m.emote"])
def test_an_edit_says_what_is_new(kind: str) -> None:
    new = {"msgtype": kind, "body": "new"}
    relation = {"rel_type": "m.replace", "event_id": ONE}
    content = {"msgtype": "m.notice", "body": "* new", "m.new_content": new}
    found = read("m.room.message", {**content, "m.relates_to": relation})
    assert isinstance(found, Edit)
    assert found.said is not None
    assert (found.original, found.said.text, found.said.emote) == (ONE, "new", kind == "m.emote")


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.notice", "body": "a"},
        {"msgtype": "m.text", "body": 5},
        {"msgtype": ["m.text"], "body": "a"},
        {"msgtype": "m.text"},
        {},
    ],
)
def test_what_has_no_words_of_a_person(content: Json) -> None:
    found = read("m.room.message", content)
    assert isinstance(found, Message)
    assert found.said is None
    edit = {"m.new_content": content, "m.relates_to": {"rel_type": "m.replace", "event_id": ONE}}
    found = read("m.room.message", {"msgtype": "m.text", "body": "* a", **edit})
    assert isinstance(found, Edit)
    assert found.said is None


@pytest.mark.parametrize("html", [None, {"href": ADA}, ["<b>"], 5])
def test_html_that_is_none(html: Any) -> None:
    content = content_of({"msgtype": "m.text", "body": "a", "formatted_body": html})
    assert content.html is None


def test_a_reaction_and_a_redaction() -> None:
    relation = {"rel_type": "m.annotation", "event_id": ONE, "key": "👍"}
    found = read("m.reaction", {"m.relates_to": relation})
    assert isinstance(found, Reaction)
    assert (found.target, found.key) == (ONE, "👍")
    tap = READER.tap(ROOM, event("m.reaction", {"m.relates_to": relation}))
    assert tap == Tap(ROOM, EVENT, ADA, ONE, "👍")
    for redaction in (
        read("m.room.redaction", {}, redacts=ONE),
        read("m.room.redaction", {"redacts": ONE}),
    ):
        assert isinstance(redaction, Redaction)
        assert redaction.target == ONE


@pytest.mark.parametrize(
    ("sender", "now", "is_removed"),
    [(ADA, "leave", False), (BOB, "leave", True), (BOB, "ban", True), (BOB, "invite", False)],
)
def test_who_comes_and_goes(sender: str, now: str, is_removed: bool) -> None:
    found = READER.read(
        ROOM, event("m.room.member", {"membership": now}, sender=sender, state_key=ADA)
    )
    assert isinstance(found, Membership)
    assert found.change == MemberChange(ROOM, sender, ADA, now)
    assert found.change.is_removed is is_removed


def test_what_becomes_of_the_room() -> None:
    levels = read("m.room.power_levels", {}, state_key="")
    assert type(levels) is RightsChange
    upgrade = read("m.room.tombstone", {"replacement_room": "!new:x"}, state_key="")
    assert isinstance(upgrade, Upgrade)
    assert upgrade.replacement == "!new:x"
    for kind, more, from_now_on in (
        ("m.room.encrypted", {}, False),
        ("m.room.encryption", {"state_key": ""}, True),
    ):
        found = read(kind, {}, **more)
        assert isinstance(found, Encrypted)
        assert found.from_now_on is from_now_on


@pytest.mark.parametrize(
    ("kind", "content", "more"),
    [
        ("m.sticker", {"body": "!talk"}, {}),
        ("m.reaction", {"m.relates_to": {"rel_type": "m.replace", "event_id": ONE}}, {}),
        ("m.room.redaction", {"redacts": [ONE]}, {}),
        ("m.room.member", {"membership": "join"}, {}),
        ("m.room.member", {"membership": ["join"]}, {"state_key": ADA}),
        ("m.room.encryption", {}, {}),
        ("m.room.tombstone", {"replacement_room": "new"}, {"state_key": ""}),
        ("m.room.tombstone", {"replacement_room": "!new:x"}, {"state_key": "x"}),
    ],
)
def test_anything_else_means_nothing(kind: str, content: Json, more: Json) -> None:
    assert type(read(kind, content, **more)) is Incoming


def test_when_it_came() -> None:
    content = {"msgtype": "m.text", "body": "a"}
    assert read("m.room.message", content, **{ARRIVED: AT.timestamp()}).arrived == AT
    assert read("m.room.message", content).arrived is None


def test_chat_is_what_relates_to_nothing() -> None:
    content = {"msgtype": "m.text", "body": "hello"}
    assert READER.chat(event("m.room.message", content)) == Content("m.text", "hello")
    assert READER.chat(event("m.room.message", {**content, "m.relates_to": None})) is None
    assert READER.chat(event("m.room.message", content, state_key="")) is None


def fetched(content: Json, **more: Any) -> Any:
    return READER.fetched(ROOM, EVENT, AT, event("m.room.message", content, **more))


def test_a_message_that_was_asked_for_says_what_its_last_edit_says() -> None:
    content = {"msgtype": "m.text", "body": "old", "m.relates_to": REPLY}
    found = fetched(content)
    assert (found.message.said.text, found.message.reply_to, found.edit) == ("old", ONE, None)
    assert (found.mentions, found.message.at) == ((ONE,), AT)
    new = {"msgtype": "m.text", "body": "new"}
    edit = {
        "event_id": "$edit",
        "sender": ADA,
        "content": {"m.new_content": new, "m.relates_to": {"rel_type": "m.replace"}},
    }
    edit["content"]["m.relates_to"]["event_id"] = EVENT  # type: ignore[index]
    found = fetched(content, unsigned={"m.relations": {"m.replace": edit}})
    assert (found.first.body, found.message.content.body, found.edit) == ("old", "new", "$edit")
    assert found.message.reply_to == ONE, "which its edit does not repeat"


@pytest.mark.parametrize("more", [{"room_id": "!other:x"}, {"sender": None}, {"type": "m.sticker"}])
def test_no_other_message_takes_its_place(more: Json) -> None:
    assert fetched({"msgtype": "m.text", "body": "a"}, **more) is None


@given(
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(NAMES) | st.text(), JSON),
    JSON,
    st.none() | st.text(max_size=5),
)
def test_whatever_is_sent(kind: str, content: Json, value: Any, key: str | None) -> None:
    more = {"redacts": value, "unsigned": value if isinstance(value, dict) else {}}
    sent = event(kind, content, **more, **({} if key is None else {"state_key": key}))
    found = READER.read(ROOM, sent)
    assert (found.room, found.event_id, found.sender) == (ROOM, EVENT, ADA)
    for part in astuple(found):
        assert part is None or isinstance(part, str | bool | datetime | tuple)
    READER.read(ROOM, READER.alone(sent))
    related = READER.related(sent)
    assert all(isinstance(name, str) for name in (*related.acts_on, *related.mentions))
    READER.tap(ROOM, sent)
    READER.member_change(ROOM, sent)
    READER.chat(sent)
    READER.fetched(ROOM, EVENT, AT, sent)
    kept = content_of(content)
    assert content_of(to_json(kept)) == kept
