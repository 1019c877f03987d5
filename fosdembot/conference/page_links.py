"""Secret links: addresses to pass on, by which somebody may do something in one talk, or show what
is answered in one room. The one writer of `page_links`.

Only a hash of a secret is kept, so a link is shown once, when it is made. A link is never given
again: whoever asks for one gets a new one, and others that are in force stay so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.page_secrets import NewSecret, hashed, may_be_one, new_secret
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.page_tables import PageLink
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.texts.page_login import SPEAKER_NAME
from fosdembot.texts.render import clean
from fosdembot.texts.words import names

MOST = 50
"""Links of one kind that are in force for one talk, or for one room. Some mail merges, each with
ten speakers, and what moderators pass on. A further one is refused: which of the others nobody
needs any more only people know."""
LONGEST_NAME = 120
"""Characters of what others see of who came by a link."""


class LinkKind(StrEnum):
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    OVERLAY = "overlay"


@dataclass(frozen=True, slots=True)
class LinkFor:
    """What a link is for. Raises `ValueError` unless it is one talk or one room, by its kind."""

    kind: LinkKind
    talk: str | None = None
    """The talk (its guid); None for an overlay."""
    address: str | None = None
    """The talk room; None for a talk's."""

    def __post_init__(self) -> None:
        is_room_s = self.kind is LinkKind.OVERLAY
        if (self.talk is None) != is_room_s or (self.address is None) == is_room_s:
            raise ValueError(f"a link of the kind {self.kind} for neither a talk nor a room")


@dataclass(frozen=True, slots=True)
class Link:
    """A secret link that is in force."""

    id: int
    kind: LinkKind
    talk: str | None
    """The talk (its guid) that it is for; None for an overlay."""
    address: str | None
    """The talk room that it is for; None for a talk's."""
    name: str
    """What others see of what is done by it."""


class NoLink(Exception):
    """Raised where a secret opens nothing; `is_over`: it did once, and was revoked or expired."""

    def __init__(self, *, is_over: bool) -> None:
        super().__init__("over" if is_over else "unknown")
        self.is_over = is_over


class TooManyLinks(Exception):
    """Raised where `MOST` are in force already."""


@dataclass(frozen=True, slots=True)
class PageLinks:
    programme: Programme
    settings: Settings
    new_secret: NewSecret = new_secret

    async def make(
        self,
        session: WriteSession,
        for_what: LinkFor,
        name: str,
        now: datetime,
        made_by: str | None = None,
    ) -> str:
        """Make a link. Returns its secret, which nobody can find out later. Raises `TooManyLinks`,
        before anything is changed."""
        if await self.in_force(session, for_what, now) >= MOST:
            raise TooManyLinks
        secret = self.new_secret()
        session.add(
            PageLink(
                secret=hashed(secret),
                kind=for_what.kind.value,
                talk=for_what.talk,
                address=for_what.address,
                name=clean(name, LONGEST_NAME),
                made_at=now,
                made_by=made_by,
                expires=max(now, self._end(for_what.talk, for_what.address) or now) + self._days,
                revoked_at=None,
            )
        )
        await session.flush()
        return secret

    async def for_speaker(
        self, session: WriteSession, talk: Talk, now: datetime, name: str = ""
    ) -> str | None:
        """A speaker's link that nobody asked for, for a letter or a mail: its secret. None where
        there are too many. `name`: of the one speaker who gets it; else all of them."""
        shown = name or names(talk.persons) or SPEAKER_NAME
        try:
            return await self.make(session, LinkFor(LinkKind.SPEAKER, talk.guid), shown, now)
        except TooManyLinks:
            return None

    async def in_force(self, session: AsyncSession, for_what: LinkFor, now: datetime) -> int:
        """How many there are."""
        query = select(func.count(PageLink.id)).where(
            PageLink.kind == for_what.kind.value,
            PageLink.talk == for_what.talk,
            PageLink.address == for_what.address,
            PageLink.revoked_at.is_(None),
            PageLink.expires > now,
        )
        return await session.scalar(query) or 0

    async def revoke(
        self,
        session: WriteSession,
        now: datetime,
        *,
        talk: str | None = None,
        address: str | None = None,
        kinds: Collection[LinkKind] = tuple(LinkKind),
    ) -> int:
        """From now on those for a talk, or for a room, open nothing; all, where neither is given.
        Returns how many that are."""
        query = update(PageLink).where(
            PageLink.kind.in_([kind.value for kind in kinds]),
            PageLink.revoked_at.is_(None),
            PageLink.expires > now,
        )
        if talk is not None:
            query = query.where(PageLink.talk == talk)
        if address is not None:
            query = query.where(PageLink.address == address)
        done = await session.execute(query.values(revoked_at=now))
        assert isinstance(done, CursorResult)
        return done.rowcount

    async def find(self, session: AsyncSession, secret: str, now: datetime) -> Link:
        """The link with this secret. Raises `NoLink` unless it is in force.

        It is looked up by its hash, so how long that takes says nothing of any secret.
        """
        if not may_be_one(secret):
            raise NoLink(is_over=False)
        query = select(PageLink).where(PageLink.secret == hashed(secret))
        row = (await session.scalars(query)).one_or_none()
        if row is None:
            raise NoLink(is_over=False)
        if row.revoked_at is not None or not now < self._expires(row):
            raise NoLink(is_over=True)
        return Link(row.id, LinkKind(row.kind), row.talk, row.address, row.name)

    def _expires(self, row: PageLink) -> datetime:
        """A talk that was put off takes its links with it."""
        end = self._end(row.talk, row.address)
        return max(row.expires, end + self._days) if end is not None else row.expires

    def _end(self, talk: str | None, address: str | None) -> datetime | None:
        """When the talk, or the last one in the room, ends as published."""
        if talk is not None:
            found = self.programme.talks.get(talk)
            return found.end if found is not None else None
        talks = self.programme.talks_at(address) if address is not None else ()
        return max((each.end for each in talks), default=None)

    @property
    def _days(self) -> timedelta:
        return timedelta(days=self.settings.pages.link_days)
