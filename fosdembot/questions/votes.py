"""Who is for a question, and how many of them count.

A vote is a person: it is there as long as one of the events by which the person voted
stands. It counts unless it is the asker's own (a setting), or the person is barred in the
room: banned, removed, muted, or a relay. Votes for a merged question count for the one
that it was merged into. The count is never added to: it is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Barred, Question, Vote, VoteMark
from fosdembot.settings import QuestionSettings

BarReason = Literal["membership", "muted", "relay"]


class Votes:
    """Each method returns the talks whose ranking may be another now."""

    def __init__(self, settings: QuestionSettings) -> None:
        self._settings = settings

    async def cast(
        self, session: WriteSession, question: Question, person: str, event_id: str
    ) -> set[str]:
        """`person` votes, by the event `event_id`."""
        if await session.get(VoteMark, event_id) is not None:
            return set()
        if await session.get(Vote, (question.id, person)) is None:
            session.add(Vote(question_id=question.id, person=person))
            await session.flush()
        session.add(VoteMark(event_id=event_id, question_id=question.id, person=person))
        return await self.recount(session, [question.root])

    async def retract(self, session: WriteSession, event_id: str) -> set[str]:
        """The event is redacted; the vote stays while another one stands for it."""
        mark = await session.get(VoteMark, event_id)
        if mark is None:
            return set()
        await session.delete(mark)
        await session.flush()
        others = select(VoteMark.event_id).where(
            VoteMark.question_id == mark.question_id, VoteMark.person == mark.person
        )
        if await session.scalar(others.limit(1)) is not None:
            return set()
        await session.delete(await session.get_one(Vote, (mark.question_id, mark.person)))
        question = await session.get_one(Question, mark.question_id)
        return await self.recount(session, [question.root])

    async def unvote(self, session: WriteSession, question: Question, person: str) -> set[str]:
        """Take the vote back, by whatever it was given, also for what was merged into it."""
        group = select(Question.id).where(Question.root == question.root)
        for table in (VoteMark, Vote):
            await session.execute(
                delete(table).where(table.question_id.in_(group), table.person == person)
            )
        return await self.recount(session, [question.root])

    async def has_voted(self, session: AsyncSession, question: Question, person: str) -> bool:
        """For the question, or one that was merged into it."""
        voted = (
            select(Vote.person)
            .join(Question, Vote.question_id == Question.id)
            .where(Question.root == question.root, Vote.person == person)
        )
        return await session.scalar(voted.limit(1)) is not None

    async def bar(
        self, session: WriteSession, scope: str, person: str, reason: BarReason
    ) -> set[str]:
        """The person's votes do not count, for this reason, until `lift`."""
        if await session.get(Barred, (scope, person, reason)) is not None:
            return set()
        session.add(Barred(scope=scope, person=person, reason=reason))
        return await self._recount_of(session, scope, person)

    async def lift(
        self, session: WriteSession, scope: str, person: str, reason: BarReason
    ) -> set[str]:
        row = await session.get(Barred, (scope, person, reason))
        if row is None:
            return set()
        await session.delete(row)
        return await self._recount_of(session, scope, person)

    async def bars(self, session: AsyncSession, scope: str, person: str) -> set[str]:
        """For which reasons somebody is barred."""
        found = select(Barred.reason).where(Barred.scope == scope, Barred.person == person)
        return set(await session.scalars(found))

    async def recount(self, session: WriteSession, roots: Iterable[int | None]) -> set[str]:
        """Count the votes of these questions, with those merged into each."""
        talks: set[str] = set()
        await session.flush()
        for root in set(roots):
            question = await session.get(Question, root)
            # Where the asker is forgotten, so are the voters: what was counted is final.
            if question is None or question.asker is None:
                continue
            votes = int(await session.scalar(self._count(question)) or 0)
            if question.votes != votes:
                question.votes = votes
                talks.add(question.talk)
        return talks

    def _count(self, root: Question) -> Select[int]:
        barred = select(Barred.person).where(Barred.scope == root.scope)
        query = (
            select(func.count(Vote.person.distinct()))
            .join(Question, Vote.question_id == Question.id)
            .where(Question.root == root.id, Vote.person.not_in(barred))
        )
        if self._settings.count_own_votes:
            return query
        askers = select(Question.asker).where(Question.root == root.id, Question.asker.is_not(None))
        return query.where(Vote.person.not_in(askers))

    async def _recount_of(self, session: WriteSession, scope: str, person: str) -> set[str]:
        roots = await session.scalars(
            select(Question.root)
            .join(Vote, Vote.question_id == Question.id)
            .where(Vote.person == person, Question.scope == scope)
            .distinct()
        )
        return await self.recount(session, roots)
