"""Who is for a question, and how many of them count.

A vote is a person: it is there as long as one of the events by which the person voted
stands. It counts unless it is the asker's own (a setting), or the person is barred in the
room: banned, removed, muted, or a relay. Votes for a merged question count for the one
that it was merged into. The count is never added to: it is counted anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import insert_new
from fosdembot.db.question_tables import Barred, Question, Vote, VoteMark
from fosdembot.settings import QuestionSettings

_SET_VOTES = (
    update(Question.__table__)  # type: ignore[arg-type]
    .where(Question.__table__.c.id == bindparam("root_id"))
    .values(votes=bindparam("counted"))
)

BarReason = Literal["membership", "muted", "relay"]


@dataclass(frozen=True, slots=True)
class Cast:
    """`person` votes for a question, by an event."""

    question: int
    root: int
    person: str
    cause: str


class Votes:
    """Each method returns the talks whose ranking may be another now."""

    def __init__(self, settings: QuestionSettings) -> None:
        self._settings = settings

    async def cast(
        self, session: WriteSession, question: Question, person: str, cause: str
    ) -> set[str]:
        """`person` votes. `cause`: by what, as in `By`."""
        if await session.get(VoteMark, cause) is not None:
            return set()
        if await session.get(Vote, (question.id, person)) is None:
            session.add(Vote(question_id=question.id, person=person))
            await session.flush()
        session.add(VoteMark(cause=cause, question_id=question.id, person=person))
        return await self.recount(session, [question.root])

    async def cast_all(self, session: WriteSession, casts: Sequence[Cast]) -> set[str]:
        """As `cast` for each of them, in a few statements."""
        connection = await session.connection()
        votes = [{"question_id": each.question, "person": each.person} for each in casts]
        marks = [{**vote, "cause": each.cause} for vote, each in zip(votes, casts, strict=True)]
        insert = insert_new(session, Vote).returning(Vote.question_id)
        new = (await connection.execute(insert, votes)).all()
        await connection.execute(insert_new(session, VoteMark), marks)
        roots = {each.question: each.root for each in casts}
        return await self.recount(session, {roots[question] for (question,) in new})

    async def retract(self, session: WriteSession, cause: str) -> set[str]:
        """What caused a vote is taken back; the vote stays while another one stands for it."""
        mark = await session.get(VoteMark, cause)
        if mark is None:
            return set()
        await session.delete(mark)
        await session.flush()
        others = select(VoteMark.cause).where(
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
        await session.flush()
        talks: set[str] = set()
        changed: list[dict[str, int]] = []
        for row in (await session.execute(self._counted(set(roots)))).all():
            votes = row.counted
            if row.is_merged:
                votes = await session.scalar(self._count_merged(row.id, row.scope))
            if votes != row.votes:
                changed.append({"root_id": row.id, "counted": votes})
                talks.add(row.talk)
        if changed:
            await (await session.connection()).execute(_SET_VOTES, changed)
        for each in changed:
            # Nobody who holds the question already shall go on with the old number.
            held = session.identity_map.get(identity_key(Question, each["root_id"]))
            if held is not None:
                set_committed_value(held, "votes", each["counted"])
        return talks

    def _counted(self, roots: Collection[int | None]) -> Select[Any]:
        """Of each question by index: all voters, without those who do not count.

        Where the asker is forgotten, so are the voters: what was counted is final.
        """
        voters = select(func.count()).where(Vote.question_id == Question.id)
        barred = (
            select(func.count(Barred.person.distinct()))
            .join(Vote, (Vote.person == Barred.person) & (Vote.question_id == Question.id))
            .where(Barred.scope == Question.scope)
        )
        counted = voters.scalar_subquery() - barred.scalar_subquery()
        if not self._settings.count_own_votes:
            is_barred = (
                select(Barred.person)
                .where(Barred.scope == Question.scope, Barred.person == Question.asker)
                # Two selects deep, SQLAlchemy would look among all questions.
                .correlate(Question)
            )
            own = voters.where(Vote.person == Question.asker, ~is_barred.exists())
            counted -= own.scalar_subquery()
        part = aliased(Question)
        merged = select(part.id).where(part.root == Question.id, part.id != Question.id).exists()
        return select(
            Question.id,
            Question.scope,
            Question.talk,
            Question.votes,
            counted.label("counted"),
            merged.label("is_merged"),
        ).where(Question.id.in_(roots), Question.asker.is_not(None))

    def _count_merged(self, root: int, scope: str) -> Select[int]:
        """Somebody may have voted for several parts, and counts once."""
        barred = select(Barred.person).where(Barred.scope == scope)
        query = (
            select(func.count(Vote.person.distinct()))
            .join(Question, Vote.question_id == Question.id)
            .where(Question.root == root, Vote.person.not_in(barred))
        )
        if self._settings.count_own_votes:
            return query
        askers = select(Question.asker).where(Question.root == root, Question.asker.is_not(None))
        return query.where(Vote.person.not_in(askers))

    async def _recount_of(self, session: WriteSession, scope: str, person: str) -> set[str]:
        roots = await session.scalars(
            select(Question.root)
            .join(Vote, Vote.question_id == Question.id)
            .where(Vote.person == person, Question.scope == scope)
            .distinct()
        )
        return await self.recount(session, roots)
