"""What the judge found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from statistics import median

from simulation.events import Json

LATE_AFTER = 2.0
"""Seconds, on the wall. A homeserver takes a message in a few hundredths of a second, and
nobody in a room would call two seconds late; what takes longer was held up somewhere."""


@dataclass(slots=True)
class Verdict:
    """`faults` says in a sentence each what was counted as wrong; times are in real seconds."""

    late_after: float
    notices: Counter[str] = field(default_factory=Counter)
    """By kind."""
    pins: int = 0
    talks: int = 0
    """Which their room was told were on."""
    rooms: int = 0
    """Which were told so."""
    lateness: list[float] = field(default_factory=list)
    commands: int = 0
    answers: int = 0
    waits: list[float] = field(default_factory=list)
    """From what somebody does to what the bot says of it."""
    questions: Counter[str] = field(default_factory=Counter)
    """By the state in which the hosts' room shows them at last."""
    votes_expected: int = 0
    """By what people did,"""
    votes_counted: int = 0
    """and by what the bot says."""
    boards: int = 0
    """Pinned messages that at last showed the right questions in the right order."""
    answers_written: int = 0
    """Which speakers gave in writing, and their askers were told."""
    in_meeting: int = 0
    """Lines of the bot in the speaker's meeting."""
    transcripts: list[str] = field(default_factory=list)
    """Their pages, of the talks that are over."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Where questions were found in a recording."""
    pages: list[str] = field(default_factory=list)
    """Paths of the pages that showed what they must."""
    page_news: int = 0
    """What those were told that stayed open."""
    hall_votes: int = 0
    """Of people in the hall, without an account."""
    lost: int = 0
    doubled: int = 0
    late: int = 0
    unexpected: int = 0
    """What the rooms should not have been told, or not yet."""
    overtaken: int = 0
    """What was rightly left out: it held for less time than a message may be late."""
    faults: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.faults

    def as_json(self) -> Json:
        return {
            "talks": self.talks,
            "rooms": self.rooms,
            "notices": dict(sorted(self.notices.items())),
            "pins": self.pins,
            "lateness_seconds": _spread(self.lateness),
            "commands": self.commands,
            "answers": self.answers,
            "answer_seconds": _spread(self.waits),
            "questions": dict(sorted(self.questions.items())),
            "votes_expected": self.votes_expected,
            "votes_counted": self.votes_counted,
            "boards": self.boards,
            "letters": self.notices["letter"],
            "answers_written": self.answers_written,
            "in_meeting": self.in_meeting,
            "transcripts": self.transcripts,
            "seconds_in_recording": self.seconds,
            "pages": self.pages,
            "page_news": self.page_news,
            "hall_votes": self.hall_votes,
            "lost": self.lost,
            "doubled": self.doubled,
            "late": self.late,
            "late_after_seconds": self.late_after,
            "unexpected": self.unexpected,
            "overtaken": self.overtaken,
            "faults": self.faults,
        }


async def forgiving(judging: Awaitable[Verdict], late_after: float, *, once: bool) -> Verdict:
    """What the judge found. It knows the script alone, and people are invited to take part: what it
    does not understand is a fault like others, and ends nothing. With `once` nobody looks on, and
    its own errors are raised."""
    try:
        return await judging
    except Exception as err:
        if once:
            raise
        fault = f"the rest could not be judged ({type(err).__name__}: {err})"
        return Verdict(late_after, faults=[fault])


def _spread(seconds: Sequence[float]) -> dict[str, float | None]:
    return {
        "p50": round(median(seconds), 3) if seconds else None,
        "max": round(max(seconds), 3) if seconds else None,
    }
