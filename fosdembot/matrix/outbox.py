"""The outbox: what is to be sent, written in the transaction of its cause.

Each row has a unique key: nothing is put in twice. `sender.py` sends the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Literal

from sqlalchemy import Connection, and_, bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.db.engine import WriteSession
from fosdembot.db.insert import table_of
from fosdembot.db.prepared import Prepared
from fosdembot.db.redacted import forget_redacted
from fosdembot.db.tables import Outgoing

from .api import Json
from .content import reaction
from .fit import fit
from .outbox_read_ahead import OutboxReadAhead
from .power import is_bridged
from .timeline import PINNED
from .wake import Wake

KEY = "org.fosdembot.key"
"""In the content of what we send: names its row, on whatever device it is seen."""
IS_WAITING = text("outbox.state IN ('queued', 'sending')")
"""In the words of the index: SQLite knows a partial one by them alone."""


# Made once: to make them takes longer than to execute them.
_BY_KEY = Prepared(select(Outgoing.id).where(Outgoing.key == bindparam("key")))
_BY_TXN = select(Outgoing).where(Outgoing.txn_id == bindparam("txn"))
_REDACTIONS = Prepared(
    select(Outgoing.id)
    .where(Outgoing.target == bindparam("target"), Outgoing.kind == "redaction")
    .limit(1)
)


class Urgency(IntEnum):
    """Smaller goes first, over all rooms. Notices have theirs from `talks/messages.py`,
    10 to 60.

    A chip tells the asker a question's number, buttons are there to be tapped.
    """

    ANNOUNCEMENT = 0
    CHANGE = 45
    ANSWER = 55
    CHIP = 56
    CONTROL = 65
    EDIT = 70
    BUTTON = 75
    PIN = 80


class Outbox:
    """Puts rows in; the only writer of rows that are not being sent."""

    def __init__(self, clock: Clock, salt: str, wake: Wake) -> None:
        self._clock = clock
        self._salt = salt
        self._wake = wake

    async def message(
        self,
        session: WriteSession,
        key: str,
        room: str,
        content: Json,
        urgency: int,
        due: datetime | None = None,
        expires: datetime | None = None,
    ) -> bool:
        """Send `content` (fitted), once for `key`; whether this is the first time.

        It is dropped if it could not be sent before `expires`.
        """
        if await self.find(session, key) is not None:
            return False
        content = await self.fitted(session, room, content)
        self._add(session, key, "message", room, "m.room.message", content, urgency, due, expires)
        return True

    async def edit(
        self,
        session: WriteSession,
        target: str,
        content: Json,
        due: datetime | None = None,
        expires: datetime | None = None,
    ) -> str:
        """Make the message with the key `target` say `content`; a newer edit of the same
        message takes the place of one that is still waiting. Returns the edit's key."""
        key = edit_key(target)
        message = await self.unredacted(session, target)
        if message is None:
            return key
        content = await self.fitted(session, message.room_id, content)
        row = await self.find(session, key)
        if row is None:
            room, kind = message.room_id, message.event_type
            row = self._add(
                session, key, "edit", room, kind, content, Urgency.EDIT, due, expires, target
            )
        else:
            row.content, row.expires = content, expires
            self._again(session, row, due)
        return key

    async def react(
        self,
        session: WriteSession,
        key: str,
        room: str,
        emoji: str,
        *,
        event_id: str | None = None,
        target: str | None = None,
        urgency: int = Urgency.CHIP,
    ) -> bool:
        """React to an event, or to the message with the key `target` as soon as that is
        sent; once for `key`. Whether this is the first time, and there is such a message."""
        if await self.find(session, key) is not None:
            return False
        if target is not None:
            message = await self.unredacted(session, target)
            if message is None:
                return False
            # What waits for another must not stand before it in the queue.
            urgency = max(urgency, message.urgency)
        content = reaction(emoji, event_id or "")
        self._add(session, key, "message", room, "m.reaction", content, urgency, None, None, target)
        return True

    async def redact(self, session: WriteSession, key: str, target: str) -> None:
        """Take back the message or reaction with the key `target`, sent or not, and all that
        was or will be done to it; once for `key`."""
        await self.withdraw(session, [target])
        message = await self.unredacted(session, target)
        if message is not None and await self.find(session, key) is None:
            room, kind = message.room_id, "m.room.redaction"
            urgency = max(Urgency.CHIP, message.urgency)
            self._add(session, key, "redaction", room, kind, {}, urgency, None, None, target)

    async def redact_versions(self, session: WriteSession, edits: Collection[str]) -> None:
        """Take back what messages said between their first words and their newest edit; of
        `edits` those count that are keys of edits. Comes after what is waiting of them."""
        rows = select(Outgoing).where(
            Outgoing.key.in_(list(edits)), Outgoing.kind == "edit", Outgoing.state != "dropped"
        )
        for edit in (await session.scalars(rows)).all():
            key, kind = f"redact/{edit.key}", "m.room.redaction"
            if await self.unredacted(session, edit.target or "") is None:
                continue
            if (row := await self.find(session, key)) is not None:
                self._again(session, row, None)
            else:
                self._add(
                    session,
                    key,
                    "redaction",
                    edit.room_id,
                    kind,
                    {},
                    Urgency.EDIT,
                    None,
                    None,
                    edit.key,
                )

    async def rewrite(
        self, session: WriteSession, key: str, content: Json, expires: datetime | None = None
    ) -> bool:
        """Let a message say `content` instead, if it still waits to be sent; whether it does."""
        row = await self.find(session, key)
        if row is None or row.state != "queued" or row.kind != "message":
            return False
        row.content = await self.fitted(session, row.room_id, content)
        row.expires = expires
        # What an earlier try may have sent under the old transaction id said something else.
        self._again(session, row, row.due)
        return True

    async def pin(self, session: WriteSession, room: str, *targets: str) -> None:
        """Pin the messages with the keys `targets`, the newest last, in place of what we
        pinned before."""
        key, newest = pin_key(room), targets[-1] if targets else None
        content: Json = {"keys": list(targets)}
        row = await self.find(session, key)
        if row is None:
            if targets:
                urgency = Urgency.PIN
                self._add(session, key, "state", room, PINNED, content, urgency, None, None, newest)
        elif pinned(row) != content["keys"] or row.state == "dropped":
            row.target, row.content = newest, content
            self._again(session, row, None)

    async def put_state(
        self,
        session: WriteSession,
        room: str,
        event_type: str,
        content: Json,
        state_key: str = "",
        *,
        again: bool = False,
    ) -> None:
        """Let a state of a room be `content`, in place of what waits for it. `again`: also where
        it was that, as others may have changed it since."""
        key = f"state:{room}:{event_type}:{state_key}"
        wanted = {"state_key": state_key, "content": content}
        row = await self.find(session, key)
        if row is None:
            self._add(session, key, "state", room, event_type, wanted, Urgency.PIN, None, None)
        elif again or row.content != wanted or row.state in ("dropped", "failed"):
            row.content = wanted
            self._again(session, row, None)

    async def withdraw(self, session: WriteSession, keys: Collection[str]) -> list[str]:
        """Take back those of `keys` that wait to be sent; returns them."""
        queued = and_(Outgoing.key.in_(list(keys)), Outgoing.state == "queued")
        # An edit's key comes again, and may not get a transaction id again that was used.
        edits = update(Outgoing).where(queued, Outgoing.kind == "edit")
        dropped = await session.scalars(
            edits.values(state="dropped", error="taken back").returning(Outgoing.key)
        )
        deleted = await session.scalars(delete(Outgoing).where(queued).returning(Outgoing.key))
        withdrawn = [*dropped, *deleted]
        # Whatever comes under the same key again, they are not of that.
        orphans = update(Outgoing).where(
            Outgoing.target.in_(withdrawn), Outgoing.kind == "edit", Outgoing.state == "queued"
        )
        await session.execute(orphans.values(state="dropped", error="taken back"))
        OutboxReadAhead.forget(session)
        return withdrawn

    async def redirect(self, session: WriteSession, rooms: Mapping[str, str]) -> None:
        """Give what waits under a room's address to the room that it leads to."""
        waiting = await session.scalars(
            select(Outgoing).where(Outgoing.state == "queued", Outgoing.room_id.in_(rooms))
        )
        for row in waiting:
            row.room_id = rooms[row.room_id]
            if row.event_type == "m.room.message":
                row.content = await self.fitted(session, row.room_id, row.content)
            session.after_commit(self._wake.set)

    async def says(self, session: AsyncSession, key: str) -> Json | None:
        """What the message with this key says, or will when it is sent; None: nothing."""
        message = await self.unredacted(session, key)
        if message is None:
            return None
        edit = await self.find(session, edit_key(key))
        return message.content if edit is None or edit.state == "dropped" else edit.content

    async def fitted(self, session: AsyncSession, room: str, content: Json) -> Json:
        """A message's content as `room` gets it: short where people read over a bridge."""
        ahead = OutboxReadAhead.of(session)
        bridged = ahead.bridged.get(room) if ahead is not None else None
        if bridged is None:
            bridged = await is_bridged(session, room)
        return fit(content) if bridged else content

    async def find(self, session: AsyncSession, key: str) -> Outgoing | None:
        ahead = OutboxReadAhead.of(session)
        if ahead is not None and key in ahead.rows:
            row = ahead.rows[key]
            # One that was rolled back, or deleted, is in no session.
            if row is None or row in session:
                return row
        return await _BY_KEY.row(session, Outgoing, {"key": key})

    async def unredacted(self, session: AsyncSession, key: str) -> Outgoing | None:
        """What was or will be sent under this key, and is not taken back."""
        row = await self.find(session, key)
        if row is None or row.state in ("failed", "dropped"):
            return None
        if (ahead := OutboxReadAhead.of(session)) is not None and key in ahead.unredacted:
            return row
        return None if await _REDACTIONS.find(session, {"target": key}) else row

    async def was_edited(self, session: AsyncSession, key: str) -> bool:
        """Whether edits of this message may be in its room."""
        return await self.find(session, edit_key(key)) is not None

    def transaction_id(self, key: str, revision: int) -> str:
        return hashlib.sha256(f"{self._salt}\n{key}\n{revision}".encode()).hexdigest()[:32]

    def renew(self, row: Outgoing) -> None:
        """Give `row` another transaction id: what was tried with the last one is over."""
        row.revision += 1
        row.txn_id = self.transaction_id(row.key, row.revision)
        row.state, row.device_id, row.first_try = "queued", None, None

    def _again(self, session: WriteSession, row: Outgoing, due: datetime | None) -> None:
        row.due = due or self._clock.now()
        self.renew(row)
        session.after_commit(self._wake.set)

    def _add(
        self,
        session: WriteSession,
        key: str,
        kind: Literal["message", "edit", "state", "redaction"],
        room: str,
        event_type: str,
        content: Json,
        urgency: int,
        due: datetime | None,
        expires: datetime | None,
        target: str | None = None,
    ) -> Outgoing:
        row = Outgoing(
            key=key,
            kind=kind,
            room_id=room,
            event_type=event_type,
            content=content,
            target=target,
            urgency=int(urgency),
            due=due or self._clock.now(),
            expires=expires,
            state="queued",
            revision=1,
            txn_id=self.transaction_id(key, 1),
        )
        session.add(row)
        if (ahead := OutboxReadAhead.of(session)) is not None:
            ahead.note(row)
        session.after_commit(self._wake.set)
        return row


def edit_key(target: str) -> str:
    """The key of all edits of the message with the key `target`."""
    return f"edit:{target}"


def pin_key(room: str) -> str:
    """The key of what is pinned in a room."""
    return f"pin:{room}"


def pinned(row: Outgoing) -> list[str]:
    """The keys of the messages that a row of the kind `state` pins."""
    return pinned_by(row.target, row.content)


def pinned_by(target: str | None, content: Json) -> list[str]:
    """The same of one with this target and content."""
    alone = [target] if target is not None else []
    return list(content.get("keys", alone))


def transaction_of(event: Json) -> str | None:
    """The transaction id under which we sent one of our own events, as far as it tells that."""
    key = event["content"].get(KEY) or event["unsigned"].get("transaction_id")
    return key if isinstance(key, str) else None


async def confirm(session: WriteSession, event: Json, at: datetime) -> None:
    """One of our own events came back in `/sync`: its row is sent, whatever we believed."""
    txn_id = transaction_of(event)
    if txn_id is None:
        return
    row = (await session.scalars(_BY_TXN, {"txn": txn_id})).one_or_none()
    if row is not None and row.state != "sent":
        row.state, row.event_id, row.sent_at, row.error = "sent", event["event_id"], at, None
        if row.kind == "redaction":
            await session.flush()
            await session.execute(forget_redacted(row.key))


_TABLE = table_of(Outgoing)
_CONFIRM = Prepared(
    update(_TABLE)
    .where(_TABLE.c.txn_id == bindparam("txn"), _TABLE.c.state != "sent")
    .values(state="sent", event_id=bindparam("event"), sent_at=bindparam("at"), error=None)
)


def confirm_all(connection: Connection, events: Mapping[str, str], at: datetime) -> None:
    """The same of several that are no redactions: transaction id → id of the event."""
    if events:
        rows = [{"txn": txn_id, "event": event, "at": at} for txn_id, event in events.items()]
        _CONFIRM.run_all(connection, rows)
