"""The speaker's meeting: questions appear there, and what is decided there is so everywhere."""

from __future__ import annotations

from pathlib import Path

from simulation.conference import Planned
from simulation.homeserver import Homeserver
from simulation.prosody import Prosody
from tests.conftest import MakeBot, MakePerson
from tests.e2e.meeting_world import meeting_world, says


async def test_the_speaker_works_through_the_questions(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    def talks(alias: str) -> list[Planned]:
        return [Planned(1, "Tiny kernels", 0, 25, chat_room=alias)]

    # Its Q&A has begun.
    async with meeting_world(
        homeserver, person, bot_factory, prosody, new_folder, talks, at=21
    ) as world:
        speaker = world.speaker
        await speaker.sees(says("Questions now, until 09:25."))
        await world.ask("How small?", "How big?", "Why?")
        await speaker.sees(says("1 (0 votes): How small? – asker"))
        speaker.say("!next")
        await speaker.sees(says("Now: 1 (0 votes): How small?"))
        speaker.say("!done")
        await speaker.sees(says("1 is answered. Next: 2 (0 votes): How big?"))
        speaker.say("!skip")
        await speaker.sees(says("2 is skipped. Next: 3 (0 votes): Why?"))
        assert "✓ 1" in await world.questions()
        print(world.lines)
