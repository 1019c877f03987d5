"""A bot in many rooms with many questions, whose `/sync` is fed by hand.

All parts are the bot's own, on a real database: inbox, router, desk, boards. Only the
homeserver is not there. Questions are put in as rows: asking is not what is measured.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
from sqlalchemy import func, insert, select, update

from fosdembot.bot import Bot
from fosdembot.changes import Changes
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, QuestionRoom, Vote
from fosdembot.db.tables import Outgoing, Room, RoomAddress, SyncPosition
from fosdembot.matrix.api import Account, Api, Json
from fosdembot.matrix.inbox import Inbox
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import Settings
from simulation.conference import START
from simulation.parts import BOT, SetClock, build

NOW = START + timedelta(minutes=65)
_VOTED = 10
"""Votes go to so many questions whatever there is, so that all have equally many."""


@dataclass(frozen=True)
class Size:
    rooms: int
    questions: int
    """Open ones, in each room."""


class _Fed(Api):
    """The answers of `/sync` that wait here."""

    def __init__(self) -> None:
        self._answers: Iterator[Json] = iter(())

    def feed(self, answers: Sequence[Json]) -> None:
        self._answers = iter(answers)

    async def sync(self, since: str | None, filters: Json, wait: float) -> Json:
        return next(self._answers)


class Hall:
    """Rooms whose talks are on, and the questions to them."""

    PEOPLE = 2000
    """In a crowd. Each votes for each question once."""

    def __init__(self, bot: Bot, database: Database, clock: SetClock, size: Size) -> None:
        self.bot = bot
        self.database = database
        self.clock = clock
        self.size = size
        self.votes = 0
        """Cast so far, each by another person."""
        self._lines = 0
        self._ids = itertools.count(1)
        self._fed, log = _Fed(), logging.getLogger("bench")
        self._inbox = Inbox(self._fed, database, clock, BOT, bot.router, Changes(log), log)

    async def open(self) -> None:
        """Enter the rooms, tell them what is on, and put questions in."""
        rooms = [f"!room{n}:example.org" for n in range(self.size.rooms)]
        async with self.database.write() as session:
            session.add(SyncPosition(user_id=BOT, since="s0"))
            for number, room in enumerate(rooms):
                address = _address(number)
                session.add(Room(room_id=room, membership="join", entered=""))
                session.add(RoomAddress(address=address, room_id=room))
                session.add(QuestionRoom(room_id=room, scope=room))
            talks = [_talk(number) for number in range(self.size.rooms)]
            schedule = Schedule(format="", title="Bench", time_zone="UTC", entries=tuple(talks))
            await self.bot.programme.replace(session, schedule)
            for number in range(self.size.rooms):
                await self._ask(session, number)
        self.bot.notice_scheduler.changed(None)
        await self.bot.notice_scheduler.step()
        async with self.database.write() as session:
            sent = update(Outgoing).values(state="sent", event_id="$" + Outgoing.key)
            await session.execute(sent)

    async def _ask(self, session: Any, room: int) -> None:
        questions = [
            Question(
                scope=f"!room{room}:example.org",
                number=number,
                talk=f"talk-{room}",
                room_id=f"!room{room}:example.org",
                text=f"What about {number}, and how does it compare to the others?",
                asker=f"@asker{number}:example.org",
                asker_name=f"Asker {number}",
                source=_asked(room, number),
                asked_at=NOW,
                state="open",
                state_at=NOW,
                votes=0,
            )
            for number in range(1, self.size.questions + 1)
        ]
        session.add_all(questions)
        await session.flush()
        for question in questions:
            question.root = question.id

    async def vote(self, votes: int, at_once: int, *, members: bool = False) -> None:
        """So many people react to questions with 👍, of whom `at_once` come in with one
        answer of `/sync`. `members`: with the member event of each, as for the first thing
        that somebody does in a room."""
        await self._send([self._reaction() for _ in range(votes)], at_once, members)

    async def speak(self) -> None:
        """Somebody says something in each room, which the bot then knows."""
        await self.chat(self.size.rooms, 100)

    async def chat(self, lines: int, at_once: int) -> None:
        """So many people say something that is no command."""
        await self._send([self._line() for _ in range(lines)], at_once, False)

    async def mixed(self, events: int, at_once: int) -> None:
        """So many events of `PEOPLE`, of which every fourth is a vote, with who they are."""
        found = []
        for number in range(events):
            made = self._line() if number % 4 else self._reaction()
            made[1]["sender"] = f"@crowd{number // (1 if number % 4 else 40) % self.PEOPLE}:x"
            found.append(made)
        await self._send(found, at_once, True)

    async def fill(self, voters: int) -> None:
        """So many have voted for the first question of the first room already."""
        first = Question.source == _asked(0, 1)
        async with self.database.write() as session:
            question = (await session.scalars(select(Question).where(first))).one()
            rows = [
                {"question_id": question.id, "person": f"@early{number}:example.org"}
                for number in range(voters)
            ]
            await session.execute(insert(Vote), rows)
            question.votes += voters
        self.votes += voters

    async def _send(self, events: Sequence[tuple[str, Json]], at_once: int, members: bool) -> None:
        answers = []
        for few in (events[n : n + at_once] for n in range(0, len(events), at_once)):
            rooms: dict[str, Json] = {}
            for room, event in few:
                part = rooms.setdefault(room, {"timeline": {"events": []}, "state": {"events": []}})
                part["timeline"]["events"].append(event)
                if members:
                    part["state"]["events"].append(_member(event["sender"]))
            answers.append({"next_batch": f"s{next(self._ids)}", "rooms": {"join": rooms}})
        await self._receive(answers)

    def _reaction(self) -> tuple[str, Json]:
        voted = self.votes % _VOTED
        room = voted * self.size.rooms // _VOTED
        number = 1 + (voted * self.size.questions // _VOTED)
        self.votes += 1
        relation = {"rel_type": "m.annotation", "event_id": _asked(room, number), "key": "👍"}
        return self._event(room, "m.reaction", {"m.relates_to": relation})

    def _line(self) -> tuple[str, Json]:
        words = f"I like the part about schedulers, number {next(self._ids)}"
        self._lines += 1
        room = self._lines % self.size.rooms
        return self._event(room, "m.room.message", {"msgtype": "m.text", "body": words})

    def _event(self, room: int, kind: str, content: Json) -> tuple[str, Json]:
        event = next(self._ids)
        return f"!room{room}:example.org", {
            "event_id": f"$event{event}",
            "type": kind,
            "sender": f"@person{event}:example.org",
            "origin_server_ts": int(NOW.timestamp() * 1000),
            "content": content,
            "unsigned": {},
        }

    async def _receive(self, answers: Sequence[Json]) -> None:
        self._fed.feed(answers)
        for _ in answers:
            await self._inbox.step()
            assert self._inbox.trouble is None

    async def settle(self) -> None:
        """Look at all boards that votes have changed, in another half minute."""
        self.clock.forward(minutes=31 / 60)
        await self.bot.boards.step()

    async def look_at_a_board(self) -> None:
        """What votes for one talk lead to, at most every three seconds."""
        self.clock.forward(minutes=31 / 60)
        self.bot.boards.changed(["talk-0"])
        await self.bot.boards.step()

    async def counted(self) -> int:
        """The votes of all questions, as the desk counts them."""
        async with self.database.read() as session:
            return await session.scalar(select(func.sum(Question.votes))) or 0


@asynccontextmanager
async def hall(
    database: Database, size: Size, account: Account | None = None, **more: Any
) -> AsyncIterator[Hall]:
    """A bot on `database`, which is migrated and empty; `more`: settings."""
    rooms = {"rooms": {"alias_template": "#{room}:example.org"}}
    settings = Settings.model_validate(rooms | more)
    clock = SetClock(65)
    async with aiohttp.ClientSession() as http:
        bot = build(http, database, settings, clock, account)
        found = Hall(bot, database, clock, size)
        await found.open()
        yield found


def _member(person: str) -> Json:
    return {
        "event_id": f"$member-{person}",
        "type": "m.room.member",
        "sender": person,
        "state_key": person,
        "origin_server_ts": int(NOW.timestamp() * 1000),
        "content": {"membership": "join", "displayname": "Somebody"},
        "unsigned": {},
    }


def _address(room: int) -> str:
    return f"#hall-{room}:example.org"


def _talk(room: int) -> Talk:
    return Talk(
        guid=f"talk-{room}",
        id=str(room),
        title=f"Talk {room}",
        start=NOW - timedelta(minutes=5),
        duration=timedelta(minutes=50),
        room=f"Hall {room}",
        chat_room=_address(room),
    )


def _asked(room: int, number: int) -> str:
    return f"$asked-{room}-{number}"
