"""Talks with subtitles and questions, made by hand, with the second at which each was read aloud.

`golden/NAME.vtt` are the subtitles of a short talk with its questions and answers;
`golden/NAME.json` says which questions were asked, when the bot saw them taken (seconds after the
talk's start), where in the recording the talk starts (`offset`), and at which second of it each was
read (null: never). The rules were made with those that are not held out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fosdembot.transcripts.matching import Asked, Matches, match
from fosdembot.transcripts.subtitles import Cue, read

FOLDER = Path(__file__).parent / "golden"
NEAR = 10.0
"""Seconds from the right place that are right."""


@dataclass(frozen=True)
class GoldenTalk:
    name: str
    held_out: bool
    offset: float
    asked: tuple[Asked, ...]
    read_at: dict[int, float | None]
    cues: tuple[Cue, ...]

    def wrong(self, found: Matches) -> list[int]:
        """The numbers of those that were claimed to be where they are not."""
        return [n for n, place in found.places.items() if not self._near(n, place.second)]

    def right(self, found: Matches) -> list[int]:
        """Of those that were found, and of those rightly not claimed."""
        placed = [n for n in found.places if n not in self.wrong(found)]
        return placed + [
            n for n, at in self.read_at.items() if at is None and n not in found.places
        ]

    def _near(self, number: int, second: float) -> bool:
        at = self.read_at[number]
        return at is not None and abs(at - second) <= NEAR


def talks() -> Sequence[GoldenTalk]:
    return [_talk(path) for path in sorted(FOLDER.glob("*.json"))]


def _talk(path: Path) -> GoldenTalk:
    said = json.loads(path.read_text())
    questions = said["questions"]
    return GoldenTalk(
        path.stem,
        said["held_out"],
        said["offset"],
        tuple(Asked(each["number"], each["text"], each["taken"]) for each in questions),
        {each["number"]: each["read"] for each in questions},
        read(path.with_suffix(".vtt").read_bytes()),
    )


def figures() -> str:
    """For the docs: `python -m tests.transcripts.golden_set`."""
    rows = []
    for held_out in (False, True):
        some = [talk for talk in talks() if talk.held_out is held_out]
        found = [match(talk.asked, talk.cues) for talk in some]
        asked = sum(len(talk.asked) for talk in some)
        read_aloud = sum(at is not None for talk in some for at in talk.read_at.values())
        pairs = list(zip(some, found, strict=True))
        right = sum(len(talk.right(matches)) for talk, matches in pairs)
        wrong = sum(len(talk.wrong(matches)) for talk, matches in pairs)
        placed = sum(len(matches.places) for matches in found)
        what = "held out" if held_out else "the rules were made with these"
        rows.append(
            f"| {what} | {len(some)} | {asked} | {read_aloud} | {placed} | {wrong} |"
            f" {right} ({100 * right // asked} %) |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    print(figures())
