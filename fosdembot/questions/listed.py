"""What views list of the questions to a talk, as rows: a page with a hundred of them is drawn for
each vote, and the ORM would take most of that time.

What they say, and in which order, stands in `board.py` and `answers.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Answer, Question, TalkQuestions

from . import board
from .states import ON_BOARD, State

Row = Sequence[Any]
COLUMNS = (
    Question.id,
    Question.number,
    Question.text,
    Question.asker,
    Question.asker_name,
    Question.votes,
    Question.state,
    Question.skipped,
    Question.hall_votes,
    Question.asked_at,
)
_TOGETHER = 25
"""Lists of ids are filled up to a multiple of it: a statement is compiled for each length."""
_NO_ID = 0
_MOST = bindparam("most", type_=Integer)

# The statements are made once: to make them takes longer than to execute them.

_BEST = Prepared(board.by_rank(*COLUMNS).limit(_MOST))
_NEWEST = Prepared(board.by_newest(*COLUMNS).limit(_MOST))
_LAST = Prepared(board.by_last_change(*COLUMNS).limit(_MOST))
_EARLIEST = Prepared(board.by_age(*COLUMNS).limit(_MOST))
_AMONG = Prepared(
    board.by_rank(*COLUMNS).where(Question.id.in_(bindparam("among", expanding=True))).limit(_MOST)
)
_COUNTS = Prepared(
    select(Question.state, func.count())
    .where(Question.talk == bindparam("talk"))
    .group_by(Question.state)
)
_CLOSED = Prepared(select(TalkQuestions.closed).where(TalkQuestions.talk == bindparam("talk")))
_ANSWERS = (
    select(
        Question.root,
        Answer.id,
        Answer.text,
        Answer.author,
        Answer.author_name,
        Answer.at,
        func.row_number().over(partition_by=Question.root, order_by=Answer.id).label("place"),
    )
    .join(Question, Question.id == Answer.question_id)
    .where(
        Question.root.in_(bindparam("questions", expanding=True)),
        Answer.text != "",
        Answer.counts,
    )
    .subquery()
)
_FIRST_ANSWERS = Prepared(
    select(
        _ANSWERS.c.root,
        _ANSWERS.c.text,
        _ANSWERS.c.author,
        _ANSWERS.c.author_name,
        _ANSWERS.c.at,
    )
    .where(_ANSWERS.c.place <= _MOST)
    .order_by(_ANSWERS.c.id)
)


@dataclass(frozen=True, slots=True)
class Listing:
    """Reads in the session that it is given."""

    session: AsyncSession
    talk: str

    async def best(self, most: int, among: Collection[int] | None = None) -> Sequence[Row]:
        """As `board.on_board`."""
        if not most or (among is not None and not among):
            return ()
        if among is None:
            return await self._of(_BEST, ON_BOARD, most)
        return await self._of(_AMONG, ON_BOARD, most, among=_filled(among))

    async def newest(self, most: int) -> Sequence[Row]:
        """Those of them that were asked last, the last first."""
        return await self._of(_NEWEST, ON_BOARD, most)

    async def answered(self, most: int) -> Sequence[Row]:
        """As `board.answered`."""
        return await self._of(_LAST, [State.ANSWERED], most)

    async def in_state(self, state: State, most: int) -> Sequence[Row]:
        """As `board.in_state`."""
        return await self._of(_EARLIEST, [state], most)

    async def counts(self) -> Mapping[State, int]:
        """As `board.counts`."""
        found = await _COUNTS.find(self.session, {"talk": self.talk})
        return {State(state): number for state, number in found}

    async def is_closed(self) -> bool:
        """As `board.is_closed`."""
        found = await _CLOSED.find(self.session, {"talk": self.talk})
        return any(closed for (closed,) in found)

    async def answers(self, questions: Collection[int], most: int) -> Mapping[int, Sequence[Row]]:
        """As `answers.to_each`; of each answer its text, its author and the author's name, and
        when it was written."""
        if not questions:
            return {}
        rows = {"questions": _filled(questions), "most": most}
        found: defaultdict[int, list[Row]] = defaultdict(list)
        for root, *answer in await _FIRST_ANSWERS.find(self.session, rows):
            found[root].append(answer)
        return found

    async def _of(
        self, statement: Prepared, states: Collection[State], most: int, **given: Any
    ) -> Sequence[Row]:
        named = {"talk": self.talk, "states": [state.value for state in states], "most": most}
        return await statement.find(self.session, named | given)


def _filled(ids: Collection[int]) -> list[int]:
    return [*ids, *[_NO_ID] * (-len(ids) % _TOGETHER)]
