"""A room on a fake homeserver, whose history is read as the chat of a talk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fosdembot.clock import Clock
from fosdembot.matrix.relays import RelayReader
from fosdembot.settings import Settings
from fosdembot.transcripts.chat import People
from fosdembot.transcripts.chat_lines import Relays
from fosdembot.transcripts.forgetting import Hidden
from fosdembot.transcripts.history import Wanted, read_chat
from fosdembot.transcripts.model import Gap, Line, Message
from fosdembot.transcripts.window import Window
from simulation.direct import DirectApi
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.fake_rooms import FakeRoom
from simulation.stepped_clock import SteppedClock

from .samples import START

BOT = f"@bot:{SERVER}"
ADA, BOB = f"@ada:{SERVER}", f"@bob:{SERVER}"
FAR = "@eve:elsewhere.example"
NOW = START + timedelta(hours=6)
TALK = Window(START, START + timedelta(minutes=30))


def relays(**questions: Any) -> Relays:
    settings = Settings.model_validate({"questions": questions})
    return Relays(RelayReader(settings), "!", lambda: ("bot",))


@dataclass
class Read:
    lines: list[Line]
    people: int
    messages: int
    begins: str | None
    accounts: Counter[str]

    @property
    def said(self) -> list[Message]:
        return [line for line in self.lines if isinstance(line, Message)]

    @property
    def texts(self) -> list[str]:
        return [line.text if isinstance(line, Message) else "(gap)" for line in self.lines]

    @property
    def gaps(self) -> list[Gap]:
        return [line for line in self.lines if isinstance(line, Gap)]

    def by_id(self, event_id: str) -> Message:
        return next(message for message in self.said if message.id == event_id)


class Hall:
    """The room; minutes count from the talk's start."""

    def __init__(self, folder: Path) -> None:
        self.steps = SteppedClock(NOW)
        self.clock: Clock = self.steps
        self.server = FakeHomeserver(self.steps)
        self.folder = folder
        self.room: FakeRoom = self.server.create_room()
        self.api = DirectApi(self.server, self.server.log_in(BOT))
        self.relays = relays()
        for event in self.room.events:
            event["origin_server_ts"] = self.ms(-300)
        for person in (BOT, ADA, BOB, FAR):
            name = person[1:4].title()
            self.event(-200, person, "m.room.member", _member(name), person)

    def ms(self, minute: float) -> int:
        return int((START + timedelta(minutes=minute)).timestamp() * 1000)

    def event(
        self, minute: float, sender: str, kind: str, content: dict[str, Any], key: str | None = None
    ) -> str:
        return str(self.room.add(sender, kind, content, key, ts=self.ms(minute))["event_id"])

    def say(self, minute: float, sender: str, body: str, **content: Any) -> str:
        said = {"msgtype": "m.text", "body": body} | content
        return self.event(minute, sender, "m.room.message", said)

    def reply(self, minute: float, sender: str, body: str, to: str) -> str:
        return self.say(
            minute, sender, body, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}}
        )

    def in_thread(self, minute: float, sender: str, body: str, root: str) -> str:
        relation = {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": root},
        }
        return self.say(minute, sender, body, **{"m.relates_to": relation})

    def edit(self, minute: float, sender: str, event: str, body: str, **new: Any) -> str:
        relation = {"rel_type": "m.replace", "event_id": event}
        content = {"msgtype": "m.text", "body": body} | new
        return self.say(
            minute, sender, f"* {body}", **{"m.new_content": content, "m.relates_to": relation}
        )

    def relate(
        self, minute: float, sender: str, kind: str, how: str, to: str, **content: Any
    ) -> str:
        key = {"key": content.pop("key")} if "key" in content else {}
        relation = {"rel_type": how, "event_id": to} | key
        return self.event(minute, sender, kind, {"m.relates_to": relation} | content)

    def react(self, minute: float, sender: str, to: str, key: str = "👍") -> str:
        return self.relate(minute, sender, "m.reaction", "m.annotation", to, key=key)

    async def read(
        self,
        window: Window = TALK,
        others: Sequence[Window] = (),
        *,
        begins: str | None = None,
        forced: bool = False,
        hidden: Hidden | None = None,
    ) -> Read:
        wanted = Wanted(self.room.room_id, window, others, begins, forced)
        people = People(BOT, self.relays)
        with await read_chat(self.api, wanted, people, self.clock, self.folder) as chat:
            lines = list(chat.lines(hidden=hidden))
            return Read(lines, chat.people, chat.messages, chat.begins, chat.accounts())


def window(start: float, end: float) -> Window:
    """In minutes."""
    return Window(START + timedelta(minutes=start), START + timedelta(minutes=end))


def minute(moment: datetime) -> float:
    return (moment - START).total_seconds() / 60


def _member(name: str) -> dict[str, Any]:
    return {"membership": "join", "displayname": name}
