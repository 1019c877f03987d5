"""What came of requests is written down, or nobody waits for it any more."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from pathlib import Path
from typing import Any

from fosdembot.db.engine import sqlite
from fosdembot.matrix.queue import Attempt, Row
from fosdembot.matrix.results import Results
from simulation.parts import SetClock

from .disk import empty_tables

ROW = Row(
    id=1,
    key="1",
    kind="message",
    room_id="!room:example.org",
    event_type="m.room.message",
    content={},
    target=None,
    attempt=Attempt("sending", 1, "1", None, None),
)


async def test_who_is_told_that_nothing_is_written_any_more_does_not_wait(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    path.write_bytes(empty_tables())
    database = sqlite(str(path))
    results = Results(database, SetClock())
    unheard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: unheard.append(what))
    async with database.no_writing():
        tasks = []
        for id_ in (1, 2):
            row = replace(ROW, id=id_)
            tasks.append(asyncio.create_task(results.finish(row, "sent", None, None)))
            for _ in range(3):
                await asyncio.sleep(0)
        await results.cancel()
    async with asyncio.timeout(10):
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in ended] == [asyncio.CancelledError] * 2
    del tasks, ended
    gc.collect()
    assert unheard == []
    await database.close()
