"""Who speaks through an account that speaks for many, and in which format."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.chat.parser import Call, question_in
from fosdembot.chat.reading import LONGEST_MESSAGE, MessageReader
from fosdembot.settings import RELAY_FORMATS, QuestionSettings, Settings, load
from tests.chat.test_parser import within

NAMES = ("Conf Bot", "bot", "@bot:example.org")
RELAY = "@relay:example.org"
SOMEBODY = "@ada:example.org"


def reader(*formats: str) -> MessageReader:
    questions = QuestionSettings(relays=(RELAY,), relay_formats=formats or RELAY_FORMATS)
    return MessageReader(Settings(questions=questions), lambda: NAMES)


def said(sender: str, body: str, *formats: str, html: str | None = None) -> tuple[str | None, str]:
    content: dict[str, Any] = {"msgtype": "m.text", "body": body}
    if html is not None:
        content["formatted_body"] = html
    message = reader(*formats).message(sender, content)
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
]
"""Which nobody writes by chance."""
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
]


@pytest.mark.parametrize("body", [*SET_OFF, *LOOSE])
def test_a_relay_tells_who_speaks_in_the_common_formats(body: str) -> None:
    assert said(RELAY, body) == ("ada", "!ask How?")


@pytest.mark.parametrize("body", SET_OFF)
def test_of_others_a_name_is_believed_that_is_set_off(body: str) -> None:
    assert said(SOMEBODY, body) == ("ada", "!ask How?")


@pytest.mark.parametrize("body", LOOSE)
def test_but_what_people_write_to_one_another_is_no_name(body: str) -> None:
    nick, text = said(SOMEBODY, body)
    assert nick is None
    assert reader().call(reader_message(body)) is None
    assert text.endswith("!ask How?")


def reader_message(body: str) -> Any:
    return reader().message(SOMEBODY, {"msgtype": "m.text", "body": body})


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
    message = messages.message(sender, {"msgtype": "m.text", "body": body})
    assert message is not None
    call = messages.call(message) or question_in(message.text)
    assert call is not None
    assert call.text == "How?"
    assert message.nick == (None if sender == SOMEBODY else "")


@pytest.mark.parametrize("nick", ["", " ", "\u202e", "\u200b"])
def test_a_nick_that_nobody_sees_is_somebody_s(nick: str) -> None:
    assert said(SOMEBODY, f"<{nick}> !ask How?") == ("", "!ask How?")


def test_nor_is_the_bot() -> None:
    messages = reader()
    message = messages.message(SOMEBODY, {"msgtype": "m.text", "body": "**Conf Bot**: !ask How?"})
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
