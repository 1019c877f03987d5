"""Keeps open pages true: each change is drawn and encoded once, and goes to all who look at it.

Nobody is waited for: who does not read is told, once they do, what they have missed, or all anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from fosdembot.clock import Clock
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.matrix.wake import Wake

from .screens import Draw, Screen, Topic
from .watched import Looker, Stale, Watched
from .where import where

SHORTEST_PAUSE = 0.005
"""Seconds between two drawings of what many vote on; the first vote after a rest is seen at
once."""
PAUSE_PER_SECOND = 2.0
"""Seconds that this pause is at least, for each that the drawing took: of a list that is long, or a
machine that is busy, it takes a third of the time at most."""
PAUSE_PER_LOOKER = 0.0001
"""Seconds that it is longer for each open page: to tell one costs about half of it."""
LONGEST_PAUSE = 1.0
GLANCE = 60.0
"""Seconds after which a page is drawn anew though nothing happened: the clock may have been set
back, or somebody forgot to tell of a change."""
KEPT = 10.0
"""Seconds for which a page that nobody has open is shown as it was drawn, if nothing changed."""
MOST_KEPT = 300
"""Of such pages: at least as many as rooms have talks at once."""
TOLD_AT_ONCE = 100
"""Pages that are told before others have their turn: some milliseconds."""
FAILED = (0.5, 2.0, 10.0, 30.0)
"""Seconds until what could not be drawn is tried again: after the first failure, the second, …"""


class Live:
    """`draws`: by view, what draws it; `around`: the parts that all pages have besides."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        draws: Mapping[str, Draw],
        clock: Clock,
        log: logging.Logger,
        around: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._database = database
        self._programme = programme
        self._draws = draws
        self._clock = clock
        self._log = log
        self._around = around
        self._watched: OrderedDict[Topic, Watched] = OrderedDict()
        """What somebody looks at, or did a moment ago; what was used last is the last."""
        self._again: float | None = None
        """When we wake ourselves, as somebody must not be drawn yet."""
        self._is_closed = False
        self.wake = Wake()

    async def draw(self, topic: Topic) -> Screen:
        """What it looks like now."""
        return (await self.shown(topic)).screen

    async def shown(self, topic: Topic) -> Watched:
        """What it looks like now, and `position`: who opens the stream with that as `since` is
        told only what changes from here on."""
        watched = self._of(topic)
        if not watched.lookers and self._clock.monotonic() - watched.drawn_at > KEPT:
            watched.stale = Stale.ALL
        await self._make_true(watched)
        return watched

    async def look(self, topic: Topic, since: str = "") -> Looker:
        """From now on somebody looks at it, until `leave`. `since`: the position up to which their
        page was told."""
        watched = await self.shown(topic)
        while self._watched.get(topic) is not watched and not self._is_closed:
            # It was forgotten while it was drawn.
            watched = await self.shown(topic)
        looker = Looker(watched, watched.version_at(since), is_closed=self._is_closed)
        watched.lookers.add(looker)
        # The moments at which it looks another way count from now on.
        self.wake.set()
        return looker

    def leave(self, looker: Looker) -> None:
        looker.watched.lookers.discard(looker)

    def _of(self, topic: Topic) -> Watched:
        watched = self._watched.get(topic)
        if watched is None:
            watched = self._watched[topic] = Watched(topic)
            self._forget_unused()
        self._watched.move_to_end(topic)
        return watched

    def _forget_unused(self) -> None:
        unused = [w for w in self._watched.values() if w.is_unused]
        for watched in unused[: max(0, len(unused) - MOST_KEPT)]:
            del self._watched[watched.topic]

    # What has changed.

    def questions_changed(self, talks: Collection[str]) -> None:
        """Of these talks (guids). Costs next to nothing: it is called for every vote."""
        if not self._watched:
            return
        addresses = {self._programme.address_by_guid(talk) for talk in talks}
        found = (
            watched
            for topic, watched in self._watched.items()
            if topic.talk in talks or (topic.talk is None and topic.address in addresses)
        )
        self._changed(found, Stale.QUESTIONS)

    def talks_changed(self, addresses: Collection[str] | None = None) -> None:
        """In these rooms; None: in any."""
        found = (
            watched
            for topic, watched in self._watched.items()
            if addresses is None or self._is_in(topic, addresses)
        )
        self._changed(found, Stale.ALL)

    def _is_in(self, topic: Topic, addresses: Collection[str]) -> bool:
        """A talk may be in another room than when its page was opened."""
        if not topic.address:
            return True
        moved = self._programme.address_by_guid(topic.talk) if topic.talk is not None else None
        return topic.address in addresses or moved in addresses

    def _changed(self, found: Iterable[Watched], stale: Stale) -> None:
        for watched in found:
            watched.stale = max(watched.stale, stale)
            if watched.lookers:
                self.wake.set()

    def rights_changed(self) -> None:
        """A link or a log-in is not in force any more, or somebody has lost a role: it is asked
        anew of each open page whether it may be looked at."""
        for watched in self._watched.values():
            for looker in watched.lookers:
                looker.ask_again()

    # What comes of it.

    async def step(self) -> float | None:
        """Draw what may look another way. Returns the seconds until something does by itself."""
        for watched in [w for w in self._watched.values() if w.lookers]:
            now = self._clock.monotonic()
            if now - watched.drawn_at >= GLANCE:
                watched.stale = Stale.ALL
            if not watched.is_due(self._clock.now()):
                continue
            if watched.not_before > now:
                self._wake_in(watched.not_before - now)
                continue
            try:
                await self._make_true(watched)
            except Exception as err:
                self._failed(watched, err)
            # Others have their turn.
            await asyncio.sleep(0)
        return self._seconds()

    def _seconds(self) -> float | None:
        now, to_wall = self._clock.now(), self._clock.to_wall
        watched = [w for w in self._watched.values() if w.lookers]
        moments = [w.redraw_at for w in watched if w.redraw_at and not w.stale]
        waits = [GLANCE] if watched else []
        waits += [(to_wall(at) - to_wall(now)).total_seconds() for at in moments]
        return max(0.05, min(waits)) if waits else None

    def _wake_in(self, seconds: float) -> None:
        """Not by the time that a step returns: that timer is not made for many times a second."""
        now = self._clock.monotonic()
        if self._again is None or now + seconds < self._again or self._again < now:
            self._again = now + seconds
            self._clock.call_later(seconds, self._woken)

    def _woken(self) -> None:
        self._again = None
        self.wake.nudge()

    async def _make_true(self, watched: Watched) -> None:
        """Draw it, unless what was drawn is still true; whoever is drawing it is waited for."""
        async with watched.drawing:
            now = self._clock.now()
            if not watched.is_due(now):
                return
            redraw = watched.redraw(now)
            # What changes from here on may be missing in what is read now.
            watched.stale = Stale.NOTHING
            topic, began = watched.topic, self._clock.monotonic()
            try:
                async with self._database.read() as session:
                    if redraw is not None:
                        screen = await redraw(session, now)
                    else:
                        screen = await self._draws[topic.view](session, topic, now)
            except BaseException:
                watched.stale = Stale.ALL
                raise
            screen = replace(screen, parts={**screen.parts, **self._around()})
            watched.failures = 0
            watched.drawn_at = self._clock.monotonic()
            pause = max(SHORTEST_PAUSE, PAUSE_PER_SECOND * (watched.drawn_at - began))
            pause += PAUSE_PER_LOOKER * len(watched.lookers)
            watched.not_before = watched.drawn_at + min(pause, LONGEST_PAUSE)
            is_other = watched.take(screen, self._clock.now())
        if is_other:
            await self._tell(watched)

    async def _tell(self, watched: Watched) -> None:
        lookers = list(watched.lookers)
        for first in range(0, len(lookers), TOLD_AT_ONCE):
            if first:
                await asyncio.sleep(0)
            for looker in lookers[first : first + TOLD_AT_ONCE]:
                looker.news.set()

    def _failed(self, watched: Watched, err: Exception) -> None:
        """The page stays as it is; others do not wait for it."""
        again = FAILED[min(watched.failures, len(FAILED) - 1)]
        watched.failures += 1
        watched.not_before = self._clock.monotonic() + again
        self._wake_in(again)
        if watched.failures in (1, len(FAILED)):
            self._log.warning(
                "A page (%s) cannot be drawn: %s; next try in %g s",
                watched.topic.view,
                where(err),
                again,
            )

    async def close(self) -> None:
        """All pages are told to come back later."""
        self._is_closed = True
        for watched in self._watched.values():
            for looker in watched.lookers:
                looker.close()
        self._watched.clear()
