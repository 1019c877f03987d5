"""Who is for a question, and how many of them count.

A vote is a person: it is there as long as one of the causes by which the person voted
stands. It counts unless it is the asker's own (a setting), or the person is barred in the
room: banned, removed, muted, or a relay. Votes for a merged question count for the one
that it was merged into. The count is counted anew, but for a vote that comes alone: that is
added to a count that is known to be exact (`exact.py`), since to count thousands takes longer
than all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    Connection,
    Select,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import new_rows, table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Barred, Question, Vote, VoteMark
from fosdembot.settings import QuestionSettings

from . import lookup
from .exact import ExactCounts
from .hall_votes import HallVotes

_QUESTIONS = table_of(Question)
_SET_VOTES = (
    update(_QUESTIONS)
    .where(_QUESTIONS.c.id == bindparam("root_id"))
    .values(votes=bindparam("counted"))
)
_SET = {watched: Prepared(_SET_VOTES, watched=watched) for watched in (True, False)}
"""By whether what is known of exact counts is forgotten then."""

BarReason = Literal["membership", "muted", "relay"]


@dataclass(frozen=True, slots=True)
class Cast:
    """`person` votes for a question. `cause`: by what, as in `By`."""

    question: int
    root: int
    person: str
    cause: str


@dataclass(frozen=True, slots=True)
class Recounted:
    """A question whose number of votes is another now."""

    question: int
    talk: str
    votes: int


@dataclass(frozen=True, slots=True)
class CastAtOnce:
    """What came of votes."""

    talks: frozenset[str]
    """Those whose ranking may be another now."""
    committed: Callable[[], None]
    """To be called after the commit."""


class Votes:
    """Most methods return the talks whose ranking may be another now."""

    def __init__(
        self,
        settings: QuestionSettings,
        exact: ExactCounts | None = None,
        *,
        guests_rank: bool = False,
    ) -> None:
        self._exact = exact
        own = settings.count_own_votes
        self.hall = HallVotes(rank=guests_rank, count_own_votes=own)
        self._add, self._counted = _add_one(own), _counted(own)
        self._counted_merged = _counted_merged(own)

    async def cast(
        self, session: WriteSession, question: Question, person: str, cause: str
    ) -> set[str]:
        """`person` votes. `cause`: by what, as in `By`."""
        if await _MARKED.find(session, {"cause": cause}):
            return set()
        # A question has had its root since it was asked.
        assert question.root is not None
        casts = [Cast(question.id, question.root, person, cause)]
        counted = await session.run_sync(lambda it: self.cast_all(it.connection(), casts))
        hold(session, counted)
        return {each.talk for each in counted}

    def cast_all(self, connection: Connection, casts: Sequence[Cast]) -> Sequence[Recounted]:
        """As `cast` for each of them, in a few statements; returns what was counted anew.

        Whoever has a session calls `hold` with that.
        """
        return self._cast_all(connection, casts, watched=True).changed

    def cast_at_once(self, connection: Connection, casts: Sequence[Cast]) -> CastAtOnce:
        """The same in a transaction in which nothing is rolled back but all of it."""
        if len(casts) == 1 and (talk := self._exact_talk(casts[0])) is not None:
            counts = self._cast_one(connection, casts[0])
            return CastAtOnce(frozenset([talk] if counts else []), lambda: None)
        exact = self._exact
        if exact is None:
            counted = self._cast_all(connection, casts, watched=True)
            return CastAtOnce(counted.talks, lambda: None)
        version = exact.version
        counted = self._cast_all(connection, casts, watched=False)
        return CastAtOnce(counted.talks, lambda: exact.learn(counted.alone, version))

    def _exact_talk(self, cast: Cast) -> str | None:
        """The talk of a question that may be added to: then nothing is merged into it."""
        return self._exact.talk_of(cast.root) if self._exact is not None else None

    def _cast_one(self, connection: Connection, cast: Cast) -> bool:
        """Whether a vote for a question whose count is exact counts. Then it is so again."""
        # Before the vote is there, so that nobody has to ask whether it is new.
        counts = self._add.run(connection, {"root_id": cast.root, "voter": cast.person}) == 1
        vote = {"question_id": cast.question, "person": cast.person}
        new_rows(connection, Vote, watched=False).run_all(connection, [vote])
        new_rows(connection, VoteMark).run_all(connection, [{**vote, "cause": cast.cause}])
        return counts

    def _cast_all(
        self, connection: Connection, casts: Sequence[Cast], *, watched: bool
    ) -> _Counted:
        if not casts:
            return _Counted([], {})
        votes = [{"question_id": each.question, "person": each.person} for each in casts]
        marks = [{**vote, "cause": each.cause} for vote, each in zip(votes, casts, strict=True)]
        new_rows(connection, Vote, watched=watched).run_all(connection, votes)
        new_rows(connection, VoteMark).run_all(connection, marks)
        return self._recount(connection, {each.root for each in casts}, watched=watched)

    async def retract(self, session: WriteSession, cause: str) -> set[str]:
        """What caused a vote is taken back; the vote stays while another one stands for it."""
        if not await _MARKED.find(session, {"cause": cause}):
            return set()
        mark = await session.get_one(VoteMark, cause)
        await session.delete(mark)
        await session.flush()
        others = select(VoteMark.cause).where(
            VoteMark.question_id == mark.question_id, VoteMark.person == mark.person
        )
        if await session.scalar(others.limit(1)) is not None:
            return set()
        await session.delete(await session.get_one(Vote, (mark.question_id, mark.person)))
        question = await session.get_one(Question, mark.question_id)
        return await self._recount_persons(session, [question.root])

    async def unvote(self, session: WriteSession, question: Question, person: str) -> set[str]:
        """Take the vote back, by whatever it was given, also for what was merged into it."""
        group = select(Question.id).where(Question.root == question.root)
        for table in (VoteMark, Vote):
            await session.execute(
                delete(table).where(table.question_id.in_(group), table.person == person)
            )
        return await self._recount_persons(session, [question.root])

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

    async def lift_relay(self, session: WriteSession, scope: str, account: str) -> set[str]:
        """An account votes again once nothing is left that it said for others."""
        if await lookup.is_left_of_relay(session, scope, account):
            return set()
        return await self.lift(session, scope, account, "relay")

    async def bars(self, session: AsyncSession, scope: str, person: str) -> set[str]:
        """For which reasons somebody is barred."""
        found = await _BARS.find(session, {"scope": scope, "person": person})
        return {reason for (reason,) in found}

    async def recount(self, session: WriteSession, roots: Iterable[int | None]) -> set[str]:
        """Count the votes of these questions, with those merged into each; also of guests."""
        found = {root for root in roots if root is not None}
        persons = await self._recount_persons(session, found)
        return persons | await self.hall.recount(session, found)

    async def _recount_persons(
        self, session: WriteSession, roots: Iterable[int | None]
    ) -> set[str]:
        await session.flush()
        found = {root for root in roots if root is not None}
        counted = await (await session.connection()).run_sync(self._recount, found)
        hold(session, counted.changed)
        return set(counted.talks)

    def _recount(
        self, connection: Connection, roots: set[int], *, watched: bool = True
    ) -> _Counted:
        changed, alone = [], {}
        for row in self._counted.all(connection, {"roots": list(roots)}):
            root, scope, talk, before, votes, is_merged = row
            if is_merged:
                group = {"root": root, "scope": scope}
                votes = connection.execute(self._counted_merged, group).scalar_one()
            else:
                alone[root] = talk
            if votes != before:
                changed.append(Recounted(root, talk, votes))
        if changed:
            values = [{"root_id": each.question, "counted": each.votes} for each in changed]
            _SET[watched].run_all(connection, values)
        return _Counted(changed, alone)

    async def _recount_of(self, session: WriteSession, scope: str, person: str) -> set[str]:
        roots = await session.scalars(
            select(Question.root)
            .join(Vote, Vote.question_id == Question.id)
            .where(Vote.person == person, Question.scope == scope)
            .distinct()
        )
        persons = await self._recount_persons(session, roots)
        return persons | await self.hall.recount_of(session, scope, person)


@dataclass(frozen=True, slots=True)
class _Counted:
    changed: Sequence[Recounted]
    alone: Mapping[int, str]
    """The talks of those that were counted and into which none is merged."""

    @property
    def talks(self) -> frozenset[str]:
        return frozenset(each.talk for each in self.changed)


def hold(session: AsyncSession, changed: Iterable[Recounted]) -> None:
    """Nobody who holds one of these questions already shall go on with the old number."""
    for each in changed:
        held = session.identity_map.get(identity_key(Question, each.question))
        if held is not None:
            set_committed_value(held, "votes", each.votes)


# The statements are made once: to make them takes longer than to execute them.


_MARKED = Prepared(select(VoteMark.cause).where(VoteMark.cause == bindparam("cause")))
_BARS = Prepared(
    select(Barred.reason).where(
        Barred.scope == bindparam("scope"), Barred.person == bindparam("person")
    )
)


@cache
def _add_one(count_own_votes: bool) -> Prepared:
    """Of somebody who has not voted yet for a question that stands for itself, as `_counted` would
    count it."""
    voter: BindParameter[str] = bindparam("voter")
    voted = select(Vote.person).where(Vote.question_id == _QUESTIONS.c.id, Vote.person == voter)
    barred = select(Barred.person).where(Barred.scope == _QUESTIONS.c.scope, Barred.person == voter)
    add = (
        update(_QUESTIONS)
        .where(_QUESTIONS.c.id == bindparam("root_id"), ~voted.exists(), ~barred.exists())
        .values(votes=_QUESTIONS.c.votes + 1)
    )
    if not count_own_votes:
        add = add.where(_QUESTIONS.c.asker.is_distinct_from(voter))
    return Prepared(add, watched=False)


@cache
def _counted(count_own_votes: bool) -> Prepared:
    """Of each of the `roots` by index: all voters, without those who do not count.

    Where the asker is forgotten, so are the voters: what was counted is final.
    """
    voters = select(func.count()).where(Vote.question_id == Question.id)
    barred = (
        select(func.count(Barred.person.distinct()))
        .join(Vote, (Vote.person == Barred.person) & (Vote.question_id == Question.id))
        .where(Barred.scope == Question.scope)
    )
    counted = voters.scalar_subquery() - barred.scalar_subquery()
    if not count_own_votes:
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
    found = select(
        Question.id,
        Question.scope,
        Question.talk,
        Question.votes,
        counted.label("counted"),
        merged.label("is_merged"),
    ).where(
        Question.id.in_(bindparam("roots", expanding=True)),
        Question.asker.is_not(None),
    )
    return Prepared(found)


@cache
def _counted_merged(count_own_votes: bool) -> Select[Any]:
    """Of all that was merged into `root`. Somebody may have voted for several parts, and
    counts once."""
    root = Question.root == bindparam("root")
    barred = select(Barred.person).where(Barred.scope == bindparam("scope"))
    query = (
        select(func.count(Vote.person.distinct()))
        .join(Question, Vote.question_id == Question.id)
        .where(root, Vote.person.not_in(barred))
    )
    if count_own_votes:
        return query
    askers = select(Question.asker).where(root, Question.asker.is_not(None))
    return query.where(Vote.person.not_in(askers))
