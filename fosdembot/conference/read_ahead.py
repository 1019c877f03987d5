"""What is read of several rooms together, before each is looked at.

One room costs a dozen statements; three hundred rooms whose talks start at one moment cost
no more for each fifty of them. What is read is true for the transaction that read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from fosdembot.db.question_tables import Board
from fosdembot.questions.views import QuestionsView


class BoardRow(NamedTuple):
    """A message that says which talks are on."""

    key: str
    row: Board | None
    """None: a version told it that kept nothing of it, or it was told a moment ago."""
    deleted: bool
    """Whether it was taken out of the room."""


@dataclass(slots=True)
class ReadAhead:
    """Of one room. What is not here is read when it is needed."""

    boards: list[BoardRow] | None = None
    """In the order in which they were told. Whoever writes what stands here sees to it that
    it stays true, or sets it to None."""
    questions: dict[str, QuestionsView] = field(default_factory=dict)
    """By talk (its guid), the best of those that wait."""
    written: dict[str, int] = field(default_factory=dict)
    """By talk, how many of its questions went to its speaker: of the talks in `questions` that
    have another before them."""

    def told(self, key: str) -> None:
        """The message with this key, which says that a talk is on, was told a moment ago."""
        if self.boards is not None and all(board.key != key for board in self.boards):
            self.boards.append(BoardRow(key, None, False))

    def keep(self, row: Board) -> bool:
        """Take the row of a message that `told` named; whether it has none yet."""
        for place, board in enumerate(self.boards or ()):
            if board.key == row.message_key and board.row is None and self.boards is not None:
                self.boards[place] = BoardRow(board.key, row, board.deleted)
                return True
        self.boards = None
        return False

    def board(self, key: str) -> Board | None:
        """Its row."""
        return next((board.row for board in self.boards or () if board.key == key), None)
