"""A Matrix room may have several addresses; the schedule may go from one to another."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.tables import RoomAddress
from fosdembot.texts.render import clean


async def one_name_each(session: AsyncSession) -> dict[str, str]:
    """Each known address, and that one of the addresses of its room which stands for all."""
    rows = await session.execute(
        select(RoomAddress.address, RoomAddress.room_id)
        .where(RoomAddress.room_id.is_not(None))
        .order_by(RoomAddress.address)
    )
    first: dict[str | None, str] = {}
    return {address: first.setdefault(room, address) for address, room in rows}


async def names_of(session: AsyncSession, addresses: Collection[str]) -> list[str]:
    """These addresses, and all others that are known to lead to the same rooms; in order."""
    rooms = select(RoomAddress.room_id).where(
        RoomAddress.address.in_(addresses), RoomAddress.room_id.is_not(None)
    )
    found = await session.scalars(select(RoomAddress.address).where(RoomAddress.room_id.in_(rooms)))
    return sorted({*addresses, *found})


def short_name(address: str) -> str:
    """A Matrix room as people call it: `2026-kernel` for `#2026-kernel:example.org`."""
    return clean(address.lstrip("#!").partition(":")[0], 40)
