"""The requests by which a row of the outbox gets into its room."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing

from . import content as contents
from .api import Api, Json
from .outbox import KEY, Outbox
from .pace import Pace
from .queue import Ready, Row
from .timeline import LAYOUT, PINNED


@dataclass(frozen=True, slots=True)
class Delivery:
    api: Api
    database: Database
    outbox: Outbox
    pace: Pace

    async def request(self, ready: Ready, user_id: str) -> str | None:
        """Send what is ready, as `user_id`; returns the id of its event, if it has one."""
        row = ready.row
        if row.kind == "redaction":
            return await self._redact(row, user_id)
        if row.event_type == PINNED:
            pins = {"pinned": list(ready.pinned)}
            return await self.api.send_state(row.room_id, row.event_type, pins)
        if row.kind == "state":
            return await self._put_state(row)
        content = {**_content(row, ready.target), KEY: row.attempt.txn_id}
        content.pop(contents.PARTS, None)
        return await self.api.send(row.room_id, row.event_type, row.attempt.txn_id, content)

    async def _put_state(self, row: Row) -> str | None:
        content, key = row.content["content"], row.content["state_key"]
        if row.event_type == LAYOUT:
            before = await self.api.find_state(row.room_id, LAYOUT) or {}
            if (content := contents.layout(before, content)) == before:
                return None
        return await self.api.send_state(row.room_id, row.event_type, content, key)

    async def _redact(self, row: Row, user_id: str) -> str | None:
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
                txn_id = self.outbox.transaction_id(f"{row.key}\n{edit}", row.attempt.revision)
                await self.api.redact(row.room_id, edit, txn_id, {})
        if newest is not None:
            return None
        return await self.api.redact(
            row.room_id, event_id, row.attempt.txn_id, {KEY: row.attempt.txn_id}
        )

    async def _target(self, session: AsyncSession, row: Row | Outgoing) -> Outgoing:
        """What `row` refers to, as it was sent."""
        target = await self.outbox.find(session, row.target or "")
        if target is None or target.event_id is None:
            raise RuntimeError(f"{row.key}: its target is gone")
        return target


def _content(row: Row, target: str | None) -> Json:
    if row.target is None:
        return row.content
    if target is None:
        raise RuntimeError(f"{row.key}: its target is gone")
    if row.kind == "edit":
        return contents.replacement(row.content, target)
    return contents.reaction(row.content["m.relates_to"]["key"], target)
