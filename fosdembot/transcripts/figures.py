"""How many wrote, asked and voted, and what became of the questions: by talk and by track. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from fosdembot.texts.render import clean

from .model import People, Question, Transcript

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of questions."""

    questions: int = 0
    answered: int = 0
    in_room: int = 0
    in_writing: int = 0
    votes: int = 0
    waits: tuple[float, ...] = ()
    """Minutes from asking to being taken, of each question that was taken."""

    @property
    def wait(self) -> float | None:
        """The median, to a tenth."""
        return round(median(self.waits), 1) if self.waits else None


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one talk, or the sums of several."""

    people: People
    took_part: int
    """The least number of people who can have taken part: more is not known, as those who wrote
    may be those who voted."""
    messages: int
    asked: Asked


@dataclass(frozen=True, slots=True)
class TalkFigures:
    name: str
    title: str
    track: str
    place: str
    start: datetime
    zone: str
    conference: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class TrackFigures:
    track: str
    talks: int
    counts: Counts


def of_talk(name: str, transcript: Transcript) -> TalkFigures:
    talk, people, asked = transcript.talk, transcript.people, transcript.questions
    counts = Counts(
        people=people,
        took_part=max(people.wrote, people.asked, people.voted),
        messages=transcript.messages,
        asked=Asked(
            questions=len(asked),
            answered=sum(map(is_answered, asked)),
            in_room=sum(map(was_answered_in_room, asked)),
            in_writing=sum(bool(question.answers) for question in asked),
            votes=sum(question.votes for question in asked),
            waits=tuple(wait for question in asked if (wait := waited(question)) is not None),
        ),
    )
    return TalkFigures(
        name,
        clean(talk.title, _LONGEST) or name,
        clean(talk.track, _LONGEST),
        clean(talk.place, _LONGEST),
        talk.actual.start,
        transcript.zone,
        clean(transcript.conference, _LONGEST),
        counts,
    )


def by_track(talks: Iterable[TalkFigures]) -> list[TrackFigures]:
    """Those that drew most first."""
    tracks: dict[str, list[Counts]] = {}
    for talk in talks:
        tracks.setdefault(talk.track, []).append(talk.counts)
    summed = [TrackFigures(track, len(some), _sum(some)) for track, some in tracks.items()]
    return sorted(summed, key=lambda track: (-track.counts.took_part, track.track))


def drew_most(talks: Iterable[TalkFigures]) -> list[TalkFigures]:
    """All, the one that drew most first."""

    def order(talk: TalkFigures) -> tuple[int, int, int, str]:
        counts = talk.counts
        return -counts.took_part, -counts.asked.votes, -counts.asked.questions, talk.name

    return sorted(talks, key=order)


def is_answered(question: Question) -> bool:
    """On the stage or in writing."""
    return bool(question.answers) or question.state in ("answering", "answered")


def was_answered_in_room(question: Question) -> bool:
    taken = question.taken_at is not None or not question.answers
    return taken and question.state in ("answering", "answered")


def waited(question: Question) -> float | None:
    """Minutes."""
    if question.taken_at is None:
        return None
    return max(0.0, (question.taken_at - question.asked_at).total_seconds() / 60)


def _sum(some: Sequence[Counts]) -> Counts:
    return Counts(
        people=People(
            wrote=sum(counts.people.wrote for counts in some),
            asked=sum(counts.people.asked for counts in some),
            voted=sum(counts.people.voted for counts in some),
        ),
        took_part=sum(counts.took_part for counts in some),
        messages=sum(counts.messages for counts in some),
        asked=Asked(
            questions=sum(counts.asked.questions for counts in some),
            answered=sum(counts.asked.answered for counts in some),
            in_room=sum(counts.asked.in_room for counts in some),
            in_writing=sum(counts.asked.in_writing for counts in some),
            votes=sum(counts.asked.votes for counts in some),
            waits=tuple(wait for counts in some for wait in counts.asked.waits),
        ),
    )
