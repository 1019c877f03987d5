"""A talk room, and the meeting of its talks on a real prosody with a stand-in for the focus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fosdembot.actions.current import AT_ONCE
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
    speed: float
    """Of the conference's clock."""
    others: Sequence[str] = ()
    """Other talk rooms."""
    said_before: list[str] = field(default_factory=list)
    """What the bot had said in the meeting before the speaker came back."""

    async def ask(self, *texts: str) -> None:
        """In this order, by one person."""
        for text in texts:
            await self.asker.send(self.room, f"!ask {text}")

    async def answer(self, command: str) -> str:
        """What a command in the room is answered."""
        sent = await self.asker.send(self.room, command)

        async def answered() -> str | None:
            said = await self.asker.messages(self.room, self.bot.account.user_id)
            return next((m.body for m in said if m.reply_to == sent), None)

        return await wait_for(answered, 20, f"{command} is answered") or ""

    async def questions(self) -> str:
        """What stands of the questions in the room."""
        return await self.answer("!questions all")

    async def chat(self) -> str:
        """A direct chat of the moderator with the bot, which is there."""
        bot = self.bot.account.user_id
        room = await self.asker.begin_chat(bot)

        async def is_there() -> bool:
            member = await self.asker.state(room, "m.room.member", bot)
            return bool(member["membership"] == "join")

        await wait_for(is_there, 60, "the bot is in the chat")
        return room

    @property
    def lines(self) -> list[str]:
        """What the bot said in the meeting, as the speaker saw it."""
        return [*self.said_before, *(line.text for line in self.own_lines)]

    @property
    def own_lines(self) -> list[Line]:
        """The bot's, since the speaker last came back."""
        own = [nick for nick, name in self.speaker.seen.items() if name == BOT_NAME]
        return [line for line in self.speaker.lines if line.sender in own]

    async def take_next(self, number: str) -> None:
        """The speaker takes the next question, which has this number. What comes sooner than that
        after another is taken for the same wish."""
        self.speaker.say("!next")
        await self.speaker.sees(says(f"Now: {number} "))
        await self.a_moment_later()

    async def a_moment_later(self) -> None:
        """What is wished now is not what was wished before."""
        await asyncio.sleep(AT_ONCE.total_seconds() / self.speed)

    async def comes_back(self) -> None:
        """The speaker, whose connection was lost."""
        self.said_before = self.lines
        await self.speaker.close()
        await self.focus.close()
        await self.focus.open()
        await self.speaker.open()
        await self.speaker.join(self.focus, ROOM)

    async def bot_is_in(self, seconds: float = 40) -> None:
        """Returns once the bot is in the meeting."""
        await wait_for(self._bot_is_there, seconds, "the bot is in the meeting")

    async def bot_is_out(self, seconds: float = 40) -> None:
        async def is_out() -> bool:
            return not await self._bot_is_there()

        await wait_for(is_out, seconds, "the bot is not in the meeting")

    async def _bot_is_there(self) -> bool:
        return BOT_NAME in self.speaker.names.values()


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
    name: str = "asked",
    is_speaker_there: bool = True,
    others: Sequence[str] = (),
    **sections: Any,
) -> AsyncIterator[MeetingWorld]:
    asker = await person("asker")
    # Others use this homeserver as well.
    name = f"meeting-{name}"
    account = await homeserver.register(f"bot-{name}")
    alias = f"#{name}:{homeserver.server_name}"
    room = await asker.create_room("Hall", alias=name, power={"users": {account.user_id: 50}})
    other_rooms = [
        await asker.create_room(other, alias=other, power={"users": {account.user_id: 50}})
        for other in others
    ]
    schedule = folder / "schedule.xml"
    write_schedule(schedule, talks(alias))
    usual = {"jitsi": meets(prosody), "limits": MANY, "questions": {"open_per_person": 100}}
    config = settings(schedule, at=at, speed=speed, **usual | sections)
    async with Focus(prosody) as focus, MeetingPerson(prosody, "Mira") as speaker:
        if is_speaker_there:
            await speaker.join(focus, ROOM)
        async with bot_factory(account, config) as bot:
            # Nothing from before it came is obeyed.
            await asker.wait_for_messages(room, 1, account.user_id, seconds=60)
            yield MeetingWorld(bot, asker, room, prosody, focus, speaker, speed, other_rooms)


def says(text: str) -> Callable[[Line], bool]:
    return lambda line: text in line.text


def one_talk(alias: str) -> list[Planned]:
    return [Planned(1, "Tiny kernels", 0, 25, chat_room=alias)]
