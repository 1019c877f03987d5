"""The report to organisers and speakers: tables, a page of all talks, and one of each talk.

It is made of all transcripts, whether they are published or not, and so goes to a folder that no
web server serves. It names nobody who asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from fosdembot.texts import transcript_report as words
from fosdembot.texts.render import clean
from fosdembot.texts.words import date_name, day_name, names

from . import csv_cells, model_file
from .charts import bar
from .csv_cells import Cell
from .figures import (
    Counts,
    TalkFigures,
    TrackFigures,
    by_track,
    drew_most,
    is_answered,
    of_talk,
    waited,
    was_answered_in_room,
)
from .folder import Folder
from .model import Question, TalkInfo, Transcript, minute_of
from .model_file import BadModel
from .page_frame import page, source
from .writing import replacing
from .zones import zone_of

_MOST = 20
"""Talks that are shown as those that drew most."""
_STEP = 5
"""Minutes of a talk that are counted together."""
_MOST_STEPS = 60
_TEXT = 2000


def write(
    folder: Folder, target: Path, passed: Callable[[str], None] = lambda name: None
) -> list[str]:
    """Write the report into `target`; the same transcripts make the same bytes. `passed` is called
    for each transcript. Returns what could not be read, in a line each. Raises `OSError`."""
    problems: list[str] = []
    target.mkdir(parents=True, exist_ok=True)
    talks = list(_talks(folder, target, problems, passed))
    talks.sort(key=lambda talk: (talk.start, talk.place, talk.name))
    tracks = by_track(talks)
    with replacing(target / "talks.csv") as file:
        csv_cells.write(file, words.TALK_COLUMNS, map(_talk_row, talks))
    with replacing(target / "tracks.csv") as file:
        csv_cells.write(file, words.TRACK_COLUMNS, map(_track_row, tracks))
    with replacing(target / "index.html") as file:
        file.write(_overview(talks, tracks))
    return problems


def _talks(
    folder: Folder, target: Path, problems: list[str], passed: Callable[[str], None]
) -> Iterator[TalkFigures]:
    """The figures of each talk, whose page is written meanwhile: questions need not be kept."""
    for name in folder.names():
        try:
            transcript = model_file.read(folder.model(name))
        except BadModel as err:
            problems.append(str(err))
        else:
            figures = of_talk(name, transcript)
            with replacing(target / _page_name(name)) as file:
                file.write(_of_speaker(figures, transcript))
            yield figures
        passed(name)


def _page_name(name: str) -> str:
    """Of a talk's page; a talk may be called as the page of all is."""
    return f"talk-{name}.html" if name == "index" else f"{name}.html"


def _talk_row(talk: TalkFigures) -> tuple[Cell, ...]:
    start = talk.start.astimezone(zone_of(talk.zone)).isoformat(timespec="minutes")
    return (talk.title, talk.track, talk.place, start, *_counted(talk.counts))


def _track_row(track: TrackFigures) -> tuple[Cell, ...]:
    return (track.track or words.NO_TRACK, track.talks, *_counted(track.counts))


def _counted(counts: Counts) -> tuple[Cell, ...]:
    """As the columns are called."""
    people, asked = counts.people, counts.asked
    return (
        counts.took_part, people.wrote, people.asked, people.voted, counts.messages,
        asked.questions, asked.answered, asked.in_room, asked.in_writing, asked.votes, asked.wait,
    )  # fmt: skip


def _overview(talks: list[TalkFigures], tracks: list[TrackFigures]) -> str:
    conferences = dict.fromkeys(talk.conference for talk in reversed(talks))
    most = drew_most(talks)[:_MOST]
    widest = most[0].counts.took_part if most else 0
    title = words.TITLE_OF.format(conference=" · ".join([*conferences][:3]))
    return page(
        "report.html",
        style=source("templates/colours.css") + source("templates/report.css"),
        words=words,
        title=title if talks else words.TITLE,
        most=[
            {"talk": talk, "page": _page_name(talk.name), "bar": bar(talk.counts.took_part, widest)}
            for talk in most
            if talk.counts.took_part
        ],
        tracks=[
            {
                "name": track.track or words.NO_TRACK,
                "cells": _shown((track.talks, *_counted(track.counts))),
                "bar": bar(track.counts.took_part, tracks[0].counts.took_part),
            }
            for track in tracks
        ],
        talks=[
            {
                "title": talk.title,
                "page": _page_name(talk.name),
                "cells": [talk.track, talk.place, _when(talk), *_shown(_counted(talk.counts))],
            }
            for talk in talks
        ],
    )


def _of_speaker(figures: TalkFigures, transcript: Transcript) -> str:
    talk, zone = transcript.talk, zone_of(transcript.zone)
    counted = zip(words.TALK_COLUMNS[4:], _shown(_counted(figures.counts)), strict=True)
    return page(
        "report_talk.html",
        style=source("templates/colours.css") + source("templates/report.css"),
        words=words,
        title=words.SPEAKER_TITLE.format(title=figures.title),
        persons=names(talk.persons),
        where=", ".join(filter(None, (figures.track, figures.place))),
        when=words.FROM_TO.format(
            day=_day(talk.actual.start, zone),
            start=f"{talk.actual.start.astimezone(zone):%H:%M}",
            end=f"{talk.actual.end.astimezone(zone):%H:%M}",
        ),
        figures=list(counted),
        steps=_steps(talk, transcript.questions),
        questions=[_question(talk, question) for question in transcript.questions],
    )


def _steps(talk: TalkInfo, questions: tuple[Question, ...]) -> list[dict[str, Any]]:
    """How many were asked in which minutes."""
    minutes = (talk.actual.end - talk.actual.start).total_seconds() / 60
    count = max(1, min(_MOST_STEPS, -int(-minutes // _STEP)))
    asked = [0] * (count + 2)  # and before and after
    for question in questions:
        minute = minute_of(talk, question.asked_at)
        asked[min((minute + _STEP - 1) // _STEP, count + 1)] += 1
    labels = [
        words.BEFORE,
        *(
            words.MINUTES.format(first=step * _STEP + 1, last=(step + 1) * _STEP)
            for step in range(count)
        ),
        words.AFTER,
    ]
    widest = max(asked)
    return [
        {"label": label, "asked": number, "bar": bar(number, widest)}
        for label, number in zip(labels, asked, strict=True)
    ]


def _question(talk: TalkInfo, question: Question) -> list[str]:
    """As the columns are called."""
    minute = minute_of(talk, question.asked_at)
    wait = waited(question)
    return [
        str(question.number),
        clean(question.text, _TEXT),
        f"{question.votes:,}",
        words.MINUTE.format(minute=minute) if minute else words.BEFORE,
        words.NEVER if wait is None else f"{wait:.1f}",
        _answered(question),
    ]


def _answered(question: Question) -> str:
    if not is_answered(question):
        return words.UNANSWERED
    if not question.answers:
        return words.IN_ROOM
    return words.BOTH if was_answered_in_room(question) else words.IN_WRITING


def _shown(cells: tuple[Cell, ...]) -> list[str]:
    return [
        words.NEVER if cell is None else f"{cell:,}" for cell in cells if not isinstance(cell, str)
    ]


def _when(talk: TalkFigures) -> str:
    zone = zone_of(talk.zone)
    return f"{_day(talk.start, zone)}, {talk.start.astimezone(zone):%H:%M}"


def _day(moment: datetime, zone: tzinfo) -> str:
    """`Sun 1 Feb 2026`."""
    return f"{day_name(moment, zone).split()[0]} {date_name(moment, zone)}"
