"""In which meetings the bot is: it comes some minutes before a talk, and leaves when the talk is
over and nobody is left. It is never the first and never the last, since whoever is alone in a
meeting becomes its moderator.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fosdembot.clock import Clock
from fosdembot.db.engine import Database
from fosdembot.matrix.backoff import Backoff
from fosdembot.matrix.wake import Wake
from fosdembot.meeting_url import MeetingUrl
from fosdembot.settings import Settings
from fosdembot.texts.render import clean

from .bridge import Bridge
from .meeting import Connect, MeetingError, Trouble
from .meeting_talks import MeetingTalks

LOOK_AGAIN = 60.0
"""Seconds after which programme and meetings are compared even if nothing seems to be new."""
LINGER = timedelta(minutes=60)
"""After its last talk a meeting in which people stay is left all the same."""
AWAY_AT_MOST = 8.0
"""Seconds between two tries to reach a server that is away: once it is back, the speaker shall see
the questions again soon."""
LOOKS_FOR_PEOPLE = (15.0, 30.0)
"""Seconds between two tries to enter a meeting in which nobody is: a speaker who comes in shall
find the bot soon, and sixty meetings that have not begun are three tries a second."""
COMES_BACK_WITHIN = 120.0
"""Seconds after a connection was lost in which people are coming back as well."""
OTHERWISE_AT_MOST = 60.0


@dataclass(slots=True)
class _Attended:
    """One meeting."""

    bridge: Bridge
    task: asyncio.Task[None] | None = None
    away: Backoff = field(default_factory=lambda: Backoff(AWAY_AT_MOST))
    lost_at: float | None = None
    """By the clock's seconds, when the connection to it was lost."""
    refused: Backoff = field(default_factory=lambda: Backoff(OTHERWISE_AT_MOST))


class Attendance:
    """`bridge` makes the bridge of a meeting; `name`: what the bot is called there."""

    def __init__(
        self,
        connect: Connect,
        bridge: Callable[[MeetingUrl], Bridge],
        talks_of: MeetingTalks,
        database: Database,
        settings: Settings,
        name: Callable[[], str],
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._connect = connect
        self.bridge_of = bridge
        self._talks_of = talks_of
        self._meetings = talks_of.meetings
        self._database = database
        self._settings = settings
        self._name = name
        self._clock = clock
        self._log = log
        self.wake = Wake()
        self._attended: dict[MeetingUrl, _Attended] = {}
        self._kicked: dict[MeetingUrl, str] = {}
        """Meetings from which somebody removed the bot, and the talk (its guid) of that time: it
        comes back with the next talk, or where somebody names the meeting again."""

    def changed(self, talks: Collection[str] | None = None) -> None:
        """Questions to these talks (their guids) may be others; None: anything may be."""
        for attended in self._attended.values():
            attended.bridge.changed(talks)

    def return_to(self, meeting: MeetingUrl) -> None:
        """Somebody wants the bot there, whatever happened before."""
        self._kicked.pop(meeting, None)
        self.wake.set()

    async def step(self) -> float:
        """Come and leave. Returns the seconds until the next look."""
        now = self._clock.now()
        wanted, begins = await self._wanted(now)
        for meeting in [meeting for meeting in self._attended if meeting not in wanted]:
            await self._leave(meeting)
        for meeting in wanted:
            attended = self._attended.get(meeting)
            if attended is None:
                attended = self._attended[meeting] = _Attended(self.bridge_of(meeting))
            if attended.task is None:
                name = f"meeting {meeting.room}"
                attended.task = asyncio.create_task(self._attend(meeting, attended), name=name)
        if begins is None:
            return LOOK_AGAIN
        until = self._clock.to_wall(begins) - self._clock.to_wall(now)
        return min(LOOK_AGAIN, max(0.1, until.total_seconds()))

    async def close(self) -> None:
        """Leave all meetings. Nobody may write to the database meanwhile."""
        leaving = [self._leave(meeting, nobody_writes=True) for meeting in list(self._attended)]
        await asyncio.gather(*leaving)

    async def _wanted(self, now: datetime) -> tuple[dict[MeetingUrl, str], datetime | None]:
        """The meetings in which the bot should be, each with the talk (its guid) for which; and
        when the next one is to be entered."""
        before = timedelta(minutes=self._settings.jitsi.before_minutes)
        wanted: dict[MeetingUrl, str] = {}
        begins: list[datetime] = []
        async with self._database.read() as session:
            for meeting, talks in (await self._meetings.all(session)).items():
                near = [
                    talk
                    for talk in talks
                    if talk.start - before - LINGER <= now < talk.end + 2 * LINGER
                ]
                begins += [talk.start - before for talk in talks if talk.start - before > now]
                if not near:
                    continue
                own = await self._talks_of(session, meeting, now)
                people = self._meetings.state(meeting).people
                for slot in own.stage.slots:
                    until = slot.end + LINGER if people else slot.end
                    if slot.takes_place and slot.start - before <= now < until:
                        wanted[meeting] = slot.talk.guid
                    elif slot.start - before > now:
                        begins.append(slot.start - before)
        return {
            meeting: talk for meeting, talk in wanted.items() if self._kicked.get(meeting) != talk
        }, min(begins, default=None)

    async def _leave(self, meeting: MeetingUrl, *, nobody_writes: bool = False) -> None:
        attended = self._attended.pop(meeting, None)
        if attended is not None and attended.task is not None:
            if nobody_writes:
                attended.task.cancel()
            else:
                async with self._database.no_writing():
                    attended.task.cancel()
            await asyncio.gather(attended.task, return_exceptions=True)
        if meeting not in self._kicked:
            self._meetings.gone(meeting)

    async def _attend(self, meeting: MeetingUrl, attended: _Attended) -> None:
        """Be there, and come back as long as that is wanted."""
        while True:
            try:
                await self._be_there(meeting, attended)
                # Everybody left, so the bot did.
                trouble, detail = Trouble.NOT_STARTED, ""
            except MeetingError as err:
                trouble, detail = err.trouble, err.detail
            except Exception as err:
                self._log.exception("%s: something is wrong here", meeting.room)
                trouble, detail = Trouble.UNREADABLE, type(err).__name__
            self._note(meeting, trouble, detail)
            if trouble is Trouble.KICKED:
                wanted, _ = await self._wanted(self._clock.now())
                self._kicked[meeting] = wanted.get(meeting, "")
                self.wake.set()
                return
            await self._clock.sleep(self._wait(attended, trouble))

    def _wait(self, attended: _Attended, trouble: Trouble) -> float:
        """Seconds until the next try."""
        now = self._clock.monotonic()
        if trouble is Trouble.AWAY:
            return attended.away.next()
        if trouble is not Trouble.NOT_STARTED:
            return attended.refused.next()
        if attended.lost_at is not None and now - attended.lost_at < COMES_BACK_WITHIN:
            return attended.away.next()
        return random.uniform(*LOOKS_FOR_PEOPLE)

    async def _be_there(self, meeting: MeetingUrl, attended: _Attended) -> None:
        def waits() -> None:
            self._note(meeting, Trouble.WAITS_IN_LOBBY, "")

        connection = await self._connect(meeting, self._name(), waits)
        try:
            attended.away.reset()
            attended.refused.reset()
            attended.lost_at = None
            now = self._clock.now()
            self._meetings.note(meeting, now, is_in=True, trouble="", detail="")
            self._log.info("In the meeting %s", meeting.room)
            await attended.bridge.serve(connection)
        except MeetingError as err:
            if err.trouble is Trouble.AWAY:
                attended.lost_at = self._clock.monotonic()
            raise
        finally:
            self._meetings.note(meeting, self._clock.now(), is_in=False, people=())
            await connection.close()

    def _note(self, meeting: MeetingUrl, trouble: Trouble, detail: str) -> None:
        before = self._meetings.state(meeting)
        if before.trouble != trouble.value:
            self._log.info("Not in the meeting %s: %s %s", meeting.room, trouble.value, detail)
        self._meetings.note(
            meeting,
            self._clock.now(),
            is_in=False,
            trouble=trouble.value,
            detail=clean(detail, 200),
            people=(),
        )
