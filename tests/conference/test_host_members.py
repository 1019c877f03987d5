"""Who is in a hosts' room cannot be asked for: the log says so once."""

from __future__ import annotations

import logging

import aiohttp
import pytest

from fosdembot.conference.host_members import HostMembers
from fosdembot.matrix.api import Api
from simulation.fake_homeserver import FakeHomeserver
from simulation.fake_requests import Fault
from tests.stage import BOT, MakeStage

HOSTS = "#hosts:example.org"


async def test_the_log_says_it_once(
    make_stage: MakeStage, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await make_stage(hosts={"all": HOSTS})
    await stage.bot.hosts_rooms.load()
    await stage.open(HOSTS)
    log = logging.getLogger("fosdembot.hosts")
    async with FakeHomeserver() as server, aiohttp.ClientSession() as http:
        forbidden = (403, {"errcode": "M_FORBIDDEN", "error": "no"})
        server.fail(Fault("joined_members", forbidden, times=4))
        server.fail(Fault("joined_members", (403, {"errcode": "M_UNKNOWN", "error": "?"})))
        api = Api(http, server.log_in(BOT))
        members = HostMembers(api, stage.database, stage.bot.hosts, log)
        for _ in range(4):
            assert await members.step() < 600
        said = [record.getMessage() for record in caplog.records if "Who is in" in record.msg]
        assert len(said) == 1
        await members.step()
        assert "M_UNKNOWN" in caplog.text
