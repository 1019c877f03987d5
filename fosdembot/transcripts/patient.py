"""Requests that nobody waits for: where the homeserver's limit is reached, they wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fosdembot.clock import Clock
from fosdembot.matrix.api import Api, HomeserverAway, Json, MatrixError

PATIENCE = 10
"""Times that a request waits."""
LONGEST_WAIT = 30.0
"""Seconds."""


class PatientApi(Api):
    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Json:
        for _ in range(PATIENCE):
            try:
                return await self._api.request(method, path, body, query, timeout)
            except MatrixError as err:
                if err.retry_after is None:
                    raise
                await self._clock.sleep(min(err.retry_after, LONGEST_WAIT))
        raise HomeserverAway("its limit is reached")
