"""What is in trouble as a whole, and since when."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from fosdembot.clock import Clock
from fosdembot.conference.control_room import ControlRoom
from fosdembot.db.engine import Database
from fosdembot.db.tables import ToldTrouble
from fosdembot.matrix.server_time import ServerTime
from fosdembot.texts import troubles as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import clock_time, count

LOOK_EVERY = 5.0
"""Seconds between two looks; so exact is the "since"."""
_CLOCK = "clock"
_ACCOUNT = ("M_USER_SUSPENDED", "M_USER_LOCKED", "M_RESOURCE_LIMIT_EXCEEDED", "M_CONSENT_NOT_GIVEN")


@dataclass(frozen=True, slots=True)
class Sources:
    """What the parts that speak with the outside say is wrong at the moment."""

    inbox: Callable[[], str | None]
    sender: Callable[[], str | None]
    schedule: Callable[[], str | None]
    transcripts: Callable[[], str | None]
    """Why none can be written."""
    unmade: Callable[[], Sequence[tuple[str, str]]]
    """Those (the titles of their talks) that lack something or are too old, and why."""
    unread: Callable[[], Mapping[str, str]]
    """Rooms of which nothing comes in, and why."""
    unsent: Callable[[], Mapping[str, str]]


class Troubles:
    def __init__(
        self,
        sources: Sources,
        server_time: ServerTime,
        control_room: ControlRoom,
        database: Database,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._sources = sources
        self._server_time = server_time
        self._control_room = control_room
        self._database = database
        self._clock = clock
        self._log = log
        self._since: dict[str, datetime] = {}
        self._watch = database.watch(ToldTrouble)
        self._known: tuple[int, bool] | None = None
        """Whether the organisers were told that the clock is wrong, and the version of
        `told_troubles` as of which that is known."""

    async def step(self) -> float:
        """Note since when there is trouble; a wrong clock is told, once. Returns the seconds until
        the next look."""
        await self._look()
        return LOOK_EVERY

    async def _look(self) -> None:
        found = self._found()
        self._since = {kind: self._since.get(kind, self._clock.now()) for kind in found}
        if await self._is_told() is (_CLOCK in found):
            return
        text = found.get(_CLOCK) or say(texts.CLOCK_RIGHT)
        if _CLOCK not in found and self._server_time.is_unknown:
            return
        self._log.warning("%s", text.plain)
        async with self._database.write() as session:
            if _CLOCK in found:
                await self._control_room.note_trouble(session, _CLOCK)
            elif not await self._control_room.is_over(session, _CLOCK):
                return
            key = await self._control_room.news(session, _CLOCK, text)
            await self._control_room.tell(session, key, _sentence(text))

    async def _is_told(self) -> bool:
        version = self._watch.version
        if self._known is None or self._known[0] != version:
            async with self._database.read() as session:
                told = await self._control_room.has_trouble(session, _CLOCK)
            # Who writes meanwhile makes it another version, which is read at the next look.
            self._known = version, told
        return self._known[1]

    def lines(self, zone: tzinfo) -> Sequence[Text]:
        """For `!conf status`."""
        now = self._clock.now()
        return [
            say(
                texts.SINCE,
                since=clock_time(self._since.setdefault(kind, now), zone, now),
                what=what,
            )
            for kind, what in self._found().items()
        ]

    def _found(self) -> dict[str, Text]:
        sources, found = self._sources, {}
        if (why := sources.inbox()) is not None:
            found["inbox"] = _of_homeserver(why, texts.HOMESERVER_IN, texts.IN)
        elif (why := sources.sender()) is not None:
            # One word is enough where the homeserver is away for both.
            found["sender"] = _of_homeserver(why, texts.HOMESERVER_OUT, texts.OUT)
        if (why := sources.schedule()) is not None:
            found["schedule"] = say(texts.SCHEDULE, why=_ended(clean(why, 200)))
        if (why := sources.transcripts()) is not None:
            found["transcripts"] = say(texts.TRANSCRIPTS, why=_ended(clean(why, 200)))
        if unmade := sources.unmade():
            found["unmade"] = _of_transcripts(unmade)
        for kind, template, rooms in (
            ("unread", texts.ROOMS_IN, sources.unread()),
            ("unsent", texts.ROOMS_OUT, sources.unsent()),
        ):
            if rooms:
                found[kind] = say(template, rooms=count(len(rooms), "room"))
        if (ahead := self._server_time.ahead) is not None:
            late = ahead.total_seconds() > 0
            found[_CLOCK] = say(
                texts.CLOCK,
                seconds=count(round(abs(ahead).total_seconds()), "second"),
                which=texts.BEHIND if late else texts.AHEAD,
                when=texts.LATE if late else texts.EARLY,
            )
        return found


def _of_homeserver(why: str, away: str, other: str) -> Text:
    if "M_UNKNOWN_TOKEN" in why or "M_MISSING_TOKEN" in why:
        return say(texts.LOGIN)
    if any(code in why for code in _ACCOUNT):
        return say(texts.ACCOUNT, why=clean(why, 120))
    if why.startswith(("HomeserverAway", "TimeoutError")):
        return say(away)
    kind = why.partition(":")[0]
    is_database = kind.endswith(("OperationalError", "InterfaceError", "DBAPIError"))
    return say(texts.DATABASE if is_database else other, why=clean(why, 120))


def _of_transcripts(unmade: Sequence[tuple[str, str]]) -> Text:
    title, why = unmade[0]
    if len(unmade) > 1:
        number = count(len(unmade), "transcript")
        return say(texts.UNMADE_ONES, transcripts=number, why=clean(why, 120))
    return say(texts.UNMADE, title=title, why=clean(why, 120))


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _sentence(text: Text) -> Text:
    """With a capital."""
    return Text(text.plain[:1].upper() + text.plain[1:], text.html[:1].upper() + text.html[1:])
