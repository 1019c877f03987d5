"""A transcript with what the subtitles of its recording say: where each question was read, and what
was answered.

Pure, and idempotent: what was found before does not count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from math import inf

from .matching import Asked, Matches, Place, match
from .model import LONGEST_RECORDING, Question, Spoken, TalkInfo, Transcript
from .subtitles import Cue

LONGEST_QUOTE = 1_500
"""Characters of what is quoted of an answer: about two minutes of speech."""
_SHORTEST_CUT = 500
"""It is cut at the end of a sentence, unless that would leave less than this."""
_UNSURE = 60.0
"""Seconds: so well is known when a question was read of which only the taking is known. Rather the
end of an answer is lost than that somebody's question is quoted who took it back."""
_SENTENCE_ENDS = re.compile(r"[.?!…][\"')\]]*(?=\s)")
_REST_OF_QUESTION = 4
"""Words of the question that may be left where what was compared ends."""


def enrich(transcript: Transcript, cues: Sequence[Cue], others: Sequence[Asked] = ()) -> Transcript:
    """The transcript with the seconds of its questions and quotes of their answers, from the
    subtitles of its recording.

    `others` are questions of the talk that the transcript may not show (they were removed): no
    quote goes on into their reading. Their numbers are not those of others. Of `unread` ones that
    are not among them only the moment is known.
    """
    asked = [_asked(question, transcript.talk) for question in transcript.questions]
    read = [*asked, *(each for each in others if each.text)]
    found = match(read, cues)
    last = max((cue.end for cue in cues), default=0.0)
    unread = {each.number: _taken(each.taken_at, transcript.talk) for each in transcript.unread}
    unread |= {each.number: each.taken for each in others if each.taken is not None}
    stops = [taken for number, taken in unread.items() if number not in found.places]
    ends = {each.number: _end(each, found, stops) for each in read if each.number in found.places}
    quotes = _quotes(found.places, cues, ends)
    questions = tuple(
        question.model_copy(update={"spoken": _spoken(each, found, quotes, last)})
        for question, each in zip(transcript.questions, asked, strict=True)
    )
    offset = None if found.offset is None else round(found.offset, 1)
    return transcript.model_copy(update={"questions": questions, "recording_offset": offset})


def found_in(transcript: Transcript) -> int:
    """How many of its questions were found in subtitles."""
    return sum(
        question.spoken is not None and question.spoken.score is not None
        for question in transcript.questions
    )


def _asked(question: Question, talk: TalkInfo) -> Asked:
    if question.taken_at is None:
        return Asked(question.number, question.text, None)
    return Asked(question.number, question.text, _taken(question.taken_at, talk))


def _taken(moment: datetime, talk: TalkInfo) -> float:
    return (moment - talk.actual.start).total_seconds()


def _end(asked: Asked, found: Matches, stops: Collection[float]) -> float:
    """The second at which the quote of its answer ends at the latest: some time before somebody may
    read what was taken next and is not to be read, at `stops` (seconds of the talk)."""
    place, offset = found.places[asked.number], found.offset
    if offset is None and asked.taken is not None:
        offset = place.second - asked.taken
    if offset is None:
        return place.end if stops else inf
    own = asked.taken if asked.taken is not None else place.second - offset
    return min((stop + offset - _UNSURE for stop in stops if stop > own), default=inf)


def _spoken(asked: Asked, found: Matches, quotes: Mapping[int, str], last: float) -> Spoken | None:
    """Where a question is in the recording: found, or placed by the others; None: not known."""
    place = found.places.get(asked.number)
    if place is not None:
        second = min(place.second, LONGEST_RECORDING)
        quote = quotes.get(asked.number)
        return Spoken(second=round(second, 1), score=place.score, quote=quote)
    if found.offset is None or asked.taken is None:
        return None
    second = found.offset + asked.taken
    # Taken after the recording: perhaps answered, but not in it.
    return Spoken(second=round(second, 1), score=None) if 0 <= second < last else None


def _quotes(
    places: Mapping[int, Place], cues: Sequence[Cue], latest: Mapping[int, float]
) -> Mapping[int, str]:
    """What is said from each question to the next one, or to the `latest` second, by number."""
    said = [
        (cue.start + (cue.end - cue.start) * n / len(some), word)
        for cue in cues
        for some in [cue.text.split()]
        for n, word in enumerate(some)
    ]
    seconds = [second for second, _ in said]
    ordered = sorted(places.items(), key=lambda each: each[1].second)
    quotes = {}
    ends = [place.second for _, place in ordered[1:]]
    for (number, place), end in zip(ordered, [*ends, inf], strict=False):
        until = bisect_left(seconds, min(end, latest[number]))
        words = [word for _, word in said[bisect_left(seconds, place.end) : until]]
        if quote := _shortened(_answer(words)):
            quotes[number] = quote
    return quotes


def _answer(words: Sequence[str]) -> Sequence[str]:
    """Without the last words of the question, where its end is marked."""
    for count, word in enumerate(words[:_REST_OF_QUESTION], start=1):
        if word.rstrip("\"')").endswith("?"):
            return words[count:]
    return words


def _shortened(words: Sequence[str]) -> str:
    """At most `LONGEST_QUOTE` characters, up to the end of a sentence where there is one."""
    text = " ".join(words[:LONGEST_QUOTE])
    if len(text) <= LONGEST_QUOTE:
        return text
    ends = [found.end() for found in _SENTENCE_ENDS.finditer(text[:LONGEST_QUOTE])]
    if ends and ends[-1] >= _SHORTEST_CUT:
        return text[: ends[-1]]
    return text[: LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"
