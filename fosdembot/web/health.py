"""What a monitor asks: whether the bot lives, and whether it does its work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from .routing import Asked, Route

ALIVE = "alive\n"
"""What a bot says that runs."""


@dataclass(frozen=True, slots=True)
class Health:
    """`troubles`: what keeps the bot from syncing or sending, in words; none where it does."""

    troubles: Callable[[], Sequence[str]]

    def routes(self) -> list[Route]:
        return [Route("GET", "/healthz", self._alive), Route("GET", "/readyz", self._ready)]

    async def _alive(self, asked: Asked) -> web.Response:
        return web.Response(text=ALIVE)

    async def _ready(self, asked: Asked) -> web.Response:
        wrong = self.troubles()
        return web.Response(
            text="\n".join([*wrong, "not ready" if wrong else "ready", ""]),
            status=503 if wrong else 200,
        )
