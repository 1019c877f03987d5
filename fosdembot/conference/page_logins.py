"""Somebody is about to log in on a page. The one writer of `page_logins`.

There are two ways, and each ends on a page that asks whether it is them:

* The page shows a code, and somebody types it in a direct chat with the bot: the browser that shows
  the code is about to be theirs.
* Somebody asks the bot for a personal link, and opens it.

In the first, people can be talked into typing what somebody else's page shows, so what they are
answered says what it does; in the second, into opening somebody else's link, so the page says who
they would be. Guessing codes is of no use: whoever types somebody's code offers that page the own
account.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.page_secrets import NewSecret, hashed, may_be_one, new_secret
from fosdembot.db.engine import WriteSession
from fosdembot.db.page_tables import PageLogin
from fosdembot.texts.render import clean

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of codes: none that is read as another (0 and O, 1 and I)."""
LONGEST_CODE = 20
"""Characters of what we look at as a code at all."""
_LENGTH = 4
"""Of a code: a million, so that those that are shown at the same time are few among them."""
LASTS = timedelta(minutes=10)
"""In real time, however fast the conference goes."""
MOST = 5000
"""Logins that are under way. For a further one, the oldest that nobody has claimed goes: nobody
fills the table, nor keeps others out."""
MOST_LINKS = 3
"""Of one person, that nobody has opened. For a further one, the oldest goes."""
LONGEST_NAME = 120

NewCode = Callable[[], str]


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(_LENGTH))


class Claim(StrEnum):
    """What came of a code that somebody typed."""

    CLAIMED = "claimed"
    """The page asks now whether it is them; also where they typed it before."""
    UNKNOWN = "unknown"
    """No page shows it, or no more."""
    TAKEN = "taken"
    """Somebody else typed it first."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A browser that waits."""

    browser: str
    """The secret that it shows."""
    code: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    """Their Matrix id."""
    name: str


@dataclass(frozen=True, slots=True)
class PageLogins:
    clock: Clock
    new_secret: NewSecret = new_secret
    new_code: NewCode = new_code

    # By a code.

    async def begin(self, session: WriteSession) -> Begun:
        """A browser shows a code from now on."""
        await self._make_room(session)
        code = self.new_code()
        while await self._with_code(session, code) is not None:
            code = self.new_code()
        browser = self.new_secret()
        await self._add(session, browser=hashed(browser), code=code)
        return Begun(browser, code)

    async def waiting(self, session: AsyncSession, browser: str) -> PageLogin | None:
        """The login for which this browser waits."""
        if not may_be_one(browser):
            return None
        found = select(PageLogin).where(PageLogin.browser == hashed(browser))
        return self._in_time((await session.scalars(found)).one_or_none())

    async def claim(self, session: WriteSession, typed: str, person: str, name: str) -> Claim:
        """Somebody typed a code in a direct chat."""
        code = typed.strip().upper()
        if not 0 < len(code) <= LONGEST_CODE or not set(code) <= set(LETTERS):
            return Claim.UNKNOWN
        row = self._in_time(await self._with_code(session, code))
        if row is None:
            return Claim.UNKNOWN
        if row.person is None:
            row.person, row.name = person, clean(name, LONGEST_NAME)
        return Claim.CLAIMED if row.person == person else Claim.TAKEN

    # By a personal link.

    async def invite(self, session: WriteSession, person: str, name: str) -> str:
        """Make a personal link for somebody. Returns its secret."""
        await self._make_room(session)
        old = await session.scalars(
            select(PageLogin.id)
            .where(PageLogin.person == person, PageLogin.secret.is_not(None))
            .order_by(PageLogin.id.desc())
            .offset(MOST_LINKS - 1)
        )
        await session.execute(delete(PageLogin).where(PageLogin.id.in_(list(old))))
        secret = self.new_secret()
        await self._add(
            session, secret=hashed(secret), person=person, name=clean(name, LONGEST_NAME)
        )
        return secret

    async def invited(self, session: AsyncSession, secret: str) -> PageLogin | None:
        """For whom a personal link is. Reading it uses nothing up: previews of links do so."""
        if not may_be_one(secret):
            return None
        found = select(PageLogin).where(PageLogin.secret == hashed(secret))
        return self._in_time((await session.scalars(found)).one_or_none())

    # What comes of it.

    async def confirm(self, session: WriteSession, login: PageLogin) -> Person | None:
        """They say that it is them. Returns whom; None where nobody typed the code yet. Nobody
        logs in by the same code or link again."""
        if login.person is None:
            return None
        person = Person(login.person, login.name)
        await self.end(session, login)
        return person

    async def end(self, session: WriteSession, login: PageLogin) -> None:
        """It is not them, or they do not want to any more."""
        await session.delete(login)
        await session.flush()

    async def end_all(self, session: WriteSession, person: str) -> None:
        """Whoever is about to log in as this person does not."""
        await session.execute(delete(PageLogin).where(PageLogin.person == person))

    async def _with_code(self, session: AsyncSession, code: str) -> PageLogin | None:
        found = select(PageLogin).where(PageLogin.code == code)
        return (await session.scalars(found)).one_or_none()

    def _in_time(self, row: PageLogin | None) -> PageLogin | None:
        return row if row is not None and self.clock.now() < row.expires else None

    async def _make_room(self, session: WriteSession) -> None:
        """For another row."""
        await session.execute(delete(PageLogin).where(PageLogin.expires <= self.clock.now()))
        there = await session.scalar(select(func.count(PageLogin.id))) or 0
        if there >= MOST:
            oldest = select(PageLogin.id).order_by(PageLogin.person.is_not(None), PageLogin.id)
            ids = list(await session.scalars(oldest.limit(there - MOST + 1)))
            await session.execute(delete(PageLogin).where(PageLogin.id.in_(ids)))

    async def _add(
        self,
        session: WriteSession,
        *,
        browser: str | None = None,
        code: str | None = None,
        secret: str | None = None,
        person: str | None = None,
        name: str = "",
    ) -> None:
        session.add(
            PageLogin(
                browser=browser,
                code=code,
                secret=secret,
                person=person,
                name=name,
                expires=self._expires(),
            )
        )
        await session.flush()

    def _expires(self) -> datetime:
        return self.clock.from_wall(self.clock.to_wall(self.clock.now()) + LASTS)
