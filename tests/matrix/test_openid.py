"""Many come in at once by their homeservers, and one that is slow holds up nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fosdembot.matrix.openid import OF_ONE, WAITING_FOR_ONE, OpenId, TryLater


class Servers:
    """All homeservers: those whose names begin with "slow" answer when they are let."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.asked = 0

    async def get(self, server: str, path: str, query: Any) -> dict[str, Any]:
        self.asked += 1
        if server.startswith("slow"):
            await self.answers.wait()
        return {"sub": f"@ada:{server}"}

    async def openid_userinfo(self, token: str) -> dict[str, Any]:
        return {"sub": "@ada:own.example.org"}


async def test_a_slow_homeserver_holds_up_nobody_else() -> None:
    servers = Servers()
    whose = OpenId(servers, "own.example.org", servers).whose  # type: ignore[arg-type]
    waiting = [asyncio.create_task(whose("slow.org", "t")) for _ in range(WAITING_FOR_ONE)]
    await asyncio.sleep(0)
    assert servers.asked == OF_ONE
    with pytest.raises(TryLater):
        await whose("slow.org", "t")
    async with asyncio.timeout(5):
        assert await whose("other.org", "t") == "@ada:other.org"
        assert await whose("own.example.org", "t") == "@ada:own.example.org"
        servers.answers.set()
        assert set(await asyncio.gather(*waiting)) == {"@ada:slow.org"}


async def test_however_many_slow_ones_there_are_our_own_is_asked() -> None:
    servers = Servers()
    openid = OpenId(servers, "own.example.org", servers)  # type: ignore[arg-type]
    waiting = [asyncio.create_task(openid.whose(f"slow{n}.org", "t")) for n in range(500)]
    await asyncio.sleep(0)
    with pytest.raises(TryLater):
        await openid.whose("other.org", "t")
    assert await openid.whose("own.example.org", "t") == "@ada:own.example.org"
    servers.answers.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(each, TryLater) for each in results) == 100
    assert not openid._turns_of, "nothing is kept of who was asked"
