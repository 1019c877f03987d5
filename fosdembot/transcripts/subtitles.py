"""Subtitles of a recording (WebVTT, https://www.w3.org/TR/webvtt1/) as words and seconds.

Read leniently, as browsers do: a cue that cannot be read is left out, but not many of them. Only
what a cue says and when is of interest; settings, styles and notes are passed over. (A library,
webvtt-py, is what the tests compare with. It is not used here: it decodes no entities, leaves out
what is broken without a word, and takes a minute for what is allowed in size.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from fosdembot.schedule.text import clean

MOST_CUES = 30_000
"""A day of recording has about 20,000."""
LONGEST_CUE = 2_000
"""Characters that are kept of one."""
_MOST_BROKEN = 1 / 10
_LONGEST_SECONDS = 400 * 3600

_TIME = r"(?:(\d{1,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t]|$)", re.ASCII)
_NEWLINE = re.compile(r"\r\n|\r|\n")
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|[\d:.]*|/)>", re.ASCII)
_SUBRIP = re.compile(r"\s*\d+\s*\n\s*\d\d:\d\d:\d\d,\d{3}\s*-->")
_PAGE = re.compile(r"\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from one second of the recording to another."""

    start: float
    end: float
    text: str
    """On one line, without tags."""


class BadSubtitles(Exception):
    """A file cannot be read as subtitles; the message is one line with the remedy."""


def read(data: bytes) -> tuple[Cue, ...]:
    """The cues by their start, without what automatic captions repeat. Raises `BadSubtitles`."""
    text = _decoded(data)
    found: list[Cue] = []
    broken: list[int] = []
    for line, timing, payload in _blocks(text):
        cue = _cue(timing, payload)
        if cue is None:
            broken.append(line)
        else:
            found.append(cue)
        if len(found) + len(broken) > MOST_CUES:
            raise BadSubtitles(
                f"they have more than {MOST_CUES:,} cues: give those of this talk alone"
            )
    if len(broken) > (len(found) + len(broken)) * _MOST_BROKEN:
        raise BadSubtitles(
            f"{len(broken)} of {len(found) + len(broken)} cues have no time that can be read,"
            f" the first at line {broken[0]}: export them as WebVTT (00:01:02.345 --> 00:01:04.000)"
        )
    found = [cue for cue in found if cue.text]
    if not found:
        raise BadSubtitles("nothing is said in them: is it the right file?")
    found.sort(key=lambda cue: (cue.start, cue.end))
    return tuple(_without_repetitions(found))


def _decoded(data: bytes) -> str:
    text = data.decode("utf-8-sig", errors="replace")
    first, rest = text[:6], text[6:7]
    if first != "WEBVTT" or rest not in ("", " ", "\t", "\r", "\n"):
        beginning = text[:1000]
        if _SUBRIP.match(beginning):
            found = "they are SubRip (.srt)"
        elif _PAGE.match(beginning):
            found = "it is a web page"
        else:
            found = "it does not begin with WEBVTT"
        raise BadSubtitles(f"no WebVTT, {found}: give the .vtt file")
    return text


def _blocks(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """The number of the line with the time of each cue, that line, and those below it."""
    timing, at, payload = "", 0, list[str]()
    for number, line in enumerate(_NEWLINE.split(text), start=1):
        if "-->" in line:
            # Also without an empty line before it, as the specification says.
            if timing:
                yield at, timing, payload
            timing, at, payload = line, number, []
        elif not line and timing:
            yield at, timing, payload
            timing = ""
        elif timing:
            payload.append(line)
    if timing:
        yield at, timing, payload


def _cue(timing: str, payload: Sequence[str]) -> Cue | None:
    match = _TIMING.match(timing)
    if match is None:
        return None
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if max(start, end) > _LONGEST_SECONDS:
        return None
    text = "\n".join(payload)[: 4 * LONGEST_CUE]
    return Cue(start, max(start, end), clean(unescape(_TAG.sub("", text)), LONGEST_CUE))


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return (hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + thousandths) / 1000


# ------------------------------------------------------------------ captions that roll

_ROLLING = 3 / 10
"""Share of cues that begin with what the one before ended with, from which on captions are taken
to roll. People repeat themselves, but not that often."""
_MOST_WORDS = 60
_NEXT = 1.0
"""Seconds between a cue and the one that repeats it, at most."""


def _without_repetitions(cues: Sequence[Cue]) -> Iterable[Cue]:
    """Automatic captions roll: each cue shows the last line of the one before once more, so that
    everything is there twice or three times."""
    words = [cue.text.split() for cue in cues]
    repeated = [0]
    for number in range(1, len(cues)):
        near = cues[number].start - cues[number - 1].end < _NEXT
        repeated.append(_overlap(words[number - 1], words[number]) if near else 0)
    # One word ("So …") may be chance, unless it is all that one of them says.
    telling = sum(
        count > 1 or (count == 1 and min(len(words[number]), len(words[number - 1])) == 1)
        for number, count in enumerate(repeated)
    )
    if telling < len(cues) * _ROLLING:
        return cues
    kept: list[Cue] = []
    for cue, said, count in zip(cues, words, repeated, strict=True):
        if count < len(said):
            kept.append(replace(cue, text=" ".join(said[count:])))
        elif kept:
            kept[-1] = replace(kept[-1], end=max(kept[-1].end, cue.end))
    return kept


def _overlap(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words the second begins with that the first ends with."""
    most = min(len(before), len(after), _MOST_WORDS)
    for count in range(most, 0, -1):
        if before[-count:] == after[:count]:
            return count
    return 0
