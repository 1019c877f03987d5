"""Reads a room's history for the chat of a talk, whole, also of the time when the bot was down.

It is read from the homeserver page by page, and lies in a temporary file until its lines are
written (`staging.py`).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from fosdembot.clock import Clock
from fosdembot.matrix.answers import Fault, Page, read_page
from fosdembot.matrix.api import Api, HomeserverAway, Json, MatrixError, Unreadable
from fosdembot.matrix.relays import Account
from fosdembot.matrix.timeline import in_order

from .chat import Chat, People
from .chat_events import ChatReader, Read
from .model import Message
from .past import Past, kept, lost, nothing
from .patient import PatientApi
from .room_place import Finder
from .staging import Staging
from .times import LAST_SEQ, Windows
from .window import Window

FOLLOW = timedelta(hours=2)
"""So long after a talk's window, what answers something of it still belongs to it."""
PAGE = 250
"""Events that are asked for at once; fewer, where that cannot be read. While the JSON of a page is
read, nothing else runs."""
PAGE_WITHIN = 60.0
"""Seconds for one request."""
MOST_PAGES = 4000
"""A server that never comes to an end must not keep us."""
DOUBTS = 100
"""Events of which we ask whether somebody else redacted them just now. If there are more, they are
gone when the transcript is made again, as it is after each redaction."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILTER: Json = {"lazy_load_members": True}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The chat of one talk."""

    room: str
    window: Window
    others: Sequence[Window] = ()
    """The windows of the room's other talks: what answers something of theirs is theirs."""
    begins: str | None = None
    """`Chat.begins` of an earlier reading."""
    forced: bool = False
    """Whether to go on behind what the homeserver fails to answer, time and again."""
    hidden: Sequence[str] = ()
    """Events that nobody shall read (dismissed questions, say): they count as redacted."""
    past: Past = nothing
    """The chat that is there."""


async def read_chat(api: Api, wanted: Wanted, people: People, clock: Clock, folder: Path) -> Chat:
    """The chat, which is to be closed; `folder` is for a temporary file.

    Raises `HomeserverAway`, also where only a part is missing: try again later. What cannot be
    read at all is a gap. Raises `MatrixError` and `OSError`.
    """
    staging = await asyncio.to_thread(Staging, folder)
    try:
        reading = _Reading(PatientApi(api, clock), wanted, people, clock, staging)
        begins = await reading.read()
        chat = await asyncio.to_thread(Chat.of, staging, people, clock, begins)
        chat.lacks = reading.lacks
        return chat
    except BaseException as err:
        # A thread may still be at it.
        asyncio.get_running_loop().run_in_executor(None, staging.close)
        if isinstance(err, sqlite3.Error):
            raise OSError(f"a temporary file in {folder} cannot be written: {err}") from err
        raise


class _Hole(Exception):
    """What comes next cannot be read; the message says why."""


@dataclass
class _Reading:
    api: Api
    wanted: Wanted
    people: People
    clock: Clock
    staging: Staging
    lacks: str | None = field(init=False, default=None)
    """See `Chat.lacks`."""
    _seq: int = field(init=False, default=1)
    """The place of the next event."""

    def __post_init__(self) -> None:
        def is_bridged(sender: str) -> bool:
            return self.people.relays.reader.account(sender) is not Account.ANYBODY

        self._reader = ChatReader(self.people.me, is_bridged, self.people.relays.nick)
        own, others = self.wanted.window, self.wanted.others
        near = [each for each in others if each.end + FOLLOW > own.start and each != own]
        first = min([own.start, *(each.start for each in near)])
        self._since, self._until = self._wall(first), self._wall(own.end + FOLLOW)
        self._windows = Windows(
            talks=[(self._wall(each.start), self._wall(each.end)) for each in (own, *near)],
            follow=self._wall(own.end + FOLLOW) - self._wall(own.end),
            first=self._since - 1,
            now=self._wall(self.clock.now()),
        )

    async def read(self) -> str | None:
        """Returns the event with which it began."""
        room, me, is_ours = self.wanted.room, self.people.me, self._reader.is_ours
        finder = Finder(self.api, room, me, is_ours, self.wanted.forced)
        begins = None
        try:
            place = await finder.before(self._since, self.wanted.begins)
            begins = place.event
            await self._forwards(finder, place.token)
        except MatrixError as err:
            if err.status not in (403, 404):
                raise
            # We were thrown out, or the room is gone.
            _log.warning("The history of %s cannot be read: %s", self.wanted.room, err)
            self.lacks = str(err)
            await asyncio.to_thread(self.staging.add_gap, str(err), self._seq)
        await self._keep()
        await self._ask_again()
        await asyncio.to_thread(self.staging.settle, self._windows)
        return begins

    def _wall(self, moment: datetime) -> int:
        return (self.clock.to_wall(moment) - _EPOCH) // timedelta(milliseconds=1)

    async def _forwards(self, finder: Finder, start: str | None) -> None:
        """While a page is put down, the next one is already asked for."""
        seen = {start}
        asked = asyncio.create_task(self._page("f", start, None))
        try:
            while True:
                try:
                    page = await asked
                except _Hole as hole:
                    await self._around(finder, start, str(hole))
                    return
                start = page.end
                goes_on = start is not None and start not in seen and len(seen) < MOST_PAGES
                goes_on = goes_on and not self._is_last(page)
                if goes_on:
                    seen.add(start)
                    asked = asyncio.create_task(self._page("f", start, None))
                await asyncio.to_thread(self._take, page)
                if not goes_on:
                    return
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    def _take(self, page: Page) -> None:
        """In a thread."""
        self._put(self._reader.read(page.events, page.members), page.faults, self._seq)
        self._seq += len(page.events) + len(page.faults)

    def _put(self, events: Iterator[Read], faults: Sequence[Fault], seq: int) -> int:
        """From the place `seq` on; where something is that is no event, there is a gap. Returns
        how many events are new."""
        new = done = 0
        for number, fault in enumerate(faults):
            new += self.staging.add(islice(events, fault.place - done), seq + done + number)
            if number == 0 or fault.place > done:
                self.staging.add_gap(fault.why, seq + fault.place + number)
            done = fault.place
        return new + self.staging.add(events, seq + done + len(faults))

    def _is_last(self, page: Page) -> bool:
        """Whether all that follows is newer than what belongs to the talk."""
        return any(
            event["origin_server_ts"] >= self._until and self._reader.is_ours(event["sender"])
            for event in page.events
        )

    async def _around(self, finder: Finder, since: str | None, why: str) -> None:
        """Read what comes after a hole at `since`, from the other side of it."""
        start, seq, seen = await finder.after(self._until), LAST_SEQ, set[str | None]()
        while len(seen) <= MOST_PAGES:
            try:
                page = await self._page("b", start, since)
            except _Hole:
                break
            found = in_order(page.events, _by_user(page.members), ())
            count = len(found.events)
            faults = [replace(fault, place=count - fault.place) for fault in page.faults][::-1]
            seq -= count + len(faults)
            events = self._reader.read(found.events, found.members)
            new = await asyncio.to_thread(self._put, events, faults, seq)
            if page.end is None or page.end in seen or (page.events and not new):
                return  # it can be read after all
            seen.add(page.end)
            start = page.end
        await asyncio.to_thread(self.staging.add_gap, why, self._seq)

    async def _page(self, direction: str, start: str | None, end: str | None) -> Page:
        """Raises `_Hole` where not even a single event can be read."""
        limit = PAGE
        while True:
            try:
                answer = await self.api.messages(
                    self.wanted.room, direction, start, end, _FILTER, limit, PAGE_WITHIN
                )
                return await asyncio.to_thread(read_page, answer)
            except Unreadable as err:
                if limit == 1:
                    raise _Hole(str(err)) from err
                limit = max(1, limit // 8)
            except HomeserverAway as err:
                if not self.wanted.forced:
                    raise
                if limit == 1:
                    self.lacks = str(err)
                    raise _Hole(str(err)) from err
                limit = max(1, limit // 22)

    async def _keep(self) -> None:
        """What the homeserver has no more stays as it was."""
        past, staging = self.wanted.past, self.staging
        there = (line.id for line in past() if isinstance(line, Message))
        gone = await lost(await asyncio.to_thread(staging.unread, there), self._is_lost)
        if gone:
            lines = kept(past(), gone, self._wall)
            await asyncio.to_thread(staging.keep, lines, len(gone), self.people.me)

    async def _is_lost(self, event: str) -> bool:
        """Whether the homeserver has an event no more, which is no word about why. What was
        redacted, or belongs to another talk now, it has."""
        if self.lacks is not None:
            return True  # it does not say; we ask again later
        try:
            await self.api.event(self.wanted.room, event)
        except Unreadable:
            return True
        except HomeserverAway as err:
            if not self.wanted.forced:
                raise
            self.lacks = str(err)
            return True
        except MatrixError as err:
            if err.status not in (403, 404):
                raise
            return True
        return False

    async def _ask_again(self) -> None:
        """Redactions that came in between take effect; those that are not allowed do not."""
        redacted, doubtful = await asyncio.to_thread(self.staging.redacted_since)
        for event_id in doubtful[:DOUBTS]:
            try:
                event = await self.api.event(self.wanted.room, event_id)
            except MatrixError:
                redacted.append(event_id)
                continue
            except HomeserverAway as err:
                if not self.wanted.forced:
                    raise
                # Nor does it say that of the others. Rather none of it is read than what was taken
                # back; we ask again later.
                self.lacks = str(err)
                redacted += doubtful[doubtful.index(event_id) : DOUBTS]
                break
            if "redacted_because" in (event.get("unsigned") or {}):
                redacted.append(event_id)
        await asyncio.to_thread(self.staging.redact, [*redacted, *self.wanted.hidden])


def _by_user(members: Sequence[Json]) -> dict[str, Json]:
    return {event["state_key"]: event for event in members if "state_key" in event}
