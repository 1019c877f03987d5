"""People who ask and vote by the actions alone: on a real database, without a bot or Matrix.

"one" is on from 10:00 to 10:25, then "two"; "three" begins at 11:00.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.asking import Accepted, Ask, Asking
from fosdembot.actions.moving_on import MovingOn
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.voting import Voting
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.db.tables import RoomAddress
from fosdembot.questions import lookup
from fosdembot.questions.refusals import Refusal
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.talks.slots import Override
from tests.questions.hall import ROOM as ROOM_ID
from tests.questions.hall import Hall
from tests.talks.programme import ROOM, at, talk

from .house import ADA, MODERATOR, House

EVE = "@eve:example.org"
RELAY = "@relay:example.org"
CLOUD = "#cloud:example.org"
CLOUD_ID = "!cloud"
TALKS = (
    talk("one", "10:00", chat_room=ROOM),
    talk("two", "10:25", chat_room=ROOM),
    talk("three", "11:00", chat_room=ROOM),
    talk("clouds", "10:00", 240, chat_room=CLOUD, room="Hall 2"),
)


class Audience(Hall):
    """Questions are named by what asked them, `$1` for the first thing that happens."""

    def __init__(self, database: Database, **sections: Any) -> None:
        super().__init__(database)
        house = House(database, **sections)
        self.desk, self.changes, self.programme = house.desk, house.changes, house.programme
        self.access = house.access
        self.asking = Asking(house.desk, house.access, house.programme, house.views)
        self.voting = Voting(house.desk, house.settings.questions)
        self.moving = MovingOn(house.desk, house.access, house.programme, house.views)

    async def open(self, *talks: Talk) -> None:
        """These are published, and the bot is in the rooms to which they lead."""
        async with self.database.write() as session:
            schedule = Schedule(format="", title="", time_zone="Europe/Brussels", entries=talks)
            await self.programme.replace(session, schedule)
            for address, room in ((ROOM, ROOM_ID), (CLOUD, CLOUD_ID)):
                session.add(RoomAddress(address=address, room_id=room))

    async def decide(self, **changes: Override) -> None:
        """What is so decided about talks, by guid."""
        async with self.database.write() as session:
            await self.programme.decide(session, ROOM, MODERATOR, "test", changes)

    def actor(self, person: str, clock: str = "10:05", **fields: Any) -> Actor:
        """Somebody who does something then."""
        then: datetime = at(clock)
        return Actor(
            person, **{"face": CHAT, "act": self.by().cause, "at": then, "now": then, **fields}
        )

    async def takes(
        self,
        person: str,
        text: str = "How small?",
        clock: str = "10:05",
        *,
        relayed: bool = False,
        **fields: Any,
    ) -> Accepted:
        """The question that somebody asks then is taken in."""
        if isinstance(to := fields.get("reply_to"), str):
            fields["reply_to"] = await self.question(to)
        ask = Ask(**{"room": ROOM_ID, "text": text, "name": person, **fields})
        actor = self.actor(person, clock, relayed=relayed)
        async with self.database.write() as session:
            return await self.asking.ask(session, actor, ask)

    async def votes_for(self, event: str, person: str, **facts: bool) -> str:
        """Somebody votes by a command; returns the cause."""
        actor = self.actor(person, relayed=facts.pop("relayed", False))
        async with self.database.write() as session:
            await self.voting.vote(session, actor, await self.held(session, event), **facts)
        return actor.cause

    async def taps(self, event: str, person: str, **facts: bool) -> str:
        """Somebody votes by a reaction; returns the cause."""
        actor = self.actor(person)
        async with self.database.write() as session:
            await self.voting.cast(session, actor, await self.held(session, event), **facts)
        return actor.cause

    async def takes_back(self, event: str, person: str, **facts: bool) -> None:
        """Somebody's vote for a question."""
        actor = self.actor(person, relayed=facts.pop("relayed", False))
        async with self.database.write() as session:
            await self.voting.unvote(session, actor, await self.held(session, event), **facts)

    async def moves_on(
        self, event: str, person: str = ADA, clock: str = "10:05", *, relayed: bool = False
    ) -> str:
        """Somebody gives a question to the next talk; returns its guid."""
        actor = self.actor(person, clock, relayed=relayed)
        async with self.database.write() as session:
            question = await self.held(session, event)
            return (await self.moving.move_on(session, actor, question)).guid

    @staticmethod
    async def held(session: WriteSession, event: str) -> Question:
        question = await lookup.by_source(session, event)
        assert question is not None
        return question


def denied(why: Denial | Refusal, **facts: Any) -> pytest.RaisesExc[Refused]:
    """Where an action is refused, with these facts about it."""
    return pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is why and all(getattr(err, name) == value for name, value in facts.items())
        ),
    )


async def opened(database: Database, **sections: Any) -> Audience:
    """With these settings, in rooms in which `TALKS` take place."""
    audience = Audience(database, **sections)
    await audience.open(*TALKS)
    return audience
