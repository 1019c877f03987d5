"""A second bot on the same account is noticed."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from fosdembot.clock import WallClock
from fosdembot.matrix.account_mark import FRESH, MOST, TYPE, AccountMark, Mark, others, own_mark
from fosdembot.matrix.api import Api, HomeserverAway
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_requests import Fault

BOT = f"@bot:{SERVER}"
HERE = Mark("here", "/srv/bot.db", datetime.now(UTC))
THERE = Mark("there", "/home/ada/bot.db", datetime.now(UTC))
LOG = logging.getLogger("fosdembot.tests")


@pytest.fixture
async def server() -> AsyncIterator[FakeHomeserver]:
    async with FakeHomeserver() as server:
        yield server


@pytest.fixture
async def api(server: FakeHomeserver) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as http:
        yield Api(http, server.log_in(BOT))


class Bot:
    def __init__(self, api: Api, own: Mark, shared: bool = False) -> None:
        self.told: list[list[str]] = []
        self.mark = AccountMark(api, BOT, own, lambda: shared, self._tell, WallClock(), LOG)

    async def _tell(self, found: list[Mark]) -> None:
        self.told.append([mark.host for mark in found])


async def test_two_bots_notice_each_other_until_one_leaves(api: Api) -> None:
    one, two = Bot(api, HERE), Bot(api, THERE)
    await one.mark.renew()
    await two.mark.renew()
    await one.mark.renew()
    await one.mark.renew()
    assert (one.told, two.told) == ([[], ["there"], ["there"]], [["here"]])
    await one.mark.leave()
    await two.mark.renew()
    assert two.told[-1] == []
    assert [mark.key for mark in await others(api, BOT, HERE)] == [THERE.key]


async def test_one_that_died_is_forgotten(api: Api, server: FakeHomeserver) -> None:
    await Bot(api, HERE).mark.renew()
    [entry] = server.account_data[BOT, TYPE]["bots"].values()
    entry["seen"] -= FRESH / timedelta(milliseconds=1) + 1000
    two = Bot(api, THERE)
    await two.mark.renew()
    assert two.told == [[]]
    assert list(server.account_data[BOT, TYPE]["bots"]) == [THERE.key]


async def test_instances_of_one_maubot_server_share_an_account_on_purpose(api: Api) -> None:
    await Bot(api, HERE).mark.renew()
    shared = Bot(api, replace(HERE, place="instance two"), shared=True)
    await shared.mark.renew()
    assert shared.told == [[]]
    elsewhere = Bot(api, THERE, shared=True)
    await elsewhere.mark.renew()
    assert elsewhere.told == [["here", "here"]]


@pytest.mark.parametrize(
    "data",
    [
        {"bots": None},
        {"bots": [1]},
        {"bots": {"a": None, "b": {}, "c": {"host": 1, "place": 2, "seen": "x"}}},
        {"bots": {"a": {"host": "a", "place": "b", "seen": 1e400}}},
        {"bots": {"a": {"host": "a", "place": "b", "seen": 10**30}}},
        {"other": 1},
    ],
)
async def test_what_others_left_there_does_no_harm(
    api: Api, server: FakeHomeserver, data: dict[str, Any]
) -> None:
    server.account_data[BOT, TYPE] = data
    bot = Bot(api, HERE)
    await bot.mark.renew()
    assert bot.told == [[]]


async def test_marks_are_bounded_and_one_line_each(api: Api, server: FakeHomeserver) -> None:
    seen = int(datetime.now(UTC).timestamp() * 1000)
    many = {str(n): {"host": f"h{n}\n\x1b", "place": "p" * 999, "seen": seen} for n in range(99)}
    server.account_data[BOT, TYPE] = {"bots": many}
    bot = Bot(api, HERE)
    await bot.mark.renew()
    assert all("\n" not in host and "\x1b" not in host for host in bot.told[0])
    assert len(server.account_data[BOT, TYPE]["bots"]) == MOST


async def test_a_homeserver_that_is_away_does_not_hold_the_stop_up(
    api: Api, server: FakeHomeserver
) -> None:
    bot = Bot(api, HERE)
    await bot.mark.renew()
    server.fail(Fault("account_data", answer=(502, {}), times=9))
    await bot.mark.leave()
    with pytest.raises(HomeserverAway):
        await bot.mark.renew()


def test_the_mark_names_the_database_without_its_password() -> None:
    mark = own_mark("postgresql://bot:secret@db.example.org/conf", "fosdem")
    assert mark.place == "postgresql://db.example.org/conf, instance fosdem"
    assert own_mark("sqlite:/srv/a%20b/bot.db").place == "/srv/a b/bot.db"
    assert own_mark("sqlite:/srv/bot.db").key == own_mark("sqlite:/srv/bot.db").key
    assert own_mark("sqlite:/srv/bot.db").key != own_mark("sqlite:/srv/other.db").key
