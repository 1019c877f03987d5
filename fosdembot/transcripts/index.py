"""The page that lists all published transcripts, and searches their questions and answers.

What is searched stands in the page itself, as data that no browser runs: a page that is opened
from a folder (`file:`) may fetch nothing, and a script file beside it could not be let in by its
hash everywhere. `search.json` holds the same for other programs. Names of people are in neither:
nobody shall be found by what they asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import NamedTuple

from fosdembot.texts import transcript_index as words
from fosdembot.texts.render import clean
from fosdembot.texts.words import count, date_name, day_name

from . import model_file
from .facts import spoken_answer
from .figures import is_answered
from .folder import Folder
from .model import Question, Transcript
from .model_file import BadModel
from .page_frame import data, page, source
from .writing import replacing
from .zones import zone_of

VERSION = 1
"""Of `search.json`."""
_TITLE, _TEXT, _ANSWER = 300, 2000, 4000
"""Characters that are listed and searched."""
_NOWHERE = "~"
"""Behind all names: those of no track come last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A published transcript, as the index needs it."""

    name: str
    transcript: Transcript
    zone: tzinfo

    @property
    def start(self) -> datetime:
        return self.transcript.talk.actual.start

    @property
    def day(self) -> date:
        return self.start.astimezone(self.zone).date()

    @property
    def day_words(self) -> str:
        """`Sun 1 Feb 2026`."""
        weekday = day_name(self.start, self.zone).split()[0]
        return f"{weekday} {date_name(self.start, self.zone)}"

    @property
    def title(self) -> str:
        return clean(self.transcript.talk.title, _TITLE) or self.name

    @property
    def part(self) -> tuple[str, str]:
        """Its track and its room."""
        talk = self.transcript.talk
        return clean(talk.track, _TITLE), clean(talk.place, _TITLE)

    @property
    def part_words(self) -> str:
        return ", ".join(filter(None, self.part)) or words.ELSEWHERE

    @property
    def order(self) -> tuple[date, str, str, datetime, str]:
        track, place = self.part
        return self.day, track or _NOWHERE, place or _NOWHERE, self.start, self.name


class Written(NamedTuple):
    listed: int
    problems: list[str]
    """What could not be read and was left out, in a line each."""


def write(folder: Folder, passed: Callable[[str], None] = lambda name: None) -> Written:
    """Make the index anew; the same transcripts make the same bytes. `passed` is called for each
    one that was read. Raises `OSError`."""
    problems: list[str] = []
    entries = sorted(_entries(folder, problems, passed), key=lambda entry: entry.order)
    found = _found(entries)
    folder.make()
    with replacing(folder.public / "search.json") as file:
        json.dump(found, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.write("\n")
    with replacing(folder.public / "index.html") as file:
        file.write(_page(entries))
    return Written(len(entries), problems)


def _entries(folder: Folder, problems: list[str], passed: Callable[[str], None]) -> Iterator[Entry]:
    """Those that were rendered: a link shall lead somewhere."""
    for name in folder.names():
        try:
            transcript = model_file.read(folder.model(name))
        except BadModel as err:
            problems.append(str(err))
        else:
            if transcript.privacy.contact and (folder.talk(name) / "index.html").is_file():
                yield Entry(name, transcript, zone_of(transcript.zone))
        passed(name)


def answers(transcript: Transcript, question: Question) -> Iterator[str]:
    """What pages show as answers: in writing, and else what the subtitles of the recording say."""
    for answer in question.answers:
        yield clean(answer.text, _ANSWER)
    if quote := spoken_answer(transcript.talk, question):
        yield clean(quote, _ANSWER)


def _found(entries: list[Entry]) -> dict[str, object]:
    """For other programs."""
    return {
        "version": VERSION,
        "talks": [
            {
                "name": entry.name,
                "title": entry.title,
                "start": entry.start.isoformat(),
                "track": entry.part[0],
                "room": entry.part[1],
            }
            for entry in entries
        ],
        "questions": [
            {
                "talk": at,
                "number": question.number,
                "link": f"{entry.name}/index.html#question-{question.number}",
                "text": clean(question.text, _TEXT),
                "merged": [clean(merged.text, _TEXT) for merged in question.merged],
                "answers": list(answers(entry.transcript, question)),
                "answered": is_answered(question),
                "votes": question.votes,
            }
            for at, entry in enumerate(entries)
            for question in entry.transcript.questions
        ],
    }


def _searched(entries: list[Entry]) -> dict[str, object]:
    """What `search.js` reads: lists, as there are many."""
    return {
        "talks": [
            [entry.name, entry.title, f"{entry.part_words}, {entry.day_words}"] for entry in entries
        ],
        "questions": [
            [
                at,
                question.number,
                clean(question.text, _TEXT),
                *(clean(merged.text, _TEXT) for merged in question.merged),
                *answers(entry.transcript, question),
            ]
            for at, entry in enumerate(entries)
            for question in entry.transcript.questions
        ],
    }


def _page(entries: list[Entry]) -> str:
    conferences = dict.fromkeys(
        clean(entry.transcript.conference, _TITLE) for entry in reversed(entries)
    )
    contacts = dict.fromkeys(
        clean(entry.transcript.privacy.contact, _TITLE) for entry in reversed(entries)
    )
    title = (
        words.TITLE_OF.format(conference=" · ".join([*conferences][:3])) if entries else words.TITLE
    )
    return page(
        "all_talks.html",
        style=source("templates/colours.css") + source("templates/all_talks.css"),
        script=source("search.js"),
        words=words,
        title=title,
        introduction=_introduction(entries),
        # One that shall not be found is in here as well.
        indexed=bool(entries) and all(entry.transcript.privacy.indexed for entry in entries),
        days=[
            {"name": day, "parts": [
                {"name": part, "talks": [_talk(entry) for entry in some]}
                for part, some in groupby(of_day, key=lambda entry: entry.part_words)
            ]}
            for day, of_day in groupby(entries, key=lambda entry: entry.day_words)
        ],
        contacts=[words.REMOVAL.format(contact=contact) for contact in [*contacts][:3]],
        data=data(_searched(entries)),
    )  # fmt: skip


def _introduction(entries: list[Entry]) -> str:
    if not entries:
        return words.NOTHING
    asked = [question for entry in entries for question in entry.transcript.questions]
    counts = [count(len(entries), "talk"), _counted(asked)]
    return words.INTRODUCTION.format(counts=", ".join(counts))


def _talk(entry: Entry) -> dict[str, str]:
    outcome = {"cancelled": words.CANCELLED, "no_show": words.NO_SHOW}
    said = outcome.get(entry.transcript.talk.outcome)
    counted = _counted(entry.transcript.questions)
    return {
        "name": entry.name,
        "title": entry.title,
        "iso": entry.start.isoformat(),
        "time": f"{entry.start.astimezone(entry.zone):%H:%M}",
        "counts": f"{said}, {counted}" if said else counted,
    }


def _counted(questions: Iterable[Question]) -> str:
    """`3 questions, 2 answered`."""
    asked = list(questions)
    if not asked:
        return words.NO_QUESTION
    answered = words.ANSWERED.format(number=f"{sum(map(is_answered, asked)):,}")
    return f"{count(len(asked), 'question')}, {answered}"
