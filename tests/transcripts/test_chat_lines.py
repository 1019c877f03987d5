"""Every kind of event becomes something that can be shown, whatever somebody puts into it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.matrix.wire import read_json
from fosdembot.transcripts.chat_events import ChatReader, Kind
from fosdembot.transcripts.chat_lines import LONGEST_TEXT, Shown, harmless, shown
from fosdembot.transcripts.model import File, Message

from .rooms import ADA, BOT, FAR, relays
from .samples import START

RELAYS = relays()


def said(**content: Any) -> Shown:
    return shown("m.room.message", content, ADA, RELAYS)


def text(body: Any, **content: Any) -> Shown:
    return said(msgtype="m.text", body=body, **content)


@pytest.mark.parametrize(
    ("msgtype", "kind"), [("m.text", "text"), ("m.notice", "notice"), ("m.emote", "emote")]
)
def test_words(msgtype: str, kind: str) -> None:
    assert said(msgtype=msgtype, body="Hello") == Shown(kind, "Hello")  # type: ignore[arg-type]


def test_lines_and_code_stay_as_they_were_written() -> None:
    assert text("int main()\n{\n    return 0;\n}").text == "int main()\n{\n    return 0;\n}"
    assert text("one\r\ntwo\u2028three\x85four").text == "one\ntwo\nthree\nfour"


def test_what_nobody_sees_is_gone() -> None:
    assert text("a\x00b\u202ec\u2066d\ue0001").text == "abcd\ue0001"
    assert text("z" + "\u0301" * 50).text == "z" + "\u0301" * 4
    assert text("می‌خواهم 👩‍💻").text == "می‌خواهم 👩‍💻"


def test_a_text_is_bounded() -> None:
    assert len(text("x" * 10 * LONGEST_TEXT).text) == LONGEST_TEXT


@pytest.mark.parametrize("body", [None, 1, ["x"], {"x": 1}, True])
def test_what_has_no_words_cannot_be_read(body: Any) -> None:
    assert text(body).type == "unreadable"
    assert said(msgtype="m.emote", body=body).type == "unreadable"
    assert said(msgtype="m.strange", body=body).type == "unreadable"


@pytest.mark.parametrize("content", [{}, {"body": "x"}, {"msgtype": 1, "body": "x"}])
def test_a_message_without_a_type_cannot_be_read(content: dict[str, Any]) -> None:
    assert said(**content).type == "unreadable"


def test_what_is_encrypted_cannot_be_read() -> None:
    content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}
    assert shown("m.room.encrypted", content, ADA, RELAYS).type == "unreadable"


def html(formatted: Any, **content: Any) -> str | None:
    form = {"format": "org.matrix.custom.html", "formatted_body": formatted}
    return text("plain", **(form | content)).html


def test_markup_stays_where_there_is_some() -> None:
    assert html("<b>Hello</b>") == "<b>Hello</b>"
    assert html("Hello &amp; welcome") is None
    assert html("<script>alert(1)</script>") is None
    assert html("<b>Hello</b>", format="text/html") is None
    assert html(["<b>"]) is None


def test_what_a_reply_quotes_is_not_in_it() -> None:
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}
    quoted = "> <@ada:example.org> How small?\n> And why?\n\nVery\n> they say"
    assert text(quoted, **relation).text == "Very\n> they say"
    assert text("> * <@ada:example.org> waves\n\nHi", **relation).text == "Hi"
    reply = "<mx-reply><blockquote>How?</blockquote></mx-reply>So: <b>very</b>"
    assert html(reply, **relation) == "So: <b>very</b>"


def test_a_quote_that_somebody_typed_stays() -> None:
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}
    assert text("> How small?\nVery", **relation).text == "> How small?\nVery"
    assert text("> <@ada:example.org> How?\nVery").text == "> <@ada:example.org> How?\nVery"


INFO = {"mimetype": "image/png", "size": 1234}


@pytest.mark.parametrize("kind", ["image", "video", "audio", "file"])
def test_files(kind: str) -> None:
    found = said(msgtype=f"m.{kind}", body="a.png", url="mxc://x/y", info=INFO)
    assert (found.type, found.text) == (kind, "")
    assert found.file == File(name="a.png", mimetype="image/png", bytes=1234)
    assert found.quote == "a.png"


def test_a_file_may_have_a_caption() -> None:
    found = said(msgtype="m.image", body="Look!", filename="a.png", info=INFO)
    assert (found.text, found.file and found.file.name) == ("Look!", "a.png")


@pytest.mark.parametrize(
    "info",
    [None, [], {"mimetype": 1, "size": "many"}, {"mimetype": "<b>/x", "size": -1},
     {"mimetype": "x" * 200 + "/y", "size": True}, {"size": 2**60}],
)  # fmt: skip
def test_what_a_file_says_of_itself_is_not_believed(info: Any) -> None:
    assert said(msgtype="m.file", body="a", info=info).file == File(name="a")
    assert said(msgtype="m.file", info=info).type == "unreadable"


def test_stickers_places_and_others_are_one_labelled_line() -> None:
    assert shown("m.sticker", {"body": "A\ncat"}, ADA, RELAYS) == Shown("sticker", "A cat")
    assert said(msgtype="m.location", body="The hall", geo_uri="geo:1,2").text == "The hall"
    assert said(msgtype="m.location", geo_uri="geo:1,2") == Shown("location", "geo:1,2")
    place = {"org.matrix.msc3488.location": {"description": "Here", "uri": "geo:1,2"}}
    assert shown("m.location", place, ADA, RELAYS) == Shown("location", "Here")
    assert shown("org.example.dance", {"x": 1}, ADA, RELAYS) == Shown("other", "org.example.dance")
    assert said(msgtype="org.example.dance", body="dances") == Shown("other", "dances")


@pytest.mark.parametrize(
    "poll",
    [None, [], {}, {"question": "x"}, {"question": {"m.text": []}, "answers": [{"m.id": "a"}]},
     {"question": {"m.text": [{"body": "Q"}]}, "answers": "x"},
     {"question": {"m.text": [{"body": "Q"}]}, "answers": [1, {"m.id": 2}, {}]}],
)  # fmt: skip
def test_a_poll_without_question_or_answers_cannot_be_read(poll: Any) -> None:
    assert shown("m.poll.start", {"m.poll": poll}, ADA, RELAYS).type == "unreadable"


def test_a_poll_has_at_most_twenty_answers() -> None:
    answers = [{"m.id": str(n), "m.text": [{"body": f"Answer {n}"}]} for n in range(50)]
    question = {"m.text": [{"body": "x", "mimetype": "text/html"}, {"body": "Which?"}]}
    content = {"m.poll": {"question": question, "answers": answers, "max_selections": -4}}
    found = shown("m.poll.start", content, ADA, RELAYS)
    assert found.text == "Which?"
    assert found.poll is not None
    assert (len(found.poll.answers), found.poll.most) == (20, 1)


def test_the_name_before_a_relayed_message_is_its_senders() -> None:
    found = text("<dave> hello", format="org.matrix.custom.html", formatted_body="<b>dave</b>: x")
    assert (found.nick, found.text, found.html) == ("dave", "hello", None)
    assert text("<bot> I am the bot").nick == "bot"
    listed = relays(relays=["@ada:*"])
    emote = shown("m.room.message", {"msgtype": "m.text", "body": "* dave waves"}, ADA, listed)
    assert (emote.type, emote.nick, emote.text) == ("emote", "dave", "waves")


def test_nobody_speaks_through_the_bot() -> None:
    content = {"msgtype": "m.text", "body": "<dave> hello"}
    assert shown("m.room.message", content, BOT, None).nick == ""


JSON: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 2**62, 1.5, "", "x", "$x", "@x:y", "<b>", "\ud800", "a\x00b", [], {},
     ["x"], [1, None], {"x": 1}, {"body": ["x"]}, [{"body": "x"}], {"key": {}}, [[]]]
)  # fmt: skip
KEYS = st.sampled_from(
    ["msgtype", "body", "format", "formatted_body", "filename", "info", "m.relates_to", "m.poll",
     "m.new_content", "geo_uri", "m.text", "m.location", "org.matrix.msc3381.poll.start",
     "m.selections", "displayname", "membership"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["m.room.message", "m.sticker", "m.poll.start", "m.poll.response", "m.poll.end", "m.reaction",
     "m.room.redaction", "m.location", "m.room.encrypted", "m.room.member", "x.y"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["m.text", "m.image", "m.replace", "m.thread", "m.annotation", "$x", "org.matrix.custom.html"]
)
RELATION = st.fixed_dictionaries(
    {}, optional={"rel_type": WORDS | JSON, "event_id": WORDS | JSON, "key": JSON,
                  "is_falling_back": JSON, "m.in_reply_to": JSON}
)  # fmt: skip


@given(
    TYPES,
    st.dictionaries(KEYS, JSON | WORDS | RELATION, max_size=6),
    st.fixed_dictionaries({}, optional={"m.relations": JSON, "redacted_because": JSON}),
)
def test_whatever_somebody_sends_is_read(
    kind: str, content: dict[str, Any], unsigned: dict[str, Any]
) -> None:
    read = read_json(json.dumps({"content": content, "unsigned": unsigned}).encode())
    assert read is not None
    event = {
        "event_id": "$event",
        "type": kind,
        "sender": FAR,
        "origin_server_ts": 1,
        **read,
    }
    reader = ChatReader(BOT, lambda _: False, RELAYS.nick)
    ((found, _),) = reader.read([event], [])
    if found.kind is Kind.SAID:
        line = shown(kind, json.loads(found.content), FAR, RELAYS)
        Message(
            id=found.id,
            at=START,
            name=line.nick or found.name,
            by=FAR,
            type=line.type,
            text=line.text,
            html=line.html,
            file=line.file,
        ).model_dump_json()


@pytest.mark.parametrize(
    "body",
    ["> <" + "\n>" * 30_000, "<" * 60_000, "**" * 30_000, "> <\n" * 15_000, "[(" * 30_000,
     "\u0301" * 30_000, "a\u200b" * 30_000, "* " * 30_000],
)  # fmt: skip
def test_no_message_takes_long(body: str) -> None:
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}
    began = time.process_time()
    shown("m.room.message", {"msgtype": "m.text", "body": body, **relation}, FAR, RELAYS)
    assert time.process_time() - began < 1


def test_harmless_is_harmless_again() -> None:
    for body in ("a\x1fb", " x \n\n", "\r\r\n", "\ufeffx"):
        assert harmless(harmless(body)) == harmless(body)
