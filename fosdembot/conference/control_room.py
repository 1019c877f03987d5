"""What organisers and hosts are told in their rooms, without having asked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.hosts import Hosts
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import RoomAddress, ToldTrouble
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.room_addresses import role_room_of
from fosdembot.matrix.rooms import HAS_A_ROLE, NO_ANSWER, NOT_ITS_SUCCESSOR
from fosdembot.settings import Settings
from fosdembot.texts import commands as texts
from fosdembot.texts import warnings as news
from fosdembot.texts.render import Text, joined, lines, say
from fosdembot.texts.words import count

MOST_LINES = 20
NOT_TRIED = "NOT_TRIED"

_PROBLEMS = {
    "M_NOT_FOUND": texts.NOT_THERE,
    "M_UNKNOWN": texts.NOT_THERE,
    "M_FORBIDDEN": texts.PRIVATE,
    "M_BAD_STATE": texts.BANNED,
    NO_ANSWER: texts.NO_ANSWER,
    NOT_TRIED: texts.NOT_TRIED,
    NOT_ITS_SUCCESSOR: texts.NOT_ITS_SUCCESSOR,
    HAS_A_ROLE: texts.HAS_A_ROLE,
}


class ControlRoom:
    def __init__(self, outbox: Outbox, hosts: Hosts, settings: Settings, user_id: str) -> None:
        self._outbox = outbox
        self._hosts = hosts
        self._settings = settings
        self._user_id = user_id

    async def room(self, session: AsyncSession) -> str | None:
        """The control room, if there is one and the bot is in it."""
        address = self._settings.control_room
        return await role_room_of(session, address) if address else None

    async def tell(self, session: WriteSession, key: str, text: Text) -> bool:
        """Tell the organisers, once for `key`; whether there is a room to tell them in.

        Before the bot is in it, the message waits under the room's address.
        """
        address = self._settings.control_room
        if address:
            await self.tell_at(session, key, address, text)
        return bool(address)

    async def note_trouble(self, session: WriteSession, kind: str) -> None:
        """Remember that the organisers are told of a trouble, and must hear when it is over."""
        if await session.get(ToldTrouble, kind) is None:
            session.add(ToldTrouble(kind=kind))

    async def has_trouble(self, session: AsyncSession, kind: str) -> bool:
        return await session.get(ToldTrouble, kind) is not None

    async def troubles(self, session: AsyncSession, prefix: str) -> set[str]:
        """The kinds of trouble that begin so, of which the organisers were told."""
        kind = ToldTrouble.kind
        return set(await session.scalars(select(kind).where(kind.startswith(prefix))))

    async def is_over(self, session: WriteSession, kind: str) -> bool:
        """Whether the organisers were told of such a trouble, which from now on is over."""
        told = delete(ToldTrouble).where(ToldTrouble.kind == kind).returning(ToldTrouble.kind)
        return await session.scalar(told) is not None

    async def tell_rooms_joined(self, session: WriteSession, addresses: Sequence[str]) -> None:
        """That the bot is in rooms now of which organisers and hosts were told the contrary."""
        text = _joined(addresses)
        await self.tell(session, await self.news(session, "joined", text), text)
        for hosts, theirs in self._by_hosts(addresses).items():
            if await self._hosts.unfit(session, hosts) is None:
                text = _joined(theirs)
                key = await self.news(session, f"joined/{hosts}", text)
                await self.tell_at(session, key, hosts, text)

    async def tell_room_problems(self, session: WriteSession, rows: Sequence[RoomAddress]) -> bool:
        """Which rooms cannot be joined, and what to do for each: to the organisers, and to
        the hosts who see to them. Whether there is a room to tell them in."""
        text = self._problems(rows)
        told = await self.tell(session, await self.news(session, "rooms", text), text)
        by_address = {row.address: row for row in rows}
        for hosts, theirs in self._by_hosts(by_address).items():
            if await self._hosts.unfit(session, hosts) is None:
                text = self._problems([by_address[address] for address in theirs])
                key = await self.news(session, f"rooms/{hosts}", text)
                await self.tell_at(session, key, hosts, text)
                told = True
        return told

    def _by_hosts(self, addresses: Iterable[str]) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for address in addresses:
            for hosts in self._hosts.for_talks_at(address):
                found[hosts].append(address)
        return found

    def _problems(self, rows: Sequence[RoomAddress]) -> Text:
        said = [say(texts.ROOMS_HEADER, rooms=count(len(rows), "room"))]
        said += [self.problem(row.address, row.problem or "") for row in rows[:MOST_LINES]]
        if len(rows) > MOST_LINES:
            said.append(say(texts.AND_OTHER_ROOMS, count=len(rows) - MOST_LINES))
        return lines(said)

    async def news(self, session: WriteSession, kind: str, text: Text) -> str:
        """A new key for a text: the same problems may come back one day, and are news then."""
        seen = hashlib.sha256(text.plain.encode()).hexdigest()[:16]
        repetition = 0
        while await self._outbox.find(session, f"{kind}/{seen}/{repetition}") is not None:
            repetition += 1
        return f"{kind}/{seen}/{repetition}"

    async def tell_at(self, session: WriteSession, key: str, address: str, text: Text) -> None:
        room = await role_room_of(session, address) or address
        await self._outbox.message(session, key, room, notice(text), Urgency.CONTROL)

    def problem(self, address: str, code: str) -> Text:
        why = why_not_joined(code, self._user_id)
        return say(texts.ROOM_NOT_JOINED, room=address, why=why)


def _joined(addresses: Sequence[str]) -> Text:
    names = [say("{room}", room=address) for address in addresses[:MOST_LINES]]
    if len(addresses) > MOST_LINES:
        names.append(say(news.OTHERS, count=len(addresses) - MOST_LINES))
    return say(news.ROOMS_JOINED, rooms=count(len(addresses), "room"), names=joined(names))


def why_not_joined(code: str, user_id: str) -> Text:
    """Why the bot, `user_id`, is not in a room, and what helps."""
    return say(_PROBLEMS.get(code, texts.OTHER_PROBLEM), code=code, me=user_id)
