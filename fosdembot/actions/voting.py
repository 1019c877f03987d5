"""Voting: whose votes count, for what, and how they are taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from fosdembot.actions.actor import Actor
from fosdembot.actions.once import once
from fosdembot.actions.refused import Denial, Refused
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.questions import lookup
from fosdembot.questions.desk import Desk
from fosdembot.questions.guests import is_guest
from fosdembot.questions.states import State
from fosdembot.questions.votes import Cast
from fosdembot.settings import QuestionSettings

_CLOSED = (State.DISMISSED, State.WITHDRAWN)


class Voting:
    """`relay`: whether the actor's account is known to speak for many."""

    def __init__(self, desk: Desk, settings: QuestionSettings) -> None:
        self._desk = desk
        self._settings = settings

    @once
    async def vote(
        self,
        session: WriteSession,
        actor: Actor,
        question: Question,
        *,
        relay: bool = False,
        private: bool = False,
    ) -> None:
        """The actor votes, and takes back what the same cause voted for before. `private`:
        whether nobody else reads why it is refused. Raises `Refused`."""
        root = await self._checked(session, actor, question, relay)
        if root.state in _CLOSED:
            raise Refused(Denial.NO_VOTES, question=question, state=State(root.state))
        if not self._settings.count_own_votes:
            for asker, name in await lookup.askers(session, root):
                # Before others, nobody is told to have asked what is asked without a name.
                if asker == actor.person and (name or private):
                    raise Refused(Denial.OWN_VOTE, question=question)
        await self._desk.retract_vote(session, actor.cause)
        await self._desk.vote(session, question, actor.person, actor.cause)

    @once
    async def cast(
        self, session: WriteSession, actor: Actor, question: Question, *, relay: bool = False
    ) -> None:
        """The actor votes by what stays, as a reaction does, and of which nothing is answered: what
        does not count now, because of a ban for example, may count one day. A relay's never does.
        """
        if not relay and not is_guest(actor.person):
            await self._desk.vote(session, question, actor.person, actor.cause)

    async def cast_all(self, session: WriteSession, casts: Sequence[Cast]) -> None:
        """As `cast` for each of them, none a relay's, in a few statements."""
        await self._desk.vote_all(session, casts)

    def cast_at_once(self, connection: Connection, casts: Sequence[Cast]) -> Callable[[], None]:
        """The same without a session; returns what is to be done after the commit."""
        return self._desk.vote_at_once(connection, casts)

    @once
    async def unvote(
        self, session: WriteSession, actor: Actor, question: Question, *, relay: bool = False
    ) -> None:
        """The actor's vote is taken back, by whatever it was given. Raises `Refused`."""
        root = await self._checked(session, actor, question, relay)
        if not await self._desk.votes.has_voted(session, root, actor.person):
            raise Refused(Denial.NOT_VOTED, question=question)
        await self._desk.unvote(session, root, actor.person)

    async def retract(self, session: WriteSession, cause: str) -> None:
        """What voted is redacted, which is always obeyed, or was edited by its author and says
        something else; the face has seen to that. The vote goes with the last cause that stands for
        it."""
        await self._desk.retract_vote(session, cause)

    async def _checked(
        self, session: WriteSession, actor: Actor, question: Question, relay: bool
    ) -> Question:
        """The question that the vote counts for. Raises `Refused` where this person's does
        not count."""
        if is_guest(actor.person):  # whose votes are counted apart
            raise Refused(Denial.NOT_AS_GUEST, question=question)
        bars = await self._desk.votes.bars(session, question.scope, actor.person)
        if actor.relayed or "relay" in bars or relay:
            raise Refused(Denial.RELAY, question=question)
        if bars:
            raise Refused(Denial.VOTE_BARRED, question=question)
        root = await session.get_one(Question, question.root)
        if root.asker is None:  # Forgotten, as the voters are; see db/retention.py.
            raise Refused(Denial.VOTES_FINAL, question=question)
        return root
