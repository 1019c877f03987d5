"""The history of a talk's room is purged on a real homeserver, after its transcript was made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fosdembot.transcripts.folder import Folder
from simulation.client import Client
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson

from .test_transcripts import has, no_findings, said, transcribed

FIRST, SECRET = "the first that was said", "something that somebody regrets"


async def test_what_is_purged_stays_and_what_is_redacted_goes(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    world, room, folder, bot = await transcribed(
        "purged", homeserver, person, bot_factory, new_folder
    )
    ada = world.admin
    first = await ada.send(room, FIRST)
    await ada.edit(room, first, f"{FIRST}, edited")
    regretted = await ada.send(room, SECRET)
    await ada.send(room, "hello", **in_reply_to(first))
    middle = await ada.send(room, "in the middle")
    await made(folder, ada, room, "in the middle")
    before = chat(folder)
    assert before == [f"{FIRST}, edited", SECRET, "hello", "in the middle"]

    # What people of this homeserver said is kept, and shown to nobody.
    await homeserver.purge(room, middle, local_too=False)
    await ada.redact(room, regretted)
    await wait_for(gone(folder, SECRET), 60, f"no {SECRET!r} in any file")
    before.remove(SECRET)
    assert chat(folder) == before

    # Nothing is left of it.
    await homeserver.purge(room, await ada.send(room, "last"), local_too=True)
    await ada.send(room, "at last")
    await made(folder, ada, room, "at last")
    assert chat(folder) == [*before, "last", "at last"]
    assert has(folder, f"{FIRST}, edited")
    await no_findings(folder)
    await bot.stop()


async def made(folder: Folder, who: Client, room: str, words: str) -> None:
    """A transcript that is asked for has these words."""
    await who.send(room, "!transcript")

    async def is_there() -> bool:
        return words in said(folder)

    await wait_for(is_there, 60, "a transcript")


def chat(folder: Folder) -> list[str]:
    return [text for text in said(folder) if text != "!transcript"]


def gone(folder: Folder, words: str) -> Callable[[], Awaitable[bool]]:
    async def is_gone() -> bool:
        return not has(folder, words)

    return is_gone


def in_reply_to(event: str) -> dict[str, object]:
    return {"m.relates_to": {"m.in_reply_to": {"event_id": event}}}
