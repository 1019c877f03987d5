"""The network, for a command that asks questions in between."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

T = TypeVar("T")


class Network:
    """An HTTP session that lives as long as the command; `run` waits for one thing."""

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self.http = self.run(_session())
        return self

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.run(self.http.close())
        self._runner.close()


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()
