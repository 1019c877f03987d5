"""Which guests in the hall are for a question, and how many of them count.

They have no account: a guest is a browser, and may be there twice. So they are counted apart from
the votes of persons, and count for the order only where the settings say so.

Otherwise as `votes.py`: a guest counts once for a question and all that was merged into it, and
not while barred. The count is counted anew after each change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import new_rows, table_of
from fosdembot.db.page_tables import HallVote
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Barred, Question

_QUESTIONS = table_of(Question)

# The statements are made once: to make them takes longer than to execute them.

_PART = aliased(Question)
"""Each that was merged into a question, and itself."""
_ASKED = aliased(Question)
_BARRED = select(Barred.person).where(Barred.scope == _PART.scope, Barred.person == HallVote.guest)
_SET = Prepared(
    update(_QUESTIONS)
    .where(_QUESTIONS.c.id == bindparam("root_id"))
    .values(hall_votes=bindparam("counted"), hall_rank=bindparam("ranked")),
    # What is known of the votes of persons stays true (see `exact.py`).
    watched=False,
)


@cache
def _counts(count_own_votes: bool) -> Prepared:
    counted = (
        select(func.count(HallVote.guest.distinct()))
        .join(_PART, HallVote.question_id == _PART.id)
        .where(_PART.root == Question.id, ~_BARRED.exists())
    )
    if not count_own_votes:
        own = select(_ASKED.id).where(_ASKED.root == _PART.root, _ASKED.asker == HallVote.guest)
        counted = counted.where(~own.exists())
    found = counted.correlate(Question).scalar_subquery()
    return Prepared(
        select(Question.id, Question.talk, Question.hall_votes, found).where(
            Question.id.in_(bindparam("roots", expanding=True)),
            # Where the asker is forgotten, so are the guests: what was counted is final.
            Question.asker.is_not(None),
        )
    )


@dataclass(frozen=True, slots=True)
class _Recounted:
    """A question whose number of guests is another now."""

    question: int
    talk: str
    votes: int
    rank: int


class HallVotes:
    """The only writer of `HallVote`. `rank`: whether they count for the order of questions.
    Methods return the talks whose questions are shown another way now."""

    def __init__(self, *, rank: bool, count_own_votes: bool) -> None:
        self._rank = rank
        self._counts = _counts(count_own_votes)

    async def cast(self, session: WriteSession, question: Question, guest: str) -> set[str]:
        """A guest is for a question. Once is enough."""
        await session.flush()
        vote = {"question_id": question.id, "guest": guest}
        root = question.root

        def work(connection: Connection) -> Sequence[_Recounted]:
            new_rows(connection, HallVote).run_all(connection, [vote])
            return self._recount(connection, {root})

        return _held(session, await (await session.connection()).run_sync(work))

    async def take_back(self, session: WriteSession, question: Question, guest: str) -> set[str]:
        """Also for what was merged into it."""
        group = select(Question.id).where(Question.root == question.root)
        await session.execute(
            delete(HallVote).where(HallVote.question_id.in_(group), HallVote.guest == guest)
        )
        return await self.recount(session, [question.root])

    async def has_voted(self, session: AsyncSession, question: Question, guest: str) -> bool:
        """For the question, or one that was merged with it."""
        voted = (
            select(HallVote.guest)
            .join(Question, HallVote.question_id == Question.id)
            .where(Question.root == question.root, HallVote.guest == guest)
        )
        return await session.scalar(voted.limit(1)) is not None

    async def recount(self, session: WriteSession, roots: Iterable[int | None]) -> set[str]:
        """Count those of these questions, with those merged into each."""
        await session.flush()
        connection = await session.connection()
        return _held(session, await connection.run_sync(self._recount, set(roots)))

    async def recount_of(self, session: WriteSession, scope: str, guest: str) -> set[str]:
        """All that a guest is for."""
        voted = (
            select(Question.root)
            .join(HallVote, HallVote.question_id == Question.id)
            .where(HallVote.guest == guest, Question.scope == scope)
        )
        return await self.recount(session, (await session.scalars(voted.distinct())).all())

    async def settle_ranks(self, session: WriteSession) -> None:
        """The settings may say otherwise than they did when votes were counted."""
        rank = _QUESTIONS.c.hall_votes if self._rank else 0
        others = _QUESTIONS.c.hall_rank != rank
        await session.execute(update(_QUESTIONS).where(others).values(hall_rank=rank))

    def _recount(self, connection: Connection, roots: set[int | None]) -> Sequence[_Recounted]:
        """Those whose number is another now."""
        found = self._counts.all(
            connection, {"roots": [root for root in roots if root is not None]}
        )
        changed = [
            _Recounted(root, talk, votes, votes if self._rank else 0)
            for root, talk, before, votes in found
            if votes != before
        ]
        if changed:
            values = [
                {"root_id": each.question, "counted": each.votes, "ranked": each.rank}
                for each in changed
            ]
            _SET.run_all(connection, values)
        return changed


def _held(session: AsyncSession, changed: Sequence[_Recounted]) -> set[str]:
    """The talks; nobody who holds one of these questions shall go on with the old number."""
    for each in changed:
        held = session.identity_map.get(identity_key(Question, each.question))
        if held is not None:
            set_committed_value(held, "hall_votes", each.votes)
            set_committed_value(held, "hall_rank", each.rank)
    return {each.talk for each in changed}


async def voted(session: AsyncSession, talk: str, guest: str) -> set[int]:
    """The questions to a talk (ids, of those that others were merged into) that a guest is for."""
    found = (
        select(Question.root)
        .join(HallVote, HallVote.question_id == Question.id)
        .where(Question.talk == talk, HallVote.guest == guest)
    )
    return {root for root in await session.scalars(found) if root is not None}
