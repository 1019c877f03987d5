"""One meeting that the bot is to be in: it enters, serves there, and comes back after troubles,
later and later."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from fosdembot.clock import Clock
from fosdembot.conference.meetings import Meetings
from fosdembot.matrix.backoff import Backoff
from fosdembot.meeting_url import MeetingUrl
from fosdembot.texts.render import clean

from .bridge import Bridge
from .meeting import Connect, Connection, MeetingError, Trouble

AWAY_AT_MOST = 8.0
"""Seconds between two tries to reach a server that is away: once it is back, the speaker shall see
the questions again soon."""
LOOKS_FOR_PEOPLE = (15.0, 30.0)
"""Seconds between two tries to enter a meeting in which nobody is: a speaker who comes in shall
find the bot soon, and sixty meetings that have not begun are three tries a second."""
COMES_BACK_WITHIN = 120.0
"""Seconds after a connection was lost in which people are coming back as well."""
OTHERWISE_AT_MOST = 60.0
STAYED = 30.0
"""Seconds in a meeting after which a loss is a new trouble, and tried again soon: else somebody
who can end the bot's connection would have it come and go each second."""


@dataclass(slots=True, eq=False)
class Attending:
    meeting: MeetingUrl
    connect: Connect
    bridge: Bridge
    meetings: Meetings
    name: Callable[[], str]
    clock: Clock
    log: logging.Logger
    was_removed: bool = field(init=False, default=False)
    """Whether somebody removed the bot: then it does not come back by itself."""
    goes_on: bool = field(init=False, default=True)
    _task: asyncio.Task[None] | None = field(init=False, default=None)
    _away: Backoff = field(init=False, default_factory=lambda: Backoff(AWAY_AT_MOST))
    _refused: Backoff = field(init=False, default_factory=lambda: Backoff(OTHERWISE_AT_MOST))
    _lost_at: float | None = field(init=False, default=None)
    """By the clock's seconds, when the connection to it was lost last."""
    _again: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    """Set where the next try is due."""

    def begin(self, wait: float, over: Callable[[Attending], None]) -> None:
        """Be there from now on; the first try is in `wait` seconds. Once this has ended, for
        whatever reason, `over` is called."""
        self._task = asyncio.create_task(self._attend(wait), name=f"meeting {self.meeting.room}")
        self._task.add_done_callback(lambda task: self._over(task, over))

    def end(self) -> None:
        """Leave. A second call changes nothing: it would cut off the leave-taking."""
        if self.goes_on and self._task is not None:
            self.goes_on = False
            self._task.cancel()

    async def ended(self) -> None:
        """Returns once the meeting is left."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def hurry(self) -> None:
        """Somebody waits for the bot: the next try is at once."""
        self._again.set()

    @property
    def comes_back(self) -> bool:
        """Whether the connection was lost a moment ago."""
        lost = self._lost_at
        return lost is not None and self.clock.monotonic() - lost < COMES_BACK_WITHIN

    def _over(self, task: asyncio.Task[None], over: Callable[[Attending], None]) -> None:
        self.goes_on = False
        if not task.cancelled() and (err := task.exception()) is not None:
            self.log.error("%s: it ended by a fault", self.meeting.room, exc_info=err)
        over(self)

    async def _attend(self, wait: float) -> None:
        while True:
            await self._pause(wait)
            try:
                await self._be_there()
                # Everybody left, so the bot did.
                trouble, detail = Trouble.NOT_STARTED, ""
            except MeetingError as err:
                trouble, detail = err.trouble, err.detail
            except Exception as err:
                self.log.exception("%s: something is wrong here", self.meeting.room)
                trouble, detail = Trouble.UNREADABLE, type(err).__name__
            self._note(trouble, detail)
            if trouble is Trouble.KICKED:
                self.was_removed = True
                return
            wait = self._wait(trouble)

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        call = self.clock.call_later(seconds, self._again.set)
        try:
            await self._again.wait()
        finally:
            call.cancel()
            self._again.clear()

    def _wait(self, trouble: Trouble) -> float:
        """Seconds until the next try."""
        if trouble is Trouble.AWAY:
            return self._away.next()
        if trouble is not Trouble.NOT_STARTED:
            return self._refused.next()
        if self.comes_back:
            return self._away.next()
        return random.uniform(*LOOKS_FOR_PEOPLE)

    async def _be_there(self) -> None:
        connection = await self.connect(
            self.meeting, self.name(), lambda: self._note(Trouble.WAITS_IN_LOBBY, "")
        )
        entered = self.clock.monotonic()
        try:
            now = self.clock.now()
            self.meetings.note(self.meeting, now, is_in=True, trouble="", detail="")
            self.log.info("In the meeting %s", self.meeting.room)
            await self.bridge.serve(connection)
        except MeetingError as err:
            if err.trouble is Trouble.AWAY:
                self._lost_at = self.clock.monotonic()
            raise
        finally:
            if self.clock.monotonic() - entered >= STAYED:
                self._away.reset()
                self._refused.reset()
            self.meetings.note(self.meeting, self.clock.now(), is_in=False, people=())
            await _close(connection)

    def _note(self, trouble: Trouble, detail: str) -> None:
        before = self.meetings.state(self.meeting)
        if before.trouble != trouble.value:
            self.log.info("Not in the meeting %s: %s %s", self.meeting.room, trouble.value, detail)
        self.meetings.note(
            self.meeting,
            self.clock.now(),
            is_in=False,
            trouble=trouble.value,
            detail=clean(detail, 200),
            people=(),
        )


async def _close(connection: Connection) -> None:
    """To the end, also where this is cut off meanwhile: half closed, the connection would stay."""
    closing = asyncio.create_task(connection.close(), name="leaving a meeting")
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await asyncio.wait([closing])
        raise
