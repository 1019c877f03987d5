"""A room in which is asked and voted, and what the bot's database says of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select

from fosdembot.db.engine import Database, postgresql, sqlite
from fosdembot.db.question_tables import Question
from simulation.bot import Bot
from simulation.client import Client
from simulation.waiting import wait_for

from .scenarios import World


@dataclass
class Voting:
    """One talk room of a running bot."""

    world: World
    bot: Bot
    room: str
    database: Database

    async def ask(self, who: Client, text: str) -> tuple[str, int]:
        """Ask in the room; returns the event and the question's number."""
        event = await who.send(self.room, f"!ask {text}")

        async def number() -> int | None:
            row = await self.question(event)
            return row.number if row is not None else None

        found = await wait_for(number, 60, f"the question {text!r}")
        assert found is not None
        return event, found

    async def question(self, source: str) -> Question | None:
        async with self.database.read() as session:
            rows = await session.scalars(select(Question).where(Question.source == source))
            return rows.one_or_none()

    async def chip(self, source: str) -> str:
        """The bot's reaction to the asker's message."""

        async def found() -> str:
            for event in await self.world.admin.events(self.room):
                relation = event["content"].get("m.relates_to", {})
                ours = event["sender"] == self.world.account.user_id
                if ours and event["type"] == "m.reaction" and relation["event_id"] == source:
                    return str(relation["key"])
            return ""

        return await wait_for(found, 60, "the chip", every=0.2)

    async def votes(self, source: str, expected: int) -> int:
        """The votes of a question, once the bot has seen all that was done."""
        await self.settled()

        async def counted() -> bool:
            row = await self.question(source)
            return row is not None and row.votes == expected

        await wait_for(counted, 10, f"{expected} votes")
        row = await self.question(source)
        assert row is not None
        return row.votes

    async def settled(self) -> None:
        """Until the bot has seen everything that was done in the room so far."""
        marker = await self.world.admin.send(self.room, "!help now")

        async def answered() -> bool:
            bot = self.world.account.user_id
            return await self.world.admin.answer_to(self.room, marker, bot) is not None

        await wait_for(answered, 60, "an answer to the last command", every=0.2)

    async def board(self, words: str, without: str | None = None) -> str:
        """The pinned message, once it shows these words, and not those."""

        async def shown() -> str:
            pinned = await self.world.admin.state(self.room, "m.room.pinned_events")
            (board,) = pinned["pinned"]
            said = await self.world.admin.messages(self.room, self.world.account.user_id)
            now = [message for message in said if board in (message.event_id, message.edits)][-1]
            body = str(now.content.get("m.new_content", now.content)["body"])
            right = words in body and (without is None or without not in body)
            return body if right else ""

        return await wait_for(shown, 60, f"{words!r} on the board", every=0.2)

    async def versions_with(self, words: str) -> int:
        """In how many versions of its messages the bot says so: edits that a client shows as
        a message's history are events like others."""
        events = await self.world.admin.events(self.room)
        ours = [e for e in events if e["sender"] == self.world.account.user_id]
        return sum(words in str(event["content"]) for event in ours)

    async def all_vote(self, people: Sequence[Client], source: str, key: str = "👍") -> list[str]:
        """At once; returns the reactions."""
        return await asyncio.gather(*(who.react(self.room, source, key) for who in people))


@asynccontextmanager
async def database_of(bot: Bot, url: str | None) -> AsyncIterator[Database]:
    """To read in it; `url` where it is on PostgreSQL."""
    database = postgresql(url) if url is not None else sqlite(str(bot.folder / "bot.db"))
    try:
        yield database
    finally:
        await database.close()
