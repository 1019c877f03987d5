"""In a rehearsal there is no room but one."""

from __future__ import annotations

import aiohttp
import pytest
from yarl import URL

from fosdembot.matrix.api import MatrixError
from fosdembot.matrix.one_room import OneRoom
from fosdembot.matrix.timeline import sync_filter
from simulation.client import Client, Message
from simulation.fake_requests import Login
from simulation.homeserver import Homeserver
from tests.conftest import MakePerson


async def test_it_hears_and_says_nothing_anywhere_else(
    homeserver: Homeserver, person: MakePerson
) -> None:
    ada, bot = await person("ada"), await person("bot")
    stage, real, asked = [await ada.create_room(invite=[bot.user_id]) for _ in range(3)]
    await bot.join(stage)
    await bot.join(real)
    await ada.send(stage, "!talk")
    await ada.send(real, "!talk")
    account = Login(URL(homeserver.url), bot.account.access_token)
    async with aiohttp.ClientSession() as http:
        api = OneRoom(http, account, stage)
        assert (await api.whoami())["user_id"] == bot.user_id
        answer = await api.sync(None, sync_filter(True), 0)
        assert set(answer["rooms"]["join"]) == {stage}
        assert not answer["rooms"].get("invite")
        await api.send(stage, "m.room.message", "1", {"msgtype": "m.notice", "body": "Now"})
        for request in (
            api.send(real, "m.room.message", "1", {"msgtype": "m.notice", "body": "Now"}),
            api.send_state(real, "m.room.topic", {"topic": "Now"}),
            api.messages(real, "b", None, None, {}),
            api.join(asked),
            api.leave(real),
            api.resolve("#kernel:example.org"),
            api.request("PUT", f"v3/profile/{bot.user_id}/displayname", {"displayname": "x"}),
        ):
            with pytest.raises(MatrixError, match="a rehearsal stays in"):
                await request
    assert [message.body for message in await said_by(bot, stage)] == ["Now"]
    assert await said_by(bot, real) == []
    assert set(await bot.joined_rooms()) == {stage, real}


async def said_by(bot: Client, room: str) -> list[Message]:
    return await bot.messages(room, bot.user_id)
