"""Pages that people leave open, as random stories look at them."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from simulation.pages import Refused, Stream

from .world import World

Seen = tuple[Mapping[str, str], list[tuple[str, str]], str]
"""The parts that are not empty, the list in its order, and what a screen reader said last."""
AWAY = {302, 401, 403, 404}
"""Of a page that is not to be had any more: its talk is elsewhere, its reader has lost a role."""


@dataclass
class OpenPage:
    """A page that somebody has open, or had."""

    path: str
    """Empty: the page itself is, until it has its stream."""
    events: str
    """The path of its stream."""
    who: Mapping[str, Any] = field(default_factory=dict)
    """See `PageClient.request`."""
    is_public: bool = True
    """Whether what waits for a moderator must not be on it."""
    is_in_order: bool = True
    """Its list stands in an order that depends on questions alone."""
    stream: Stream | None = None
    _exit: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def is_open(self) -> bool:
        return self.stream is not None and not self.stream.is_over

    async def open(self, world: World, after: Stream | None = None) -> None:
        await self.close()
        opening = world.stream(self.events, after=after, **self.who)
        try:
            self.stream = await self._exit.enter_async_context(opening)
        except Refused as err:
            if err.status not in AWAY:
                raise
            self.stream = None

    async def close(self) -> None:
        """Its connection is lost; what it shows stays."""
        await self._exit.aclose()
        if self.stream is not None:
            self.stream.is_over = True

    def seen(self, stream: Stream) -> Seen:
        listed = [(key, stream.items[key]) for key in stream.order]
        if not self.is_in_order:
            listed.sort()
        parts = {name: inside for name, inside in stream.parts.items() if inside}
        return parts, listed, (stream.said or [""])[-1]

    async def anew(self, world: World) -> Seen | None:
        """What it shows when it is opened now; None: it is not to be had."""
        try:
            async with world.stream(self.events, **self.who) as stream:
                await stream.until(lambda it: it.events)
                return self.seen(stream)
        except Refused as err:
            if err.status not in AWAY:
                raise
            return None

    async def comes_to_show(self, wanted: Seen) -> None:
        assert self.stream is not None
        await self.stream.until(lambda it: self.seen(it) == wanted, f"{self.path} as {wanted}")

    async def is_served_as(self, seen: Seen, world: World) -> None:
        """Who loads it sees the same before any script runs."""
        if not self.path:
            return
        answer = await world.get(self.path, **self.who)
        if answer.status != 200:
            assert answer.status in AWAY, (answer.status, answer.text)
            return
        parts, listed, said = seen
        for name, inside in parts.items():
            assert f'id="{name}"' not in answer.text or inside in answer.text, (self.path, name)
        found = re.findall(r'<li id="([^"]+)"', answer.text)
        keys = [key for key, _ in listed]
        assert (found if self.is_in_order else sorted(found)) == keys, self.path
        assert all(inside in answer.text for _, inside in listed), self.path
        say = re.search(r'data-say="([^"]*)"', answer.text)
        assert say is None or html.unescape(say[1]) == said, self.path

    def tells_none_of(self, secrets: Collection[str]) -> None:
        """Not now, and not since it was opened."""
        if self.is_public and self.stream is not None:
            told = [self.stream.shown, *(str(event.data) for event in self.stream.events)]
            assert not any(text in each for text in secrets for each in told), self.path
