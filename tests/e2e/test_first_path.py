"""A schedule goes in; rooms are told, and answer commands."""

from __future__ import annotations

from pathlib import Path

from fosdembot.demo.homeserver import Homeserver
from tests.client import wait_for
from tests.conftest import MakeBot, MakePerson

from .conference import Planned, settings, write_schedule


async def test_a_room_hears_what_is_on_and_answers(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    admin = await person("admin")
    account = await homeserver.register("bot-first")
    alias = "#first:" + homeserver.server_name
    room = await admin.create_room("Hall", alias="first", power={"users": {account.user_id: 50}})
    schedule = new_folder / "schedule.xml"
    write_schedule(
        schedule,
        [
            Planned(1, "Tiny kernels", 12, 25, chat_room=alias),
            Planned(2, "Big kernels", 37, 25, chat_room=alias),
        ],
    )
    bot = bot_factory(account, settings(schedule, at=0, speed=120))
    async with bot:
        await admin.wait_for_messages(room, 3, account.user_id, seconds=60)
        command = await admin.send(room, "!next")

        async def answered() -> bool:
            said = await admin.messages(room, account.user_id)
            return any(message.reply_to == command for message in said)

        await wait_for(answered, 20)
        for message in await admin.messages(room):
            print(message.sender, message.edits, message.body)
        pinned = await admin.state(room, "m.room.pinned_events")
        assert len(pinned["pinned"]) == 1
