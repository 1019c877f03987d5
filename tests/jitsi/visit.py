"""The bot at the fake of a Jitsi server, on a clock that stands still."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fosdembot.jitsi.connecting import Jitsi
from fosdembot.jitsi.meeting import Event, MeetingError, Said, Trouble
from fosdembot.jitsi.muc import Meeting
from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer, JitsiSettings
from simulation.fake_meeting_server import DOMAIN, MUC, FakeMeetingServer
from simulation.stepped_clock import SteppedClock

T = TypeVar("T")
_SECONDS = 10.0


@dataclass
class Visit:
    server: FakeMeetingServer
    clock: SteppedClock
    jitsi: Jitsi
    url: MeetingUrl
    waits: int = 0
    """How often the bot waited in the lobby."""
    _meetings: list[Meeting] = field(default_factory=list)

    async def enter(self) -> Meeting:
        def waits() -> None:
            self.waits += 1

        async with asyncio.timeout(_SECONDS):
            self._meetings.append(await self.jitsi(self.url, "Questions", waits))
        return self._meetings[-1]

    def enters(self) -> asyncio.Task[Meeting]:
        """Beside what a test does meanwhile."""
        return self.beside(self.enter())

    def beside(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        return asyncio.create_task(work)

    async def fails(self) -> MeetingError:
        """Why the bot does not come in."""
        return await trouble(self.enters())

    async def close(self) -> None:
        for meeting in self._meetings:
            await meeting.close()
        await self.jitsi.close()


async def trouble(task: asyncio.Future[Any]) -> MeetingError:
    """What it fails by."""
    async with asyncio.timeout(_SECONDS):
        await asyncio.wait([task])
    error = task.exception()
    assert isinstance(error, MeetingError), error
    return error


async def event(meeting: Meeting) -> Event:
    """What happens next."""
    async with asyncio.timeout(_SECONDS):
        return await meeting.next_event()


async def said(meeting: Meeting) -> Said:
    """What is said next."""
    while not isinstance(found := await event(meeting), Said):
        pass
    return found


async def end(meeting: Meeting) -> MeetingError:
    """Why the connection ends."""
    try:
        while True:
            await event(meeting)
    except MeetingError as err:
        return err


@asynccontextmanager
async def visit(
    server: FakeMeetingServer | None = None,
    *,
    url: Callable[[int], str] = lambda _: "https://meet.example.org/Hall",
    tls: ssl.SSLContext | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Visit]:
    """`url`: the meeting's address, by the port of the server; `settings`: those of the server,
    else where the fake is."""
    clock = SteppedClock()
    async with server or FakeMeetingServer() as server:
        meeting = MeetingUrl.parse(url(server.port))
        near = {"websocket": server.websocket, "domain": DOMAIN, "muc": MUC}
        known = JitsiServer.model_validate(
            ({} if url(0) != url(1) else near) | dict(settings or {})
        )
        jitsi = Jitsi(
            JitsiSettings(servers={meeting.host: known}), clock, logging.getLogger("meetings"), tls
        )
        made = Visit(server, clock, jitsi, meeting)
        try:
            yield made
        finally:
            await made.close()


__all__ = ["Trouble", "Visit", "end", "event", "said", "trouble", "visit"]
