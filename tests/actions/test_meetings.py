"""Which meeting the talks of a room have is said by moderators, by any face."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fosdembot.actions.once import DoneBefore
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import Change, MeetingNamed
from fosdembot.db.engine import Database
from fosdembot.meeting_url import MeetingUrl
from tests.talks.programme import ROOM

from .house import ADA, MODERATOR, ORGANISER, SPEAKER, House

MEETING = MeetingUrl("meet.example.org", "kernel")
ELSEWHERE = MeetingUrl("other.example", "kernel")
SERVERS: Mapping[str, object] = {"servers": {"meet.example.org": {}}}


@pytest.fixture
async def house(database: Database) -> House:
    house = House(database, jitsi=SERVERS)
    await house.open()
    return house


async def meetings(house: House) -> list[MeetingUrl]:
    async with house.database.read() as session:
        return list(await house.meetings.all(session))


@pytest.mark.parametrize("person", [MODERATOR, ORGANISER])
async def test_moderators_name_a_meeting_and_take_it_away(house: House, person: str) -> None:
    heard: list[Change] = []
    house.changes.subscribe(heard.append, MeetingNamed)
    for _ in range(2):
        async with house.database.write() as session:
            actor = house.actor(person, "web")
            await house.meeting_actions.name(session, actor, ROOM, MEETING)
        assert await meetings(house) == [MEETING]
    assert heard == 2 * [MeetingNamed(MEETING)], "a bot that was removed is wanted back"
    async with house.database.write() as session:
        await house.meeting_actions.turn_off(session, house.actor(person, "web"), ROOM)
    assert await meetings(house) == []
    for is_new in (True, False):
        async with house.database.write() as session:
            actor = house.actor(person, "web")
            assert await house.meeting_actions.reset(session, actor, ROOM) is is_new


@pytest.mark.parametrize("person", [ADA, SPEAKER, "guest"])
async def test_others_do_not(house: House, person: str) -> None:
    async with house.database.write() as session:
        actor, actions = house.actor(person, "web"), house.meeting_actions
        assert not await actions.may(session, actor, ROOM)
        for doing in (
            actions.name(session, actor, ROOM, MEETING),
            actions.turn_off(session, actor, ROOM),
            actions.reset(session, actor, ROOM),
            actions.check(session, actor, ROOM),
        ):
            with pytest.raises(Refused) as caught:
                await doing
            assert caught.value.permission is Permission.SEE_TO_MEETING
    assert await meetings(house) == []


async def test_only_of_servers_that_the_settings_name(house: House) -> None:
    async with house.database.write() as session:
        with pytest.raises(Refused) as caught:
            await house.meeting_actions.name(
                session, house.actor(MODERATOR, "web"), ROOM, ELSEWHERE
            )
    assert (caught.value.why, caught.value.address) == (Denial.UNKNOWN_SERVER, "other.example")


async def test_by_the_same_cause_it_is_named_once(house: House) -> None:
    actor = house.actor(MODERATOR, "web")
    async with house.database.write() as session:
        await house.meeting_actions.name(session, actor, ROOM, MEETING)
    async with house.database.write() as session:
        with pytest.raises(DoneBefore):
            await house.meeting_actions.name(session, actor, ROOM, MEETING)


async def test_in_a_rehearsal_there_are_none(database: Database) -> None:
    house = House(database, jitsi=SERVERS, rehearsal={"room": ROOM.replace("#", "!")})
    await house.open()
    async with house.database.write() as session:
        with pytest.raises(Refused) as caught:
            await house.meeting_actions.name(session, house.actor(MODERATOR, "web"), ROOM, MEETING)
    assert caught.value.why is Denial.REHEARSAL
