"""`!conf pause`: where no notice is told until it is resumed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import names_of
from fosdembot.conference.programme import Programme
from fosdembot.db.tables import Pause

EVERYWHERE = "*"


async def paused_scopes(session: AsyncSession) -> frozenset[str]:
    """All that is paused: addresses, tracks, everything."""
    return frozenset(await session.scalars(select(Pause.scope)))


def covers(scopes: frozenset[str], names: Collection[str], programme: Programme) -> bool:
    """Whether the Matrix room with these addresses is paused: itself, by a track, or with
    all."""
    if not scopes:
        return False
    tracks = {talk.track for name in names for talk in programme.talks_at(name)}
    return not scopes.isdisjoint({EVERYWHERE, *names, *tracks})


async def is_paused(session: AsyncSession, address: str, programme: Programme) -> bool:
    """Whether the Matrix room at `address` is, by any of its addresses."""
    scopes = await paused_scopes(session)
    return bool(scopes) and covers(scopes, await names_of(session, [address]), programme)
