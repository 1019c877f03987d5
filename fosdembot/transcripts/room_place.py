"""Finds the place of a room's history from which a talk's chat is to be read.

Other servers' clocks lie, and their people may date what they send as they like. Only an event of
our own homeserver says what time it was, so we start from one of those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fosdembot.matrix.answers import Page, read_page, token
from fosdembot.matrix.api import Api, HomeserverAway, Json, MatrixError, Unreadable

_STEPS = (0, 10 * 60_000, 60 * 60_000, 6 * 3_600_000)
"""Milliseconds by which we look further back, where the event of that moment is somebody else's."""
_OWN_AT_ONCE = 100
_OWN_PAGES = 500


@dataclass(frozen=True, slots=True)
class Place:
    token: str | None
    """From where to read; None: the room's beginning."""
    event: str | None = None
    """The event that is there."""


BEGINNING = Place(None)


@dataclass(frozen=True, slots=True)
class Finder:
    api: Api
    room: str
    me: str
    is_ours: Callable[[str], bool]
    """Whether a sender's dates are those of our own homeserver."""
    forced: bool = False
    """Whether to go on where the homeserver fails to answer, from the room's beginning if need
    be."""

    async def before(self, moment: int, known: str | None) -> Place:
        """A place before which all is older than `moment` (milliseconds since 1970); `known` is
        an event where one may be. Raises `MatrixError` and `HomeserverAway`."""
        place = await self._at(known, moment) if known is not None else None
        return place or await self._by_date(moment) or await self._by_own(moment)

    async def after(self, moment: int) -> str | None:
        """A position behind which all is newer than `moment`; None: now."""
        event = await self._near(moment, "f")
        context = await self._context(event) if event is not None else None
        date = self._date(context) if context is not None else None
        if context is None or date is None or date < moment:
            return None
        return token(context.get("end"))

    async def _by_date(self, moment: int) -> Place | None:
        """By "Timestamp to event", which not all homeservers know."""
        for step in _STEPS:
            event = await self._near(moment - step, "b")
            if event is None:
                return None
            place = await self._at(event, moment)
            if place is not None:
                return place
        return None

    async def _by_own(self, moment: int) -> Place:
        """Of what we said ourselves, or came in with, the last that is old enough."""
        start: str | None = None
        for _ in range(_OWN_PAGES):
            page = await self._own(start)
            for event in page.events:
                if event["sender"] == self.me and event["origin_server_ts"] <= moment:
                    return await self._at(event["event_id"], moment) or BEGINNING
            if page.end in (None, start):
                break
            start = page.end
        return BEGINNING

    async def _own(self, start: str | None) -> Page:
        own: Json = {"senders": [self.me]}
        try:
            answer = await self.api.messages(self.room, "b", start, None, own, _OWN_AT_ONCE)
            return read_page(answer)
        except HomeserverAway as err:
            if not (self.forced or isinstance(err, Unreadable)):
                raise
            return Page([], [], None)

    async def _at(self, event: str, moment: int) -> Place | None:
        """The place before an event, if that is old enough."""
        context = await self._context(event)
        if context is None:
            return None
        date, start = self._date(context), token(context.get("start"))
        if start is None or date is None or date > moment:
            return None
        return Place(start, event)

    def _date(self, context: Json) -> int | None:
        """When the event was, if we can know that."""
        event = context.get("event")
        event = event if isinstance(event, dict) else {}
        sender, sent = event.get("sender"), event.get("origin_server_ts")
        if event.get("type") == "m.room.create":
            return 0  # before anything else
        is_known = isinstance(sender, str) and self.is_ours(sender)
        return sent if is_known and isinstance(sent, int) else None

    async def _near(self, moment: int, direction: str) -> str | None:
        try:
            answer = await self.api.event_near(self.room, max(moment, 0), direction)
        except (MatrixError, HomeserverAway):
            return None  # there is none, or no such request: a proxy may say so in its own words
        event = answer.get("event_id")
        return event if isinstance(event, str) else None

    async def _context(self, event: str) -> Json | None:
        try:
            return await self.api.context(self.room, event)
        except MatrixError:
            return None
        except HomeserverAway as err:
            if not (self.forced or isinstance(err, Unreadable)):
                raise
            return None
