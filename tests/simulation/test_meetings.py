"""People in meetings see each other, and the first of them is the owner."""

from __future__ import annotations

import pytest

from simulation.meetings import Focus, MeetingPerson
from simulation.prosody import Prosody
from simulation.waiting import NotSeen, wait_for


async def test_the_first_person_is_the_owner_until_they_leave(prosody: Prosody) -> None:
    async with (
        Focus(prosody) as focus,
        MeetingPerson(prosody, "Mira") as mira,
        MeetingPerson(prosody, "Ada") as ada,
    ):
        await mira.join(focus, "kernel")
        await ada.join(focus, "kernel")

        async def owns(person: MeetingPerson) -> bool:
            return person.is_owner

        await wait_for(lambda: owns(mira))
        assert not ada.is_owner
        assert set(ada.names.values()) == {"", "Mira", "Ada"}

        said = mira.say("Hello!")
        assert (await ada.sees(lambda line: line.text == "Hello!")).id == said
        mira.leave()
        await wait_for(lambda: owns(ada))


async def test_nobody_comes_in_before_the_meeting_is_open(prosody: Prosody) -> None:
    async with Focus(prosody), MeetingPerson(prosody, "Mira") as mira:
        mira.enter("kernel")
        with pytest.raises(NotSeen):
            await mira.is_in(seconds=1)
