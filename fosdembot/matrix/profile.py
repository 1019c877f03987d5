"""What the bot is called: people address it by its display name."""

from __future__ import annotations

import logging
from urllib.parse import quote

from .api import Api, HomeserverAway, MatrixError
from .backoff import Backoff

LOOK_AGAIN = 6 * 3600
"""Seconds after which the name may be another."""


class Profile:
    def __init__(self, api: Api, user_id: str, log: logging.Logger) -> None:
        self._api = api
        self._user_id = user_id
        self._log = log
        self._display_name: str | None = None
        self._backoff = Backoff(longest=600)

    def name(self) -> str:
        """The display name, as far as known."""
        return self._display_name or self._localpart

    def names(self) -> tuple[str, ...]:
        """All that the bot listens to."""
        return (self.name(), self._localpart, self._user_id, f"@{self._localpart}")

    async def step(self) -> float:
        """Ask for the name. Returns the seconds until it is asked for again."""
        try:
            path = f"v3/profile/{quote(self._user_id, safe='')}/displayname"
            name = (await self._api.request("GET", path)).get("displayname")
        except (HomeserverAway, MatrixError) as err:
            self._log.info("The display name is not known: %s", err)
            return self._backoff.next()
        self._display_name = name[:100] if isinstance(name, str) else None
        self._backoff.reset()
        return LOOK_AGAIN

    @property
    def _localpart(self) -> str:
        return self._user_id[1:].partition(":")[0]
