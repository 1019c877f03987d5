"""Who writes to the bot in an encrypted chat is invited to one without encryption.

Clients encrypt direct chats by default, and the bot cannot read them.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import Outgoing, Room, RoomState, SeenEvent
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.matrix.chat_places import goodbye_key
from fosdembot.matrix.content import notice
from fosdembot.matrix.direct import (
    create_direct,
    direct_room_made,
    direct_room_unheard_of,
    readable_chat,
)
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.request_pool import RequestPool
from fosdembot.matrix.wake import Wake
from fosdembot.texts import commands as texts
from fosdembot.texts import page_addresses as page_texts
from fosdembot.texts.render import link, say

LOOK_EVERY = 300.0
AT_ONCE = 4
"""Invitations under way; those to one server take at most half of these places."""
LONGEST_WAIT = 300.0
INVITED_AN_HOUR = 240
"""People for whom a chat is made; whoever comes beyond is told to start one."""
OF_SERVER_AN_HOUR = INVITED_AN_HOUR // 2
"""Those of one server, which may have as many accounts as it likes."""
HOUR = 3600.0
_MADE_FOR = "plain/"


class PlainChats:
    """`is_shared`: whether other instances use the account as well. Then a direct chat may be
    meant for them, and nobody is invited. `at_most`: chats made so that there are at a time; for
    another, the one that was idle longest goes, of the same server if that has half of them.
    `page`: the address of the page that lists all rooms, if there is one."""

    def __init__(
        self,
        api: Api,
        database: Database,
        outbox: Outbox,
        is_shared: Callable[[], bool],
        clock: Clock,
        log: logging.Logger,
        at_most: int,
        page: str = "",
    ) -> None:
        self._api = api
        self._database = database
        self._outbox = outbox
        self._is_shared = is_shared
        self._clock = clock
        self._log = log
        self._at_most = at_most
        self._page = link(page)
        self._invited: deque[tuple[float, str]] = deque()
        """When (`Clock.monotonic`), and who: those of the last hour."""
        self.wake = Wake()
        self._requests = RequestPool(AT_ONCE, LONGEST_WAIT, self.wake.set, clock, log)

    async def step(self) -> float:
        """Start what is due. Returns the seconds until something may be."""
        self._requests.check()
        waits = [LOOK_EVERY]
        async with self._database.read() as session:
            waiting = await self._waiting(session)
        for person, rooms in waiting.items():
            answering = partial(self._answer, person, rooms)
            waits.append(await self._requests.start_if_due(person, _server(person), answering))
        return min(waits)

    async def close(self) -> None:
        """End what is under way."""
        await self._requests.cancel()

    async def _waiting(self, session: AsyncSession) -> Mapping[str, Sequence[str]]:
        """Person → encrypted direct chats with them, in which nothing was said of that yet."""
        encrypted = select(RoomState.room_id).where(RoomState.type == "m.room.encryption")
        rows = await session.scalars(
            select(Room)
            .where(
                Room.direct_with.is_not(None),
                Room.membership == "join",
                Room.deserted.is_(False),
                Room.made_for.is_(None),
                Room.room_id.in_(encrypted),
                ~exists().where(Outgoing.key == literal(_said("")).concat(Room.room_id)),
            )
            .order_by(Room.room_id)
        )
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            found[row.direct_with or ""].append(row.room_id)
        return found

    async def _answer(self, person: str, rooms: Sequence[str]) -> None:
        """Answer each encrypted chat, once."""
        try:
            invited = not self._is_shared() and await self._has_plain_chat(person)
        except (HomeserverAway, MatrixError) as err:
            self._log.warning("The encrypted chat with %s waits: %s", person, err)
            self._requests.failed(person)
            limited = err.retry_after if isinstance(err, MatrixError) else None
            if limited is not None:
                self._requests.rest_all(limited)
            return
        answer = say(texts.INVITED_TO_PLAIN if invited else texts.ENCRYPTED)
        if self._page is not None:
            answer = say(page_texts.WHEN_ENCRYPTED, answer=answer, url=self._page)
        text = notice(answer)
        async with self._database.write() as session:
            for room in rooms:
                await self._outbox.message(session, _said(room), room, text, Urgency.ANSWER)
        self._requests.forget(person)

    async def _has_plain_chat(self, person: str) -> bool:
        """Whether there is one, or could be made: for a person once."""
        key = _MADE_FOR + self._outbox.transaction_id(f"plain\n{person}", 0)
        async with self._database.read() as session:
            if await readable_chat(session, person) is not None:
                return True
            if await direct_room_made(session, key) is not None:
                return False
        if not self._may_invite(person):
            return False
        if await direct_room_unheard_of(self._api, self._database, key) is not None:
            return True
        async with self._database.write() as session:
            await self._make_place(session, _server(person))
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

    def _may_invite(self, person: str) -> bool:
        """Whether one more is invited now; if so they count, once."""
        now = self._clock.monotonic()
        while self._invited and self._invited[0][0] < now - HOUR:
            self._invited.popleft()
        people = [other for _, other in self._invited]
        if person in people:
            return True
        same = sum(_server(other) == _server(person) for other in people)
        full = len(people) >= INVITED_AN_HOUR or same >= OF_SERVER_AN_HOUR
        if full or self._at_most == 0:
            return False
        self._invited.append((now, person))
        return True

    async def _make_place(self, session: WriteSession, server: str) -> None:
        """Let the chat go that was idle longest, where there are as many as there may be."""
        said = (
            select(func.max(SeenEvent.at))
            .where(SeenEvent.room_id == Room.room_id, SeenEvent.sender == Room.direct_with)
            .scalar_subquery()
        )
        rows = await session.scalars(
            select(Room)
            .where(
                Room.made_for.startswith(_MADE_FOR),
                Room.membership == "join",
                Room.deserted.is_(False),
            )
            .order_by(said.is_not(None), said, Room.room_id)
        )
        chats = rows.all()
        same = [chat for chat in chats if _server(chat.direct_with or "") == server]
        if len(same) * 2 >= self._at_most and same:
            goes = same[0]
        elif len(chats) >= self._at_most:
            goes = chats[0]
        else:
            return
        # `matrix/invitations.py` leaves it.
        goes.deserted = True
        text = notice(say(texts.CHAT_MAKES_PLACE))
        await self._outbox.message(session, goodbye_key(goes), goes.room_id, text, Urgency.ANSWER)


def _said(room: str) -> str:
    return f"encrypted/{room}"


def _server(person: str) -> str:
    return person.partition(":")[2]
