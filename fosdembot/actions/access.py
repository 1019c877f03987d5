"""Whether somebody may do something: the one place that asks who they are, and compares it with
what the table in `permissions.py` says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.conference.people import People
from fosdembot.conference.roles import Role
from fosdembot.db.question_tables import Question
from fosdembot.questions.states import State


@dataclass(frozen=True, slots=True)
class TalkIn:
    """A talk (its guid) as it is dealt with in a Matrix room."""

    talk: str
    room: str


About = Question | TalkIn | str | None
"""What something is done to: a question, a talk in a room, all of a Matrix room (its id), or
the conference; None also stands for a room in which the bot is not."""


class Access:
    def __init__(self, people: People) -> None:
        self._people = people

    async def allows(
        self, session: AsyncSession, actor: Who, permission: Permission, about: About
    ) -> bool:
        """Whether the actor may do that."""
        if permission.is_the_asker_s:
            return permission.is_granted(Role.ATTENDEE, asker=_asked(actor, about))
        role = await self._role(session, actor, about)
        return permission.is_granted(role, pending=_is_pending(about))

    async def demand(
        self, session: AsyncSession, actor: Who, permission: Permission, about: About
    ) -> None:
        """Raises `Refused` if the actor may not do that."""
        if not await self.allows(session, actor, permission, about):
            question = about if isinstance(about, Question) else None
            raise Refused(Denial.NOT_ALLOWED, permission=permission, question=question)

    async def granted(
        self, session: AsyncSession, actor: Who, about: About
    ) -> frozenset[Permission]:
        """All that the actor may do there."""
        role = await self._role(session, actor, about)
        asker, pending = _asked(actor, about), _is_pending(about)
        return frozenset(p for p in Permission if p.is_granted(role, asker=asker, pending=pending))

    async def _role(self, session: AsyncSession, actor: Who, about: About) -> Role:
        if actor.relayed:
            return Role.ATTENDEE
        if actor.vouched is not None:
            return actor.vouched if _is_within(actor.bound_to, about) else Role.ATTENDEE
        match about:
            case Question():
                return await self._people.role_about(session, actor.person, about)
            case TalkIn(talk=talk, room=room):
                return await self._people.role(session, actor.person, room, talk)
            case room:
                return await self._people.role(session, actor.person, room)


def _is_within(talk: str | None, about: About) -> bool:
    """Whether it concerns that talk (its guid; None: any) and no other."""
    return talk is None or (isinstance(about, Question | TalkIn) and about.talk == talk)


def _is_pending(about: About) -> bool:
    """Whether it is a question that waits for a moderator."""
    return isinstance(about, Question) and about.state == State.PENDING


def _asked(actor: Who, about: About) -> bool:
    """Whether it is the actor's own question. A relay's is nobody's."""
    if not isinstance(about, Question) or about.relayed or actor.relayed:
        return False
    return about.asker == actor.person
