"""Tells an open page what has changed (HTML, "Server-sent events")."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from fosdembot.clock import Clock

from .live import Live, Looker
from .screens import Screen, Topic

BEAT = 20.0
"""Seconds: so often something is sent, so that proxies keep the connection, and a browser that is
gone is noticed."""


@dataclass(slots=True)
class Told:
    """What one page was told."""

    parts: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    announced: str = ""


@dataclass(frozen=True, slots=True)
class Streams:
    live: Live
    clock: Clock

    async def serve(self, request: web.Request, topic: Topic) -> web.StreamResponse:
        """Until the browser is gone, or the bot stops."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        looker = await self.live.look(topic)
        try:
            await response.prepare(request)
            await self._tell(response, looker)
        finally:
            self.live.leave(looker)
        return response

    async def _tell(self, response: web.StreamResponse, looker: Looker) -> None:
        told = Told()
        await response.write(self._event(looker, told))
        while True:
            try:
                await asyncio.wait_for(looker.news.wait(), BEAT)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            looker.news.clear()
            if looker.is_closed:
                return
            await response.write(self._event(looker, told))

    def _event(self, looker: Looker, told: Told) -> bytes:
        data = changed(looker.watched.screen, told)
        data["in"] = self._seconds(looker.watched.screen)
        version = looker.watched.version
        return f"id: {version}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()

    def _seconds(self, screen: Screen) -> dict[str, float] | None:
        """Until the next moment, by the server's clock."""
        if screen.countdown is None:
            return None
        wall, now = self.clock.to_wall, self.clock.to_wall(self.clock.now())
        moments = {"until": screen.countdown.until, "warns_at": screen.countdown.warns_at}
        return {
            name: round((wall(moment) - now).total_seconds(), 3)
            for name, moment in moments.items()
            if moment is not None
        }


def changed(screen: Screen, told: Told) -> dict[str, Any]:
    """What a page must be told of a screen, and is told by that."""
    items = {item.key: item.html for item in screen.items}
    data: dict[str, Any] = {
        "parts": {k: html for k, html in screen.parts.items() if told.parts.get(k) != html},
        "items": {k: html for k, html in items.items() if told.items.get(k) != html},
    }
    if told.order != (order := list(items)):
        data["order"] = order
    if told.announced != screen.announced:
        data["say"] = screen.announced
    told.parts, told.items, told.order = dict(screen.parts), items, order
    told.announced = screen.announced
    return data
