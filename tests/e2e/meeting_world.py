"""A talk room, and the meeting of its talks on a real prosody with a stand-in for the focus."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulation.bot import Bot
from simulation.client import Client
from simulation.conference import MANY, Planned, settings, write_schedule
from simulation.homeserver import Homeserver
from simulation.meetings import Focus, Line, MeetingPerson
from simulation.prosody import DOMAIN, MUC, Prosody
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson

HOST = "meet.example.org"
BOT_NAME = "Questions"
ROOM = "hall"
"""The name of the meeting: that of the place."""


@dataclass
class MeetingWorld:
    """A talk room and the meeting of its talks."""

    bot: Bot
    asker: Client
    room: str
    prosody: Prosody
    focus: Focus
    speaker: MeetingPerson

    async def ask(self, *texts: str) -> None:
        """In this order, by one person."""
        for text in texts:
            await self.asker.send(self.room, f"!ask {text}")

    async def questions(self) -> str:
        """What `!questions all` answers in the room."""
        command = await self.asker.send(self.room, "!questions all")

        async def answer() -> str | None:
            said = await self.asker.messages(self.room, self.bot.account.user_id)
            return next((m.body for m in said if m.reply_to == command), None)

        return await wait_for(answer, 20, "!questions is answered") or ""

    @property
    def lines(self) -> list[str]:
        """What the bot said in the meeting, as the speaker sees it."""
        return [line.text for line in self.speaker.lines]


def meets(prosody: Prosody, **more: Any) -> dict[str, Any]:
    """The settings of a conference whose meetings this prosody carries."""
    server = {"websocket": prosody.websocket, "domain": DOMAIN, "muc": MUC}
    return {
        "servers": {HOST: server},
        "template": f"https://{HOST}/{{room}}",
        "name": BOT_NAME,
        **more,
    }


@asynccontextmanager
async def meeting_world(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    folder: Path,
    talks: Callable[[str], list[Planned]],
    *,
    at: float,
    speed: float = 1,
    name: str = "meeting",
) -> AsyncIterator[MeetingWorld]:
    asker = await person("asker")
    account = await homeserver.register(f"bot-{name}")
    alias = f"#{name}:{homeserver.server_name}"
    room = await asker.create_room("Hall", alias=name, power={"users": {account.user_id: 50}})
    schedule = folder / "schedule.xml"
    write_schedule(schedule, talks(alias))
    config = settings(
        schedule,
        at=at,
        speed=speed,
        jitsi=meets(prosody),
        limits=MANY,
        questions={"open_per_person": 100},
    )
    async with Focus(prosody) as focus, MeetingPerson(prosody, "Mira") as speaker:
        await speaker.join(focus, ROOM)
        async with bot_factory(account, config) as bot:
            # Nothing from before it came is obeyed.
            await asker.wait_for_messages(room, 1, account.user_id, seconds=60)
            yield MeetingWorld(bot, asker, room, prosody, focus, speaker)


def says(text: str) -> Callable[[Line], bool]:
    return lambda line: text in line.text
