"""What may become of a question, cell by cell."""

from __future__ import annotations

import pytest

from fosdembot.db.question_tables import STATES
from fosdembot.questions.states import (
    ON_BOARD,
    UNDECIDED,
    Action,
    State,
    Status,
    after,
    after_edit,
)

SKIPPED = Status(State.OPEN, skipped=True)
STANDINGS = {state.value: Status(state) for state in State} | {"skipped": SKIPPED}

# `=` it stands so already, `-` that cannot be done.
AFTER = """
         pending   open      skipped   starred   answering answered  dismissed merged withdrawn
approve  open      =         -         -         -         -         -         -      -
take     answering answering answering answering =         answering -         -      -
done     -         answered  answered  answered  answered  =         -         -      -
skip     -         skipped   =         skipped   skipped   -         -         -      -
star     starred   starred   starred   =         starred   -         -         -      -
unstar   -         =         -         open      -         -         -         -      -
dismiss  dismissed dismissed dismissed dismissed dismissed -         =         -      -
restore  -         =         -         -         -         open      open      open   -
merge    merged    merged    merged    merged    merged    -         -         =      -
withdraw withdrawn withdrawn withdrawn withdrawn withdrawn -         -         -      =
"""


def cells() -> list[tuple[str, str, str]]:
    header, *lines = (line.split() for line in AFTER.strip("\n").splitlines())
    return [
        (action, before, becomes)
        for action, *row in lines
        for before, becomes in zip(header, row, strict=True)
    ]


def test_the_table_is_whole() -> None:
    assert {action for action, _, _ in cells()} == set(Action)
    assert {before for _, before, _ in cells()} == set(STANDINGS)


@pytest.mark.parametrize(("action", "before", "becomes"), cells())
def test_what_an_action_makes_of_a_state(action: str, before: str, becomes: str) -> None:
    status = STANDINGS[before]
    expected = {"=": status, "-": None}.get(becomes) or STANDINGS.get(becomes)
    assert after(status, Action(action)) == (None if becomes == "-" else expected)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("before", STANDINGS)
def test_twice_is_once(before: str, action: Action) -> None:
    once = after(STANDINGS[before], action)
    if once is not None:
        assert after(once, action) == once


@pytest.mark.parametrize(
    ("before", "free", "moderated"),
    [
        ("pending", "pending", "pending"),
        ("open", "open", "pending"),
        ("skipped", "skipped", "pending"),
        ("starred", "starred", "pending"),
        ("answering", "answering", None),
        ("answered", None, None),
        ("dismissed", "dismissed", None),
        ("merged", "merged", None),
        ("withdrawn", None, None),
    ],
)
def test_what_an_edit_makes_of_a_state(
    before: str, free: str | None, moderated: str | None
) -> None:
    status = STANDINGS[before]
    assert after_edit(status, moderated=False) == (STANDINGS[free] if free else None)
    assert after_edit(status, moderated=True) == (STANDINGS[moderated] if moderated else None)


def test_the_database_knows_the_same_states() -> None:
    assert set(STATES) == {state.value for state in State}
    assert set(ON_BOARD) | {State.PENDING} == set(UNDECIDED)
