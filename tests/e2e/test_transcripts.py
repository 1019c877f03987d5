"""The transcripts of a bot on a real homeserver: killed while it makes them, asked to forget."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random

from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Message
from fosdembot.transcripts.verify import verify
from fosdembot.transcripts.writing import TEMPORARY
from simulation.bot import Bot
from simulation.conference import Planned, settings, write_schedule
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson

from .scenarios import World, make_world, wait_until_joined

KILLS = 5
SAID = 150
SECRET = "something that somebody regrets"


def files(folder: Folder) -> Mapping[str, bytes]:
    """Of the talk, as they are for good."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.talk("talk-1").glob("*"))
        if not path.name.startswith(TEMPORARY)
    }


def said(folder: Folder) -> list[str]:
    path = folder.model("talk-1")
    lines = model_file.lines(path) if path.exists() else ()
    return [line.text for line in lines if isinstance(line, Message) and not line.is_bot]


def has(folder: Folder, words: str) -> list[Path]:
    return [
        path
        for path in folder.root.rglob("*")
        if path.is_file() and words in path.read_text(errors="replace")
    ]


async def transcribed(
    name: str, homeserver: Homeserver, person: MakePerson, make_bot: MakeBot, folder: Path
) -> tuple[World, str, Folder, Bot]:
    """A bot that runs, the room (its id) of the one talk, which is on, and where its transcript is
    published with its chat."""
    world = await make_world(name, homeserver, person, folder, rooms=1, people=1)
    ((alias, room),) = world.rooms.items()
    write_schedule(world.schedule, [Planned(1, "Tiny kernels", 0, 30, chat_room=alias)])
    out = Folder(folder / "out")
    # Ten seconds of the conference are a second: what is said belongs to the talk.
    given = settings(
        world.schedule,
        at=5,
        speed=10,
        transcripts={"folder": str(out.root), "chat": "publish"},
        privacy={"contact": "privacy@example.org"},
    )
    bot = make_bot(world.account, given)
    await bot.start()
    await wait_until_joined(world)
    return world, room, out, bot


async def test_killed_while_it_is_made_and_what_is_redacted_is_gone(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    world, room, folder, bot = await transcribed(
        "transcripts", homeserver, person, bot_factory, new_folder
    )
    sayings = [f"saying {number}" for number in range(SAID)]
    for first in range(0, SAID, 30):
        some = sayings[first : first + 30]
        await asyncio.gather(*(world.admin.send(room, text) for text in some))
    question = await world.admin.send(room, "!ask How small can it get?")
    random = Random(5)

    async def is_made() -> bool:
        return len(said(folder)) > SAID and (folder.talk("talk-1") / "SHA256SUMS").exists()

    await world.admin.send(room, "!transcript")
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.05, 0.6))
        bot.kill()
        for name, content in files(folder).items():
            # Each is whole.
            assert content.endswith((b"\n", b">")), name
        await bot.start()
    await wait_for(is_made, 60, "a transcript")
    assert sorted(text for text in said(folder) if text.startswith("saying")) == sorted(sayings)
    await no_findings(folder)

    # Said while the bot is down, and redacted again while it is up.
    bot.kill()
    regretted = await world.admin.send(room, SECRET)
    await bot.start()
    await world.admin.send(room, "!transcript")
    await wait_for(lambda: found(folder, SECRET), 60, "what was said while the bot was down")
    await world.admin.redact(room, regretted)
    await world.admin.redact(room, question)
    bot.kill()
    await bot.start()

    async def is_gone() -> bool:
        return not (has(folder, SECRET) or has(folder, "How small"))

    await wait_for(is_gone, 60, f"no {SECRET!r} in any file")
    assert len(said(folder)) >= SAID
    await no_findings(folder)
    await bot.stop()


async def found(folder: Folder, words: str) -> bool:
    return words in said(folder)


async def no_findings(folder: Folder) -> None:
    """Also of the index, which comes last."""

    async def none() -> bool:
        return verify(folder) == []

    await wait_for(none, 60, "a folder that is right")
