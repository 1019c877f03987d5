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


async def test_a_robot_of_the_last_meeting_does_not_end_the_next(prosody: Prosody) -> None:
    """Robots leave after the last person, whenever they notice it: when the next meeting has
    begun perhaps, before anybody is in it."""
    async with (
        Focus(prosody) as focus,
        MeetingPerson(prosody, "Mira") as mira,
        MeetingPerson(prosody, "Questions", is_robot=True) as robot,
        MeetingPerson(prosody, "Ada") as ada,
    ):
        await mira.join(focus, "kernel")
        await robot.join(focus, "kernel")
        mira.leave()
        await focus.meeting_ends("kernel")
        await focus.open_meeting("kernel")
        robot.leave()
        # Of another meeting, to know when the focus has heard of the robot: it hears in order.
        await ada.join(focus, "attic")
        ada.leave()
        await focus.meeting_ends("attic")
        mira.enter("kernel")
        await mira.is_in()


async def test_a_meeting_can_begin_anew_at_once(prosody: Prosody) -> None:
    async with Focus(prosody) as focus, MeetingPerson(prosody, "Mira") as mira:
        for _ in range(20):
            await mira.join(focus, "kernel")
            mira.leave()
            await focus.meeting_ends("kernel")
