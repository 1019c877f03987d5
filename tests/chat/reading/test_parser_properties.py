"""Whatever people type is read, and at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.chat.reading.message import LONGEST_MESSAGE
from tests.chat.reading.test_parser import NAMES, asked, read
from tests.chat.reading.test_slips import COMMANDS


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails where what is done never seems to end."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "< ",
        "[",
        "](",
        "\\",
        "[a](https://matrix.to/#/",
        "<a ",
        "> ",
        "\n",
        "!\u0300",
        "bot: ",
        "bot :",
        "!talk \n",
        "!a-",
        " ",
    ],
)
@pytest.mark.parametrize("first", ["", "<", "!", "bot", "> "])
def test_no_message_stalls_it(first: str, part: str) -> None:
    with within(5):
        read(first + part * (LONGEST_MESSAGE // len(part) - 3) + "x", direct=True)


@pytest.mark.parametrize("part", ["Q", "Q:", "a", "a:", " :", "：", "<a> ", "Q: \n"])
def test_no_question_stalls_it(part: str) -> None:
    with within(5):
        asked("Q: " + part * (LONGEST_MESSAGE // len(part)))


@given(st.text(max_size=300), st.booleans())
def test_no_message_is_too_odd_for_it(body: str, direct: bool) -> None:
    call = read(body, direct=direct)
    if call is not None:
        assert 0 < len(call.word) <= 33
        assert call.word == call.word.lower()
        assert call.arguments == call.arguments.strip()
        assert len(call.arguments) <= LONGEST_MESSAGE


blanks = st.text(" \t\u3000\u00a0", max_size=3)


@given(
    before=st.text(" \n\t", max_size=3),
    nick=st.none() | st.text("abc -_[]|", min_size=1, max_size=20),
    name=st.sampled_from(("", *(f"{name}{mark} " for name in NAMES for mark in ":,"))),
    bang=st.sampled_from("!！"),
    gap=blanks,
    word=st.sampled_from(COMMANDS[:-1]),
    upper=st.lists(st.booleans(), min_size=8, max_size=8),
    behind=st.sampled_from((" ", "\n", "\n\n", "\t ", ": ", " \n")),
    arguments=st.text("abcäß12:. ", max_size=20),
)
def test_however_it_is_typed_it_is_the_same_command(
    before: str,
    nick: str | None,
    name: str,
    bang: str,
    gap: str,
    word: str,
    upper: list[bool],
    behind: str,
    arguments: str,
) -> None:
    typed = "".join(c.upper() if up else c for c, up in zip(word, upper, strict=False))
    relay = "" if nick is None else f"<{nick}> "
    call = read(f"{before}{relay}{name}{bang}{gap}{typed}{behind}{arguments}")
    assert call is not None
    assert call.word == word
    assert call.arguments == as_typed(arguments)
    assert call.nick == (None if nick is None else nick.strip())
    assert call.addressed == bool(name)


def as_typed(arguments: str) -> str:
    """A colon behind the word, as the French set it, is none of theirs; nor is a full stop."""
    text = arguments.strip()
    text = text[1:].strip() if text[:2] == ": " else text
    return text if text.strip(" :.") else ""
