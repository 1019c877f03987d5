"""A real client of Jitsi Meet shows what the bot says, and what is typed in it takes effect."""

from __future__ import annotations

from pathlib import Path

from simulation.homeserver import Homeserver
from simulation.prosody import Prosody
from tests.conftest import MakeBot, MakeBrowserPerson, MakePerson
from tests.e2e.meeting_world import ROOM, meeting_world, one_talk


async def test_the_speaker_sits_at_a_browser(
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    browser_person: MakeBrowserPerson,
    prosody: Prosody,
    new_folder: Path,
) -> None:
    async with meeting_world(
        homeserver, person, bot_factory, prosody, new_folder, one_talk, at=21, name="browser"
    ) as world:
        speaker = await browser_person("Ada")
        await speaker.join(ROOM)
        await world.ask("How small can <b>it</b> get & why?", "How big?")
        await speaker.sees("1 (0 votes): How small can <b>it</b> get & why?")
        # Mira was the first, and so moderates the meeting; Ada does not yet.
        await speaker.say("!next")
        await speaker.sees("Only moderators of this meeting")
        world.speaker.leave()
        await speaker.moderates()
        await speaker.say("!next")
        await speaker.sees("Now: 1 (0 votes): How small can <b>it</b> get & why?")
        assert "now: 1 (0 votes) How small" in await world.questions()
