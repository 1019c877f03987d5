"""What `doctor` says of the pages."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.checks.pages import pages_finding
from fosdembot.cli.ports import free_port
from fosdembot.texts import pages as texts
from tests.talks.programme import settings

ALIVE = f"{texts.ALIVE}\n"


async def found(url: str, **pages: object) -> Finding:
    async with aiohttp.ClientSession() as http:
        return await pages_finding(settings(pages={"public_url": url, **pages}), http)


async def answered(status: int, text: str, **pages: object) -> Finding:
    """By a web server that says that to everything."""
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app.router.add_get("/qa/healthz", answer)
    async with TestServer(app) as server:
        return await found(str(server.make_url("/qa")), **pages)


async def test_who_has_none_hears_which_setting_it_is() -> None:
    """Another has the same name: `server.public_url`, which is maubot's own."""
    finding = await found("")
    assert (finding.well, finding.todo) == (None, ())
    assert "plugin_config, pages, public_url" in finding.text


async def test_the_address_leads_to_a_bot() -> None:
    finding = await answered(200, ALIVE)
    assert (finding.well, finding.todo) == (True, ())


@pytest.mark.parametrize(
    ("status", "text", "helps"),
    [
        (502, "<h1>Bad Gateway", "Does the bot run?"),
        (200, "<h1>Welcome to nginx!</h1>", "pass this address on to the bot"),
        (301, ALIVE, "pass this address on to the bot"),
    ],
)
async def test_it_leads_elsewhere(status: int, text: str, helps: str) -> None:
    finding = await answered(status, text)
    assert finding.well is False
    assert helps in finding.todo[0]


async def test_nobody_answers() -> None:
    finding = await found(f"http://127.0.0.1:{free_port()}")
    assert finding.well is False
    assert "Does the web server run" in finding.todo[0]


async def test_without_https_nobody_can_log_in() -> None:
    finding = await found("http://fosdembot.invalid")
    assert any("https" in line for line in finding.todo)


async def test_a_widget_needs_a_client_that_may_frame_it() -> None:
    assert "pages.framed_by" in (await answered(200, ALIVE, widget=True)).todo[0]
    framed = await answered(200, ALIVE, widget=True, framed_by=["https://app.element.io"])
    assert framed.well is True


async def test_who_has_https_has_a_web_server_before_the_bot() -> None:
    """Unless it is counted, a conference comes from one address, and shares its limits."""
    finding = await found("https://fosdembot.invalid")
    assert any("pages.proxies" in line for line in finding.todo)
    finding = await found("https://fosdembot.invalid", proxies=1)
    assert not any("pages.proxies" in line for line in finding.todo)
