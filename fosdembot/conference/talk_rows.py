"""Talks and what was decided for them, read and written some at a time: a thousand at once would
hold the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import TalkRow

from .talk_json import Json

AT_ONCE = 100
_TABLE = cast("Table", TalkRow.__table__)
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.guid == bindparam("talk"))
    .values(
        published=bindparam("fields"),
        vanished_at=bindparam("vanished"),
        override=bindparam("decided"),
    )
)


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """A row of `talks`."""

    guid: str
    published: Json
    vanished_at: datetime | None
    override: Json | None


async def read_rows(session: AsyncSession) -> list[TalkFacts]:
    """All of them, by guid."""
    fields = (TalkRow.guid, TalkRow.published, TalkRow.vanished_at, TalkRow.override)
    query = select(*fields).order_by(TalkRow.guid).limit(AT_ONCE)
    found = [TalkFacts(*row) for row in await session.execute(query)]
    some = len(found)
    while some == AT_ONCE:
        await asyncio.sleep(0)
        following = query.where(TalkRow.guid > found[-1].guid)
        rows = [TalkFacts(*row) for row in await session.execute(following)]
        found += rows
        some = len(rows)
    return found


async def write_rows(
    session: WriteSession, new: Sequence[TalkFacts], changed: Sequence[TalkFacts]
) -> None:
    for some in _slices(new):
        rows = [
            {
                "guid": row.guid,
                "published": row.published,
                "vanished_at": row.vanished_at,
                "override": row.override,
            }
            for row in some
        ]
        await session.execute_apart(insert(_TABLE), rows)
        await asyncio.sleep(0)
    for some in _slices(changed):
        rows = [
            {
                "talk": row.guid,
                "fields": row.published,
                "vanished": row.vanished_at,
                "decided": row.override,
            }
            for row in some
        ]
        await session.execute_apart(_CHANGE, rows)
        await asyncio.sleep(0)


def _slices(rows: Sequence[TalkFacts]) -> Iterator[Sequence[TalkFacts]]:
    for first in range(0, len(rows), AT_ONCE):
        yield rows[first : first + AT_ONCE]
