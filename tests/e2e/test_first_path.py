"""A schedule goes in; a room hears its talks and answers, and is told what changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulation.client import Client, RequestError
from simulation.conference import Planned, settings, write_schedule
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson


async def test_a_room_hears_what_is_on_and_answers(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    admin = await person("admin")
    account = await homeserver.register("bot-first")
    alias = f"#first:{homeserver.server_name}"
    room = await admin.create_room("Hall", alias="first", power={"users": {account.user_id: 50}})
    tiny = Planned(1, "Tiny kernels", 12, 25, chat_room=alias)
    big = Planned(2, "Big kernels", 37, 25, chat_room=alias)
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [tiny, big])
    # A minute of the conference is half a second; ten seconds are left to start in.
    async with bot_factory(account, settings(schedule, at=-18, speed=120)):
        said = await admin.wait_for_messages(room, 4, account.user_id, seconds=60)
        heads_up = said[0].event_id
        assert said[0].body.startswith('Starting at 09:12: "Tiny kernels" with Ada L.')
        assert [message.edits for message in said[:4]] == [None, heads_up, heads_up, None]
        assert said[3].body.startswith('Now, until 09:37: "Tiny kernels" with Ada L.')
        command = await admin.send(room, "!next")

        async def answer() -> str | None:
            messages = await admin.messages(room, account.user_id)
            return next((m.body for m in messages if m.reply_to == command), None)

        assert "Big kernels" in str(await wait_for(answer, 20))
        assert await wait_for(lambda: _pinned(admin, room), 20) == [said[3].event_id]


async def _pinned(client: Client, room: str) -> Any:
    try:
        return (await client.state(room, "m.room.pinned_events"))["pinned"]
    except RequestError:
        return None
