"""Sentences: the same words in plain text and HTML, and nothing hostile in either."""

from __future__ import annotations

import re
import unicodedata
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fosdembot.texts.invisible import without_harm
from fosdembot.texts.render import (
    LONGEST_PARAM,
    Text,
    clean,
    clean_lines,
    items,
    joined,
    legible,
    lines,
    link,
    room_link,
    say,
    sentences,
)

hostile = st.text(max_size=400) | st.lists(
    st.sampled_from(
        [
            "@room", "@ROOM", "@", "room", "\u202e", "\u200b", "\u2066", "\u00ad", "\u0301" * 9,
            "\n", "\r", "\u2028", "\x00", "\x1b[31m", "<b>", "</b>", "<script>", "&amp;", '"', "'",
            "\u200c", "\u200d", "\u200e", "\u200f", "\u06f1", "\u06cc", "\u0dca", "👩", "\ufe0f",
            "\U0001f3f4", "\U000e0067", "\U000e007f", "\u0600", "\u17d2", "\u1780", "\u05d0",
            "{title}", "{", "}", "%s", "**bold**", "[a](b)", "\ud800", "\ufeff", "\u3164", "x", " ",
        ]
    )
).map("".join)  # fmt: skip


JOINERS = "\u200b\u200c\u200d\u200e\u200f\u061c\u180e"
SIGNS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Which are seen, though Unicode counts them as format characters."""
MAY_STAY = {*JOINERS, *SIGNS, *map(chr, range(0xE0020, 0xE0080))}
OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        self.text += data


@given(hostile, hostile)
@example("<b>", "&")
def test_html_holds_no_markup_but_the_templates_and_says_the_same(one: str, other: str) -> None:
    text = say("<b>Now</b> {one}<br><i>{other}</i> & <x> {one}", one=one, other=other)
    parsed = Tags(text.html)
    assert [tag for tag, _ in parsed.tags] == ["strong", "br", "em"]
    assert parsed.text == text.plain
    assert text.plain.count("\n") == 1


@given(hostile, st.integers(2, 60))
def test_a_cleaned_value_is_one_harmless_bounded_line(value: str, limit: int) -> None:
    text = clean(value, limit)
    visible = text.replace("@\u200b", "@")
    assert len(visible) <= limit
    assert visible == " ".join(visible.split())
    seen = "".join(char for char in visible if char not in MAY_STAY)
    categories = {unicodedata.category(char) for char in seen}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not OVERRIDES & set(text)
    assert not re.search(f"[{JOINERS}]{{2}}", text)
    assert not re.search("@room", text, re.IGNORECASE)
    text.encode()


@given(hostile, st.integers(2, 60))
@example("00000000000000\u200e00\u05d0", 17)
@example("👩\n\u061c\u0dca\nroom\u06cc", 8)
def test_cleaning_twice_changes_nothing_more(value: str, limit: int) -> None:
    once = clean(value, limit)
    assert clean(once, limit) == once


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F, categories=["L", "N", "S"])))
def test_ordinary_names_stay_as_they_are(value: str) -> None:
    assert clean(value, 500) == value


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("Ada\n\tLovelace", "Ada Lovelace"),
        ("abc\u202edef\u2069", "abcdef"),
        ("zero\u200bwidth\u2060", "zerowidth"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a" + "\u0301" * 50 + "b", "a" + "\u0301" * 4 + "b"),
        ("\u0301\u0301leading", "leading"),
        ("x \u0338 y", "x y"),
        ("\u3164\u2800", ""),
        ("Ĝis la revido, Živa, 日本語, नमस्ते, ไทย", "Ĝis la revido, Živa, 日本語, नमस्ते, ไทย"),
        ("**bold** [a](http://x) `c`", "**bold** [a](http://x) `c`"),
        ("❤️", "❤️"),
        ("@room and @\u200bRoom", "@\u200broom and @\u200bRoom"),
        ("abcdefghijklmnopqrstuvwxyz" * 3, "abcdefghijklmnopqrstuvwxyzabcdefghijklm…"),
    ],
)
def test_what_cleaning_does(value: str, cleaned: str) -> None:
    assert clean(value, 40) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم بدانم",  # Persian
        "ئەوە‌ ه‌",  # Kurdish, where it ends a word
        "ه‍ 1447",  # a letter that joins a next one which is not there
        "ශ්‍රී ලංකා",  # Sinhala
        "അവന്‍ നന്‍മ",  # Malayalam
        "র‍্যাব",  # Bengali
        "क्‍ष क्‌ष",  # Devanagari, half letters
        "👨‍👩‍👧‍👦 👩🏽‍🚀 🏳️‍🌈 ❤️‍🔥 🙂‍↔️ 🏃🏽‍♀️‍➡️",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇧🇪 1️⃣",
        "ភាសា\u200bខ្មែរ",  # Khmer, where a line may break
        "ᠠᠨ\u180eᠠ",  # Mongolian
        "מה זה C++\u200e, בבקשה?",
        "\u0600\u0661 \u06dd\u0661",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert clean(text, 100) == text
    assert clean_lines(text, 100, 2) == text
    assert say("{text}", text=text).plain == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ad\u200cm\u200din", "admin"),
        ("@\u200droom", "@\u200broom"),
        ("@ro\u200com", "@\u200broom"),
        ("\u200d\u0301x", "x"),
        ("می\u200c\u200c\u200d\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d", "👩"),
        ("👩\u200d\u200d👧", "👩\u200d👧"),
        ("👩 \u200d 👧", "👩 👧"),
        ("\u200fشنبه\u200f", "شنبه"),
        ("a\u200eb", "ab"),
        ("\U0001f3f4\U000e0067\U000e0062", "\U0001f3f4"),
        ("x\U000e0067\U000e007f", "x"),
        ("\U0001f3f4" + "\U000e0067" * 60 + "\U000e007f", "\U0001f3f4"),
        ("ا" + "\u064b\u200d" * 60, "ا" + "\u064b\u200d" * 4),
    ],
)
def test_what_joins_nothing_is_gone(text: str, cleaned: str) -> None:
    assert clean(text, 40) == cleaned


def test_a_cut_leaves_nothing_half_joined() -> None:
    assert clean("👨‍👩‍👧‍👦" * 9, 5) == "👨‍👩…"
    assert clean("🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 9, 5) == "🏴…"


def test_only_what_is_not_seen_is_taken_out() -> None:
    taken = {char for char in map(chr, range(0x110000)) if without_harm(char) == ""}
    kinds = {unicodedata.category(char) for char in taken}
    assert kinds <= {"Cc", "Cf", "Cs", "Cn"}
    left = {c for c in map(chr, range(0x110000)) if unicodedata.category(c) == "Cf"} - taken
    assert left == {*JOINERS, *SIGNS}


@given(hostile)
@example("\u200c\ufe00\u0600")
@example("x\u3164\u200c\u0301\u0600")
def test_a_message_is_read_with_its_line_breaks(value: str) -> None:
    value = value.replace("\x03", "")  # which takes the number of a colour along
    text = legible(value)
    assert legible(text) == text
    assert text.count("\n") == value.count("\n")
    assert clean(text, 9999) == clean(value, 9999)


@given(hostile, st.integers(2, 60), st.integers(1, 5))
def test_cleaned_lines_are_few_bounded_and_each_as_harmless(
    value: str, limit: int, most: int
) -> None:
    text = clean_lines(value, limit, most)
    assert len(text.replace("@\u200b", "@")) <= limit
    lines = text.split("\n")
    assert len(lines) <= most
    assert [clean(line, limit) for line in lines] == lines
    assert clean_lines(text, limit, most) == text


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("It is 4 kB.\n\n Really:\tit  is.\n", "It is 4 kB.\nReally: it is."),
        ("one\ntwo\nthree\n\nfour", "one\ntwo\nthree four"),
        ("\u202eone\r\n@room", "one\n@\u200broom"),
        ("\n \u3164\n", ""),
        ("a\n" + "b" * 50, "a\n" + "b" * 37 + "…"),
    ],
)
def test_an_answer_keeps_its_lines(value: str, cleaned: str) -> None:
    assert clean_lines(value, 40, 3) == cleaned


def test_parameters_are_cleaned_escaped_and_bounded_whoever_forgot_it() -> None:
    text = say("{a} {b}", a="<i>\u202e@room", b="x" * 1000)
    assert text.html.startswith("&lt;i&gt;@\u200broom ")
    assert len(text.plain) < LONGEST_PARAM + 20


def test_only_texts_are_put_in_as_they_are() -> None:
    inner = say("<b>{x}</b>", x="<")
    text = say("[{inner}]", inner=inner)
    assert text == Text("[<]", "[<strong>&lt;</strong>]")


def test_numbers_are_grouped() -> None:
    assert say("{n} talks", n=1079).plain == "1,079 talks"


def test_a_template_parameter_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("{title}")


def test_texts_are_put_together() -> None:
    one, two, three = (say("<b>{x}</b>", x=x) for x in ("1", "2", "3"))
    assert lines([one, two]) == Text("1\n2", "<strong>1</strong><br><strong>2</strong>")
    assert sentences([one, two]) == Text("1. 2", "<strong>1</strong>. <strong>2</strong>")
    assert sentences([]) == Text("", "")
    assert joined([one]) == one
    assert joined([one, two, three]) == Text(
        "1, 2 and 3", "<strong>1</strong>, <strong>2</strong> and <strong>3</strong>"
    )


def test_a_list_has_air_around_its_entries() -> None:
    one, two, three = (say("{x}", x=x) for x in ("1", "2", "3"))
    assert items([one, two]) == Text("1\n\n2", "<ul><li>1</li><li>2</li></ul>")
    assert lines([three, items([one, two]), three, three]) == Text(
        "3\n\n1\n\n2\n\n3\n3", "3<ul><li>1</li><li>2</li></ul>3<br>3"
    )


@pytest.mark.parametrize("end", [".", "!", "?", "…", "？", "؟"])
def test_a_sentence_that_has_an_end_gets_no_second_one(end: str) -> None:
    texts = [say("With Ada L{end}", end=end), say("Then")]
    assert sentences(texts).plain == f"With Ada L{end} Then"


@pytest.mark.parametrize(
    "url", ["https://example.org/a?b=c&d=e#f", "http://[::1]:8080/", "https://example.org/ü"]
)
def test_a_web_address_can_be_tapped(url: str) -> None:
    text = link(url)
    assert text is not None
    assert text.plain == url
    assert Tags(text.html).tags == [("a", {"href": url})]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "//example.org",
        "https://",
        "https://user:password@example.org/",
        'https://example.org/"onclick="x',
        "https://example.org/<b>",
        "https://example.org/a b",
        "https://example.org/\u202egpj.exe",
        "https://example.org/@room",
        "https://[bad/",
        "https://example.org/" + "x" * 1000,
    ],
)
def test_other_addresses_are_no_links(url: str) -> None:
    assert link(url) is None


@given(hostile)
def test_a_link_never_breaks_out_of_its_attribute(url: str) -> None:
    text = link("https://example.org/" + url)
    if text is not None:
        ((tag, attrs),) = Tags(text.html).tags
        assert (tag, list(attrs)) == ("a", ["href"])


def test_a_matrix_room_is_tapped_by_way_of_matrix_to() -> None:
    alias = room_link("#hallway:example.org")
    assert alias.plain == "#hallway:example.org"
    assert Tags(alias.html).tags == [
        ("a", {"href": "https://matrix.to/#/%23hallway%3Aexample.org"})
    ]
    room_id = room_link("!abc:example.org")
    assert room_id.plain == "https://matrix.to/#/%21abc%3Aexample.org"


@given(hostile)
def test_a_hostile_room_address_is_just_text(address: str) -> None:
    ((tag, attrs),) = Tags(room_link("#" + address).html).tags
    assert (tag, list(attrs)) == ("a", ["href"])
    assert attrs["href"] is not None
    assert attrs["href"].startswith("https://matrix.to/#/%23")


@given(hostile)
def test_escaping_loses_nothing(value: str) -> None:
    text = say("{value}", value=value)
    assert unescape(text.html) == text.plain
    assert escape(text.plain) == text.html


@given(st.text(st.characters(codec="ascii"), max_size=300))
@example("a  b\x1f c\t")
@example(" @room ")
def test_plain_letters_are_cleaned_as_all_others_are(value: str) -> None:
    """They have a shorter way, which a letter of another kind leaves."""
    with_another = clean(f"{value} é", 1000)
    assert clean(value, 1000) == with_another.removesuffix("é").rstrip()
