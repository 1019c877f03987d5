"""A whole bot through a day of a conference, on a fake homeserver, while no second passes; its
transcripts lie in a folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from fosdembot.db.engine import Database, sqlite
from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Gap, Message, Transcript
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.running import BOT, CONTROL, ORGANISER, Running, running
from simulation.stepped_clock import SteppedClock, sqlite_at_once

HALL = f"#hall:{SERVER}"
ADA, BOB, EVE = (f"@{name}:{SERVER}" for name in ("ada", "bob", "eve"))
URL = "https://talks.example.org"
SECRET = "Something that Ada regrets"
TALKS = (
    Planned(1, "Tiny kernels", 60, 25, chat_room=HALL),
    Planned(2, "Big kernels", 90, 25, chat_room=HALL),
)


class Day:
    def __init__(self, bot: Running, clock: SteppedClock, folder: Folder, schedule: Path) -> None:
        self.bot = bot
        self.clock = clock
        self.folder = folder
        self.schedule = schedule
        self.regretted = ""
        """The event of `SECRET`, where `evening` began."""

    async def jump(self, **passes: float) -> None:
        """Time passes of which nobody sees anything; then a minute."""
        self.clock.ahead += timedelta(**passes)
        await self.clock.advance(60)

    async def later(self, **passes: float) -> None:
        await self.clock.advance(timedelta(**passes).total_seconds())

    def say(self, person: str, text: str, **content: Any) -> str:
        return str(self.bot.room(HALL).say(person, text, **content))

    def heard(self) -> list[str]:
        return self.bot.said(HALL)

    @property
    def names(self) -> list[str]:
        return self.folder.names()

    def transcript(self, talk: str = "talk-1") -> Transcript:
        return model_file.read(self.folder.model(talk))

    def chat(self, talk: str = "talk-1") -> list[str]:
        """What people said, in order."""
        lines = model_file.lines(self.folder.model(talk))
        return [line.text for line in lines if isinstance(line, Message) and not line.is_bot]

    def gaps(self, talk: str = "talk-1") -> list[str]:
        """Why parts of the chat are missing."""
        lines = model_file.lines(self.folder.model(talk))
        return [line.why for line in lines if isinstance(line, Gap)]

    def chat_ids(self, talk: str = "talk-1") -> dict[str, str]:
        """By what people said, the event."""
        lines = model_file.lines(self.folder.model(talk))
        return {line.text: line.id for line in lines if isinstance(line, Message)}

    def files_with(self, words: str) -> list[str]:
        """All files in which something stands, hidden and temporary ones too."""
        return [
            path.relative_to(self.folder.root).as_posix()
            for path in sorted(self.folder.root.rglob("*"))
            if path.is_file() and words in path.read_text(errors="replace")
        ]

    def files_naming(self, name: str) -> list[str]:
        """The same for a word: of letters alone, a few stand in every other digest as well."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        return [
            path
            for path in self.files_with(name)
            if word.search((self.folder.root / path).read_text(errors="replace"))
        ]


@asynccontextmanager
async def day(
    database: Database,
    folder: Path,
    server: FakeHomeserver | None = None,
    clock: SteppedClock | None = None,
    talks: Sequence[Planned] = TALKS,
    **settings: Any,
) -> AsyncIterator[Day]:
    """A bot that comes towards the end of the first talk, or one that comes back."""
    clock = clock or SteppedClock(START + timedelta(minutes=84))
    if server is None:
        server = FakeHomeserver(clock)
        for alias in (CONTROL, HALL):
            server.create_room(alias, [BOT, ORGANISER, ADA, BOB, EVE])
    schedule = folder / "schedule.xml"
    if not schedule.exists():
        write_schedule(schedule, talks)
    given: dict[str, Any] = {
        "schedule": {"source": str(schedule)},
        "transcripts": {"folder": str(folder / "out"), "public_url": URL, "chat": "publish"},
        "privacy": {"contact": "privacy@example.org"},
    }
    for section, values in settings.items():
        given[section] = {**given.get(section, {}), **values}
    async with running(server, database, clock, **given) as bot:
        yield Day(bot, clock, Folder(folder / "out"), schedule)


async def after_the_talk(world: Day) -> str:
    """Ada asked, Bob said hello and Ada said something that she regrets; returns that event."""
    await world.later(seconds=5)
    world.say(ADA, "!ask How small can it get?")
    world.say(BOB, "Hello")
    regretted = world.say(ADA, SECRET)
    await world.jump(minutes=6)
    assert world.names == ["talk-1"]
    return regretted


class Evening(Protocol):
    def __call__(self, **settings: Any) -> AbstractAsyncContextManager[Day]: ...


@dataclass(frozen=True)
class AfterTheTalk:
    """What is left of a day on which `after_the_talk` happened."""

    folder: Path
    server: FakeHomeserver
    now: datetime
    regretted: str

    @classmethod
    async def happens(cls, folder: Path) -> AfterTheTalk:
        """In this folder, in which there is an empty database."""
        with sqlite_at_once():
            database = sqlite(str(folder / "bot.db"))
            async with day(database, folder) as world:
                regretted = await after_the_talk(world)
            await database.close()
            return cls(folder, world.bot.server, world.clock.now(), regretted)

    @asynccontextmanager
    async def evening(
        self, database: Database, folder: Path, **settings: Any
    ) -> AsyncIterator[Day]:
        """A bot that comes back to a copy of that, in `folder`; `database` is not open yet."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        clock = SteppedClock(self.now)
        async with day(database, folder, self.server.copy(clock), clock, **settings) as world:
            world.regretted = self.regretted
            yield world
