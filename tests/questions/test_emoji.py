"""Which reactions vote, moderate, or make a question."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.questions.emoji import MODERATION, Tap, chip, is_question_mark, is_vote, plain

SHADES = [chr(code) for code in range(0x1F3FB, 0x1F400)]
VARIANTS = ["\ufe0e", "\ufe0f", *SHADES]
numbers = st.integers(1, 10**6)


@pytest.mark.parametrize("variant", ["", *VARIANTS, *(shade + "\ufe0f" for shade in SHADES)])
def test_a_thumb_in_any_shade_is_a_vote(variant: str) -> None:
    assert plain("👍" + variant) == "👍"
    assert is_vote("👍" + variant, 12, ())


@pytest.mark.parametrize("digit", "0123456789")
def test_a_thumb_with_something_behind_it_is_none(digit: str) -> None:
    # Ten of these by one person were ten votes elsewhere.
    assert not is_vote(f"👍{digit}", 12, ())
    assert not is_vote(f"👍\ufe0f{digit}", 12, ())


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        "\ufe0f",
        "🏽",
        "👎",
        "👍👍",
        " 👍",
        "+1",
        ":+1:",
        "❤️",
        "q",
        "12",
        "#12",
        "👍\u200d",
        "✅",
    ],
)
def test_anything_else_is_no_vote(key: str) -> None:
    assert not is_vote(key, 12, ())
    assert not is_vote(key, 12, ("", "\ufe0f", "🙋"))


@pytest.mark.parametrize("setting", ["❤️", "❤", "🙋🏽", "🙋"])
def test_the_emoji_of_the_settings_count_in_any_shade(setting: str) -> None:
    emoji = plain(setting)
    for variant in ("", *VARIANTS):
        assert is_vote(emoji + variant, 12, ["🎉", setting])
    assert not is_vote(emoji + "x", 12, [setting])


@given(numbers, st.booleans())
def test_a_chip_is_a_vote_for_its_question(number: int, pending: bool) -> None:
    key = chip(number, pending)
    assert is_vote(key, number, ())
    assert is_vote(f" {key.lower().replace(' ', '  ')} ", number, ())
    assert is_vote(f"q {number}", number, ())
    assert is_vote(key + "\ufe0f", number, ())


@given(numbers, numbers, st.booleans())
def test_a_chip_is_no_vote_for_any_other(number: int, other: int, pending: bool) -> None:
    assert is_vote(chip(other, pending), number, ()) is (number == other)


@pytest.mark.parametrize(
    "key",
    [
        "Q012",
        "Q1",
        "Q122",
        "Q1 2",
        "Q-12",
        "QQ12",
        "Q12!",
        "Q12 ⏳⏳",
        "⏳ Q12",
        "Q١٢",
        "Q12\u200b",
    ],
)
def test_what_only_resembles_a_chip_is_none(key: str) -> None:
    assert not is_vote(key, 12, ())


def test_chips_are_short_and_as_they_are_shown() -> None:
    assert chip(12, pending=False) == "Q12"
    assert chip(12, pending=True) == "Q12 ⏳"
    # Some clients cut a reaction that is text after 16 characters.
    assert len(chip(10**12, pending=True)) <= 16


@pytest.mark.parametrize(
    ("keys", "tap"),
    [
        ("✅ ✔ ✔️ ☑ ☑️", Tap.CHECK),
        ("⭐ ⭐️ 🌟", Tap.STAR),
        ("▶ ▶️ ▶︎", Tap.TAKE),
        ("🚫 🚫️", Tap.DISMISS),
        ("❌ ⏩ ❓ 👍 x Q12", None),
    ],
)
def test_what_moderators_tap(keys: str, tap: Tap | None) -> None:
    assert {MODERATION.get(plain(key)) for key in keys.split()} == {tap}


def test_what_stands_on_a_card_does_what_it_says() -> None:
    assert [MODERATION[plain(tap)] for tap in Tap] == list(Tap)
    assert all(plain(key) == key for key in MODERATION), "else it is never found"
    assert not any(is_vote(tap, 12, ()) or is_question_mark(tap) for tap in Tap)


@pytest.mark.parametrize("key", ["❓", "❓️", "❔", "❔\ufe0f"])
def test_a_question_mark_makes_a_question(key: str) -> None:
    assert is_question_mark(key)
    assert not is_vote(key, 12, ())


@pytest.mark.parametrize("key", ["", "?", "❓❓", "❗", "⁉️", "what?"])
def test_other_signs_make_none(key: str) -> None:
    assert not is_question_mark(key)


@given(st.text(max_size=80) | st.text(alphabet="👍Qq12 ⏳0\ufe0f🏽", max_size=80))
def test_whatever_the_key_is(key: str) -> None:
    assert not set(plain(key)) & set(VARIANTS)
    if is_vote(key, 12, ("❤️",)):
        bare = "".join(plain(key).split()).lower()
        assert bare in ("👍", "❤", "q12", "q12⏳"), json.dumps(key)


def test_a_key_without_end_is_not_looked_at() -> None:
    assert plain("👍" + "\ufe0f" * 60_000) == ""
    assert not is_vote("👍" + "\ufe0f" * 60_000, 12, ("👍",))
    assert not is_vote("q" + " " * 60_000 + "12", 12, ())
