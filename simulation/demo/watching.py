"""What goes on beside the play: servers are watched, and whoever looks on does so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from simulation.server import Server, ServerError


@asynccontextmanager
async def beside(*always: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these until the block ends; raises the first error of theirs or the block's, and
    `ServerError` before others: it is what they come from."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in always]
            yield
            for task in tasks:
                task.cancel()
    except ExceptionGroup as errors:
        ended = [error for error in errors.exceptions if isinstance(error, ServerError)]
        raise (ended or errors.exceptions)[0] from None


async def watch(server: Server) -> None:
    """Raises `ServerError` as soon as it has ended."""
    while server.running:
        await asyncio.sleep(0.5)
    raise ServerError(f"{server.name} has ended:\n{server.log_tail()}")
