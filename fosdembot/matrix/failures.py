"""Events that could not be handled: recorded, and not tried again."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fosdembot.clock import Clock, from_server_ts
from fosdembot.db.engine import WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.tables import FailedEvent, SeenEvent

from .answers import Fault
from .api import Json
from .items import Handler, Item
from .wire import clean_text


def sent_at(clock: Clock, event: Json) -> datetime:
    """When the homeserver says that an event was sent, in conference time."""
    return from_server_ts(clock, event["origin_server_ts"])


def seen(clock: Clock, room: str, event: Json) -> dict[str, Any]:
    """The mark that an event took effect: a row of `seen_events`."""
    sender, at = event["sender"], sent_at(clock, event)
    return {"event_id": event["event_id"], "room_id": room, "sender": sender, "at": at}


@dataclass(frozen=True)
class Failures:
    """The one writer of `failed_events`. `user_id` is the bot's."""

    handler: Handler
    clock: Clock
    user_id: str
    log: logging.Logger

    async def record_fault(
        self, session: WriteSession, room: str, fault: Fault, since: str
    ) -> None:
        """What is no event has no effect; that it was there, after the position `since`, is
        known."""
        self.log.warning("In %s %r is passed over: %s", room, fault.name, fault.why[:200])
        place = hashlib.sha256(f"{room}\n{since}\n{fault.why}".encode()).hexdigest()[:32]
        name, at = fault.name or f"? {place}", self.clock.now()
        if await session.get(FailedEvent, name) is None:
            why = f"no event: {fault.why}"[:1000]
            session.add(FailedEvent(event_id=name, room_id=room, at=at, error=why))

    async def record(self, session: WriteSession, item: Item, err: Exception) -> None:
        """The event had no effect, and will not be tried again."""
        if item.kind != "event":
            self.log.error("A part (%s) of %s failed", item.kind, item.room, exc_info=err)
            return
        event: Json = item.content
        self.log.error("Event %s in %s failed", event["event_id"], item.room, exc_info=err)
        mark = seen(self.clock, item.room, event)
        error = clean_text(f"{type(err).__name__}: {err}")[:1000]
        await session.merge(
            FailedEvent(event_id=event["event_id"], room_id=item.room, at=mark["at"], error=error)
        )
        await session.merge(SeenEvent(**mark))
        await session.flush()
        if event["sender"] == self.user_id:
            return
        try:
            async with session.part():
                await self.handler.failed(session, item.room, event)
        except Exception as failure:
            # What made the handler fail may make this fail as well.
            if is_transient(failure):
                raise
