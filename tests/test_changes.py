"""One signal says after a commit what is not as it was."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from fosdembot.changes import (
    Change,
    Changes,
    HostsChanged,
    QuestionsChanged,
    RightsChanged,
    ScheduleChanged,
    TalksChanged,
)
from fosdembot.db.engine import Database, sqlite
from fosdembot.matrix.wake import Wake

OF_ONE = QuestionsChanged(frozenset({"talk-1"}))
OF_TWO = QuestionsChanged(frozenset({"talk-2"}))
IN_ROOM = TalksChanged(frozenset({"#kernel:example.org"}))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Without tables: nothing is written."""
    database = sqlite(str(tmp_path / "bot.db"))
    yield database
    await database.close()


@pytest.fixture
def changes() -> Changes:
    return Changes(logging.getLogger("fosdembot.changes"))


async def publish(database: Database, changes: Changes, *these: Change) -> None:
    async with database.write() as session:
        for change in these:
            changes.publish(session, change)


async def test_it_is_told_after_the_commit(database: Database, changes: Changes) -> None:
    heard: list[Change] = []
    changes.subscribe(heard.append)
    async with database.write() as session:
        changes.publish(session, OF_ONE)
        changes.publish(session, IN_ROOM)
        assert heard == []
    assert heard == [OF_ONE, IN_ROOM]


async def test_what_is_rolled_back_is_told_nobody(database: Database, changes: Changes) -> None:
    heard: list[Change] = []
    changes.subscribe(heard.append)
    with suppress(ZeroDivisionError):
        async with database.write() as session:
            changes.publish(session, OF_ONE)
            raise ZeroDivisionError
    assert heard == []


async def test_nor_is_a_part_that_is_rolled_back(database: Database, changes: Changes) -> None:
    """An event that fails takes back its own changes, not those of its neighbours."""
    heard: list[Change] = []
    changes.subscribe(heard.append)
    async with database.write() as session:
        async with session.part():
            changes.publish(session, OF_ONE)
        with suppress(ZeroDivisionError):
            async with session.part():
                changes.publish(session, OF_TWO)
                raise ZeroDivisionError
    assert heard == [OF_ONE]


async def test_who_cancels_hears_no_more(database: Database, changes: Changes) -> None:
    heard: list[Change] = []
    subscription = changes.subscribe(heard.append)
    with changes.subscribe(heard.append):
        await publish(database, changes, OF_ONE)
    assert heard == [OF_ONE, OF_ONE]
    await publish(database, changes, OF_TWO)
    assert heard == [OF_ONE, OF_ONE, OF_TWO]
    subscription.close()
    subscription.close()
    await publish(database, changes, OF_ONE)
    assert heard == [OF_ONE, OF_ONE, OF_TWO]


async def test_who_cancels_while_it_is_told_hears_no_more(
    database: Database, changes: Changes
) -> None:
    """A page that is closed because of a change is not told of it."""
    heard: list[Change] = []
    changes.subscribe(lambda _: later.close())
    later = changes.subscribe(heard.append)
    changes.subscribe(heard.append)
    await publish(database, changes, OF_ONE)
    assert heard == [OF_ONE], "and nobody is passed over for it"


async def test_who_fails_is_logged_and_keeps_nobody_from_hearing(
    database: Database, changes: Changes, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Change] = []

    def fail(_change: Change) -> None:
        raise ZeroDivisionError

    changes.subscribe(fail)
    changes.subscribe(heard.append)
    await publish(database, changes, OF_ONE, OF_TWO)
    assert heard == [OF_ONE, OF_TWO]
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
    assert "talk-1" in caplog.records[0].getMessage()


async def test_they_hear_in_the_order_in_which_they_came(
    database: Database, changes: Changes
) -> None:
    heard: list[str] = []
    changes.subscribe(lambda _: heard.append("first"))
    changes.subscribe(lambda _: heard.append("second"), QuestionsChanged)
    changes.subscribe(lambda _: heard.append("third"))
    await publish(database, changes, OF_ONE)
    assert heard == ["first", "second", "third"]


async def test_each_hears_only_of_its_kinds(database: Database, changes: Changes) -> None:
    talks: list[str] = []
    heard: list[Change] = []
    changes.subscribe(lambda change: talks.extend(change.talks), QuestionsChanged)
    changes.subscribe(heard.append, ScheduleChanged, HostsChanged)
    await publish(database, changes, OF_ONE, ScheduleChanged(), IN_ROOM, HostsChanged(), OF_TWO)
    assert talks == ["talk-1", "talk-2"]
    assert heard == [ScheduleChanged(), HostsChanged()]


async def test_a_task_is_woken(database: Database, changes: Changes) -> None:
    wake = Wake()
    changes.wake(wake, ScheduleChanged, HostsChanged)
    await publish(database, changes, OF_ONE, RightsChanged("!kernel:example.org"))
    assert not wake.was_set()
    await publish(database, changes, HostsChanged())
    assert wake.was_set()


async def test_a_page_of_one_talk_hears_of_it(database: Database, changes: Changes) -> None:
    """What a face does that shows one talk of one room: it takes the value, and matches."""
    reloads: list[Change] = []

    def hear(change: Change) -> None:
        match change:
            case QuestionsChanged(talks=talks) if "talk-1" in talks:
                reloads.append(change)
            case TalksChanged(addresses=addresses) if "#kernel:example.org" in addresses:
                reloads.append(change)
            case ScheduleChanged():
                reloads.append(change)

    changes.subscribe(hear)
    elsewhere = TalksChanged(frozenset({"#cloud:example.org"}))
    await publish(database, changes, OF_ONE, OF_TWO, elsewhere, IN_ROOM, ScheduleChanged())
    assert reloads == [OF_ONE, IN_ROOM, ScheduleChanged()]
