"""The way into a meeting of a Jitsi server: a `Connect`."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from fosdembot.clock import Clock, at_most
from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer, JitsiSettings

from .inner_names import InnerNames, inner_names
from .meeting import MeetingError, Trouble
from .muc import Meeting
from .tokens import is_vouched, token_for
from .websocket import Stream, http_session
from .xmpp import ANSWER_SECONDS, Session


@dataclass(slots=True)
class Jitsi:
    settings: JitsiSettings
    clock: Clock
    log: logging.Logger
    tls: ssl.SSLContext | None = None
    """Whose certificates are trusted; None: those of the system."""
    _http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Once no meeting is open any more."""
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    async def __call__(self, meeting: MeetingUrl, name: str, waits: Callable[[], None]) -> Meeting:
        names = await self.names(meeting)
        session = await self.session(meeting, name, names)
        vouched = is_vouched(self._server(meeting))
        room = f"{meeting.node}@{names.muc}"
        entering = Meeting(session, room, name, self.clock, self.log, vouched=vouched)
        try:
            await entering.enter(waits)
        except BaseException:
            await entering.close()
            raise
        return entering

    async def names(self, meeting: MeetingUrl) -> InnerNames:
        """What the meeting's server is called inside. Raises `MeetingError`; to hosts that the
        settings do not name nothing is sent."""
        try:
            async with at_most(self.clock, ANSWER_SECONDS):
                return await inner_names(self._requests(), meeting, self._server(meeting))
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the server does not answer") from None

    async def session(self, meeting: MeetingUrl, name: str, names: InnerNames) -> Session:
        """A guest's stream to the meeting's server. Raises `MeetingError`."""
        wall = self.clock.to_wall(self.clock.now())
        token = token_for(self._server(meeting), meeting, names.domain, name, wall)
        url = names.websocket + (f"&{urlencode({'token': token})}" if token else "")
        try:
            async with at_most(self.clock, ANSWER_SECONDS):
                stream = await Stream.connect(self._requests(), url, self.clock)
        except TimeoutError:
            raise MeetingError(Trouble.AWAY, "the server does not answer") from None
        session = Session(stream, names.domain, self.clock)
        try:
            await session.enter()
        except BaseException:
            await session.close()
            raise
        return session

    def _server(self, meeting: MeetingUrl) -> JitsiServer:
        server = self.settings.servers.get(meeting.host)
        if server is None:
            raise MeetingError(Trouble.NOT_CONFIGURED)
        return server

    def _requests(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = http_session(self.tls)
        return self._http
