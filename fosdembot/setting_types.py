"""The types of single settings: what each may be, and what is said of one that is not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from fosdembot.meeting_url import MeetingUrl, NotAMeeting


def _zone(name: str) -> str:
    if name:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"no such time zone: {name[:60]}") from None
    return name


def _header(value: str) -> str:
    if not (value.isascii() and len(value) <= 200 and (value.isprintable() or not value)):
        raise ValueError("one line of at most 200 plain (ASCII) characters")
    return value.strip()


def _matrix_room(address: str) -> str:
    is_id = address.startswith("!") and len(address) > 1
    is_alias = address.startswith("#") and ":" in address
    if address and not ((is_id or is_alias) and len(address) <= 255):
        raise ValueError("a room is #alias:server or !id")
    return address


def _matrix_room_id(room: str) -> str:
    if room and not (room.startswith("!") and 1 < len(room) <= 255):
        raise ValueError("a room's id is !id")
    return room


def _template(template: str) -> str:
    try:
        example = template.format(**dict.fromkeys(("year", "track", "room", "slug", "id"), "x"))
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        raise ValueError("only {year} {track} {room} {slug} {id} are filled in") from None
    if example and not (example[0] == "#" and 0 < example.find(":") < len(example) - 1):
        raise ValueError("an alias is #name:server")
    return template


def _matrix_user(user: str) -> str:
    if not (user.startswith("@") and ":" in user and len(user) <= 255):
        raise ValueError("a person is @name:server")
    return user


def _relay_format(template: str) -> str:
    fields = [*map(str.strip, re.split(r"\{(?:nick|any|text)\}", template))]
    known = re.findall(r"\{(nick|any|text)\}", template)
    if known.count("nick") != 1 or known.count("text") != 1 or not template.endswith("{text}"):
        raise ValueError("a format holds {nick} once, and {text} at its end")
    if any(set(field) & set("{}") for field in fields):
        raise ValueError("only {nick}, {any} and {text} are filled in")
    if re.search(r"\}\{", template):
        raise ValueError("something must stand between two of {nick}, {any} and {text}")
    return template


def _meeting(url: str) -> str:
    try:
        return str(MeetingUrl.parse(url)) if url else ""
    except NotAMeeting as err:
        raise ValueError(str(err)) from None


def _meeting_host(host: str) -> str:
    try:
        found = MeetingUrl.parse(f"https://{host}/x").host
    except NotAMeeting:
        found = ""
    if not found or found != host.lower():
        raise ValueError("a server is its host, like meet.example.org, without https://")
    return found


def _meeting_template(template: str) -> str:
    try:
        _meeting(template.format(**dict.fromkeys(("year", "track", "room", "slug", "id"), "x")))
    except (KeyError, IndexError, AttributeError, TypeError):
        raise ValueError("only {year} {track} {room} {slug} {id} are filled in") from None
    return template


def _websocket(url: str) -> str:
    """Without TLS only to a server on the same machine: nobody else can listen there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    near = parts.scheme == "ws" and host in ("127.0.0.1", "::1", "localhost")
    if url and not (host and (near or parts.scheme == "wss")):
        raise ValueError("a WebSocket's address begins with wss:// (ws:// only to 127.0.0.1)")
    return url


def _web(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if url and not (is_web and len(url) <= 500 and url.isprintable() and " " not in url):
        raise ValueError("an address begins with https://")
    if url and (parts.query or parts.fragment or parts.username):
        raise ValueError("an address without ?, # and user name")
    return url.rstrip("/")


ELEMENT_DESKTOP = "vector://vector"
"""The origin of its pages."""


def _framer(url: str) -> str:
    return url if url == ELEMENT_DESKTOP else _web(url)


def _number(value: Any) -> Any:
    # A bool is an int to Python; to a person `qa_minutes: yes` is a mistake.
    if isinstance(value, bool):
        raise ValueError("a number is needed here")
    return value


Zone = Annotated[str, AfterValidator(_zone)]
UserAgent = Annotated[str, AfterValidator(_header)]
RoomAddress = Annotated[str, AfterValidator(_matrix_room)]
RoomId = Annotated[str, AfterValidator(_matrix_room_id)]
AliasTemplate = Annotated[str, AfterValidator(_template)]
Meeting = Annotated[str, AfterValidator(_meeting)]
MeetingHost = Annotated[str, AfterValidator(_meeting_host)]
MeetingTemplate = Annotated[str, AfterValidator(_meeting_template)]
WebSocketUrl = Annotated[str, AfterValidator(_websocket)]
WebUrl = Annotated[str, AfterValidator(_web)]
Framer = Annotated[str, AfterValidator(_framer)]
EditMark = Annotated[str, Field(min_length=2, max_length=30)]
RelayFormat = Annotated[str, Field(max_length=100), AfterValidator(_relay_format)]
UserId = Annotated[str, AfterValidator(_matrix_user)]
Int = Annotated[int, BeforeValidator(_number)]
Float = Annotated[float, BeforeValidator(_number)]
Minutes = Annotated[Int, Field(ge=0, le=24 * 60)]
# The YAML reader's own kind of datetime computes with zones in its own way.
Moment = Annotated[
    AwareDatetime, AfterValidator(lambda m: datetime.fromtimestamp(m.timestamp(), UTC))
]
# YAML reads `off` and `on` as booleans.
YamlWord = BeforeValidator(lambda v: {False: "off", True: "on"}[v] if isinstance(v, bool) else v)
