"""What a message in a meeting asks the bot to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.jitsi.hearing import Wish, Word, read

NEXT = Wish(Word.NEXT)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("!next", NEXT),
        ("  !NEXT  ", NEXT),
        ("! next", NEXT),
        ("！next", NEXT),
        ("!next.", NEXT),
        ("!next please", NEXT),
        ("!take", NEXT),
        ("!next 12", Wish(Word.NEXT, 12)),
        ("!done\n12", Wish(Word.DONE, 12)),
        ("!star #12", Wish(Word.STAR, 12)),
        ("!star Q12", Wish(Word.STAR, 12)),
        ("!star q 12!", Wish(Word.STAR, 12)),
        ("!star 12 or so", Wish(Word.STAR, is_unclear=True)),
        ("!star -12", Wish(Word.STAR, is_unclear=True)),
        ("!star 1٢", Wish(Word.STAR, is_unclear=True)),
        ("!done 12 and 14", Wish(Word.DONE, is_unclear=True)),
        ("!skip １２", Wish(Word.SKIP, is_unclear=True)),
        ("!late 5", Wish(Word.LATE, 5)),
        ("!late +5 min", Wish(Word.LATE, 5)),
        ("!late 5m", Wish(Word.LATE, 5)),
        ("!late 5 minutes", Wish(Word.LATE, 5)),
        ("!late 5 hours", Wish(Word.LATE, is_unclear=True)),
        ("!late 5.5", Wish(Word.LATE, is_unclear=True)),
        ("!top", Wish(Word.TOP)),
        ("!help", Wish(Word.HELP)),
        ("!answer  Two.\nNot less. ", Wish(Word.ANSWER, text="Two.\nNot less.")),
        ("!answer\nTwo.", Wish(Word.ANSWER, text="Two.")),
        ("!answer", Wish(Word.ANSWER)),
        # Marks that clients for text from right to left put in.
        ("\u200f!next", NEXT),
        ("\u2068!next\u2069", NEXT),
        ("!\u200enext\ufeff", NEXT),
        ("!star \u200e12", Wish(Word.STAR, 12)),
        ("\u202e!next", None),
        ("!answer نیم\u200cفاصله", Wish(Word.ANSWER, text="نیم\u200cفاصله")),
        ("next", None),
        ("!", None),
        ("!!next", None),
        ("!nextt", None),
        ("say !next", None),
        ("/next", None),
        ("", None),
    ],
)
def test_a_message_asks_for_this(text: str, wish: Wish | None) -> None:
    assert read(text, "!") == wish


def test_a_reply_to_a_question_is_its_answer_unless_it_looks_like_a_command() -> None:
    assert read("Two\nor three.", "!", in_reply=True) == Wish(
        Word.ANSWER, text="Two\nor three.", is_typed=False
    )
    assert read("!skip", "!", in_reply=True) == Wish(Word.SKIP)
    assert read("!maybe", "!", in_reply=True) is None
    assert read(" \n ", "!", in_reply=True) is None


@pytest.mark.parametrize("prefix", ["!", ".", "bot:", "？"])
def test_with_another_prefix_it_is_the_same(prefix: str) -> None:
    assert read(f"{prefix}next", prefix) == NEXT
    assert read(f"{prefix} next", prefix) == NEXT
    assert (read("!next", prefix) == NEXT) == (prefix == "!")
    assert (read("！next", prefix) == NEXT) == (prefix == "!")


@given(st.text(max_size=2_000), st.sampled_from(["!", "."]), st.booleans())
def test_whatever_people_write_can_be_read(text: str, prefix: str, in_reply: bool) -> None:
    wish = read(text, prefix, in_reply=in_reply)
    assert wish is None or wish.word in Word


@given(st.integers(0, 10**9 - 1))
def test_numbers_are_read_as_they_are_shown(number: int) -> None:
    for shown in (f"{number}", f"#{number}", f"Q{number}"):
        assert read(f"!star {shown}", "!") == Wish(Word.STAR, number)
