"""No answer of `/sync`, whatever its bytes, stops the inbox, and what else stands in it counts.

`FOSDEMBOT_FUZZ=100000 python -m pytest tests/matrix/test_fuzz.py` tries that many on each
database; `FOSDEMBOT_FUZZ_SEED` begins elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy import Connection

from fosdembot.changes import Changes
from fosdembot.clock import WallClock
from fosdembot.db.base import Base
from fosdembot.db.engine import Database, WriteSession, postgresql, sqlite
from fosdembot.db.tables import Room
from fosdembot.matrix.api import HomeserverAway, Json
from fosdembot.matrix.inbox import Inbox
from fosdembot.matrix.known import KnownRoom
from simulation.postgres import Postgres

from .fuzz import BOT, ROOMS, Fuzz, FuzzApi

ANSWERS = int(os.environ.get("FOSDEMBOT_FUZZ", "250"))
SEED = int(os.environ.get("FOSDEMBOT_FUZZ_SEED", "1"))
ODD_ANSWERS = 3
"""Answers that are odd as a whole, after each that tells something."""
IN_ONE_LIFE = 1000
"""Answers until the next seed, with an empty memory."""
TRIES = 40


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres
) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        made = sqlite(str(tmp_path / "fuzz.db"))
    else:
        made = postgresql(await postgres.create_database(f"fuzz_{uuid4().hex[:8]}"))
    await made.run_sync(Base.metadata.create_all)
    yield made
    await made.close()


class Heard:
    """The bodies of the good events, in the order in which they took effect."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    async def handle(self, session: WriteSession, room: str, event: Json) -> None:
        body = event["content"].get("body")
        if isinstance(body, str) and body.startswith("!room"):
            session.after_commit(lambda: self.bodies.append(body))

    async def failed(self, session: WriteSession, room: str, event: Json) -> None:
        pass

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        return str(event["content"].get("body")).endswith(("1", "2"))

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        bodies = [event["content"]["body"] for _, event in events]
        return lambda: self.bodies.extend(body for body in bodies if body.startswith("!room"))

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        for room, event in events:
            await self.handle(session, room, event)


async def _look(inbox: Inbox) -> None:
    """What `Inbox.step` does, without its back-off."""
    with contextlib.suppress(HomeserverAway):
        await inbox._follow()


async def _read_what_lags(inbox: Inbox) -> None:
    lagging = inbox.lagging
    for room in ROOMS:
        lagging._requests.rest(room, 0)
    await lagging.step()
    await asyncio.gather(*(task for _, task in lagging._requests._under_way.values()))


async def test_no_answer_stops_it(database: Database) -> None:
    log = logging.getLogger("fosdembot.fuzz")
    log.setLevel(logging.CRITICAL)
    done, seed, report = 0, SEED, time.monotonic()
    async with aiohttp.ClientSession() as http:
        while done < ANSWERS:
            fuzz, heard = Fuzz(seed), Heard()
            api = FuzzApi(fuzz, http)
            async with database.write() as session:
                for room in ROOMS:
                    await session.merge(
                        Room(room_id=room, membership="join", entered="", behind=None)
                    )
            inbox = Inbox(
                api,
                database,
                WallClock(),
                BOT,
                heard,
                Changes(log),
                log,
            )
            await inbox._forget_position()
            await _look(inbox)
            inbox.caught_up.set()
            while True:
                expected = fuzz.happen()
                for _ in range(TRIES):
                    await _look(inbox)
                    if len(heard.bodies) >= len(expected):
                        break
                    await _read_what_lags(inbox)
                for room in ROOMS:
                    of_room = [body for body in heard.bodies if body.startswith(room)]
                    wanted = [body for body in expected if body.startswith(room)]
                    assert of_room == wanted, f"seed {seed}"
                heard.bodies.clear()
                for _ in range(ODD_ANSWERS):
                    fuzz.answer_oddly()
                    await _look(inbox)
                await _read_what_lags(inbox)
                assert heard.bodies == [], f"seed {seed}"
                if api.answers >= min(IN_ONE_LIFE, ANSWERS - done):
                    break
            done += api.answers
            seed += 1
            if time.monotonic() > report:
                report = time.monotonic() + 60
                print(f"{done} answers, seeds {SEED} to {seed - 1}", flush=True)
    print(f"{done} answers, seeds {SEED} to {seed - 1}: every good event took effect once")
