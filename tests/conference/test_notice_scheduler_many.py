"""Many talks begin at one moment: the most urgent is told first, in few statements.

It begins at 9:00. In each room a talk begins at 10:00, and the next at 11:00.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from fosdembot.conference import notice_scheduler
from fosdembot.db.engine import Database
from fosdembot.db.tables import Outgoing, Pause, TalkRow, ToldNotice
from simulation.conference import START, Planned
from tests.committed import Said
from tests.stage import BOT, MakeStage, Stage

from .hall import Audience


def alias(number: int) -> str:
    return f"#hall-{number:02}:example.org"


def programme(rooms: int, begins: float = 60) -> list[Planned]:
    return [
        Planned(100 * hour + number, "Tiny kernels", at, 25, f"Hall {number}", alias(number))
        for number in range(rooms)
        for hour, at in ((1, begins), (2, 120))
    ]


async def opened(make_stage: MakeStage, rooms: int) -> Stage:
    stage = await make_stage()
    await stage.publish(*programme(rooms))
    for number in range(rooms):
        await stage.open(alias(number), {BOT: 50})
    await stage.tell(59.9)
    return stage


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def rooms_of(said: Collection[Said]) -> list[str]:
    return [each.room for each in said if each.kind == "message"]


@pytest.mark.parametrize("asked", [0, 2])
async def test_many_rooms_are_read_in_as_many_statements_as_two(
    make_stage: MakeStage, asked: int
) -> None:
    stage = await make_stage()
    few, many = programme(2), programme(32, begins=65)[4:]
    await stage.publish(*few, *many)
    for number in range(32):
        await stage.open(alias(number), {BOT: 50})
        audience = Audience(stage, f"talk-{100 + number}", alias(number))
        await audience.ask(*(f"Why {question}?" for question in range(asked)))
    await stage.tell(59.9)
    found = []
    # The last ones find what their rooms were told before.
    for minute, rooms in ((60, 2), (65, 30), (120, 32)):
        await stage.tell(minute - 0.1)
        await stage.deliver()
        stage.clock.set(minute)
        with statements(stage.database) as done:
            await stage.bot.notice_scheduler.step()
        said = await stage.news()
        assert len(rooms_of(said)) == rooms
        edits = sum(each.kind == "edit" and each.key.startswith("edit:now") for each in said)
        assert edits == (rooms if asked and minute < 120 else 0)
        assert len(done) < 40 + 9 * rooms
        found.append(sum(statement.startswith("SELECT") for statement in done))
    async with stage.database.read() as session:
        pins = select(func.count()).where(Outgoing.kind == "state")
        assert await session.scalar(pins) == 32
    assert found[0] == found[1]
    assert found[2] <= found[1] + 3


async def test_the_most_urgent_come_first(
    make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_scheduler, "TOGETHER", 3)
    stage = await opened(make_stage, 8)
    later = [
        Planned(300 + number, "Later", 70, 25, f"Attic {number}", f"#attic-{number}:example.org")
        for number in range(8)
    ]
    await stage.publish(*programme(8), *later)
    for number in range(8):
        await stage.open(f"#attic-{number}:example.org", {BOT: 50})
    await stage.news()
    said = [each.facts.split()[0] for each in await stage.tell(60)]
    assert said == ["now"] * 8 + ["heads_up"] * 8


async def test_what_falls_due_while_others_are_told_comes_next(make_stage: MakeStage) -> None:
    """To tell many takes seconds. Nobody wakes the scheduler meanwhile."""
    stage = await make_stage()
    delayed = Planned(300, "Later", 60.05, 25, "Attic", "#attic:example.org")
    await stage.publish(*programme(2), delayed)
    for room in (alias(0), alias(1), "#attic:example.org"):
        await stage.open(room, {BOT: 50})
    await stage.tell(59.9)
    await stage.bot.notice_scheduler.step()
    stage.clock.set(60)

    def takes_long(_: Any) -> None:
        stage.clock.set(60.1)

    event.listen(stage.database.engine.sync_engine, "commit", takes_long, once=True)
    assert await stage.bot.notice_scheduler.step() == 0
    assert rooms_of(await stage.news()) == [alias(0), alias(1)]
    assert rooms_of(await stage.tell()) == ["#attic:example.org"]


async def test_one_that_fails_keeps_none_of_those_beside_it(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, 6)
    async with stage.database.write() as session:
        broken = update(TalkRow).where(TalkRow.guid == "talk-103").values(override={"shift": "x"})
        await session.execute(broken)
    others = [alias(number) for number in range(6) if number != 3]
    assert rooms_of(await stage.tell(60)) == others
    assert await stage.tell() == []
    async with stage.database.write() as session:
        await session.execute(update(TalkRow).values(override=None))
    assert rooms_of(await stage.tell(61)) == [alias(3)]


async def test_a_pause_of_one_holds_only_that_one(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, 4)
    async with stage.database.write() as session:
        session.add(Pause(scope=alias(2), at=START, actor=BOT))
    assert rooms_of(await stage.tell(60)) == [alias(0), alias(1), alias(3)]


class Killed(BaseException):
    """The process is gone."""


async def test_killed_between_two_transactions(
    make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_scheduler, "TOGETHER", 2)
    stage = await opened(make_stage, 7)
    stage.clock.set(60)
    told: list[str] = []
    for survives in (1, 2):
        left = survives

        def dies(_connection: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed

        engine = stage.database.engine.sync_engine
        event.listen(engine, "commit", dies)
        # A new run looks again at all rooms first, in four transactions without a change.
        left += 4 if survives == 2 else 0
        with pytest.raises(Killed):
            await stage.bot.notice_scheduler.step()
        event.remove(engine, "commit", dies)
        told += rooms_of(await stage.news())
        assert len(told) == 2 * (1 + 2 * (survives - 1))
        await stage.restart()
    told += rooms_of(await stage.tell())
    assert sorted(told) == [alias(number) for number in range(7)]
    assert await stage.tell() == []
    async with stage.database.read() as session:
        assert len((await session.scalars(select(ToldNotice.key))).all()) == 7


async def test_what_waits_is_taken_back_from_all_of_them(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, 5)
    assert len(rooms_of(await stage.tell(60))) == 5
    async with stage.database.write() as session:
        sent = update(Outgoing).where(Outgoing.room_id == "!" + alias(4)[1:])
        await session.execute(sent.values(state="sending"))
    await stage.publish(*programme(5, begins=75))
    await stage.tell()
    waiting = {s.room for s in await stage.outbox() if s.key.startswith("now/")}
    assert waiting == {alias(4)}, "what is on its way is not taken back"
    assert rooms_of(await stage.tell(75)) == [alias(number) for number in range(5)]
