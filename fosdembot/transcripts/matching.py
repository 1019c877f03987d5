"""Where in the subtitles of a recording each question was read aloud.

The host reads it, more or less as it stands; a machine hears that, more or less. What is like a
question is a candidate (`candidates.py`). Then all are placed together: each at a place of its own,
in the order in which they were taken, and with about the same time between what the bot noted and
what the recording shows. Nothing is claimed where that does not come out clearly.

Pure: the same questions and cues give the same places.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .candidates import Candidate, Heard, Wording
from .subtitles import Cue

THRESHOLD = 70.0
"""Score below which nothing is claimed. In the golden set (docs/transcripts.md) most questions have
more where they were read, and none that differs in a telling word has more than 67."""
_SHORT_THRESHOLD = 80.0
"""The same for questions that say little, and for those of which nobody noted when."""
_TELLING = 3
"""Words that tell a question from others, from which on chance does not repeat it. "Does it boot?"
has one: such a question is claimed only where others have shown at which second it must be."""
_TOLERANCE = 180.0
"""Seconds: a host takes a question a little before it is read, or notices after it."""
_SHORT_TOLERANCE = 60.0
_FARTHEST = 240.0
"""Seconds between the talk's start and the recording's that are believed of one question alone. A
speaker may say in the talk word by word what is asked later and not read then."""
_AGAIN = 60.0
"""Seconds within which the same question is the same reading: speakers repeat it."""
_AGAIN_SCORE = 8.0
"""How much better the repetition may be."""
_SWAPPED = 60.0
"""Seconds between two takings of which the order may be the other one."""
_UNTAKEN_MARGIN = 15.0
_MOST_OFFSETS = 60
MOST_QUESTIONS = 150
"""That are looked for in one talk."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that may have been read aloud."""

    number: int
    text: str
    taken: float | None
    """Seconds after the talk's actual start at which it was taken; None: it was not."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question was read."""

    second: float
    """Of the recording, at which that begins,"""
    end: float
    """and at which it ends."""
    score: float
    """0 to 100: how much alike is what was asked and what was read."""


@dataclass(frozen=True, slots=True)
class Matches:
    places: Mapping[int, Place]
    """By number; only where it is clear."""
    offset: float | None
    """Second of the recording at which the talk's actual start is, where two or more questions
    show it."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A question at a candidate's place."""

    number: int
    taken: float
    at: Candidate
    is_short: bool

    @property
    def offset(self) -> float:
        return self.at.second - self.taken


def match(questions: Iterable[Asked], cues: Sequence[Cue]) -> Matches:
    """Find where the questions were read."""
    heard = Heard(cues)
    taken: list[_Option] = []
    untaken: list[tuple[int, list[Candidate]]] = []
    for asked in list(questions)[:MOST_QUESTIONS]:
        wording = Wording(asked.text, heard)
        is_short = wording.telling < _TELLING
        least = _SHORT_THRESHOLD if is_short else THRESHOLD
        found = wording.candidates() if wording.telling else []
        if asked.taken is None:
            if not is_short:
                untaken.append((asked.number, found))
            continue
        good = _first_readings([each for each in found if each.score >= least])
        taken += (_Option(asked.number, asked.taken, each, is_short) for each in good)
    chosen = _together(taken)
    offset = None
    if len(chosen) >= 2:
        offset = median(option.offset for option in chosen)
    places = {option.number: option.at for option in chosen}
    if offset is not None:
        places |= _untaken(untaken, list(places.values()))
    return Matches(
        {number: Place(at.second, at.end, round(at.score, 1)) for number, at in places.items()},
        offset,
    )


def _first_readings(found: Sequence[Candidate]) -> list[Candidate]:
    """Without those that repeat one before: hosts read, speakers repeat."""
    kept: list[Candidate] = []
    for each in found:
        again = kept and each.second - kept[-1].second < _AGAIN
        if not again:
            kept.append(each)
        elif each.score > kept[-1].score + _AGAIN_SCORE:
            kept[-1] = each
    return kept


def _together(options: Sequence[_Option]) -> list[_Option]:
    """The options that agree best with one another; at most one of each question."""
    telling = [option for option in options if not option.is_short]
    best: list[_Option] = []
    most = 0.0
    for offset in _offsets(telling):
        near = [each for each in telling if abs(each.offset - offset) <= _TOLERANCE]
        chosen = _in_order(near, offset)
        if len(chosen) < 2 and abs(offset) > _FARTHEST:
            continue
        worth = sum(_worth(each, offset) for each in chosen)
        if worth > most:
            best, most = chosen, worth
    if not best:
        return []
    offset = median(option.offset for option in best)
    near = [
        each
        for each in options
        if abs(each.offset - offset) <= (_SHORT_TOLERANCE if each.is_short else _TOLERANCE)
    ]
    chosen = _in_order(near, offset)
    return chosen + _swapped(near, chosen, offset)


def _offsets(options: Sequence[_Option]) -> list[float]:
    """Those that the options speak for, the best supported ones."""
    found = sorted({round(option.offset) for option in options})
    all_ = sorted(option.offset for option in options)

    def support(offset: float) -> int:
        above = bisect_left(all_, offset + _TOLERANCE)
        return above - bisect_left(all_, offset - _TOLERANCE)

    ranked = sorted(found, key=lambda offset: (-support(offset), abs(offset), offset))
    return [float(offset) for offset in ranked[:_MOST_OFFSETS]]


def _worth(option: _Option, offset: float) -> float:
    """What a place is worth: how much alike it is, less a little for being early or late."""
    return option.at.score - abs(option.offset - offset) / 20


def _in_order(options: Sequence[_Option], offset: float) -> list[_Option]:
    """The most worth that can be had with places in the order of the questions.

    Dynamic programming: the options come by the time of taking, and for each the best chain that
    ends with it is the best one that ends before it begins.
    """
    ordered = sorted(options, key=lambda each: (each.taken, each.number, -each.at.first))
    ends = sorted({option.at.last for option in ordered})
    chains = _BestUpTo(len(ends))
    before: list[int] = []
    groups: list[tuple[int, float, int]] = []
    """Of the question at hand: not yet to be followed by another option of the same one."""
    for index, option in enumerate(ordered):
        if index and ordered[index - 1].number != option.number:
            for group in groups:
                chains.add(*group)
            groups = []
        worth, previous = chains.best(bisect_left(ends, option.at.first))
        before.append(previous)
        groups.append((bisect_left(ends, option.at.last), worth + _worth(option, offset), index))
    for group in groups:
        chains.add(*group)
    _, index = chains.best(len(ends))
    chosen = []
    while index >= 0:
        chosen.append(ordered[index])
        index = before[index]
    return chosen[::-1]


class _BestUpTo:
    """The best of all that was added below a position (a Fenwick tree of maxima)."""

    def __init__(self, size: int) -> None:
        self._tree: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)

    def add(self, position: int, value: float, index: int) -> None:
        position += 1
        while position < len(self._tree):
            if value > self._tree[position][0]:
                self._tree[position] = (value, index)
            position += position & -position

    def best(self, below: int) -> tuple[float, int]:
        found = (0.0, -1)
        while below > 0:
            if self._tree[below][0] > found[0]:
                found = self._tree[below]
            below -= below & -below
        return found


def _swapped(options: Sequence[_Option], chosen: Sequence[_Option], offset: float) -> list[_Option]:
    """Those that are only out of order with questions that were taken at nearly the same time."""
    added: list[_Option] = []
    for option in sorted(options, key=lambda each: (-_worth(each, offset), each.number)):
        there = [*chosen, *added]
        if any(each.number == option.number for each in there):
            continue
        if all(_agree(option, each) for each in there):
            added.append(option)
    return added


def _agree(one: _Option, other: _Option) -> bool:
    if _overlap(one.at, other.at):
        return False
    in_order = (one.taken <= other.taken) == (one.at.first <= other.at.first)
    return in_order or abs(one.taken - other.taken) <= _SWAPPED


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one.first <= other.last and other.first <= one.last


def _untaken(
    questions: Iterable[tuple[int, list[Candidate]]], places: Sequence[Candidate]
) -> dict[int, Candidate]:
    """Those that the bot did not see taken: only what is certain, among the others."""
    begins = min(place.first for place in places)
    found: dict[int, Candidate] = {}
    for number, candidates in questions:
        good = _first_readings(candidates)
        best = max(good, key=lambda each: each.score, default=None)
        if best is None or best.score < _SHORT_THRESHOLD or best.first < begins:
            continue
        rivals = [each.score for each in good if each is not best]
        if max(rivals, default=0.0) > best.score - _UNTAKEN_MARGIN:
            continue
        if not any(_overlap(best, place) for place in (*places, *found.values())):
            found[number] = best
    return found
