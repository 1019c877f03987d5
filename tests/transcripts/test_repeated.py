"""What the bot repeats of a question is found, and only that."""

from __future__ import annotations

import pytest

from fosdembot.transcripts.repeated import Told, begin_of


def told(*texts: str) -> Told:
    made = Told()
    for text in texts:
        made.add(begin_of(text))
    return made


@pytest.mark.parametrize("by_bot", [True, False])
def test_what_says_enough_is_known_anywhere(by_bot: bool) -> None:
    gone = told("How small can it get, in the end, if nobody looks?")
    assert gone.is_in("Before: HOW small  can it get, in the end, if nobod…", by_bot)
    assert not gone.is_in("How small is it?", by_bot)


@pytest.mark.parametrize("room", ["@room", "@\u200broom"])
@pytest.mark.parametrize("said", ["@room", "@\u200broom"])
def test_what_breaks_a_ping_of_the_room_does_not_count(room: str, said: str) -> None:
    for text in ("{} how small can it get?", "{}"):
        assert told(text.format(room)).is_in(f"3 (0 votes) {text.format(said)} – Bob", True)


@pytest.mark.parametrize("short", ["a", "?", "test", "Is it?"])
def test_what_says_little_is_known_behind_a_number(short: str) -> None:
    """And where it is all that a line of the bot's says."""
    gone = told("test", "a", "?", "Is it?")
    for line in (
        "3 (0 votes) {} – Bob",
        "4 {}",
        'Next: 5 (1 vote) "{}"',
        "K.1.105 6: {} – Bob",
        "7 (1 vote) {} 8 (0 votes) Why",
    ):
        assert gone.is_in(line.format(short), True)
    assert gone.is_in(short, True)
    assert not gone.is_in(short, False)


@pytest.mark.parametrize(
    "line",
    [
        "Any question? Type !ask and a test.",
        "2 (0 votes) Is it? A test – Eve",
        "Question 12 is a test",
        "What a nice talk that was?",
    ],
)
def test_but_not_where_it_stands_by_chance(line: str) -> None:
    assert not told("test", "a", "?", "Is it?").is_in(line, True)


def test_nothing_repeats_nothing() -> None:
    assert not told("", " ").is_in("", True)
