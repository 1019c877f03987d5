"""Who looks at a page, and by what we know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import Who


class LinkKind(StrEnum):
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    OVERLAY = "overlay"


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


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever sent a request."""

    who: Who | None = None
    """Whose permissions count; None: nobody is known, who may only read."""
    name: str = ""
    """What others see of a person where no room knows them."""
    guest_of: str | None = None
    """Of a guest in the hall: the talk (its guid) for which they came in."""
    link: Link | None = None
    """By which they came."""
    by_cookie: bool = False
    """Whether their browser shows it by itself: what other sites make it send must not count."""


NOBODY = Visitor()


class Visitors:
    """Reads in the session that it is given."""

    async def of(self, session: AsyncSession, request: web.Request) -> Visitor:
        """Who sent this request: by `Authorization: Bearer` (a session in a frame), by a secret
        link's key (`?key=`, or the header `X-Page-Key`), else by the session's cookie. Raises
        `Declined` where a key is not in force."""
        return NOBODY
