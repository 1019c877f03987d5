"""Chapters of a recording: one list, in three forms that others read."""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import async_playwright

from fosdembot.transcripts.chapters import SHORTEST, Chapter, as_text, as_webvtt, chapters, files
from fosdembot.transcripts.model import Question, Spoken
from simulation.browser import program

from .samples import question, talk, transcript

HOSTILE = "a --> b\n\n00:00.000 --> 99:00.000\n<v Mallory>& &lt; \x00 \u2028 end"


def spoken(number: int, second: float, text: str = "") -> Question:
    return question(number, text, spoken=Spoken(second=second, score=None))


def listed(*questions: Question) -> list[tuple[int, str]]:
    return [(each.second, each.title) for each in chapters(transcript(questions))]


def test_the_talk_comes_first_then_the_questions_by_time() -> None:
    later, sooner = spoken(12, 1290.9, "How small?"), spoken(15, 1265, "Why?")
    never = question(13)
    assert listed(later, never, sooner) == [
        (0, "Tiny kernels"),
        (1265, "Question 15: Why?"),
        (1290, "Question 12: How small?"),
    ]


def test_where_no_question_has_a_second_there_are_no_files() -> None:
    assert files(transcript([question(12)])) == {}
    assert files(transcript()) == {}


def test_chapters_are_never_too_short_for_youtube() -> None:
    """It shows none of them then. Questions that are read together follow one another."""
    close = [spoken(n, 100 + n) for n in range(3)]
    assert [second for second, _ in listed(spoken(9, 2), *close)] == [0, 10, 100, 110, 120]


def test_the_text_block_begins_at_zero_and_has_hours_only_where_needed() -> None:
    short = [Chapter(0, "Talk"), Chapter(65, "Question 1: x < y > z?")]
    assert as_text(short) == "00:00 Talk\n01:05 Question 1: x ‹ y › z?\n"
    long = [Chapter(0, "Talk"), Chapter(65, "A"), Chapter(3723, "B"), Chapter(36_000, "C")]
    assert as_text(long) == "00:00 Talk\n01:05 A\n1:02:03 B\n10:00:00 C\n"


def test_the_json_is_what_podcast_players_read() -> None:
    document = json.loads(files(transcript([spoken(12, 60.7, "Ça <b>va</b>?")]))["chapters.json"])
    assert document == {
        "version": "1.2.0",
        "title": "Tiny kernels",
        "author": "Ada L., Grace H.",
        "podcastName": "Test Conf 2026",
        "chapters": [
            {"startTime": 0, "title": "Tiny kernels", "toc": True},
            {"startTime": 60, "title": "Question 12: Ça <b>va</b>?", "toc": True},
        ],
    }


def test_the_last_chapter_lasts_to_the_end_of_the_talk() -> None:
    found = webvtt.from_string(files(transcript([spoken(1, 60)]))["chapters.vtt"])
    assert [(cue.start, cue.end) for cue in found.captions] == [
        ("00:00:00.000", "00:01:00.000"),
        ("00:01:00.000", "00:30:00.000"),
    ]
    moved = transcript([spoken(1, 7260)], recording_offset=3600.0)
    last = webvtt.from_string(files(moved)["chapters.vtt"])[-1]
    assert (last.start, last.end) == ("02:01:00.000", "02:02:00.000")


@given(st.lists(st.tuples(st.floats(0, 1e6), st.text(max_size=300)), min_size=1, max_size=8))
def test_whatever_people_wrote_a_parser_reads_the_same_chapters(
    given: list[tuple[float, str]],
) -> None:
    of_talk = transcript([spoken(n, second, text) for n, (second, text) in enumerate(given)])
    expected = [(each.second, each.title) for each in chapters(of_talk)]
    read = webvtt.from_string(files(of_talk)["chapters.vtt"])
    assert [
        (cue.start_in_seconds, html.unescape(cue.raw_text)) for cue in read.captions
    ] == expected
    lines = files(of_talk)["chapters.txt"].split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(expected)
    assert all(re.match(r"(\d+:)?\d\d:\d\d \S", line) for line in lines)
    seconds = [second for second, _ in expected]
    gaps = [later - sooner for sooner, later in pairwise(seconds)]
    assert min(gaps) >= SHORTEST


def test_the_same_transcript_gives_the_same_bytes() -> None:
    one = transcript([spoken(2, 30), spoken(1, 30)])
    assert files(one) == files(transcript([spoken(1, 30), spoken(2, 30)]))
    assert "\r" not in "".join(files(one).values())


@pytest.mark.skipif(program() is None, reason="no Chromium is installed here")
async def test_chromium_reads_the_chapters() -> None:
    of_talk = transcript(
        [spoken(1, 60, HOSTILE), spoken(2, 61, "<script>alert(1)</script>"), spoken(3, 9000)],
        talk=talk(title=HOSTILE),
    )
    text = files(of_talk)["chapters.vtt"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program())
        page = await browser.new_page()
        cues = await page.evaluate(
            """async text => {
              const video = document.createElement("video");
              const track = document.createElement("track");
              track.kind = "chapters";
              track.src = URL.createObjectURL(new Blob([text], {type: "text/vtt"}));
              video.append(track);
              document.body.append(video);
              track.track.mode = "hidden";
              await new Promise((done, failed) => { track.onload = done; track.onerror = failed; });
              return [...track.track.cues].map(cue =>
                [cue.startTime, cue.endTime, cue.getCueAsHTML().textContent]);
            }""",
            text,
        )
        await browser.close()
    expected = chapters(of_talk)
    assert [(start, title) for start, _, title in cues] == [(c.second, c.title) for c in expected]
    assert [end for _, end, _ in cues] == [60, 70, 9000, 9060]


def test_a_chapter_of_webvtt_cannot_break_out() -> None:
    text = as_webvtt([Chapter(0, "a --> b & <c>")], 60)
    assert text == "WEBVTT\n\n00:00:00.000 --> 00:01:00.000\na --&gt; b &amp; &lt;c&gt;\n"
