"""Keeps open pages true: each change is drawn once, and goes to all who look at it.

Nobody is waited for: a browser that does not read gets only the newest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from fosdembot.clock import Clock
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.matrix.wake import Wake

from .screens import Draw, Screen, Topic


@dataclass(slots=True, eq=False)
class Watched:
    """A topic at which somebody looks."""

    topic: Topic
    screen: Screen
    version: int = 0
    lookers: set[Looker] = field(default_factory=set)
    is_dirty: bool = False


@dataclass(slots=True, eq=False)
class Looker:
    """An open page."""

    watched: Watched
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while there is something that it has not been told."""
    is_closed: bool = False


class Live:
    """`draws`: by view, what draws it."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        draws: Mapping[str, Draw],
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._draws = draws
        self._clock = clock
        self._log = log
        self._watched: dict[Topic, Watched] = {}
        self.wake = Wake()

    async def draw(self, topic: Topic) -> Screen:
        """What it looks like now."""
        async with self._database.read() as session:
            return await self._draws[topic.view](session, topic, self._clock.now())

    async def look(self, topic: Topic) -> Looker:
        """From now on somebody looks at it, until `leave`."""
        watched = self._watched.get(topic)
        if watched is None:
            screen = await self.draw(topic)
            watched = self._watched.setdefault(topic, Watched(topic, screen))
            # What has changed meanwhile was not noted, as nobody looked.
            watched.is_dirty = True
            self.wake.set()
        looker = Looker(watched)
        watched.lookers.add(looker)
        return looker

    def leave(self, looker: Looker) -> None:
        watched = looker.watched
        watched.lookers.discard(looker)
        if not watched.lookers:
            self._watched.pop(watched.topic, None)

    # What has changed.

    def questions_changed(self, talks: Collection[str]) -> None:
        """Of these talks (guids). Costs next to nothing: it is called for every vote."""
        if not self._watched:
            return
        addresses = {self._programme.address_by_guid(talk) for talk in talks}
        for topic, watched in self._watched.items():
            if topic.address in addresses and topic.talk in (None, *talks):
                watched.is_dirty = True
                self.wake.set()

    def talks_changed(self, addresses: Collection[str] | None = None) -> None:
        """In these rooms; None: in any."""
        for topic, watched in self._watched.items():
            if addresses is None or topic.address in addresses:
                watched.is_dirty = True
                self.wake.set()

    async def step(self) -> float | None:
        """Draw what may look another way. Returns the seconds until something does by itself."""
        now = self._clock.now()
        for watched in list(self._watched.values()):
            due = watched.screen.redraw_at
            if watched.is_dirty or (due is not None and due <= now):
                await self._redraw(watched)
        due_next = [w.screen.redraw_at for w in self._watched.values() if w.screen.redraw_at]
        if not due_next:
            return None
        wall = self._clock.to_wall
        return max(0.05, (wall(min(due_next)) - wall(now)).total_seconds())

    async def _redraw(self, watched: Watched) -> None:
        watched.is_dirty = False
        try:
            screen = await self.draw(watched.topic)
        except BaseException:
            watched.is_dirty = True
            raise
        if screen != watched.screen:
            watched.screen, watched.version = screen, watched.version + 1
            for looker in watched.lookers:
                looker.news.set()

    async def close(self) -> None:
        """All pages are told to come back later."""
        for watched in self._watched.values():
            for looker in watched.lookers:
                looker.is_closed = True
                looker.news.set()
        self._watched.clear()
