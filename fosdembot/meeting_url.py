"""The address of a Jitsi meeting, as people type it and schedules link to it. Pure.

`https://HOST/ROOM` or, where one server has several customers, `https://HOST/TENANT/ROOM` (Jitsi
Meet, "Web app URLs"). What follows (`?…`, `#config…`) changes what a browser shows, not which
meeting it is; a token there is a way into the meeting and is kept nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Self
from urllib.parse import quote, unquote, urlsplit

LONGEST = 1000
"""Characters of an address as it is kept, where a letter of another script is six or nine. Servers
call rooms by that, and take 1,023 bytes of a name (RFC 7622)."""
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
)
_TENANT = re.compile(r"[A-Za-z0-9_.-]{1,100}")
# Jitsi itself takes these out of names of rooms (react/features/base/util/uri.ts).
_NOT_IN_ROOMS = frozenset("?&:'\"%#.@/\\<>")
_SECRETS = re.compile(r"(?:^|[?&#])(?:jwt|token|password|pwd)=|config\.token", re.IGNORECASE)


class Fault(Enum):
    """What is wrong with the address of a meeting."""

    NO_URL = "no URL"
    TOO_LONG = "too long"
    NOT_HTTPS = "not https"
    NO_ROOM = "no room"
    SECRET = "secret"
    """It holds a password or token, which is never repeated."""


class NotAMeeting(ValueError):
    def __init__(self, fault: Fault, words: str) -> None:
        super().__init__(words)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class MeetingUrl:
    """Two are the same meeting exactly if they are equal."""

    host: str
    """In lower case, with the port where it is not 443."""
    room: str
    """In lower case, as servers take it; not encoded."""
    tenant: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises `NotAMeeting`, whose words repeat nothing of the address."""
        url = url.strip()
        # First: most tokens are longer than any address.
        if _SECRETS.search(url):
            raise NotAMeeting(Fault.SECRET, "a meeting's address without password or token")
        if len(url) > LONGEST:
            raise NotAMeeting(Fault.TOO_LONG, "a meeting's address with a shorter name")
        if not url.isprintable() or " " in url:
            raise NotAMeeting(Fault.NO_URL, "a meeting is https://HOST/ROOM")
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise NotAMeeting(Fault.NO_URL, "a meeting is https://HOST/ROOM") from None
        if "@" in parts.netloc:
            raise NotAMeeting(Fault.SECRET, "a meeting's address without password or token")
        if not parts.scheme or not parts.netloc:
            raise NotAMeeting(Fault.NO_URL, "a meeting is https://HOST/ROOM")
        if parts.scheme != "https":
            raise NotAMeeting(Fault.NOT_HTTPS, "a meeting's address begins with https://")
        if not _HOST.fullmatch(host):
            raise NotAMeeting(Fault.NO_URL, "a meeting is https://HOST/ROOM")
        tenant, room = _path(parts.path)
        meeting = cls(f"{host}:{port}" if port not in (None, 443) else host, room, tenant)
        if len(str(meeting)) > LONGEST:
            raise NotAMeeting(Fault.TOO_LONG, "a meeting's address with a shorter name")
        return meeting

    @property
    def node(self) -> str:
        """The room as servers call it inside (`getBackendSafeRoomName` of Jitsi Meet)."""
        return quote(self.room, safe="-_.!~*'()").lower()

    def __str__(self) -> str:
        path = f"{self.tenant}/{quote(self.room)}" if self.tenant else quote(self.room)
        return f"https://{self.host}/{path}"


def _path(path: str) -> tuple[str, str]:
    """Tenant and room."""
    names = [name for name in path.split("/") if name]
    room = unicodedata.normalize("NFKC", unquote(names[-1])).lower() if names else ""
    tenant = names[0] if len(names) == 2 else ""
    is_name = bool(room) and room.isprintable() and not _NOT_IN_ROOMS & set(room)
    if not is_name or len(names) > 2 or (tenant and not _TENANT.fullmatch(tenant)):
        raise NotAMeeting(Fault.NO_ROOM, "a meeting is https://HOST/ROOM")
    return tenant.lower(), room
