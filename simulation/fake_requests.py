"""What the fake homeserver is asked, what it answers, and what goes wrong with that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from yarl import URL

from .events import Json
from .waiting import wait_for


@dataclass
class Login:
    """One log-in, as the bot's `Api` takes it."""

    base_url: URL
    token: str


@dataclass
class Fault:
    """What goes wrong with the next `times` requests to an endpoint (see `requests`)."""

    endpoint: str
    answer: tuple[int, Json] | None = None
    """Status and body, in place of doing what was asked."""
    room: str | None = None
    """Only requests about this room (id, or an alias to be joined)."""
    lose: bool = False
    """It is done, and the answer never arrives."""
    hold: asyncio.Event | None = None
    """It is done only after this is set."""
    times: int = 1
    met: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request has come in."""

    async def was_met(self) -> None:
        """Until a request has come in."""

        async def is_set() -> bool:
            return self.met.is_set()

        await wait_for(is_set, what=f"a request to {self.endpoint}")


class Refused(Exception):
    def __init__(self, status: int, errcode: str) -> None:
        super().__init__(errcode)
        self.status = status
        self.errcode = errcode


@dataclass(frozen=True)
class Request:
    user: str
    device: str
    path: Sequence[str]
    query: dict[str, str]
    body: Json


@dataclass(frozen=True)
class Answered:
    status: int
    body: bytes
    is_lost: bool = False
    """Whether it never arrives."""
