"""A thousand talks are read and written some at a time, and nothing of them is another then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import event

from fosdembot.conference.talk_rows import AT_ONCE, TalkFacts, read_rows, write_rows
from fosdembot.db.engine import Database
from simulation.conference import START


def talks(number: int) -> list[TalkFacts]:
    return [TalkFacts(f"talk-{n:04}", {"title": f"Talk {n}"}, None, None) for n in range(number)]


async def test_what_is_written_is_read(database: Database) -> None:
    for number in (0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1):
        async with database.write() as session:
            known = await read_rows(session)
            await write_rows(session, talks(number)[len(known) :], [])
        async with database.read() as session:
            assert await read_rows(session) == talks(number)
    vanished = [replace(row, vanished_at=START, override={"shift": 1}) for row in talks(3)]
    async with database.write() as session:
        await write_rows(session, [], vanished)
        assert await read_rows(session) == [*vanished, *talks(AT_ONCE + 1)[3:]]
    async with database.write() as session:
        await write_rows(session, [], talks(3))
        assert await read_rows(session) == talks(AT_ONCE + 1)


async def test_others_have_their_turn_meanwhile(database: Database) -> None:
    sizes: list[int] = []
    turns = 0

    def note(
        _c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if many:
            sizes.append(len(parameters))

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    slices = 5
    async with database.write() as session:
        before = turns
        await write_rows(session, talks(slices * AT_ONCE), [])
        assert turns - before >= slices
        before = turns
        rows = await read_rows(session)
        assert turns - before >= slices
        before = turns
        await write_rows(session, [], rows)
        assert turns - before >= slices
    counting.cancel()
    assert sizes == [AT_ONCE] * 2 * slices
