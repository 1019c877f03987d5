"""Which talks have which meeting: what somebody named for a room counts before all else."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Change, MeetingNamed, MeetingsChanged, TalksChanged
from fosdembot.conference.meetings import UNKNOWN, Meetings
from fosdembot.meeting_url import MeetingUrl
from simulation.conference import START, Planned
from tests.chat.floor import taken_back
from tests.stage import CLOUD, KERNEL, MakeStage, Stage, talks

HALL = MeetingUrl("meet.example.org", "hall")
ATTIC = MeetingUrl("meet.example.org", "attic")
OTHER = MeetingUrl("meet.example.org", "other")


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    stage = await make_stage(jitsi={"template": "https://meet.example.org/{room}"})
    await stage.publish(
        *talks(Planned(1, "A", 60, 25), Planned(2, "B", 85, 25), Planned(3, "Day", 0, 400)),
        *talks(Planned(11, "C", 60, 50, place="Attic"), room=CLOUD),
        Planned(12, "D", 60, 50, place="Cellar"),
    )
    return stage


async def by_meeting(stage: Stage) -> dict[MeetingUrl, list[str]]:
    async with stage.database.read() as session:
        found = await stage.bot.meetings.all(session)
    return {meeting: sorted(talk.guid for talk in of) for meeting, of in found.items()}


async def of(stage: Stage, guid: str) -> MeetingUrl | None:
    async with stage.database.read() as session:
        return await stage.bot.meetings.of_talk(session, stage.bot.programme.talks[guid])


async def put(stage: Stage, address: str, url: MeetingUrl | None) -> None:
    async with stage.database.write() as session:
        await stage.bot.meetings.put(session, address, url, "@mod:example.org", START)


async def forget(stage: Stage, address: str) -> bool:
    async with stage.database.write() as session:
        return await stage.bot.meetings.forget(session, address)


async def test_by_settings_and_only_of_talks_with_a_room(stage: Stage) -> None:
    """What takes all day is no talk, and one without a room has nobody who asks."""
    assert await by_meeting(stage) == {HALL: ["talk-1", "talk-2"], ATTIC: ["talk-11"]}
    assert await of(stage, "talk-2") == HALL


async def test_what_somebody_named_for_a_room_counts_until_it_is_taken_back(stage: Stage) -> None:
    await put(stage, KERNEL, OTHER)
    assert await by_meeting(stage) == {OTHER: ["talk-1", "talk-2"], ATTIC: ["talk-11"]}
    assert await of(stage, "talk-1") == OTHER
    await put(stage, KERNEL, ATTIC)
    assert await by_meeting(stage) == {ATTIC: ["talk-1", "talk-11", "talk-2"]}
    await put(stage, KERNEL, None)
    assert await by_meeting(stage) == {ATTIC: ["talk-11"]}
    assert await of(stage, "talk-1") is None
    await stage.restart()
    assert await by_meeting(stage) == {ATTIC: ["talk-11"]}
    assert await forget(stage, KERNEL) is True
    assert await forget(stage, KERNEL) is False
    assert await by_meeting(stage) == {HALL: ["talk-1", "talk-2"], ATTIC: ["talk-11"]}


async def test_a_row_that_nobody_can_read_concerns_no_other_room(stage: Stage) -> None:
    """Earlier versions took addresses which, written out, are longer than any they read."""
    await put(stage, KERNEL, MeetingUrl("meet.example.org", "я" * 300))
    assert await by_meeting(stage) == {HALL: ["talk-1", "talk-2"], ATTIC: ["talk-11"]}
    assert await of(stage, "talk-1") == HALL
    async with stage.database.read() as session:
        assert not await stage.bot.meetings.named(session, KERNEL)


async def test_another_schedule_has_other_meetings(stage: Stage) -> None:
    await by_meeting(stage)
    await stage.publish(*talks(Planned(1, "A", 60, 25, place="Other")))
    found = await by_meeting(stage)
    assert found[OTHER] == ["talk-1"]


async def test_a_hosts_room_is_no_talk_room(stage: Stage) -> None:
    await by_meeting(stage)
    async with stage.database.write() as session:
        await stage.bot.hosts.put(session, "Main", CLOUD)
    assert await by_meeting(stage) == {HALL: ["talk-1", "talk-2"]}


async def test_what_was_rolled_back_was_never_so(stage: Stage) -> None:
    async with stage.database.write() as session, taken_back(session):
        await stage.bot.meetings.put(session, KERNEL, OTHER, "@mod:example.org", START)
        await session.flush()
        assert OTHER in await stage.bot.meetings.all(session)
    assert await by_meeting(stage) == {HALL: ["talk-1", "talk-2"], ATTIC: ["talk-11"]}


async def test_the_meetings_of_a_room_stand_in_the_order_of_their_talks(
    make_stage: MakeStage,
) -> None:
    stage = await make_stage(jitsi={"template": "https://meet.example.org/{id}"})
    await stage.publish(*talks(Planned(2, "A", 85, 25), Planned(1, "B", 110, 25)))
    async with stage.database.read() as session:
        found = await stage.bot.meetings.of_rooms(session)
    assert found == {
        KERNEL: [MeetingUrl("meet.example.org", "2"), MeetingUrl("meet.example.org", "1")]
    }


async def test_it_is_worked_out_once_for_a_programme(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(session: AsyncSession) -> object:
        return await stage.bot.meetings.all(session)

    async with stage.database.read() as session:
        first = await asked(session)
        assert await asked(session) is first
    await put(stage, KERNEL, OTHER)
    async with stage.database.read() as session:
        assert await asked(session) is not first


async def test_what_is_changed_is_told(stage: Stage) -> None:
    heard: list[Change] = []
    stage.bot.changes.subscribe(heard.append)
    await put(stage, KERNEL, OTHER)
    assert heard == [TalksChanged(frozenset({KERNEL})), MeetingNamed(OTHER)]
    heard.clear()
    await put(stage, KERNEL, None)
    await forget(stage, KERNEL)
    assert heard == 2 * [TalksChanged(frozenset({KERNEL}))]


async def test_how_a_meeting_is_is_told_where_the_bot_comes_or_cannot(stage: Stage) -> None:
    meetings: Meetings = stage.bot.meetings
    heard: list[Change] = []
    stage.bot.changes.subscribe(heard.append)
    now = stage.clock.now()
    assert meetings.state(HALL) == UNKNOWN
    meetings.note(HALL, now, is_in=True)
    meetings.note(HALL, stage.clock.now(), people=("Ada",))
    assert heard == [MeetingsChanged()], "people come and go by the thousand"
    state = meetings.state(HALL)
    assert (state.is_in, state.people, state.since) == (True, ("Ada",), now)
    meetings.note(HALL, now, is_in=False, people=(), trouble="away")
    assert heard == [MeetingsChanged(), MeetingsChanged()]
    meetings.gone(HALL)
    assert meetings.state(HALL) == UNKNOWN


async def test_in_a_rehearsal_no_talk_has_a_meeting_whoever_named_one(
    make_stage: MakeStage,
) -> None:
    stage = await make_stage(
        rehearsal={"room": "!kernel:example.org"}, jitsi={"template": "https://meet.example.org/a"}
    )
    await stage.publish(*talks(Planned(1, "A", 60, 25)))
    await put(stage, "!kernel:example.org", OTHER)
    assert await by_meeting(stage) == {}
    assert await of(stage, "talk-1") is None
