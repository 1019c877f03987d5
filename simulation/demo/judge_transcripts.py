"""Whether the transcripts say what people asked, and nothing that is not for everybody.

It reads the files as they lie there for everybody, and knows nothing of how they are made.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from . import sample_recording as recording
from .acts import Act, Decide, Delete, Told, Write
from .sample import CLOSE, talks
from .tally import Question, Standing, of_talk, tally

NEAR = 10.0
"""Seconds between where a question was read aloud and where the transcript says it was."""
_NOW = re.compile(r'Now, until (\d\d:\d\d): "([^"]*)')
_NOT_TAKEN_UP = ("dismissed", "withdrawn", "pending")
_NOT_SHOWN = (*_NOT_TAKEN_UP, "merged")
_STATES = {True: "Answered in the talk", False: "Answered in writing"}
"""Of answered questions, by whether they were taken."""


@dataclass(slots=True)
class Found:
    """`pages` and `seconds` as in the verdict."""

    pages: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


Files = Mapping[str, bytes]
"""By their place in the folder for everybody."""


def judge_transcripts(public: Path, told: Sequence[Told], acts: Iterable[Act]) -> Found:
    """Compare the files in `public` with what people did: every talk that the rooms were `told`
    of has a transcript, if it was over when the play ended."""
    acts = tuple(acts)
    standing = tally(acts)
    files = _files(public)
    found = Found()
    for item, id_ in _over(told):
        name = f"talk-{id_}"
        page = f"{name}/index.html"
        if page not in files:
            found.faults.append(f"talk {id_} has no transcript")
            continue
        found.pages.append(page)
        for index in ("index.html", "search.json"):
            if name.encode() not in files.get(index, b""):
                found.faults.append(f"{index} does not know talk {id_}")
        asked = of_talk(item, standing, told)
        talk = _Talk(id_, files, [q for q in asked if q.state not in _NOT_SHOWN], acts)
        found.faults += talk.faults()
        if id_ == recording.TALK:
            found.seconds = talk.seconds()
    found.faults += _what_is_gone(files, standing, acts)
    return found


def _files(public: Path) -> Files:
    files = {}
    for place in sorted(public.rglob("*")):
        # Meanwhile the bot writes, and puts new files in the place of others.
        with suppress(FileNotFoundError):
            if place.is_file():
                files[place.relative_to(public).as_posix()] = place.read_bytes()
    return files


def _over(told: Iterable[Told]) -> Iterator[tuple[Told, int]]:
    """The notices of talks that are over when the play ends, with the ids of these."""
    for item in told:
        shown = _NOW.match(item.words) if item.kind == "now" else None
        if shown is not None and shown[1] <= CLOSE:
            [id_] = [talk.id for talk in talks() if talk.title.startswith(shown[2])]
            yield item, id_


class _Talk:
    """One transcript; `asked` is what it should show."""

    def __init__(
        self, id_: int, files: Files, asked: Sequence[Question], acts: Sequence[Act]
    ) -> None:
        self._id = id_
        self._files = files
        self._asked = {question.ask.number: question for question in asked}
        self._acts = acts
        table = self._file("questions.csv").decode("utf-8-sig").splitlines(keepends=True)
        self._rows = {int(row["Number"]): row for row in csv.DictReader(table)}

    def faults(self) -> Iterator[str]:
        if sorted(self._rows) != sorted(self._asked):
            yield self._fault(f"has questions {sorted(self._rows)}, not {sorted(self._asked)}")
            return
        page = self._file("index.html")
        for number, question in self._asked.items():
            for what, is_right in self._compared(question, self._rows[number], page):
                if not is_right:
                    yield self._fault(f"question {number} has other {what}: {self._rows[number]}")
        yield from self._seconds_faults()

    def _compared(
        self, question: Question, row: Mapping[str, str], page: bytes
    ) -> Iterator[tuple[str, bool]]:
        """What it says of a question, and whether that is right."""
        key = question.ask.room, question.ask.number
        about = [
            a for a in self._acts if isinstance(a, Decide | Write) if (a.room, a.number) == key
        ]
        written = [act.text for act in about if isinstance(act, Write)]
        taken = any(isinstance(act, Decide) and act.state == "answering" for act in about)
        state = _STATES[taken] if question.state == "answered" else "Not answered yet"
        parts = sorted(part.ask.number for part in question.parts if part is not question)
        asker = "an attendee" if question.ask.nameless else question.ask.who
        yield "words", row["Question"] == question.text
        yield "votes", row["Votes"] == str(question.votes)
        yield "asker", row["Asked by"] == asker
        yield "state", row["State"] == state
        yield "answers", all(text in row["Answers in writing"] for text in written)
        yield "parts", row["Merged numbers"] == ", ".join(map(str, parts))
        yield "place on its page", f'id="question-{question.ask.number}"'.encode() in page

    def seconds(self) -> dict[str, float]:
        column = "Second of the recording"
        return {
            str(number): float(row[column]) for number, row in self._rows.items() if row[column]
        }

    def _seconds_faults(self) -> Iterator[str]:
        seconds = {int(number): second for number, second in self.seconds().items()}
        read = recording.READ_ALOUD if self._id == recording.TALK else {}
        for number in read.keys() | seconds.keys():
            if number not in seconds:
                yield self._fault(f"question {number} was not found in the recording")
            elif number not in read:
                yield self._fault(f"question {number} was never read aloud")
            elif abs(seconds[number] - recording.second(read[number])) > NEAR:
                yield self._fault(f"question {number} was not read at {seconds[number]} s")
            elif recording.ANSWERS[number] not in self._quote(number):
                yield self._fault(f"question {number} was answered with other words")
        chapters = self._files.get(f"talk-{self._id}/chapters.vtt", b"").count(b" --> ")
        # The talk itself is one.
        if chapters != (len(read) + 1 if read else 0):
            yield self._fault(f"the recording has {chapters} chapters")

    def _quote(self, number: int) -> str:
        return self._rows[number]["Automatic transcript of the answer"]

    def _file(self, name: str) -> bytes:
        return self._files.get(f"talk-{self._id}/{name}", b"")

    def _fault(self, what: str) -> str:
        return f"transcript of talk {self._id}: {what}"


def _what_is_gone(files: Files, standing: Standing, acts: Iterable[Act]) -> Iterator[str]:
    """What people took back, and what nobody took up, is in no file."""
    nowhere = {act.text for act in acts if isinstance(act, Delete)}
    nowhere |= {q.ask.text for q in standing.values()} - {q.text for q in standing.values()}
    nowhere |= {q.text for q in standing.values() if q.state in _NOT_TAKEN_UP}
    for place, content in files.items():
        yield from (f"{place} has: {text}" for text in nowhere if text.encode() in content)
