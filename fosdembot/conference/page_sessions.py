"""Who is logged in on a page. The one writer of `page_sessions`.

Of what a browser shows only the hash is kept. Times are those of the conference; how long a session
lasts is counted in real days, however fast the conference goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, bindparam, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.page_secrets import NewSecret, hashed, may_be_one, new_secret
from fosdembot.db.engine import WriteSession
from fosdembot.db.page_tables import HallVote, PageSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Question
from fosdembot.questions.guests import GUEST
from fosdembot.settings import Settings
from fosdembot.texts.render import clean

MOST_OF_ONE = 20
"""Browsers in which one person is logged in."""
MOST_GUESTS = 5000
"""Of one talk: the largest halls have fewer seats."""
LONGEST_NAME = 120


# Made once: to make it takes longer than to execute it.
_KNOWN = Prepared(
    select(PageSession.person, PageSession.name, PageSession.talk, PageSession.expires).where(
        PageSession.token == bindparam("hash")
    )
)


_IDLE = (
    select(PageSession.token)
    .where(
        ~exists().where(HallVote.guest == PageSession.person),
        ~exists().where(Question.asker == PageSession.person),
    )
    .order_by(PageSession.made_at)
    .limit(1)
)
"""The guest who came first of those that have neither asked nor voted."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is logged in, as `PageSession`."""

    person: str
    name: str
    talk: str | None
    expires: datetime


@dataclass(frozen=True, slots=True)
class PageSessions:
    settings: Settings
    clock: Clock
    new_secret: NewSecret = new_secret

    @property
    def lasts(self) -> timedelta:
        """In real time."""
        return timedelta(days=self.settings.pages.session_days)

    async def start(
        self, session: WriteSession, person: str, name: str, lasts: timedelta | None = None
    ) -> str:
        """Somebody with a Matrix account is logged in. Returns the token that their browser shows
        from now on. `lasts`: for less than usual, in real time. Of somebody with too many sessions
        the one goes that ends first."""
        tokens = await session.scalars(
            select(PageSession.token)
            .where(PageSession.person == person)
            .order_by(PageSession.expires.desc(), PageSession.token)
            .offset(MOST_OF_ONE - 1)
        )
        await session.execute(delete(PageSession).where(PageSession.token.in_(list(tokens))))
        expires = self._in(min(lasts or self.lasts, self.lasts))
        return await self._add(session, person, clean(name, LONGEST_NAME), None, expires)

    async def start_guest(self, session: WriteSession, talk: str, expires: datetime) -> str | None:
        """Somebody in the hall takes part in a talk (its guid), until `expires` (conference time).
        Returns the token that their browser shows. Of too many the one goes who came first of those
        that have done nothing, so that nobody keeps others out by coming in again and again; None
        where all have asked or voted."""
        now = self.clock.now()
        query = select(func.count(PageSession.token)).where(
            PageSession.talk == talk, PageSession.expires > now
        )
        if (await session.scalar(query) or 0) >= MOST_GUESTS:
            here = _IDLE.where(PageSession.talk == talk, PageSession.expires > now)
            idle = await session.scalar(here)
            if idle is None:
                return None
            await session.execute(delete(PageSession).where(PageSession.token == idle))
        return await self._add(session, f"{GUEST}{self.new_secret()}", "", talk, expires)

    async def find(self, session: AsyncSession, token: str) -> Known | None:
        """Who has the session with this token, if it has not ended.

        It is looked up by its hash, so how long that takes says nothing of any token.
        """
        if not may_be_one(token):
            return None
        for row in await _KNOWN.find(session, {"hash": hashed(token)}):
            known = Known(*row)
            return known if self.clock.now() < known.expires else None
        return None

    async def end(self, session: WriteSession, token: str) -> bool:
        """Whoever shows this token is logged out. Returns whether anybody was logged in by it."""
        done = await session.execute(delete(PageSession).where(PageSession.token == hashed(token)))
        assert isinstance(done, CursorResult)
        return done.rowcount > 0

    async def end_all(self, session: WriteSession, person: str) -> None:
        """Somebody is logged out everywhere."""
        await session.execute(delete(PageSession).where(PageSession.person == person))

    async def _add(
        self, session: WriteSession, person: str, name: str, talk: str | None, expires: datetime
    ) -> str:
        token = self.new_secret()
        session.add(
            PageSession(
                token=hashed(token),
                person=person,
                name=name,
                talk=talk,
                made_at=self.clock.now(),
                expires=expires,
            )
        )
        await session.flush()
        return token

    def _in(self, real: timedelta) -> datetime:
        return self.clock.from_wall(self.clock.to_wall(self.clock.now()) + real)
