"""Somebody in a meeting by Jitsi Meet's own client library, in a real Chromium without a window."""

from __future__ import annotations

import asyncio
import json
import shutil
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, Page, Playwright, async_playwright

from .npm_scripts import LIB_JITSI_MEET
from .prosody import DOMAIN, FOCUS_COMPONENT, MUC, Prosody
from .waiting import wait_for

_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_JOIN = """
async ([service, hosts, room, name]) => {
  window.heard = [];
  JitsiMeetJS.init({disableAudioLevels: true});
  JitsiMeetJS.setLogLevel(JitsiMeetJS.logLevels.ERROR);
  const on = JitsiMeetJS.events;
  const connection = new JitsiMeetJS.JitsiConnection(
    null, undefined, {hosts, serviceUrl: service, websocketKeepAlive: -1});
  await new Promise((done, failed) => {
    connection.addEventListener(on.connection.CONNECTION_ESTABLISHED, done);
    connection.addEventListener(on.connection.CONNECTION_FAILED, why => failed(new Error(why)));
    connection.connect();
  });
  const meeting = connection.initJitsiConference(room, {openBridgeChannel: false});
  meeting.setDisplayName(name);
  for (const kind of [on.conference.MESSAGE_RECEIVED, on.conference.PRIVATE_MESSAGE_RECEIVED]) {
    meeting.on(kind, (id, text) => window.heard.push(text));
  }
  await new Promise((done, failed) => {
    meeting.on(on.conference.CONFERENCE_JOINED, done);
    meeting.on(on.conference.CONFERENCE_FAILED, why => failed(new Error(why)));
    meeting.join();
  });
  window.meeting = meeting;
}
"""


def program() -> str | None:
    """The browser that is installed here."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


async def launch(playwright: Playwright) -> Browser:
    # As root it has no sandbox; it opens no page from outside.
    return await playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])


class BrowserPerson:
    """In one meeting; `async with` opens and closes the browser."""

    def __init__(self, prosody: Prosody, name: str) -> None:
        self._prosody = prosody
        self._name = name
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._page: Page | None = None

    async def __aenter__(self) -> Self:
        self._playwright = await async_playwright().start()
        self._browser = await launch(self._playwright)
        self._page = await self._browser.new_page()
        for script in LIB_JITSI_MEET.paths:
            await self._page.add_script_tag(path=script)
            await self._page.evaluate("window.jquery = window.jQuery")
        return self

    async def join(self, room: str) -> None:
        """The stand-in for the focus opens the meeting, as jicofo would."""
        hosts = {"domain": DOMAIN, "muc": MUC, "focus": FOCUS_COMPONENT}
        await self._do(_JOIN, [self._prosody.websocket, hosts, room, self._name])

    async def heard(self) -> list[str]:
        """The texts of all messages that the client has shown."""
        return list(await self._do("window.heard"))

    async def sees(self, text: str, seconds: float = 20) -> None:
        """Waits for a message with this in it."""

        async def seen() -> bool:
            return any(text in line for line in await self.heard())

        await wait_for(seen, seconds, f"{self._name} sees {text!r} in the browser")

    async def moderates(self, seconds: float = 20) -> None:
        """Returns once one does, as the client shows it."""

        async def is_so() -> bool:
            return bool(await self._do("meeting.isModerator()"))

        await wait_for(is_so, seconds, f"{self._name} moderates the meeting")

    async def say(self, text: str) -> None:
        await self._do(f"meeting.sendTextMessage({json.dumps(text)})")

    async def _do(self, script: str, argument: Any = None) -> Any:
        assert self._page is not None
        return await asyncio.wait_for(self._page.evaluate(script, argument), 30)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()
