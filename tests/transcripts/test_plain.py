"""The text says what the pages say, and fits into 72 columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from fosdembot.transcripts import plain
from fosdembot.transcripts.facts import Facts
from fosdembot.transcripts.model import Line, Span, Transcript

from . import rich
from .samples import message, question, talk, transcript


def text(model: Transcript, lines: Iterable[Line] = ()) -> str:
    facts = Facts(model)
    chat = plain.Chat(facts)
    return "".join([*plain.head(facts), *(part for line in lines for part in chat.line(line))])


def test_it_reads_well() -> None:
    assert text(rich.rich(), rich.LINES).split("\n") == EXPECTED.split("\n")


def test_a_talk_in_the_hour_that_comes_twice_is_as_long_as_it_was() -> None:
    start = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
    planned = Span(start=start, end=start + timedelta(hours=2))
    made = transcript(talk=talk(planned=planned, actual=planned))
    assert "Sun 25 Oct 2026, 01:50 to 02:50 CET\n" in text(made)


def test_what_is_hostile_stays_in_its_lines() -> None:
    made = text(rich.hostile(), rich.hostile_lines())
    assert not set(made) & set("\u202e\u2066\x00\x1b\x0b\x85\u2028\x7f\ufffe")
    for line in made.splitlines():
        assert len(line) <= plain.WIDTH or "://" in line


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("one two", ["12. one two (3 votes)"]),
        ("w" * 150, ["12.", f"    {'w' * 68}", f"    {'w' * 68}", f"    {'w' * 14} (3 votes)"]),
        (
            f"https://example.org/{'x' * 80} is it",
            ["12.", f"    https://example.org/{'x' * 80}", "    is it (3 votes)"],
        ),
        ("one\n\ntwo", ["12. one", "", "    two (3 votes)"]),
    ],
)
def test_long_lines_are_broken_and_addresses_are_not(said: str, lines: list[str]) -> None:
    made = text(transcript([question(12, said)])).split("\n")
    start = next(number for number, line in enumerate(made) if line.startswith("12."))
    assert made[start : start + len(lines)] == lines


def test_a_line_of_a_thread_that_began_elsewhere_says_so() -> None:
    made = text(transcript(), [message("a", "one"), message("b", "two", thread="$x")])
    assert made.endswith("10:02 Bob: one\n  [A thread goes on]\n  | 10:02 Bob: two\n")


EXPECTED = """\
Test Conf 2026
Tiny kernels
============
What is left when everything is taken away
Ada L., Grace H.

Track: Kernel
Room: K.1.105
Planned: Sun 1 Feb 2026, 10:00 to 10:30
Held: 10:00 to 10:32
Time zone: Europe/Brussels
Chat room: #kernel:example.org
Video recording (MP4): https://video.example.org/2026/tiny-kernels.mp4
Subtitles (English): https://video.example.org/tiny.vtt
Slides: tiny.pdf: https://example.org/slides.pdf
The talk in the programme: https://example.org/talk/tiny-kernels
4 questions, 3 of them answered; 14 messages; 9 people wrote, 4 asked,
21 voted
To have something removed, write to privacy@example.org.


Questions
---------

12. How small can a kernel get before it stops being one? (17 votes)
    [Answered in the talk] Asked by Lena at 10:05 (minute 6), taken up
    at 10:21 (minute 22)
    In the recording at 0:21:03:
    https://video.example.org/2026/tiny-kernels.mp4#t=1263
    Automatic transcript of the answer (match 93 of 100): so the
      smallest one that we have booted is forty two kilobytes and that
      is without any driver at all I would say that it stops being a
      kernel when nothing is left to schedule
    Also asked: 16. What is the smallest one that boots? (Tomás)

14. Does it boot on real hardware, or only in an emulator? (9 votes)
    [Answered in the talk] Asked by Søren at 10:12 (minute 13), taken up
    at 10:23 (minute 24)
    In the recording at 0:23:11:
    https://video.example.org/2026/tiny-kernels.mp4#t=1391
    Ada L., in writing after the talk, 10:55: On three boards so far.
      The list, with what is missing on each: https://example.org/boards

      Patches are welcome.

15. Why C and not Rust? (8 votes)
    [Answered in writing] Asked by an attendee at 10:16 (minute 17)
    Ada, in writing, 10:28: Because we started in 1998. New parts are in
      Rust.

19. Will the slides be published? (1 vote)
    [Not answered yet] Asked by Bob at 10:29 (minute 30)


Chat
----

Sun 1 Feb 2026
09:50 Conference bot [bot]: Starting at 10:00: "Tiny kernels"
09:57 Bob: Good morning from the second row!
10:05 Lena [question 12]: !ask How small can a kernel get before it
    stops being one?
    (👍 3)
10:07 Grace H.: This is how we measured it:
    (🎉 1  ❤️ 2)
  | 10:08 Tomás: Is that with or without the symbol table?
  | 10:09 Grace H. [edited]: Without. It would be four times as large.
10:12 Søren [question 14]: !ask Does it boot on real hardware, or only
    in an emulator?
> Søren: Does it boot on real hardware, or only in an emulator?
10:13 Amélie: I have seen it on a board in the hallway
10:15 Grace H.: [Poll] Which part should shrink next?
    - The scheduler: 11
    - Memory: 4
10:17 Amélie: [Image: board.jpg (image/jpeg, 183 kB)]
10:18 Bob: * Bob waves at the speakers
10:19 דנה: שלום, זה נפלא

[After 10:19 a part of the chat is missing: the homeserver did not
answer]
10:24 Eve: [A message that cannot be read]
10:31 Ada L.: Thank you, see https://example.org/kernels for more.
    (👏 8)
"""
