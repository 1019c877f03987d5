"""The requests by which a row of the outbox gets into its room."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing, RoomState

from . import content as contents
from .api import Api, Json
from .outbox import KEY, Outbox, pinned
from .pace import Pace


@dataclass(frozen=True, slots=True)
class Delivery:
    api: Api
    database: Database
    outbox: Outbox
    pace: Pace

    async def request(self, row: Outgoing, user_id: str, target: str | None) -> str | None:
        """Send `row`, which refers to the event `target`, as `user_id`; returns the id of its
        event, if it has one."""
        if row.kind == "redaction":
            return await self._redact(row, user_id)
        if row.kind == "state":
            async with self.database.read() as session:
                content = await _pinned_with(session, row.room_id, pinned(row))
            return await self.api.send_state(row.room_id, row.event_type, content)
        content = {**_content(row, target), KEY: row.txn_id}
        content.pop(contents.PARTS, None)
        return await self.api.send(row.room_id, row.event_type, row.txn_id, content)

    async def _redact(self, row: Outgoing, user_id: str) -> str | None:
        """Redact a message with all its edits, each of which holds what it said; or, where
        the target is its edit, all but the newest, and not the message."""
        async with self.database.read() as session:
            target, newest = await self._target(session, row), None
            message, was_edited = target, await self.outbox.was_edited(session, target.key)
            if target.kind == "edit":
                message, newest = await self._target(session, target), target.event_id
        event_id = str(message.event_id)
        if was_edited or newest is not None:
            for edit in await self.api.edits(row.room_id, event_id, user_id):
                if edit == newest:
                    continue
                await self.pace.wait()
                self.pace.started()
                txn_id = self.outbox.transaction_id(f"{row.key}\n{edit}", row.revision)
                await self.api.redact(row.room_id, edit, txn_id, {})
        if newest is not None:
            return None
        return await self.api.redact(row.room_id, event_id, row.txn_id, {KEY: row.txn_id})

    async def _target(self, session: AsyncSession, row: Outgoing) -> Outgoing:
        """What `row` refers to, as it was sent."""
        target = await self.outbox.find(session, row.target or "")
        if target is None or target.event_id is None:
            raise RuntimeError(f"{row.key}: its target is gone")
        return target


def _content(row: Outgoing, target: str | None) -> Json:
    if row.target is None:
        return row.content
    if target is None:
        raise RuntimeError(f"{row.key}: its target is gone")
    if row.kind == "edit":
        return contents.replacement(row.content, target)
    return contents.reaction(row.content["m.relates_to"]["key"], target)


async def _pinned_with(session: AsyncSession, room: str, keys: list[str]) -> Json:
    """The room's pinned events with those of `keys` in place of those that we pinned before."""
    state = await session.get(RoomState, (room, "m.room.pinned_events", ""))
    listed = state.content.get("pinned") if state is not None else None
    others = [pin for pin in listed if isinstance(pin, str)] if isinstance(listed, list) else []
    known = select(Outgoing.event_id).where(Outgoing.event_id.in_(others))
    ours = set(await session.scalars(known)) if others else set()
    rows = await session.execute(
        select(Outgoing.key, Outgoing.event_id).where(Outgoing.key.in_(keys))
    )
    sent = {row.key: row.event_id for row in rows if row.event_id is not None}
    theirs = [pin for pin in others if pin not in ours]
    return {"pinned": [*theirs, *(sent[key] for key in keys if key in sent)]}
