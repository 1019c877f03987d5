"""The runs of words in subtitles that are like a question."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise

from rapidfuzz import fuzz, process

from .subtitles import Cue
from .words import COMMON, LEAST_ALIKE, is_comparable, sound, words

MOST_WORDS = 60_000
"""That are looked at: more than six hours of speech."""
LONGEST_QUESTION = 40
"""Words of it that are compared."""
_MOST = 10
"""Candidates of a question."""
_MOST_ROUGH = 1_000
"""Places at which a question might end, of which the candidates are chosen."""
_COMMON_WEIGHT = 0.2
"""What a word that everybody says all the time tells, where others tell 1."""
_LEAST_COVERED = 0.4
"""Of the telling words, for a place to be looked at closely."""
_STEEPNESS = 1.5
"""What is not covered counts for more than what is."""
_REPLACED = 8.0
"""What is taken off for each telling word in place of which another one is said: that is mostly
another question ("message reactions" for "message edits"). One that is only left out is not."""


@dataclass(frozen=True, slots=True)
class Candidate:
    first: int
    last: int
    """The words of it, the last one included."""
    second: float
    """At which it begins,"""
    end: float
    """and at which it is over."""
    score: float
    """0 to 100."""


class Heard:
    """The words of the subtitles, each with its seconds."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.words: list[str] = []
        self.starts: list[float] = []
        self.ends: list[float] = []
        for cue in cues:
            said = words(cue.text)[: MOST_WORDS - len(self.words)]
            step = (cue.end - cue.start) / max(1, len(said))
            self.words += said
            self.starts += (cue.start + step * n for n in range(len(said)))
            self.ends += (cue.start + step * (n + 1) for n in range(len(said)))
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._pairs: defaultdict[str, list[int]] = defaultdict(list)
        """Where two words follow each other that somebody may have typed as one, by their
        letters, and by their sound."""
        for place, word in enumerate(self.words):
            self._places[word].append(place)
        for place, (one, other) in enumerate(pairwise(self.words)):
            self._pairs[one + other].append(place)
            if len(heard := sound(one + other)) >= 4:
                self._pairs[f"~{heard}"].append(place)
        self._comparable = [word for word in self._places if is_comparable(word)]
        self._sounds = [sound(word) for word in self._comparable]
        self._known: dict[str, dict[int, float]] = {}

    def hits(self, word: str) -> Mapping[int, float]:
        """Where the word or one like it was said, and how much like it, up to 1."""
        if word not in self._known:
            found: dict[int, float] = {}
            for other, degree in self._alike(word):
                for place in self._places[other]:
                    found[place] = max(degree, found.get(place, 0.0))
            if word not in COMMON:
                for key, degree in ((word, 1.0), (f"~{sound(word)}", 0.9)):
                    for place in self._pairs.get(key, ()):
                        found[place] = max(degree, found.get(place, 0.0))
            self._known[word] = found
        return self._known[word]

    def together(self, one: str, other: str) -> Mapping[int, float]:
        """Where two words that somebody typed apart were heard as one."""
        return dict.fromkeys(self._places.get(one + other, ()), 1.0)

    def _alike(self, word: str) -> Iterator[tuple[str, float]]:
        if word in self._places:
            yield word, 1.0
        if word in COMMON or not is_comparable(word):
            return
        cutoff = 100 * LEAST_ALIKE
        for other, score, _ in process.extract(
            word, self._comparable, scorer=fuzz.ratio, score_cutoff=cutoff, limit=None
        ):
            yield other, score / 100
        if len(said := sound(word)) >= 3:
            for their_sound, score, index in process.extract(
                said, self._sounds, scorer=fuzz.ratio, score_cutoff=cutoff / 0.9, limit=None
            ):
                if len(their_sound) >= 3:
                    yield self._comparable[index], 0.9 * score / 100


class Wording:
    """A question as it is looked for."""

    def __init__(self, text: str, heard: Heard) -> None:
        self.heard = heard
        self.words = words(text)[:LONGEST_QUESTION]
        self.joined = "".join(self.words)
        self.weights = {w: _COMMON_WEIGHT if w in COMMON else 1.0 for w in self.words}
        self.telling = sum(word not in COMMON for word in self.weights)
        """How many of its words tell it from others."""
        self._reach = max(4, round(len(self.words) * 1.5))
        """Words between the first and the last one of a reading, at most."""
        self.hits = {word: dict(heard.hits(word)) for word in self.weights}
        for one, other in pairwise(self.words):
            both = heard.together(one, other)
            for word in (one, other):
                self.hits[word] |= both

    def candidates(self) -> list[Candidate]:
        """The best ones, by their place."""
        found: dict[tuple[int, int], Candidate] = {}
        for place in self._dense():
            candidate = self._closely(place)
            found[candidate.first, candidate.last] = candidate
        return sorted(found.values(), key=lambda each: (each.first, each.last))

    def _dense(self) -> Iterator[int]:
        """Where telling words close together end, the most of them first."""
        said = sorted(
            (place, word)
            for word, hits in self.hits.items()
            if word not in COMMON
            for place in hits
        )
        within: Counter[str] = Counter()
        rough: list[tuple[int, int]] = []
        begin = distinct = 0
        for place, word in said:
            within[word] += 1
            distinct += within[word] == 1
            while said[begin][0] < place - self._reach:
                within[said[begin][1]] -= 1
                distinct -= within[said[begin][1]] == 0
                begin += 1
            if distinct >= self.telling * _LEAST_COVERED:
                rough.append((-distinct, place))
        seen: list[int] = []
        for _, place in nsmallest(_MOST_ROUGH, rough):
            if all(abs(place - other) > max(2, len(self.words) // 2) for other in seen):
                seen.append(place)
                yield place
                if len(seen) == _MOST:
                    return

    def _closely(self, place: int) -> Candidate:
        """The run of words up to about a place that is most like the question, letter by letter."""
        heard, size = self.heard, len(self.words)
        count = len(heard.words)
        best, first, last = -1.0, place, place
        for begin in range(max(0, place - self._reach), place + 1):
            for length in range(max(1, round(size * 0.6)), round(size * 1.5) + 2):
                end = min(count, begin + length)
                score = fuzz.ratio(self.joined, "".join(heard.words[begin:end]))
                if score > best:
                    best, first, last = score, begin, end - 1
        # Who rewords a question changes the order, so words beside it count as well.
        covered = self._covered(max(0, first - 2), min(count - 1, last + 2))
        score = 0.4 * best + 60 * max(0.0, 1 - _STEEPNESS * (1 - covered))
        score = max(0.0, score - _REPLACED * self._replaced(first, last))
        return Candidate(first, last, heard.starts[first], heard.ends[last], score)

    def _covered(self, first: int, last: int) -> float:
        """The share of what the question tells that these words say, 0 to 1."""
        said = sum(
            weight * max(self.hits[word].get(place, 0.0) for place in range(first, last + 1))
            for word, weight in self.weights.items()
        )
        return said / sum(self.weights.values())

    def _replaced(self, first: int, last: int) -> int:
        """How many telling words are missing where there are others instead."""
        end = min(len(self.heard.words) - 1, last + 1)
        here = range(first, end + 1)
        missing = sum(
            word not in COMMON and not any(place in self.hits[word] for place in here)
            for word in self.weights
        )
        others = sum(
            self.heard.words[place] not in COMMON
            and not any(place in hits for hits in self.hits.values())
            for place in here
        )
        return min(missing, others)
