"""A mark that a running bot leaves in its account's data, so that a second one on the same
account is noticed: both would answer everything.

Client-Server API, "Client Config": account data, which only the account itself can read.
"""

from __future__ import annotations

import hashlib
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from yarl import URL

from fosdembot.clock import Clock, at_most

from .api import Api, HomeserverAway, Json, MatrixError

TYPE = "org.fosdembot.bots"
EVERY = timedelta(minutes=10)
"""How often the mark is renewed."""
FRESH = timedelta(minutes=25)
"""A bot whose mark is older than two renewals has ended without taking its mark away."""
MOST = 20
"""Marks that are kept: what is in the account data is not trusted to be short."""
FIRST_AFTER = 30.0
"""Seconds after the start: what a start costs the homeserver has its own bound."""
LEAVING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One bot that uses the account."""

    host: str
    place: str
    """Its database, without secrets."""
    seen: datetime

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.host} {self.place}".encode()).hexdigest()[:16]


def own_mark(database: str, instance: str = "") -> Mark:
    """The mark of the bot with this database (its URL) on this machine; `instance` is its name
    on a maubot server."""
    url = URL(database)
    path = url.path if url.scheme.startswith("sqlite") else str(url.with_user(None))
    place = f"{path}, instance {instance}" if instance else path
    return Mark(socket.gethostname()[:100], place[:300], datetime.now(UTC))


async def others(api: Api, user_id: str, own: Mark) -> list[Mark]:
    """The other bots that used the account shortly before `own` was seen. Raises `MatrixError`,
    `HomeserverAway`."""
    marks = (await _read(api, user_id)).values()
    oldest = own.seen - FRESH
    return [mark for mark in marks if mark.key != own.key and mark.seen > oldest]


async def put(api: Api, user_id: str, own: Mark, *, leaving: bool = False) -> list[Mark]:
    """Renew our mark, or take it away; returns the others. Old ones are dropped."""
    found = await others(api, user_id, own)
    kept = found[: MOST - 1] if leaving else [own, *found[: MOST - 1]]
    bots = {
        mark.key: {
            "host": mark.host,
            "place": mark.place,
            "seen": int(mark.seen.timestamp() * 1000),
        }
        for mark in kept
    }
    await api.request("PUT", _path(user_id), {"bots": bots})
    return found


class AccountMark:
    """Renews our mark. `noticed` is told of the other bots on the account, each time anew."""

    def __init__(
        self,
        api: Api,
        user_id: str,
        own: Mark,
        is_shared: Callable[[], bool],
        noticed: Callable[[list[Mark]], Awaitable[None]],
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._user_id = user_id
        self._own = own
        self._is_shared = is_shared
        self._noticed = noticed
        self._clock = clock
        self._log = log
        self._left = True

    async def step(self) -> float:
        """Renew it, if the homeserver lets us. Returns the seconds until the next renewal."""
        with suppress(HomeserverAway, MatrixError):
            await self.renew()
        return EVERY.total_seconds()

    async def renew(self) -> None:
        """Renew it. Raises `MatrixError`, `HomeserverAway`."""
        self._left = False
        own = self._seen_now()
        found = await put(self._api, self._user_id, own)
        if self._is_shared():
            # The instances of one maubot server share it on purpose.
            found = [mark for mark in found if mark.host != own.host]
        for mark in found:
            self._log.error("Another bot runs on this account, on %s: %s", mark.host, mark.place)
        await self._noticed(found)

    async def leave(self) -> None:
        """Take it away, if the homeserver is quick about it."""
        if not self._left:
            self._left = True
            with suppress(HomeserverAway, MatrixError, TimeoutError):
                async with at_most(self._clock, LEAVING_SECONDS):
                    await put(self._api, self._user_id, self._seen_now(), leaving=True)

    def _seen_now(self) -> Mark:
        return replace(self._own, seen=self._clock.to_wall(self._clock.now()))


async def _read(api: Api, user_id: str) -> dict[str, Mark]:
    try:
        content = await api.request("GET", _path(user_id))
    except MatrixError as err:
        if err.status != 404:
            raise
        return {}
    bots = content.get("bots")
    marks = [_mark(entry) for entry in bots.values()] if isinstance(bots, dict) else []
    return {mark.key: mark for mark in marks if mark is not None}


def _mark(entry: Json) -> Mark | None:
    """None for what is none: the account may be used by other programs."""
    try:
        seen = datetime.fromtimestamp(int(entry["seen"]) / 1000, UTC)
        return Mark(_line(entry["host"], 100), _line(entry["place"], 300), seen)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _line(value: object, limit: int) -> str:
    return "".join(char for char in str(value)[:limit] if char.isprintable())


def _path(user_id: str) -> str:
    return f"v3/user/{quote(user_id, safe='')}/account_data/{TYPE}"
