"""The real bot at the real homeserver: started, killed, frozen, misconfigured."""

from __future__ import annotations

import pytest

from simulation.client import Client
from simulation.server import ServerError
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson

NEWS = "set schedule.source"
"""In what the bot tells its control room at a start: that it knows no schedule."""


async def said(person: Client, room: str, bot: Client) -> list[str]:
    return [message.body for message in await person.messages(room, bot.user_id)]


async def listens(person: Client, room: str, bot: Client) -> None:
    """Wait until the bot has its first position: what was said before it does not obey."""

    async def told() -> bool:
        return any(NEWS in body for body in await said(person, room, bot))

    await wait_for(told, what="the bot's news", every=0.2)


async def answered(person: Client, room: str, bot: Client, count: int) -> None:
    """Wait until `!help` was answered `count` times."""

    async def answers() -> list[str]:
        return [body for body in await said(person, room, bot) if NEWS not in body]

    async def enough() -> bool:
        return len(await answers()) >= count

    await wait_for(enough, what=f"{count} answers", every=0.2)
    assert len(await answers()) == count


async def test_it_answers_and_outlives_a_crash(person: MakePerson, bot_factory: MakeBot) -> None:
    ada, account = await person("ada"), await person("bot")
    room = await ada.create_room(invite=[account.user_id])
    config = {"organisers": [ada.user_id], "control_room": room}
    bot = bot_factory(account.account, config)
    await account.join(room)
    await bot.start()
    await listens(ada, room, account)
    await ada.send(room, "!help")
    await answered(ada, room, account, 1)
    bot.kill()
    await ada.send(room, "!help")
    await bot.start()
    await answered(ada, room, account, 2)
    await bot.stop()
    assert "Interrupt received, stopping" in bot.log_text()
    assert "Traceback" not in bot.log_text()


async def test_settings_that_cannot_be_used_are_told(
    person: MakePerson, bot_factory: MakeBot
) -> None:
    bot = bot_factory((await person("bot")).account, {"control_room": "lobby"})
    with pytest.raises(ServerError, match="control_room: a room is #alias:server or !id"):
        await bot.start()


async def test_settings_are_read_at_each_start(person: MakePerson, bot_factory: MakeBot) -> None:
    bot = bot_factory((await person("bot")).account, {})
    await bot.start()
    assert "notices.level" not in bot.log_text()
    bot.plugin_config["notices"] = {"level": "loud"}
    await bot.restart()
    assert "notices.level" in bot.log_text()
