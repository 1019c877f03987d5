"""Which command somebody means who mistyped it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fosdembot.chat.reading.parser import nearest

COMMANDS = ("talk", "next", "schedule", "help", "undo", "conf", "announce", "announce!")


@pytest.mark.parametrize(
    ("typed", "known", "near"),
    [
        ("tlak", COMMANDS, ["talk"]),
        ("takl", COMMANDS, ["talk"]),
        ("shedule", COMMANDS, ["schedule"]),
        ("nextt", COMMANDS, ["next"]),
        ("tolks", COMMANDS, []),
        ("udno", COMMANDS, ["undo"]),
        ("taek", ("take", "talk"), ["take"]),
        ("talk", ("talks", "tall"), ["talks", "tall"]),
        ("tak", ("talk", "take"), ["take", "talk"]),
        ("mode", ("move", "mod", "more"), []),
        ("hep", COMMANDS, ["help"]),
        ("asks", ("ask",), ["ask"]),
        ("aks", ("ask", "mod"), ["ask"]),
        ("sak", ("ask", "mod"), ["ask"]),
        ("task", ("ask",), []),
        ("as", ("ask",), []),
        ("aq", ("qa",), []),
        ("upvot", ("vote", "unvote"), []),
        ("unvot", ("vote", "unvote"), ["unvote"]),
    ],
)
def test_one_slip_is_near_two_are_not(typed: str, known: Sequence[str], near: list[str]) -> None:
    """Of more than two words that may be meant none is named; short ones begin as they do."""
    assert list(nearest(typed, known)) == near
