"""Strings from outside: one line, bounded, without controls."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.text import clean, web_address


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Tiny \n\t kernels  ", "Tiny kernels"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("red\x1b[31mder", "red[31mder"),
        ("title \u202egnp.exe", "title gnp.exe"),
        ("bad \ud800 half", "bad half"),
        ("👩\u200d💻 नमस्ते", "👩\u200d💻 नमस्ते"),
        (12, "12"),
        (0, "0"),
        (True, ""),
        (None, ""),
        (float("nan"), ""),
        (["a"], ""),
        ({"de": "Bühne", "en": "Stage"}, "Stage"),
        ({"de": "Bühne"}, "Bühne"),
        ({}, ""),
        ({"en": {"en": "deep"}}, ""),
    ],
)
def test_becomes_one_harmless_line(value: object, expected: str) -> None:
    assert clean(value, 100) == expected


def test_is_cut_with_an_ellipsis() -> None:
    assert clean("word " * 10, 8) == "word wo…"
    assert clean("exactly8", 8) == "exactly8"


@given(st.text(), st.integers(1, 50))
def test_no_text_gets_through_with_controls_or_too_long(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in line} & {
        "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"
    }  # fmt: skip
    assert clean(line, limit) == line


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" https://example.org/a ", "https://example.org/a"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("javascript:alert(1)", ""),
        ("2015/events/70.html", ""),
        ("https:///nowhere", ""),
        ("https://example.org/" + "a" * 2000, ""),
        (None, ""),
    ],
)
def test_only_web_addresses_are_addresses(value: object, expected: str) -> None:
    assert web_address(value) == expected
