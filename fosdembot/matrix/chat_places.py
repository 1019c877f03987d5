"""How many direct chats the bot is in: a few with each person, and a bound for all.

Where there is no place, the chat that was idle longest goes: that person's own, or else
anybody's. So nobody can hold all places, and nobody is turned away.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.tables import Outgoing, Room, SeenEvent
from fosdembot.texts.commands import CHAT_MAKES_PLACE
from fosdembot.texts.render import say

from .content import notice
from .outbox import Outbox, Urgency

COMES_WITHIN = timedelta(minutes=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ChatPlaces:
    """Those that we began ourselves take nobody's place. `entered` are the rooms, with their
    persons, that were accepted a moment ago."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        at_most: int,
        per_person: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._at_most = at_most
        self._per_person = per_person
        self._accepted: dict[str, tuple[str, datetime]] = {}
        """Room → person and time: until /sync tells, the database does not know of them, and
        until somebody writes, they would look as if they had been idle for ever."""

    async def take(self, room: str, person: str) -> bool:
        """Take a place for a chat; another may have to go. Whether there is one."""
        if self._at_most == 0 or self._per_person == 0:
            return False
        async with self._database.write() as session:
            chats = [chat for chat in await self._chats(session) if chat.room_id != room]
            coming = self._coming({room, *(chat.room_id for chat in chats)})
            own = [chat for chat in chats if chat.direct_with == person]
            too_many_own = len(own) + coming.count(person) >= self._per_person
            full = len(chats) + len(coming) >= self._at_most
            if goes := own if too_many_own else chats if full else []:
                await self._let_go(session, await self._idlest(session, goes))
            elif too_many_own or full:
                # All of them were accepted a moment ago.
                return False
            self._accepted[room] = person, self._now()
        return True

    def _coming(self, there: Collection[str]) -> list[str]:
        """The persons of those that were accepted, and that /sync has yet to tell of."""
        lately = self._now() - COMES_WITHIN
        accepted = self._accepted.items()
        return [who for room, (who, at) in accepted if room not in there and at > lately]

    def give_back(self, room: str) -> None:
        """It came to nothing."""
        self._accepted.pop(room, None)

    async def _chats(self, session: WriteSession) -> Sequence[Room]:
        query = select(Room).where(
            Room.direct_with.is_not(None),
            Room.membership == "join",
            Room.made_for.is_(None),
            Room.deserted.is_(False),
        )
        return (await session.scalars(query.order_by(Room.room_id))).all()

    async def _idlest(self, session: WriteSession, chats: Sequence[Room]) -> Room:
        rooms = [chat.room_id for chat in chats]
        query = (
            select(SeenEvent.room_id, func.max(SeenEvent.at).label("at"))
            .join(Room, Room.room_id == SeenEvent.room_id)
            .where(SeenEvent.room_id.in_(rooms), SeenEvent.sender == Room.direct_with)
            .group_by(SeenEvent.room_id)
        )
        last = {row.room_id: row.at for row in await session.execute(query)}
        hour_ago = self._now() - timedelta(hours=1)
        recent = {room: entry for room, entry in self._accepted.items() if entry[1] > hour_ago}
        self._accepted = recent
        for room, (_, at) in self._accepted.items():
            last[room] = max(last.get(room, _LONG_AGO), at)
        return min(chats, key=lambda chat: (last.get(chat.room_id, _LONG_AGO), chat.room_id))

    async def _let_go(self, session: WriteSession, chat: Room) -> None:
        chat.deserted = True
        self._accepted.pop(chat.room_id, None)
        await self._outbox.message(
            session,
            goodbye_key(chat),
            chat.room_id,
            notice(say(CHAT_MAKES_PLACE)),
            Urgency.ANSWER,
        )

    def _now(self) -> datetime:
        return self._clock.now()


def goodbye_key(chat: Room) -> str:
    """Once for each time that we came in."""
    return f"goodbye/{chat.room_id}/{chat.entered}"


async def says_goodbye(session: AsyncSession, chat: Room) -> bool:
    """Whether the last word to a chat is still under way."""
    waiting = select(Outgoing.id).where(
        Outgoing.key == goodbye_key(chat), Outgoing.state.in_(("queued", "sending"))
    )
    return await session.scalar(waiting.limit(1)) is not None
