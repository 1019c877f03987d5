"""The direct chats in which letters are written: found, or made, once for each letter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Letter
from fosdembot.db.tables import Room
from fosdembot.matrix.api import Api
from fosdembot.matrix.content import to_persons
from fosdembot.matrix.direct import (
    create_direct,
    direct_room_made,
    direct_room_unheard_of,
    readable_chat,
)
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.timeline import MEMBER
from fosdembot.texts.render import Text

Claim = Callable[[Letter], Awaitable[bool]]
"""Whether this run, and no other, may make the chat of a letter for the next moments."""


def letter_key(outbox: Outbox, talk: str, person: str) -> str:
    """Of its message in the outbox, and what its chat was made for. It names nobody, and is
    another one for each instance on an account."""
    return "letter/" + outbox.transaction_id(f"letter\n{talk}\n{person}", 0)


class Chats:
    """`is_shared`: whether other instances use the account as well. Then chats that were not
    made for our own letters may be theirs."""

    def __init__(
        self, api: Api, database: Database, outbox: Outbox, is_shared: Callable[[], bool]
    ) -> None:
        self._api = api
        self._database = database
        self._outbox = outbox
        self._is_shared = is_shared

    def key(self, talk: str, person: str) -> str:
        """See `letter_key`."""
        return letter_key(self._outbox, talk, person)

    async def ask_homeserver(self) -> None:
        """Raises `MatrixError` or `HomeserverAway` where our own homeserver is the trouble."""
        await self._api.whoami()

    async def say(
        self, session: WriteSession, key: str, chat: str, letter: Letter, text: Text
    ) -> None:
        """Write it to the person, under `key`; not after the letter is closed."""
        content = to_persons(text, [letter.person])
        await self._outbox.message(
            session, key, chat, content, Urgency.CONTROL, expires=letter.closes
        )

    async def find(self, session: AsyncSession, letter: Letter) -> str | None:
        """A chat to write the letter in."""
        return letter.room_id or await self._usual(session, letter.person)

    async def find_again(self, session: AsyncSession, letter: Letter) -> str | None:
        """One in which the person still is."""
        room = await session.get(Room, letter.room_id) if letter.room_id is not None else None
        if room is not None and room.membership == "join" and not room.deserted:
            return letter.room_id
        return await self._usual(session, letter.person)

    async def make(self, letter: Letter, claim: Claim) -> str | None:
        """Make one, or what is missing of one; None where that is known only later, or another
        run makes it. Raises `MatrixError` and `HomeserverAway`."""
        key = self.key(letter.talk, letter.person)
        async with self._database.read() as session:
            # It may have been made for another letter meanwhile.
            if (chat := await self.find(session, letter)) is not None:
                return chat
            made = await direct_room_made(session, key)
        if made is not None:
            if await self._api.find_state(made, MEMBER, letter.person) is None:
                await self._api.invite(made, letter.person)
            return made
        if await direct_room_unheard_of(self._api, self._database, key) is not None:
            return None
        # Not before the search, which takes its time: what another run made since then it
        # did not see.
        if not await claim(letter):
            return None
        return await create_direct(self._api, letter.person, key)

    async def _usual(self, session: AsyncSession, person: str) -> str | None:
        if not self._is_shared():
            chat = await readable_chat(session, person)
            if chat is not None:
                return chat
        # What was made a moment ago for another letter, /sync may not have told yet.
        others = select(Letter.room_id).where(Letter.person == person, Letter.room_id.is_not(None))
        for other in await session.scalars(others.order_by(Letter.talk)):
            room = await session.get(Room, other)
            if room is None or (room.membership == "join" and not room.deserted):
                return other
        return None
