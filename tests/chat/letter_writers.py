"""Letters to speakers, as they get them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.chat.floor import SPEAKER
from tests.committed import Said
from tests.stage import Stage

OVER = 89
"""Minutes after `START`: four after the end of the first talk."""


async def letter(stage: Stage, person: str = SPEAKER) -> tuple[str, str]:
    """The talk is over, and `person` was written a letter: the direct chat, and the event."""
    chat = await stage.open_direct(person)
    stage.clock.set(OVER)
    await stage.bot.letters.step()
    await stage.deliver()
    [event] = [f"$sent{said.key}" for said in await stage.outbox(chat)]
    await stage.news()
    return chat, event


def one_in(said: Sequence[Said], alias: str) -> Said:
    [found] = [each for each in said if each.room == alias]
    return found
