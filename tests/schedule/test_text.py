"""Strings from outside: one line, bounded, without controls."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.text import clean, unescaped, web_address


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


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("R&amp;D", "R&D"),
        ("Q&amp;amp;A", "Q&A"),
        ("&quot;Tiny&quot; kernels &#39;26 &ndash; B&#xFC;hne", '"Tiny" kernels \'26 – Bühne'),
        ("a &lt; b", "a < b"),
        ("no&nbsp;break", "no break"),
        ("&#27;[31m&#8238;red", "[31mred"),
        ("R&D", "R&D"),
        ("R&D: what &amp; means", "R&D: what &amp; means"),
        ("<b> and &lt;b&gt;", "<b> and &lt;b&gt;"),
        ("&unknown; &amp;", "&unknown; &"),
        ("cut &am…", "cut &am…"),
        ("Tiny kernels", "Tiny kernels"),
    ],
)
def test_what_was_escaped_once_too_often_is_as_it_was_meant(text: str, meant: str) -> None:
    assert unescaped(text) == meant


@given(st.text(alphabet="&amp;#x27lt <>;", max_size=60))
def test_unescaping_keeps_a_text_on_a_line_and_as_short(text: str) -> None:
    line = clean(text, 60)
    assert len(unescaped(line)) <= len(line)
    assert clean(unescaped(line), 60) == unescaped(line)
