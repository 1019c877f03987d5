"""`!conf pause`: where no notice is told until it is resumed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import names_of
from fosdembot.conference.programme import Programme
from fosdembot.db.tables import Pause

EVERYWHERE = "*"


async def is_paused(session: AsyncSession, address: str, programme: Programme) -> bool:
    """Whether the Matrix room at `address` is: itself (by any of its addresses), by a track,
    or with all."""
    scopes = set(await session.scalars(select(Pause.scope)))
    if not scopes:
        return False
    names = await names_of(session, [address])
    tracks = {talk.track for name in names for talk in programme.talks_at(name)}
    return not scopes.isdisjoint({EVERYWHERE, *names, *tracks})
