"""The table of the questions: a row for each, and nothing that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io

import pytest

from fosdembot.transcripts import questions_csv
from fosdembot.transcripts.facts import Facts
from fosdembot.transcripts.model import Transcript

from . import rich
from .samples import answer, at, question, transcript


def rows(model: Transcript) -> list[dict[str, str]]:
    file = io.StringIO()
    questions_csv.write(file, Facts(model))
    made = file.getvalue()
    assert made.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(made[1:], newline="")))


def test_a_row_holds_all_that_is_known_of_a_question() -> None:
    first, second, third, last = rows(rich.rich())
    spoken = rich.QUESTIONS[0].spoken
    assert first == {
        "Number": "12",
        "Question": "How small can a kernel get before it stops being one?",
        "Asked by": "Lena",
        "Votes": "17",
        "State": "Answered in the talk",
        "Asked at": "2026-02-01 10:05:00",
        "Asked in minute": "6",
        "Taken up at": "2026-02-01 10:21:00",
        "Taken up in minute": "22",
        "Answered at": "2026-02-01 10:23:00",
        "Second of the recording": "1263.4",
        "Link to the recording": f"{rich.RECORDING}#t=1263",
        "Answers in writing": "",
        "Automatic transcript of the answer": spoken.quote if spoken else None,
        "Match of 100": "93.1",
        "Merged numbers": "16",
        "Merged questions": "16. What is the smallest one that boots? (Tomás)",
        "Link to the chat": "https://matrix.to/#/%23kernel%3Aexample.org/%24question12",
    }
    assert second["Answers in writing"].startswith("Ada L., in writing after the talk, 10:55: On")
    assert second["Answers in writing"].endswith("\n\nPatches are welcome.")
    assert (third["Asked by"], third["Link to the chat"]) == ("an attendee", "")
    assert (last["State"], last["Taken up at"], last["Match of 100"]) == (
        "Not answered yet",
        "",
        "",
    )


def test_what_was_only_answered_in_writing_was_not_answered_in_the_talk() -> None:
    written = question(1, state="answered", answers=(answer("Yes."),))
    both = question(2, state="answered", answers=(answer("Yes."),), taken_at=at(21))
    states = [row["State"] for row in rows(transcript((written, both)))]
    assert states == ["Answered in writing", "Answered in the talk"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r=", "\n", "＝", " =", "\x00="])
def test_no_cell_is_a_formula(begin: str) -> None:
    [row] = rows(transcript([question(12, f"{begin}1+1", asker=f"{begin}1+1")]))
    assert row["Question"].startswith("'")
    assert row["Asked by"].startswith("'")


def test_hostile_cells_stay_cells() -> None:
    made = rows(rich.hostile())
    assert [row["Number"] for row in made] == [str(q.number) for q in rich.hostile().questions]
    assert all(None not in row for row in made)
