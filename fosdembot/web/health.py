"""What a monitor asks: whether the bot lives, and whether it does its work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from fosdembot.texts import pages as texts
from fosdembot.texts.render import Text, say

from .headers import page_headers
from .routing import Asked, Route

ALIVE, READY = "/healthz", "/readyz"


@dataclass(frozen=True, slots=True)
class Health:
    """`troubles`: what keeps the bot from syncing or sending; none where it does."""

    troubles: Callable[[], Sequence[Text]]

    def routes(self) -> list[Route]:
        return [Route("GET", ALIVE, self._alive), Route("GET", READY, self._ready)]

    async def _alive(self, asked: Asked) -> web.Response:
        return lines(say(texts.ALIVE))

    async def _ready(self, asked: Asked) -> web.Response:
        if wrong := self.troubles():
            return lines(*wrong, status=503)
        return lines(say(texts.READY))


def lines(*said: Text, status: int = 200) -> web.Response:
    """As plain text."""
    text = "".join(f"{each.plain}\n" for each in said)
    return web.Response(text=text, status=status, headers=page_headers())


def while_starting(path: str) -> web.Response | None:
    """What is answered before there is a bot, where it is a monitor that asks."""
    if path == ALIVE:
        return lines(say(texts.ALIVE))
    return lines(say(texts.STARTING), status=503) if path == READY else None
