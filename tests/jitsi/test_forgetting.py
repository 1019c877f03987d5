"""Whoever said something in a meeting is forgotten as others are."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from fosdembot.db.base import Base
from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.db.retention import MEETING_LINES, Retention

from .hall import Hall
from .stand_in import LEO

AFTERWARDS = timedelta(days=40)


async def told_of(hall: Hall, word: str) -> set[str]:
    """The columns in which it stands."""
    found = set()
    async with hall.stage.database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                for name, value in row._mapping.items():
                    if word in str(value):
                        found.add(f"{table.name}.{name}")
    return found


async def forget(hall: Hall, after: timedelta) -> None:
    hall.later(after / timedelta(minutes=1))
    database, clock = hall.stage.database, hall.stage.clock
    await Retention(database, clock, hall.stage.bot.programme.names_before).step()


async def test_after_the_conference_nobody_of_a_meeting_is_named(qa: Hall) -> None:
    await qa.hears("!answer Two kilobytes.")
    await qa.hears("!late 5")
    await qa.hears("!next", LEO)
    assert {"question_log.actor", "acts.person", "answers.author"} <= await told_of(qa, "Mira")
    assert "meeting_lines.body" in await told_of(qa, "Bob")
    await qa.stage.deliver()
    await forget(qa, AFTERWARDS)
    # What is published stays: who answered, and who asked.
    assert await told_of(qa, "Mira") <= {"answers.author_name"}
    assert await told_of(qa, "Bob") <= {"questions.asker_name"}
    assert await told_of(qa, "leo") == set()


async def test_lines_go_when_nobody_can_need_them(qa: Hall) -> None:
    async def lines() -> int:
        async with qa.stage.database.read() as session:
            return len((await session.scalars(select(MeetingLine))).all())

    qa.stage.bot.programme.names_before = lambda: None  # type: ignore[method-assign]
    await forget(qa, MEETING_LINES - timedelta(minutes=1))
    assert await lines() == 1
    await forget(qa, timedelta(minutes=2))
    assert await lines() == 0
