"""Subtitles are read as a parser and a browser read them, whatever is in the file."""

from __future__ import annotations

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.transcripts.subtitles import LONGEST_CUE, MOST_CUES, BadSubtitles, Cue, read


def cues(text: str) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in read(text.encode())]


def refusal(data: bytes) -> str:
    with pytest.raises(BadSubtitles) as caught:
        read(data)
    [line] = str(caught.value).splitlines()
    return line


def test_times_texts_and_what_is_passed_over() -> None:
    text = """WEBVTT - talk
Kind: captions

STYLE
::cue { color: red }

NOTE 00:00 is the start
of it

1
00:01.500 --> 00:04.000 align:start position:0%
- Hello,
- <v Ada>welcome</v>

01:00:00.000 --> 01:00:02.250
<c.yellow>Bye</c> &amp; thanks &lt;3
"""
    expected = [(1.5, 4.0, "- Hello, - welcome"), (3600.0, 3602.25, "Bye & thanks <3")]
    assert cues(text) == expected
    assert cues("\ufeff" + text.replace("\n", "\r\n")) == expected
    assert cues(text.replace("\n", "\r")) == expected


def test_a_cue_begins_also_without_an_empty_line() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\none\n00:02.000 --> 00:03.000\ntwo\n"
    assert cues(text) == [(1.0, 2.0, "one"), (2.0, 3.0, "two")]


def test_what_only_looks_like_a_tag_is_text() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nif x < 5 and y > 3 <i>then\n"
    assert cues(text) == [(1.0, 2.0, "if x < 5 and y > 3 then")]


def test_cues_come_in_order_of_time() -> None:
    text = "WEBVTT\n\n00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:00.500\nsooner\n"
    assert cues(text) == [(1.0, 1.0, "sooner"), (5.0, 6.0, "later")]


ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.320 --> 00:00:02.869 align:start position:0%
 
hello<00:00:00.640><c> everyone</c><00:00:01.040><c> and</c>

00:00:02.869 --> 00:00:02.879 align:start position:0%
hello everyone and
 

00:00:02.879 --> 00:00:05.110 align:start position:0%
hello everyone and
welcome<00:00:03.200><c> to</c><00:00:03.439><c> this</c>

00:00:05.110 --> 00:00:05.120 align:start position:0%
welcome to this
 

00:00:05.120 --> 00:00:07.000 align:start position:0%
welcome to this
talk
"""  # noqa: W293


def test_automatic_captions_say_each_word_once() -> None:
    assert cues(ROLLING) == [
        (0.32, 2.879, "hello everyone and"),
        (2.879, 5.12, "welcome to this"),
        (5.12, 7.0, "talk"),
    ]


def test_people_may_say_the_same_twice() -> None:
    said = ["Does it boot?", "Yes.", "Yes.", "It does.", "It always", "always did.", "And now?"]
    blocks = [f"00:0{n}.000 --> 00:0{n + 1}.000\n{text}\n" for n, text in enumerate(said)]
    assert [text for _, _, text in cues("\n".join(["WEBVTT\n", *blocks]))] == said


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "does not begin with WEBVTT"),
        (b"WEBVTTX\n\n00:01.000 --> 00:02.000\nx\n", "does not begin with WEBVTT"),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n", "SubRip"),
        (b"<!DOCTYPE html><html>404</html>", "web page"),
        (b"\x00\x01\x02" * 1000, "does not begin with WEBVTT"),
        (b"WEBVTT\n", "nothing is said"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>\n", "nothing is said"),
        (b"WEBVTT\n\n1:00 --> 2:00\nx\n", "1 of 1 cues have no time that can be read, the first"),
        (b"WEBVTT\n\n9999:00:00.000 --> 9999:00:01.000\nx\n", "at line 3"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(data: bytes, words: str) -> None:
    assert words in refusal(data)
    assert ": " in refusal(data)


def test_some_broken_cues_are_left_out() -> None:
    good = "\n".join(f"00:{n:02}.000 --> 00:{n + 1:02}.000\nword {n}\n" for n in range(20))
    assert len(cues(f"WEBVTT\n\n{good}\n00:99:00.000 --> x\nbroken\n")) == 20
    assert len(cues(f"WEBVTT\n\n{good}\n00:30.000 -->")) == 20


def test_size_is_bounded() -> None:
    cue = "00:01.000 --> 00:02.000\nx\n\n"
    assert f"more than {MOST_CUES:,} cues" in refusal(f"WEBVTT\n\n{cue * (MOST_CUES + 1)}".encode())
    [long] = read(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{'word ' * 900_000}".encode())
    assert len(long.text) <= LONGEST_CUE
    [tags] = read(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{'<' * 4_000_000}".encode())
    assert len(tags.text) <= LONGEST_CUE


SECOND = st.integers(0, 99_999_999).map(lambda number: number / 1000)
WORDS = st.lists(st.sampled_from(["one", "two", "three", "&amp;", "R&D"]), min_size=1, max_size=6)


def clock(second: float) -> str:
    thousandths = round(second * 1000)
    minutes = thousandths // 60_000
    return (
        f"{minutes // 60:02}:{minutes % 60:02}:"
        f"{thousandths // 1000 % 60:02}.{thousandths % 1000:03}"
    )


@given(st.lists(st.tuples(SECOND, WORDS), min_size=1, max_size=8))
def test_another_parser_reads_the_same(said: list[tuple[float, list[str]]]) -> None:
    blocks = [f"{clock(at)} --> {clock(at + 0.5)}\n{' '.join(what)}\n" for at, what in said]
    text = "\n".join(["WEBVTT\n", *blocks])
    theirs = [
        Cue(cue.start_time.in_milliseconds() / 1000, cue.end_time.in_milliseconds() / 1000, "")
        for cue in webvtt.from_string(text).captions
    ]
    found = read(text.encode())
    if len(found) == len(theirs):
        assert sorted((c.start, c.end) for c in found) == sorted((c.start, c.end) for c in theirs)
    assert set(" ".join(cue.text for cue in found).split()) <= {"one", "two", "three", "&", "R&D"}


@given(st.binary(max_size=400), st.sampled_from([b"", b"WEBVTT\n\n", b"WEBVTT\n\n00:01.000 --> "]))
def test_nothing_else_ever_comes_out(data: bytes, before: bytes) -> None:
    try:
        found = read(before + data)
    except BadSubtitles:
        found = ()
    for cue in found:
        assert 0 <= cue.start <= cue.end
        assert len(cue.text.splitlines()) == 1
