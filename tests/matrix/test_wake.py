"""A signal is not lost, and neither is the order to stop."""

from __future__ import annotations

import asyncio

import pytest

from fosdembot.matrix.wake import Wake


async def test_a_signal_given_before_is_heard() -> None:
    wake = Wake()
    wake.set()
    async with asyncio.timeout(5):
        await wake.wait()
    waiting = asyncio.create_task(wake.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    wake.set()
    async with asyncio.timeout(5):
        await waiting


async def test_it_waits_no_longer_than_asked() -> None:
    async with asyncio.timeout(5):
        await Wake().wait(timeout=0.01)


@pytest.mark.parametrize("turns", range(5))
async def test_who_is_cancelled_at_the_moment_of_the_signal_ends(turns: int) -> None:
    wake = Wake()

    async def work() -> None:
        while True:
            await wake.wait(timeout=30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    wake.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=5)
    task.cancel()
    assert done
