"""The recording of one talk in the demo, which is out some hours after it.

Of the recording there is only silence; of its subtitles, what was said from the first question on.
The host reads questions aloud as hosts do: not quite as they were typed.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from .sample import moment

TALK = 1
"""Its id."""
NAME = "teacup"
BEGINS = "09:59:40"
"""The recording runs as fast as the conference."""
_ENDS = "10:25"

_SAID: Sequence[tuple[str, str]] = (
    ("09:59:44", "Good morning. Can you hear me at the back? Good."),
    ("09:59:51", "So, this is a kernel, and it fits in a teacup. We will fill the cup first."),
    ("10:07:20", "A whole scheduler, you will say. We come to that, and to the bytes."),
    ("10:14:05", "And if the saucer is wet, nothing is lost: that is why there is a saucer."),
    ("10:16:42", "Thank you. The first question from the room:"),
    ("10:16:46", "is this really a whole scheduler in six hundred and forty bytes?"),
    ("10:16:53", "Six hundred and thirty-eight. The last two are a joke in a comment."),
    ("10:17:00", "It knows three things: who is next, who waits, and who has had tea."),
    ("10:17:08", "What is missing are priorities. Tea is fair."),
    ("10:21:04", "Does it, um, boot from a wet saucer?"),
    ("10:21:11", "From a wet one, yes: the water conducts."),
    ("10:21:16", "From a dry one you need a spoon, and somebody who stirs."),
    ("10:21:24", "With milk it takes twice as long. Nobody knows why."),
    ("10:22:10", "That was all the time we have. The others get their answers in writing."),
)
"""When somebody said what."""
READ_ALOUD: Mapping[int, str] = {1: "10:16:46", 2: "10:21:04"}
"""By question when it was read."""
UNREAD = (3, 4, 6)
"""Questions that were not: nothing may be claimed of them."""
ANSWERS = {1: "who has had tea", 2: "the water conducts"}
"""A part of what was said to each."""
_RATE = 4_000
"""Samples a second; browsers do not play much fewer."""
_BYTES = 2
"""Of each."""


def second(clock: str) -> float:
    """Of the recording."""
    return (moment(clock) - moment(BEGINS)).total_seconds()


def links(site: str) -> Sequence[tuple[str, str]]:
    """Label and address of what a later schedule links, where `site` serves it."""
    return (
        ("Audio recording (WAV)", f"{site}/recordings/{NAME}.wav"),
        ("Subtitles (VTT)", f"{site}/recordings/{NAME}.vtt"),
    )


def write(folder: Path) -> None:
    """The recording and its subtitles."""
    (folder / f"{NAME}.vtt").write_text(subtitles(), encoding="utf-8")
    length = round(second(_ENDS)) * _RATE * _BYTES
    with (folder / f"{NAME}.wav").open("wb") as file:
        file.write(_header(length))
        # Silence is zeros, which take no place on the disk.
        file.truncate(file.tell() + length)


def _header(length: int) -> bytes:
    """Of a WAV file with so many bytes of sound on one channel."""
    sound = (16, 1, 1, _RATE, _RATE * _BYTES, _BYTES, 8 * _BYTES)
    parts = (b"RIFF", 36 + length, b"WAVE", b"fmt ", *sound, b"data", length)
    return struct.pack("<4sI4s4sIHHIIHH4sI", *parts)


def subtitles() -> str:
    """As WebVTT."""
    ends = [clock for clock, _ in _SAID[1:]] + [_ENDS]
    cues = [
        f"{_time(second(begin))} --> {_time(min(second(begin) + 7, second(end)))}\n{text}\n"
        for (begin, text), end in zip(_SAID, ends, strict=True)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _time(at: float) -> str:
    minutes, seconds = divmod(at, 60)
    return f"00:{int(minutes):02}:{seconds:06.3f}"
