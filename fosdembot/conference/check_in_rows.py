"""What was seen to before talks: the only writer of `check_ins` and `hushed_talks`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.meeting_tables import CheckIn, HushedTalk
from fosdembot.db.tables import Outgoing

_PREFIX = "checkin"
TROUBLE, KICKED = "trouble", "kicked"
"""What a check-in is about, but for minutes."""


async def seen(
    session: AsyncSession, talks: Collection[str]
) -> frozenset[tuple[str, datetime, str]]:
    """Of these talks: which, for which start, and what about it."""
    rows = await session.scalars(select(CheckIn).where(CheckIn.talk.in_(talks)))
    return frozenset((row.talk, row.start, row.about) for row in rows)


async def put(session: WriteSession, talk: str, start: datetime, about: str) -> int:
    """It is seen to; returns its id."""
    row = CheckIn(talk=talk, start=start, about=about)
    session.add(row)
    await session.flush()
    return row.id


def key(id_: int, room: str) -> str:
    """Of what a room is told."""
    return f"{_PREFIX}/{id_}/{room}"


async def asked_at(session: AsyncSession, event_id: str) -> str | None:
    """The talk (its guid) of whose missing speaker hosts were told by this event; None: it is
    none of those."""
    told = await session.scalar(select(Outgoing.key).where(Outgoing.event_id == event_id).limit(1))
    prefix, _, rest = (told or "").partition("/")
    id_ = rest.partition("/")[0]
    if prefix != _PREFIX or not id_.isdecimal() or rest.count("/") != 1:
        return None
    row = await session.get(CheckIn, int(id_))
    return row.talk if row is not None else None


async def hushed(session: AsyncSession, talks: Collection[str]) -> frozenset[str]:
    """Those of these talks of which nobody wants to hear more."""
    query = select(HushedTalk.talk).where(HushedTalk.talk.in_(talks))
    return frozenset(await session.scalars(query))


async def hush(session: WriteSession, talk: str, cause: str, at: datetime) -> None:
    await session.merge(HushedTalk(cause=cause, talk=talk, at=at))


async def unhush(session: WriteSession, cause: str) -> bool:
    """What was wanted by this cause is not any more. Returns whether there was anything."""
    row = await session.get(HushedTalk, cause)
    if row is None:
        return False
    await session.delete(row)
    return True
