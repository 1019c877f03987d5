"""Who speaks through an account that speaks for many, and in which format."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.chat.reading.events import content_of
from fosdembot.chat.reading.message import LONGEST_MESSAGE, MessageReader
from fosdembot.chat.reading.parser import Call, question_in
from fosdembot.setting_defaults import RELAY_FORMATS
from fosdembot.settings import QuestionSettings, Settings, load
from tests.chat.reading.test_parser_properties import within

NAMES = ("Conf Bot", "bot", "@bot:example.org")
RELAY = "@relay:example.org"
BRIDGED = "@irc_ada:example.org"
SOMEBODY = "@ada:example.org"


def reader(*formats: str) -> MessageReader:
    questions = QuestionSettings(relays=(RELAY,), relay_formats=formats or RELAY_FORMATS)
    return MessageReader(Settings(questions=questions), lambda: NAMES)


def said(sender: str, body: str, *formats: str, html: str | None = None) -> tuple[str | None, str]:
    content: dict[str, Any] = {"msgtype": "m.text", "body": body}
    if html is not None:
        content["formatted_body"] = html
    message = reader(*formats).message(sender, content_of(content))
    assert message is not None
    return message.nick, message.text


SET_OFF = [
    "<ada> !ask How?",
    "[irc] <ada> !ask How?",
    "[12:34] <ada>   !ask How?",
    "(telegram) <ada> !ask How?",
    "**<ada>** !ask How?",
    "<**ada**> !ask How?",
    "**ada**: !ask How?",
    "**ada:** !ask How?",
    "[irc] **ada**: !ask How?",
    "<\x0304ada\x03> !ask How?",
    "<a\u200bda> !ask How?",
    "> <ada> what?\n\n<ada> !ask How?",
    "* <ada> !ask How?",
]
"""Which nobody writes by chance."""
ALMOST = [
    "<ada>!ask How?",
    "<ada>: !ask How?",
    "<ada>:!ask How?",
    "<@ada>, !ask How?",
    "`<ada>` !ask How?",
    "`<ada>`!ask How?",
    "`<ada>`: !ask How?",
    "_<ada>_ !ask How?",
    "***<ada>*** !ask How?",
    "[irc] `<ada>` !ask How?",
    "[irc]<ada> !ask How?",
    "**ada**:!ask How?",
    "`ada`: !ask How?",
]
"""The same with other marks, without a blank, or with one colon more."""
LOOSE = [
    "**ada** !ask How?",
    "**ada**\n!ask How?",
    "**ada**@*irc*: !ask How?",
    "[irc] ada: !ask How?",
    "[ada] !ask How?",
    "[ada]: !ask How?",
    "(ada) !ask How?",
    "ada: !ask How?",
    "ada:\n!ask How?",
    "ada:!ask How?",
    "@ada: !ask How?",
    "[ada]!ask How?",
    "(ada): !ask How?",
    "12:34 <ada> !ask How?",
    "ada » !ask How?",
    "ada says: !ask How?",
]
FROM_A_BRIDGE = [
    "ada> !ask How?",
    "ada>!ask How?",
    "ada>: !ask How?",
    "[irc] ada> !ask How?",
    "`ada>` !ask How?",
    "* ada !ask How?",
    "*  ada: !ask How?",
    "* **ada** !ask How?",
    "[irc] * ada !ask How?",
    "[irc] * **ada** !ask How?",
    "** ada !ask How?",
    "• ada !ask How?",
]
"""Which people behind a bridge do not write to one another."""


@pytest.mark.parametrize("body", [*SET_OFF, *ALMOST, *LOOSE, *FROM_A_BRIDGE])
def test_a_relay_tells_who_speaks_in_the_common_formats(body: str) -> None:
    nick, text = said(RELAY, body)
    assert (nick or "").removeprefix("@").removesuffix(" says") == "ada"
    assert text == "!ask How?"


@pytest.mark.parametrize("body", [*SET_OFF, *ALMOST, *FROM_A_BRIDGE, "<ada> : !ask How?"])
def test_who_sits_behind_a_bridge_may_be_a_relay(body: str) -> None:
    nick, text = said(BRIDGED, body)
    assert ((nick or "").removeprefix("@"), text) == ("ada", "!ask How?")


@pytest.mark.parametrize("body", LOOSE)
def test_but_people_behind_a_bridge_talk_to_one_another(body: str) -> None:
    assert said(BRIDGED, body)[0] is None


@pytest.mark.parametrize("body", SET_OFF)
def test_of_others_a_name_is_believed_that_is_set_off(body: str) -> None:
    nick, text = said(SOMEBODY, body)
    assert ((nick or "").removeprefix("@"), text) == ("ada", "!ask How?")


@pytest.mark.parametrize("body", [*ALMOST, *LOOSE, *FROM_A_BRIDGE])
def test_but_what_people_write_to_one_another_is_no_name(body: str) -> None:
    nick, text = said(SOMEBODY, body)
    assert nick is None
    assert reader().call(reader_message(body)) is None
    assert text.endswith("!ask How?")


def reader_message(body: str) -> Any:
    return reader().message(SOMEBODY, content_of({"msgtype": "m.text", "body": body}))


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("ada: !ask How?", "<b>ada</b>: !ask How?"),
        ("ada: !ask How?", "<p><strong>ada:</strong> !ask How?</p>"),
        ("ada: !ask How?", '<strong><font color="#aa00aa">ada</font></strong>: !ask How?'),
        ("<ada> !ask How?", "&lt;ada&gt; !ask How?"),
    ],
)
def test_bold_in_the_html_alone_sets_a_name_off_as_well(body: str, html: str) -> None:
    assert said(SOMEBODY, body, html=html) == ("ada", "!ask How?")


@pytest.mark.parametrize(
    "body",
    ["**Q**: How?", "**Q:** How?", "**!ask** How?", "**Question**: How?", "Q: How?", "!ask: How?"],
)
@pytest.mark.parametrize("sender", [SOMEBODY, RELAY])
def test_a_command_is_nobodys_name(sender: str, body: str) -> None:
    messages = reader()
    message = messages.message(sender, content_of({"msgtype": "m.text", "body": body}))
    assert message is not None
    call = messages.call(message) or question_in(message.text)
    assert call is not None
    assert call.text == "How?"
    assert message.nick == (None if sender == SOMEBODY else "")


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("* Ada Lace !ask How?", "* <b>Ada Lace</b> !ask How?"),
        ("[irc] * Ada Lace !ask How?", "[irc] * <strong>Ada Lace</strong> !ask How?"),
        ("[irc] Ada Lace: !ask How?", "[irc] <strong>Ada Lace</strong>: !ask How?"),
    ],
)
def test_a_name_of_two_words_that_is_bold_behind_a_mark(body: str, html: str) -> None:
    assert said(RELAY, body, html=html) == ("Ada Lace", "!ask How?")


@pytest.mark.parametrize(
    "body", ["* ada !ask How?", "[irc] * ada !ask How?", "* **ada** !ask How?", "• ada !ask How?"]
)
def test_an_emote_as_bridges_write_it_is_one(body: str) -> None:
    for sender in (RELAY, BRIDGED):
        message = reader().message(sender, content_of({"msgtype": "m.text", "body": body}))
        assert message is not None
        assert message.emote
    for sender, other in ((SOMEBODY, body), (RELAY, "ada: !ask How?")):
        message = reader().message(sender, content_of({"msgtype": "m.text", "body": other}))
        assert message is not None
        assert not message.emote


@pytest.mark.parametrize("body", ["ada !ask How?", "<ada> !ask How?", "* ada !ask How?"])
def test_an_emote_of_a_relay(body: str) -> None:
    message = reader().message(RELAY, content_of({"msgtype": "m.emote", "body": body}))
    assert message is not None
    assert (message.nick, message.text, message.emote) == ("ada", "!ask How?", True)


@pytest.mark.parametrize(
    "body",
    [
        "<b>!ask How?</b>",
        "<code>Q: How?</code>",
        "<3!ask me anything",
        "i <3 this> talk",
        "<b>so good</b>",
        "<https://example.org>: look",
        "<mailto:ada@example.org>!",
        "<carl>",
        "x<y>z",
        "`<div>`, is that a tag?",
        "`<div>` needs no end",
        "* one\n* two",
        "- ada !ask How?",
        "-> !ask How?",
        "=> Q: How?",
        "> ada !ask How?",
        "5 > !ask How?",
    ],
)
@pytest.mark.parametrize("sender", [SOMEBODY, BRIDGED])
def test_chat_is_not_taken_for_a_relay_s(sender: str, body: str) -> None:
    messages = reader()
    message = messages.message(sender, content_of({"msgtype": "m.text", "body": body}))
    assert message is not None
    assert message.nick is None
    assert messages.call(message) is None


@pytest.mark.parametrize("body", [*SET_OFF, *ALMOST, *LOOSE, *FROM_A_BRIDGE])
@pytest.mark.parametrize("sender", [SOMEBODY, BRIDGED, RELAY])
def test_nobody_commands_but_by_a_nick(sender: str, body: str) -> None:
    """A command in such a form is nobody's, or the nick's, who has no power."""
    messages = reader()
    dismissing = body.replace("!ask How?", "!dismiss 3")
    message = messages.message(sender, content_of({"msgtype": "m.text", "body": dismissing}))
    assert message is not None
    call = messages.call(message)
    assert call is None or call.nick is not None


@pytest.mark.parametrize("nick", ["", " ", "\u202e", "\u200b"])
def test_a_nick_that_nobody_sees_is_somebody_s(nick: str) -> None:
    assert said(SOMEBODY, f"<{nick}> !ask How?") == ("", "!ask How?")


def test_nor_is_the_bot() -> None:
    messages = reader()
    message = messages.message(
        SOMEBODY, content_of({"msgtype": "m.text", "body": "**Conf Bot**: !ask How?"})
    )
    assert message is not None
    assert messages.call(message) == Call("ask", "How?", addressed=True)


def test_the_format_counts_in_which_something_is_asked() -> None:
    assert said(RELAY, "[ada] !ask is it: a or b?") == ("ada", "!ask is it: a or b?")
    assert said(RELAY, "[irc] ada: !ask is it: a or b?") == ("ada", "!ask is it: a or b?")


def test_who_speaks_for_many_never_speaks_for_itself() -> None:
    """Its account may have power, which nobody shall have by an odd nick."""
    assert said(RELAY, "!dismiss 3") == ("", "!dismiss 3")
    assert said(RELAY, "ada >> !dismiss 3") == ("", "ada >> !dismiss 3")


def test_the_formats_are_a_setting() -> None:
    assert said(RELAY, "ada via Mumble says !ask How?", "{nick} via {any} says {text}") == (
        "ada",
        "!ask How?",
    )
    assert said(SOMEBODY, "[ada|irc] !ask How?", "[<{nick}>] {text}")[0] is None
    assert said(SOMEBODY, "<ada> !ask How?", "{nick}: {text}") == (None, "<ada> !ask How?")
    odd = "(.*)+$ {nick} [a-z]* {text}"
    assert said(RELAY, "(.*)+$ ada [a-z]* How?", odd) == ("ada", "How?")


@pytest.mark.parametrize(
    "wrong",
    ["{nick}", "{text}", "{nick} {text} x", "{nick}{text}", "{nick} {nick} {text}", "{0} {text}",
     "{nick} {foo} {text}", "x" * 100 + "{nick} {text}", "{nick} {text", ""],
)  # fmt: skip
def test_a_format_that_cannot_be_one_is_named(wrong: str) -> None:
    settings, [problem] = load({"questions": {"relay_formats": [wrong]}})
    assert problem.startswith("questions.relay_formats")
    assert settings.questions.relay_formats == RELAY_FORMATS


@pytest.mark.parametrize(
    "part", ["<", "< ", "*", "**", "[", "[a] ", "a: ", "(", " ", "\n", "<b>", "x"]
)
def test_no_message_stalls_the_formats(part: str) -> None:
    many = part * (LONGEST_MESSAGE // len(part))
    with within(5):
        said(RELAY, many, html=many)
        said(RELAY, "[" + many, "[{any}] <{nick}> {any}: {any}, {text}", html="<b>" + many)


@given(st.text(max_size=200), st.sampled_from([SOMEBODY, RELAY]))
def test_no_message_is_too_odd(body: str, sender: str) -> None:
    nick, text = said(sender, body, html=body)
    assert (nick is None) <= (sender == SOMEBODY)
    assert text == text.strip()
