"""The names that a Jitsi server has inside, where XMPP is spoken: they are not the public ones.
They stand in the configuration that it gives to browsers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

import aiohttp

from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer

from .config_js import MOST_CHARACTERS, value, without_comments
from .meeting import MeetingError, Trouble
from .websocket import not_reached

_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_PATH = re.compile(r"/[A-Za-z0-9_./~-]{1,200}")


@dataclass(frozen=True, slots=True)
class InnerNames:
    """Of one meeting."""

    domain: str
    """To which guests log in."""
    muc: str
    """That of meetings, with the tenant where there is one."""
    websocket: str
    """Its address, with the name of the meeting, without a token."""


async def inner_names(
    http: aiohttp.ClientSession, meeting: MeetingUrl, server: JitsiServer
) -> InnerNames:
    """What the settings say, else what the server's `config.js` does. Raises `MeetingError`."""
    script = ""
    if not (server.domain and server.muc and server.websocket):
        script = await _fetch(http, meeting)
    return read_names(script, meeting, server)


def read_names(script: str, meeting: MeetingUrl, server: JitsiServer) -> InnerNames:
    """Raises `MeetingError` where neither the settings nor the script say them."""
    script = without_comments(script)
    domain = server.domain or value(script, "anonymousdomain") or value(script, "domain")
    muc = server.muc or value(script, "muc") or f"conference.{domain}"
    if not (_NAME.fullmatch(domain) and _NAME.fullmatch(muc)):
        raise MeetingError(Trouble.UNREADABLE, "config.js: hosts.domain, hosts.muc")
    # However they are written, the server says them in small letters (RFC 7622, section 3.2).
    domain, muc = domain.lower(), muc.lower()
    tenant = meeting.tenant.replace(".", "_")
    if tenant and tenant not in muc.split("."):
        first, _, rest = muc.partition(".")
        muc = f"{first}.{tenant}.{rest}"
    return InnerNames(domain, muc, _websocket(meeting, server, value(script, "websocket")))


def _websocket(meeting: MeetingUrl, server: JitsiServer, configured: str) -> str:
    """On the same host, whatever `config.js` says: to no other is ever connected."""
    if server.websocket:
        base = server.websocket
    else:
        path = _path(configured)
        tenant = f"/{quote(meeting.tenant)}" if meeting.tenant else ""
        if tenant and not path.startswith(f"{tenant}/"):
            path = tenant + path
        base = f"wss://{meeting.host}{path}"
    return f"{base}{'&' if '?' in base else '?'}{urlencode({'room': meeting.node})}"


def _path(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    return path if _PATH.fullmatch(path) else "/xmpp-websocket"


async def _fetch(http: aiohttp.ClientSession, meeting: MeetingUrl) -> str:
    """Who calls it sets the deadline."""
    body = bytearray()
    try:
        async with http.get(f"https://{meeting.host}/config.js", allow_redirects=False) as response:
            if response.status != 200:
                is_away = response.status >= 500 or response.status == 429
                trouble = Trouble.AWAY if is_away else Trouble.UNREADABLE
                raise MeetingError(trouble, f"config.js: HTTP status {response.status}")
            async for part in response.content.iter_chunked(16_384):
                body += part
                if len(body) >= MOST_CHARACTERS:
                    # Names stand at its beginning.
                    response.close()
                    break
    except (aiohttp.ClientError, OSError, ValueError) as err:
        raise not_reached(err) from None
    return body.decode(errors="replace")
