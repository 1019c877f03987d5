"""All that lies below the faces, on a real database: a programme, a desk, a room, the actions.

It begins as the talk `TINY` does.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from fosdembot.actions.access import Access
from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.asking import Asking
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.hall import HallActions
from fosdembot.actions.meetings import MeetingActions
from fosdembot.actions.pauses import PauseActions
from fosdembot.actions.privacy import PrivacyActions
from fosdembot.actions.rooms import RoomActions
from fosdembot.actions.speakers import SpeakerActions
from fosdembot.actions.talks import TalkActions
from fosdembot.actions.undoing import Undoing
from fosdembot.changes import Changes
from fosdembot.conference.events import ConferenceEvent
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.conference.meetings import Meetings
from fosdembot.conference.people import People
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Question, Speaker
from fosdembot.db.tables import Room, RoomAddress
from fosdembot.questions.desk import Desk
from fosdembot.questions.events import DeskEvent
from fosdembot.questions.new_question import NewQuestion
from fosdembot.schedule.model import Schedule, Talk
from simulation.parts import SetClock
from tests.talks.programme import ROOM, settings, talk

ROOM_ID = "!kernel:example.org"
ADA, BOB = "@ada:example.org", "@bob:example.org"
"""In the audience."""
MODERATOR = "@mod:example.org"
ORGANISER = "@organiser:example.org"
SPEAKER = "@speaker:example.org"
"""Of `TINY`."""
TINY = talk("tiny", "10:00", chat_room=ROOM)
BIG = talk("big", "10:30", chat_room=ROOM)
DAY = (TINY, BIG)


HearsAll = Callable[[WriteSession, ConferenceEvent | DeskEvent], Awaitable[None]]


async def nobody(_session: WriteSession, _event: ConferenceEvent | DeskEvent) -> None:
    """Hears everything, and does nothing."""


class House:
    def __init__(self, database: Database, **sections: Any) -> None:
        self.database = database
        self.clock = SetClock()
        self.settings = settings(moderators=[MODERATOR], organisers=[ORGANISER], **sections)
        self.changes = Changes(logging.getLogger(__name__))
        self.hosts_rooms = named = HostsRooms(database, self.settings, self.changes)
        self.programme = Programme(database, self.settings, self.clock, self.changes, named)
        self.hosts = Hosts(named, self.programme, self.settings)
        self.views = RoomViews(self.programme, self.settings)
        self.desk = Desk(self.settings.questions, self.changes)
        people = People(self.settings, self.programme, self.hosts)
        self.access = Access(people)
        self.deciding = Deciding(self.desk, self.access, self.views)
        self.told: list[ConferenceEvent | DeskEvent] = []
        """What was decided or answered, and said to whom it concerns; but not by the desk."""
        self.hears: HearsAll = nobody
        """Hears of it as well, in its transaction."""
        self.talks = TalkActions(self.programme, self.access, self._hear)
        self.rooms = RoomActions(self.desk, self.access, self.views, self.settings, self._hear)
        asking = Asking(self.desk, self.access, self.programme, self.views)
        self.hall = HallActions(self.rooms, asking, self.programme, self.changes)
        self.pauses = PauseActions(self.programme, self.access, self.changes, self._hear)
        self.privacy = PrivacyActions(self.programme, self.settings, self.changes)
        self.speakers = SpeakerActions(self.programme, self.access, people, self.hosts, self._hear)
        self.answers = AnswerActions(self.deciding, self.access, people, self.changes, self._hear)
        self.meetings = Meetings(self.programme, self.settings, self.changes)
        self.meeting_actions = MeetingActions(self.meetings, self.access, self.settings)
        self.undoing = Undoing(self.desk, self.access, self.talks)
        self._ids = itertools.count(1)

    async def _hear(self, session: WriteSession, event: ConferenceEvent | DeskEvent) -> None:
        self.told.append(event)
        await self.hears(session, event)

    async def publish(self, *talks: Talk) -> None:
        schedule = Schedule(format="", title="", time_zone="Europe/Brussels", entries=talks)
        async with self.database.write() as session:
            await self.programme.replace(session, schedule)

    async def open(self) -> None:
        """Two talks take place in the room, and the bot is in it."""
        await self.publish(*DAY)
        async with self.database.write() as session:
            session.add(Room(room_id=ROOM_ID, membership="join"))
            session.add(RoomAddress(address=ROOM, room_id=ROOM_ID))
            session.add(
                Speaker(
                    talk=TINY.guid, person=SPEAKER, confirmed=True, claim=None, at=self.clock.now()
                )
            )

    def actor(self, person: str = MODERATOR, face: str = CHAT, seconds: float = 0) -> Actor:
        """Somebody who does something so many seconds from now."""
        at = self.clock.now() + timedelta(seconds=seconds)
        return Actor(person, act=f"${next(self._ids)}", at=at, now=at, face=face)

    async def ask(self, *texts: str, talk: str = TINY.guid) -> list[int]:
        """Questions, each by another person; their numbers."""
        numbers = []
        for text in texts:
            event = f"$ask{next(self._ids)}"
            new = NewQuestion(
                room=ROOM_ID,
                talk=talk,
                text=text,
                asker=f"@{event[1:]}:example.org",
                name="Somebody",
                cause=event,
                at=self.clock.now(),
            )
            async with self.database.write() as session:
                question, _ = await self.desk.ask(session, new)
                numbers.append(question.number)
        return numbers

    async def states(self) -> Sequence[str]:
        """Of all questions, by number."""
        async with self.database.read() as session:
            return (await session.scalars(select(Question.state).order_by(Question.number))).all()
