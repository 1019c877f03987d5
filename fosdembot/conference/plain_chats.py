"""Who writes to the bot in an encrypted chat is invited to one without encryption.

Clients encrypt direct chats by default, and the bot cannot read them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database
from fosdembot.db.tables import Room, RoomState
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.matrix.backoff import Backoff
from fosdembot.matrix.content import notice
from fosdembot.matrix.direct import (
    create_direct,
    direct_room_made,
    direct_room_unheard_of,
    readable_chat,
)
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.wake import Wake
from fosdembot.texts import commands as texts
from fosdembot.texts.render import say

LOOK_EVERY = 300.0


class PlainChats:
    """`is_shared`: whether other instances use the account as well. Then a direct chat may be
    meant for them, and nobody is invited."""

    def __init__(
        self,
        api: Api,
        database: Database,
        outbox: Outbox,
        is_shared: Callable[[], bool],
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._database = database
        self._outbox = outbox
        self._is_shared = is_shared
        self._log = log
        self.wake = Wake()

    async def run(self) -> None:
        """Invite until cancelled."""
        backoff = Backoff(longest=300)
        while True:
            wait = LOOK_EVERY
            try:
                await self.step()
                backoff.reset()
            except Exception as err:
                known = isinstance(err, HomeserverAway | MatrixError)
                self._log.warning("An encrypted chat waits: %s", err, exc_info=not known)
                limited = err.retry_after if isinstance(err, MatrixError) else None
                wait = max(backoff.next(), limited or 0.0)
            await self.wake.wait(timeout=wait)

    async def step(self) -> None:
        """Answer each encrypted chat, once. Raises `MatrixError` and `HomeserverAway`."""
        async with self._database.read() as session:
            waiting = await self._waiting(session)
        for room, person in waiting:
            invited = not self._is_shared() and await self._has_plain_chat(person)
            async with self._database.write() as session:
                text = say(texts.INVITED_TO_PLAIN if invited else texts.ENCRYPTED)
                key = _said(room)
                await self._outbox.message(session, key, room, notice(text), Urgency.ANSWER)

    async def _waiting(self, session: AsyncSession) -> list[tuple[str, str]]:
        """Encrypted direct chats, and with whom, in which nothing was said of that yet."""
        encrypted = select(RoomState.room_id).where(RoomState.type == "m.room.encryption")
        rows = await session.scalars(
            select(Room).where(
                Room.direct_with.is_not(None),
                Room.membership == "join",
                Room.deserted.is_(False),
                Room.made_for.is_(None),
                Room.room_id.in_(encrypted),
            )
        )
        return [
            (row.room_id, row.direct_with)
            for row in rows
            if row.direct_with and await self._outbox.find(session, _said(row.room_id)) is None
        ]

    async def _has_plain_chat(self, person: str) -> bool:
        """Whether there is one, or could be made: for a person once."""
        key = "plain/" + self._outbox.transaction_id(f"plain\n{person}", 0)
        async with self._database.read() as session:
            if await readable_chat(session, person) is not None:
                return True
            if await direct_room_made(session, key) is not None:
                return False
        if await direct_room_unheard_of(self._api, self._database, key) is not None:
            return True
        try:
            room = await create_direct(self._api, person, key)
        except MatrixError as err:
            if err.retry_after is not None or err.status == 401:
                raise
            self._log.warning("%s cannot be invited to a chat: %s", person, err)
            return False
        # Some homeservers encrypt whatever is private.
        if await self._api.find_state(room, "m.room.encryption") is None:
            return True
        await self._api.leave(room)
        return False


def _said(room: str) -> str:
    return f"encrypted/{room}"
