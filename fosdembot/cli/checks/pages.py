"""The pages: whether their public address leads to a bot, and whether browsers can use them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import aiohttp

from fosdembot.cli.checks.findings import Finding
from fosdembot.settings import Settings
from fosdembot.texts import pages as texts
from fosdembot.texts.render import clean
from fosdembot.web.health import ALIVE

SECONDS = 10
_LONGEST = 100
"""Bytes that are read of an answer."""
_NEAR = ("127.0.0.1", "::1", "localhost")


async def pages_finding(settings: Settings, http: aiohttp.ClientSession) -> Finding:
    pages = settings.pages
    if not pages.public_url:
        return Finding("pages", "off; plugin_config, pages, public_url gives them an address", None)
    todo = tuple(_in_settings(settings))
    wrong = await _reached(http, pages.public_url)
    if wrong is not None:
        return Finding("pages", f"{pages.public_url}: {wrong[0]}", False, (wrong[1], *todo))
    return Finding("pages", pages.public_url, not todo, todo)


def _in_settings(settings: Settings) -> Iterator[str]:
    pages = settings.pages
    address = urlsplit(pages.public_url)
    if address.scheme != "https" and address.hostname not in _NEAR:
        yield "pages.public_url: nobody can log in without https"
    if address.scheme == "https" and not pages.proxies:
        yield (
            "pages.proxies: set it to 1 for the web server that has https, which must name in "
            "X-Forwarded-For who asks; else all people share the limits of one address"
        )
    if pages.widget and not pages.framed_by:
        yield (
            "pages.widget: name your Matrix clients in pages.framed_by, for example "
            "https://app.element.io; else the widget stays empty"
        )


async def _reached(http: aiohttp.ClientSession, url: str) -> tuple[str, str] | None:
    """What is wrong, and what helps."""
    limit = aiohttp.ClientTimeout(SECONDS)
    try:
        async with http.get(f"{url}{ALIVE}", timeout=limit, allow_redirects=False) as response:
            status, said = response.status, await response.content.read(_LONGEST)
    except aiohttp.ClientConnectorCertificateError:
        return "its certificate is not valid", "Give the web server a certificate for this name"
    except (aiohttp.ClientError, TimeoutError, ValueError) as err:
        why = clean(str(err), 100) or "no answer in time"
        return f"not reached ({why})", "Does the web server run, and does its name lead to it?"
    if status == 200 and said == f"{texts.ALIVE}\n".encode():
        return None
    if status in (502, 503, 504):
        return (
            f"the web server finds no bot ({status})",
            "Does the bot run? See server.port, and docs/pages.md for what the web server needs",
        )
    return (
        f"something else answers ({status})",
        "Let the web server pass this address on to the bot, see docs/pages.md",
    )
