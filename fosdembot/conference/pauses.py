"""Where no notice is told until it is resumed. The one writer of `pauses`.

A scope is the address of a Matrix room, a track, or everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import names_of
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.prepared import Prepared
from fosdembot.db.tables import Pause

EVERYWHERE = "*"
_SCOPES = Prepared(select(Pause.scope))
"""Made once: to make it takes longer than to execute it."""


async def paused_scopes(session: AsyncSession) -> frozenset[str]:
    """All that is paused: addresses, tracks, everything."""
    return frozenset(scope for (scope,) in await _SCOPES.find(session, {}))


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


def addresses_in(programme: Programme, scope: str) -> list[str]:
    """The Matrix rooms of a scope."""
    addresses = programme.addresses()
    if scope == EVERYWHERE:
        return addresses
    return [
        address
        for address in addresses
        if address == scope or any(talk.track == scope for talk in programme.talks_at(address))
    ]


async def is_scope(session: AsyncSession, scope: str, programme: Programme) -> bool:
    """Whether there is such a room, by any of its addresses, or such a track."""
    tracks = {talk.track for talk in programme.talks.values()} - {""}
    if scope == EVERYWHERE or scope in tracks:
        return True
    return any(programme.talks_at(name) for name in await names_of(session, [scope]))


async def put(session: WriteSession, scope: str, at: datetime, actor: str) -> None:
    """Pause a scope."""
    await session.merge(Pause(scope=scope, at=at, actor=actor))


async def lift(session: WriteSession, scope: str) -> Sequence[str]:
    """Resume a scope, by whichever of its addresses it was paused. Resuming everywhere ends
    every pause, whatever it was called. Returns what was paused."""
    same = await names_of(session, [scope])
    which = Pause.scope.is_not(None) if scope == EVERYWHERE else Pause.scope.in_(same)
    return (await session.scalars(delete(Pause).where(which).returning(Pause.scope))).all()
