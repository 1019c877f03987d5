"""Which guests in the hall are for a question, and how many of them count.

They have no account: a guest is a browser, and may be there twice. So they are counted apart from
the votes of persons, and count for the order only where the settings say so.

Otherwise as `votes.py`: a guest counts once for a question and all that was merged into it, and
not while barred. The count is counted anew after each change.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import table_of
from fosdembot.db.page_tables import HallVote
from fosdembot.db.question_tables import Barred, Question
from fosdembot.db.watch import UNWATCHED

_QUESTIONS = table_of(Question)


class HallVotes:
    """The only writer of `HallVote`. `rank`: whether they count for the order of questions.
    Methods return the talks whose questions are shown another way now."""

    def __init__(self, *, rank: bool) -> None:
        self._rank = rank

    async def cast(self, session: WriteSession, question: Question, guest: str) -> set[str]:
        """A guest is for a question. Once is enough."""
        if await self.has_voted(session, question, guest):
            return set()
        session.add(HallVote(question_id=question.id, guest=guest))
        return await self.recount(session, [question.root])

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
        found = select(
            _QUESTIONS.c.id, _QUESTIONS.c.scope, _QUESTIONS.c.talk, _QUESTIONS.c.hall_votes
        ).where(
            _QUESTIONS.c.id.in_({root for root in roots if root is not None}),
            # Where the asker is forgotten, so are the guests: what was counted is final.
            _QUESTIONS.c.asker.is_not(None),
        )
        talks = set()
        for root, scope, talk, before in (await session.execute(found)).all():
            counted = await self._count(session, root, scope)
            if counted != before:
                await self._set(session, root, counted)
                talks.add(talk)
        return talks

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

    async def _count(self, session: AsyncSession, root: int, scope: str) -> int:
        barred = select(Barred.person).where(Barred.scope == scope)
        counted = (
            select(func.count(HallVote.guest.distinct()))
            .join(Question, HallVote.question_id == Question.id)
            .where(Question.root == root, HallVote.guest.not_in(barred))
        )
        return await session.scalar(counted) or 0

    async def _set(self, session: WriteSession, question: int, votes: int) -> None:
        values = {"hall_votes": votes, "hall_rank": votes if self._rank else 0}
        await session.execute(
            update(_QUESTIONS).where(_QUESTIONS.c.id == question).values(values),
            # What is known of the votes of persons stays true (see `exact.py`).
            execution_options={UNWATCHED: True},
        )
        held = session.identity_map.get(identity_key(Question, question))
        for name, value in values.items() if held is not None else ():
            set_committed_value(held, name, value)


async def voted(session: AsyncSession, talk: str, guest: str) -> set[int]:
    """The questions to a talk (ids, of those that others were merged into) that a guest is for."""
    found = (
        select(Question.root)
        .join(HallVote, HallVote.question_id == Question.id)
        .where(Question.talk == talk, HallVote.guest == guest)
    )
    return {root for root in await session.scalars(found) if root is not None}
