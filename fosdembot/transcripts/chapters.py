"""The questions of a talk as chapters of its recording, from one list in three forms.

WebVTT is for players (`<track kind="chapters">`), the text block for descriptions on YouTube and
PeerTube, JSON for podcasts (version 1.2 of
https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/chapters/jsonChapters.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fosdembot.schedule.text import clean
from fosdembot.texts.transcripts import CHAPTER

from .model import Transcript

SHORTEST = 10
"""Seconds of a chapter, at least: YouTube shows none at all where one is shorter."""
_LONGEST_TITLE = 100
"""What YouTube shows of one, at most."""
_LAST = 60
"""Seconds of the last chapter, at least."""
# A chapter is between brackets nowhere else; YouTube takes no description that holds one.
_NO_BRACKETS = str.maketrans("<>", "‹›")


@dataclass(frozen=True, slots=True)
class Chapter:
    second: int
    """Of the recording."""
    title: str
    """On one line."""


def chapters(transcript: Transcript) -> tuple[Chapter, ...]:
    """From the start of the recording on, `SHORTEST` seconds apart or more; none where no question
    has a second. A question that was read right after another one begins so much later."""
    placed = sorted(
        (question.spoken.second, question.number, question.text)
        for question in transcript.questions
        if question.spoken is not None
    )
    if not placed:
        return ()
    found = [Chapter(0, clean(transcript.talk.title, _LONGEST_TITLE))]
    for second, number, text in placed:
        begins = max(int(second), found[-1].second + SHORTEST)
        title = clean(CHAPTER.format(number=number, question=text), _LONGEST_TITLE)
        found.append(Chapter(begins, title))
    return tuple(found)


def files(transcript: Transcript) -> Mapping[str, str]:
    """Name → content; nothing where no question has a second."""
    found = chapters(transcript)
    if not found:
        return {}
    length = transcript.talk.actual.end - transcript.talk.actual.start
    ends = (transcript.recording_offset or 0) + length.total_seconds()
    return {
        "chapters.vtt": as_webvtt(found, max(int(ends), found[-1].second + _LAST)),
        "chapters.txt": as_text(found),
        "chapters.json": as_json(found, transcript),
    }


def as_webvtt(found: Sequence[Chapter], end: int) -> str:
    """https://www.w3.org/TR/webvtt1/; `end` is the last one's, in seconds."""
    ends = [*(chapter.second for chapter in found[1:]), end]
    blocks = [
        f"{_clock(chapter.second)}.000 --> {_clock(until)}.000\n{_escaped(chapter.title)}\n"
        for chapter, until in zip(found, ends, strict=True)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def as_text(found: Sequence[Chapter]) -> str:
    """A block of lines to paste. YouTube wants the first to begin with 00:00, so hours stand only
    where there are some."""
    lines = []
    for chapter in found:
        clock = _clock(chapter.second)
        clock = clock.removeprefix("0") if chapter.second >= 3600 else clock[3:]
        lines.append(f"{clock} {chapter.title.translate(_NO_BRACKETS)}\n")
    return "".join(lines)


def as_json(found: Sequence[Chapter], transcript: Transcript) -> str:
    document = {
        "version": "1.2.0",
        "title": clean(transcript.talk.title, 500),
        "author": ", ".join(transcript.talk.persons),
        "podcastName": transcript.conference,
        "chapters": [
            {"startTime": chapter.second, "title": chapter.title, "toc": True} for chapter in found
        ],
    }
    kept = {key: value for key, value in document.items() if value}
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def _clock(second: int) -> str:
    """`01:02:03`"""
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def _escaped(title: str) -> str:
    """As the text of a cue, in which `-->` may not occur."""
    return title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
