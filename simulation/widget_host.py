"""A Matrix client that shows a widget: a page with the library that Element itself uses for that,
on another origin than the bot's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Frame, Page

from .homeserver import Account, Homeserver
from .npm_scripts import WIDGET_API
from .ports import free_port
from .waiting import wait_for

_HTML = """<!doctype html><title>Client</title>
<iframe id="widget" width="800" height="700"></iframe><script src="/api.js"></script>"""
_SHOW = """
({widget, openid, decision}) => {
  const { ClientWidgetApi, Widget, WidgetDriver, OpenIDRequestState } = mxwidgets();
  window.asked = 0;
  class Driver extends WidgetDriver {
    async validateCapabilities(requested) {
      window.capabilities = [...requested];
      return requested;
    }
    askOpenID(observer) {
      window.asked += 1;
      observer.update({ state: OpenIDRequestState.PendingUserConfirmation });
      setTimeout(() => observer.update(
        decision ? { state: OpenIDRequestState.Allowed, token: openid }
                 : { state: OpenIDRequestState.Blocked }), 50);
    }
  }
  const shown = new Widget(widget);
  const url = new URL(shown.getCompleteUrl({ widgetRoomId: "!room", currentUserId: "@me:here" }));
  // As Element does it.
  url.searchParams.set("widgetId", shown.id);
  url.searchParams.set("parentUrl", location.href.split("#", 2)[0]);
  const frame = document.getElementById("widget");
  const api = new ClientWidgetApi(shown, frame, new Driver());
  api.on("ready", () => { window.isReady = true; });
  frame.src = url.href;
}
"""


@dataclass
class WidgetHost:
    """`origin` is what `pages.framed_by` has to name."""

    origin: str

    async def show(
        self,
        browser: Browser | BrowserContext,
        widget: Mapping[str, Any],
        openid: Mapping[str, Any],
        *,
        allows: bool = True,
    ) -> tuple[Page, Frame]:
        """Somebody looks at a widget as its state event says; the client's page, and the
        widget's. `allows`: whether they let the widget know who they are."""
        page = await self.opened(browser, widget, openid, allows=allows)
        ours = str(widget["url"])

        async def frame() -> Frame | None:
            return next((each for each in page.frames if each.url.startswith(ours)), None)

        found = await wait_for(frame, 20, "the widget in its frame")
        assert found is not None
        return page, found

    async def opened(
        self,
        browser: Browser | BrowserContext,
        widget: Mapping[str, Any],
        openid: Mapping[str, Any],
        *,
        allows: bool = True,
    ) -> Page:
        """The same; whatever then is in the frame."""
        page = await browser.new_page()
        await page.goto(self.origin)
        told = {"widget": dict(widget), "openid": dict(openid), "decision": allows}
        await page.evaluate(_SHOW, told)
        return page


@asynccontextmanager
async def widget_host() -> AsyncIterator[WidgetHost]:
    app, port = web.Application(), free_port()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_HTML, content_type="text/html")

    async def api(_: web.Request) -> web.FileResponse:
        return web.FileResponse(WIDGET_API.paths[0], headers={"Content-Type": "text/javascript"})

    app.add_routes([web.get("/", page), web.get("/api.js", api)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        # By another name: else it would be the same site as the bot's pages.
        yield WidgetHost(f"http://localhost:{port}")
    finally:
        await runner.cleanup()


async def openid_token(homeserver: Homeserver, account: Account) -> dict[str, Any]:
    """What a client gives to a widget, from the homeserver (Client-Server API, "OpenID")."""
    path = f"/_matrix/client/v3/user/{account.user_id}/openid/request_token"
    return await homeserver.request("POST", path, {}, account.access_token)
