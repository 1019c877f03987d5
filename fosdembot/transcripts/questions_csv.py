"""The questions as a table that spreadsheets open."""

from __future__ import annotations

from typing import TextIO

from fosdembot.texts import transcript_pages as words

from . import csv_cells
from .facts import Facts
from .model import Question, minute_of


def write(file: TextIO, facts: Facts) -> None:
    rows = (_row(facts, question) for question in facts.transcript.questions)
    csv_cells.write(file, words.COLUMNS, rows)


def _row(facts: Facts, question: Question) -> tuple[csv_cells.Cell, ...]:
    def local(moment: object) -> str | None:
        return None if moment is None else facts.local(moment)  # type: ignore[arg-type]

    spoken = question.spoken
    taken = question.taken_at
    return (
        question.number,
        question.text,
        facts.asker(question),
        question.votes,
        facts.state(question),
        local(question.asked_at),
        minute_of(facts.talk, question.asked_at),
        local(taken),
        None if taken is None else minute_of(facts.talk, taken),
        local(question.answered_at),
        None if spoken is None else spoken.second,
        facts.in_recording(question),
        "\n".join(
            f"{answer.author or words.ATTENDEE}, {facts.written(answer)}: {answer.text}"
            for answer in question.answers
        ),
        facts.quote(question),
        None if spoken is None else spoken.score,
        ", ".join(str(other.number) for other in question.merged),
        "\n".join(
            f"{other.number}. {other.text} ({other.asker or words.ATTENDEE})"
            for other in question.merged
        ),
        facts.in_room(question),
    )
