"""The desk on a real database and the plain model, side by side."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, QuestionsChanged
from fosdembot.db.engine import WriteSession, sqlite
from fosdembot.db.question_tables import Question
from fosdembot.questions import board, lookup
from fosdembot.questions.desk import Desk
from fosdembot.questions.exact import ExactCounts
from fosdembot.questions.refusals import Refused
from fosdembot.questions.states import State
from fosdembot.settings import QuestionSettings

from . import ranking
from .model import Model, No
from .model import Question as Plain

T = TypeVar("T")
Work = Callable[[WriteSession], Awaitable[object]]


class _Crash(Exception):
    pass


@dataclass(frozen=True)
class Seen:
    """A question as people see it; others by their numbers."""

    number: int
    room: str
    talk: str
    text: str
    state: str
    skipped: bool
    into: int | None
    root: int
    votes: int | None
    """None for a merged one."""


@dataclass(frozen=True)
class _Shown:
    """What the desk showed of a talk; questions by what asked them."""

    rows: Sequence[sqlite3.Row]
    """Of the talk's questions, as they were then."""
    on_board: Sequence[str | None]
    answered: Sequence[str | None]


class Beside:
    """As the inbox works: several events in a transaction, each in a savepoint, and all of
    them again if the process dies before its end."""

    def __init__(self, empty: Path, model: Model, settings: QuestionSettings, batch: int) -> None:
        """`empty`: a database, to be copied; `batch`: so many events are a transaction."""
        self.model = model
        changes = Changes(logging.getLogger(__name__))
        changes.subscribe(self._hear, QuestionsChanged)
        self._folder = Path(tempfile.mkdtemp(dir=empty.parent))
        file = shutil.copy(empty, self._folder / "bot.db")
        self._database = sqlite(str(file))
        # A check looks at all of it after each transaction: by the desk's way that took longest.
        self._committed = sqlite3.connect(file)
        self._committed.row_factory = sqlite3.Row
        self.desk = Desk(settings, changes, exact=ExactCounts(self._database))
        self._runner = asyncio.Runner()
        self._transaction: AbstractAsyncContextManager[WriteSession] | None = None
        self._session: WriteSession | None = None
        self._size = batch
        self._done: list[Work] = []
        self._signalled: set[str] = set()
        self._only_a_vote = False
        self._before: dict[str, list[Seen]] = {}
        self._shown: dict[str, _Shown] = {}

    def close(self) -> None:
        self._do(self._end(_Crash()))
        self._committed.close()
        self._do(self._database.close())
        self._runner.close()
        shutil.rmtree(self._folder)

    def event(self, work: Work, rules: Callable[[], object], *, vote: bool = False) -> None:
        """Desk and model do the same; the desk is checked at the end of the transaction.
        `vote`: it only changes who is for a question."""
        if not self._done:
            self._before = self._plain()
        self._only_a_vote = vote and not self._done
        expected = None
        try:
            rules()
        except No as no:
            expected = str(no)
        self._done.append(work)
        refused = self._do(self._work(work))
        assert refused == expected
        if len(self._done) == self._size:
            self._do(self._end())
            self.check()

    def at_once(
        self,
        work: Callable[[Connection], Callable[[], None]],
        rules: Callable[[], object],
        *,
        fails_once: bool,
    ) -> None:
        """The same of votes, in a transaction of its own, which may be rolled back at first."""

        def fails(connection: Connection) -> None:
            work(connection)
            raise _Crash

        if self._done:
            self._do(self._end())
            self.check()
        self._before, self._only_a_vote = self._plain(), True
        if fails_once:
            with suppress(_Crash):
                self._do(self._database.at_once(fails, durable=False))
        self._do(self._database.at_once(work, durable=False))()
        rules()
        self.check()

    def die(self) -> None:
        """The process dies, and another one does again what was not committed."""

        async def again() -> None:
            done = self._done
            await self._end(_Crash())
            self._done = done
            for work in done:
                await self._work(work)

        self._do(again())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    async def _work(self, work: Work) -> str | None:
        if self._session is None:
            self._transaction = self._database.write()
            self._session = await self._transaction.__aenter__()
        async with self._session.begin_nested():
            try:
                await work(self._session)
            except Refused as refused:
                return str(refused.why)
        return None

    async def _end(self, crash: _Crash | None = None) -> None:
        if self._transaction is not None:
            await self._transaction.__aexit__(type(crash) if crash else None, crash, None)
        self._transaction, self._session, self._done = None, None, []

    def _hear(self, change: QuestionsChanged) -> None:
        self._signalled.update(change.talks)

    # What is compared.

    def check(self) -> None:
        assert list(self.model.faults()) == []
        self._do(self._check())
        # Whoever shows a talk hears of each change; of a vote that changes nothing, nobody.
        now = self._plain()
        changed = {talk for talk in now | self._before if now.get(talk) != self._before.get(talk)}
        assert changed <= self._signalled
        assert changed == self._signalled or not self._only_a_vote
        self._signalled.clear()

    def _plain(self) -> dict[str, list[Seen]]:
        """What people see of each talk, as the model has it."""
        plain: dict[str, list[Seen]] = {}
        for question in self.model.questions:
            plain.setdefault(question.talk, []).append(self._seen(question))
        return plain

    def _seen(self, question: Plain) -> Seen:
        return Seen(
            question.number,
            question.room,
            question.talk,
            question.text,
            question.state,
            question.skipped,
            question.into.number if question.into else None,
            question.root.number,
            None if question.into else len(self.model.voters(question)),
        )

    async def _check(self) -> None:
        found = self._found("SELECT * FROM questions ORDER BY id")
        self._check_questions(found)
        self._check_people({q["id"]: q["source"] for q in found})
        self._check_log([q["id"] for q in found if not q["text"]])
        for talk in {question.talk for question in self.model.questions}:
            await self._check_order(talk, [q for q in found if q["talk"] == talk])

    def _found(self, query: str) -> list[sqlite3.Row]:
        return self._committed.execute(query).fetchall()

    def _check_questions(self, found: Sequence[sqlite3.Row]) -> None:
        assert [q["source"] for q in found] == [q.event for q in self.model.questions]
        numbers = {question["id"]: question["number"] for question in found}
        seen = [
            Seen(
                question["number"],
                question["scope"],
                question["talk"],
                question["text"],
                question["state"],
                bool(question["skipped"]),
                numbers[question["merged_into"]] if question["merged_into"] else None,
                numbers[question["root"] or 0],
                question["votes"] if question["root"] == question["id"] else None,
            )
            for question in found
        ]
        assert seen == [self._seen(question) for question in self.model.questions]

    def _check_people(self, sources: Mapping[int, str]) -> None:
        marks = {
            cause: (sources[question], person)
            for cause, question, person in self._found(
                "SELECT cause, question_id, person FROM vote_marks"
            )
        }
        assert marks == {e: (q.event, person) for e, (q, person) in self.model.marks.items()}
        votes = self._found("SELECT question_id, person FROM votes")
        assert {(sources[question], person) for question, person in votes} == set(marks.values())
        barred = self._found("SELECT scope, person, reason FROM barred")
        assert {tuple(each) for each in barred} == self.model.barred
        closed = self._found("SELECT talk FROM talk_questions WHERE closed")
        assert {talk for (talk,) in closed} == self.model.closed

    def _check_log(self, redacted: Sequence[int]) -> None:
        """What was redacted stands nowhere any more."""
        for question, after in self._found("SELECT question_id, after FROM question_log"):
            if question in redacted:
                assert not [name for name in json.loads(after) if name.endswith("_text")]

    async def _check_order(self, talk: str, rows: Sequence[sqlite3.Row]) -> None:
        shown = self._shown.get(talk)
        if shown is None or shown.rows != rows:
            # Of the same rows the same is shown.
            async with self._database.read() as session:
                on_board = await board.on_board(session, talk)
                answered = await board.answered(session, talk)
            ranked = [_ranked(question) for question in rows]
            assert [r.id for r in ranking.on_board(ranked)] == [q.id for q in on_board]
            assert [r.id for r in ranking.answered(ranked)] == [q.id for q in answered]
            shown = _Shown(rows, [q.source for q in on_board], [q.source for q in answered])
            self._shown[talk] = shown
        assert shown.on_board == [q.event for q in self.model.board(talk)]
        assert shown.answered == [q.event for q in self.model.answered(talk)]


async def row(session: AsyncSession, question: Plain) -> Question:
    """The desk's row of the model's question."""
    found = await lookup.by_source(session, question.event)
    assert found is not None
    return found


def _ranked(question: sqlite3.Row) -> ranking.Ranked:
    return ranking.Ranked(
        question["id"],
        State(question["state"]),
        bool(question["skipped"]),
        question["votes"],
        datetime.fromisoformat(question["state_at"]),
    )
