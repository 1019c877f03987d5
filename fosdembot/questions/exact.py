"""Which questions show the number of votes that counting them anew would find.

It is learned from a count, after its commit, and holds until anybody writes questions, votes or
who is barred, or a transaction is rolled back (`db/watch.py`). Only votes that are cast at once
(`votes.Votes.cast_at_once`) write them without its being forgotten: they keep it true.
"""

from __future__ import annotations

from collections.abc import Mapping

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Barred, Question, Vote

AT_MOST = 10_000
"""Questions. Where there are more, all are forgotten: those that are voted for are soon known
again."""


class ExactCounts:
    """Of one database, under the lock of its one writer."""

    def __init__(self, database: Database) -> None:
        self._watch = database.watch(Question, Vote, Barred)
        self._version = self._watch.version
        self._talks: dict[int, str] = {}

    @property
    def version(self) -> int:
        """Goes on whenever something is forgotten."""
        return self._watch.version

    def talk_of(self, question: int) -> str | None:
        """The talk of a question that stands for itself, and whose number is exact; None where
        that is not known."""
        return self._current().get(question)

    def learn(self, talks: Mapping[int, str], version: int) -> None:
        """The numbers of these questions, into which none is merged, were counted, and are
        committed. `version`: as it was before that."""
        if version == self._watch.version:
            self._current().update(talks)

    def _current(self) -> dict[int, str]:
        version = self._watch.version
        if version != self._version or len(self._talks) > AT_MOST:
            self._talks, self._version = {}, version
        return {} if self._watch.is_changing else self._talks
