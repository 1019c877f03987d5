"""The names that a Jitsi server has inside, where XMPP is spoken: they are not the public ones.
They stand in the configuration that it gives to browsers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

import aiohttp

from fosdembot.meeting_url import MeetingUrl
from fosdembot.settings import JitsiServer

from .meeting import MeetingError, Trouble

_MOST_BYTES = 300_000
"""Of `config.js`; the stock one has 60 kB."""
_COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
_STRING = re.compile(r"""(['"])((?:(?!\1).)*)\1""")
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


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
    config = ""
    if not (server.domain and server.muc and server.websocket):
        config = await _fetch(http, meeting)
    hosts = _COMMENTS.sub("", config)
    domain = server.domain or _value(hosts, "anonymousdomain") or _value(hosts, "domain")
    muc = server.muc or _value(hosts, "muc") or (f"conference.{domain}" if domain else "")
    if not (_NAME.fullmatch(domain) and _NAME.fullmatch(muc)):
        raise MeetingError(
            Trouble.UNREADABLE, "config.js does not say what the server is called inside"
        )
    if meeting.tenant:
        first, _, rest = muc.partition(".")
        muc = f"{first}.{meeting.tenant}.{rest}"
    return InnerNames(domain, muc, _websocket(meeting, server, _value(hosts, "websocket")))


def _websocket(meeting: MeetingUrl, server: JitsiServer, configured: str) -> str:
    """On the same host, whatever `config.js` says: to no other is ever connected."""
    if server.websocket:
        base = server.websocket
    else:
        path = urlsplit(configured).path or "/xmpp-websocket"
        tenant = f"/{quote(meeting.tenant)}" if meeting.tenant else ""
        if tenant and not path.startswith(f"{tenant}/"):
            path = tenant + path
        base = f"wss://{meeting.host}{path}"
    return f"{base}{'&' if '?' in base else '?'}{urlencode({'room': meeting.room})}"


async def _fetch(http: aiohttp.ClientSession, meeting: MeetingUrl) -> str:
    url = f"https://{meeting.host}/config.js"
    try:
        async with http.get(url, allow_redirects=False) as response:
            if response.status != 200:
                raise MeetingError(
                    Trouble.UNREADABLE, f"no config.js: HTTP status {response.status}"
                )
            body = await response.content.read(_MOST_BYTES)
    except aiohttp.ClientConnectorDNSError:
        raise MeetingError(Trouble.UNKNOWN_HOST) from None
    except aiohttp.ClientSSLError as err:
        raise MeetingError(Trouble.UNTRUSTED, type(err.__cause__ or err).__name__) from None
    except (aiohttp.ClientError, OSError, TimeoutError) as err:
        raise MeetingError(Trouble.AWAY, type(err).__name__) from None
    return body.decode(errors="replace")


def _value(script: str, key: str) -> str:
    """The text that a key of the script has: its strings joined, without what stands between
    them (`'conference.' + subdomain + 'meet.jitsi'`)."""
    found = re.search(rf"""(?:\b|['"]){key}['"]?\s*[:=]\s*([^,;\n}}]*)""", script)
    if found is None:
        return ""
    return "".join(match[2] for match in _STRING.finditer(found[1]))[:1000]
