"""Notices are held for a room, a track or everywhere, and told again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import TalksChanged
from fosdembot.conference.events import NoticesPaused
from fosdembot.conference.pauses import EVERYWHERE, is_paused, paused_scopes
from fosdembot.db.tables import RoomAddress
from tests.talks.programme import ROOM, talk

from .house import ADA, BIG, MODERATOR, ORGANISER, ROOM_ID, SPEAKER, TINY, House

CLOUD, OTHER_NAME = "#cloud:example.org", "#kern:example.org"


@pytest.fixture
async def two_rooms(house: House) -> House:
    """The second one's track is "Cloud"; the first one has another address."""
    clouds = talk("clouds", "10:00", chat_room=CLOUD, room="Attic", track="Cloud")
    await house.publish(TINY, BIG, clouds)
    async with house.database.write() as session:
        session.add(RoomAddress(address=OTHER_NAME, room_id=ROOM_ID))
    return house


async def pause(house: House, scope: str, person: str = ORGANISER) -> Sequence[str]:
    async with house.database.write() as session:
        return await house.pauses.pause(session, house.actor(person, "web"), scope)


async def resume(house: House, scope: str, person: str = ORGANISER) -> Sequence[str]:
    async with house.database.write() as session:
        return await house.pauses.resume(session, house.actor(person, "web"), scope)


async def paused(house: House) -> list[str]:
    """The addresses of rooms that are silent."""
    async with house.database.read() as session:
        return [
            address
            for address in (ROOM, CLOUD)
            if await is_paused(session, address, house.programme)
        ]


@pytest.mark.parametrize("scope", ["", "Clouds", "#none:example.org", "*cloud"])
async def test_what_does_not_exist_is_not_paused(two_rooms: House, scope: str) -> None:
    with pytest.RaisesExc(Refused, check=lambda err: err.why is Denial.NO_SUCH_SCOPE):
        await pause(two_rooms, scope)
    async with two_rooms.database.read() as session:
        assert await paused_scopes(session) == frozenset()


@pytest.mark.parametrize(
    ("scope", "rooms"),
    [(ROOM, [ROOM]), ("Cloud", [CLOUD]), (EVERYWHERE, [ROOM, CLOUD])],
)
async def test_a_pause_is_silence_until_it_is_resumed(
    two_rooms: House, scope: str, rooms: list[str]
) -> None:
    heard: list[frozenset[str]] = []
    two_rooms.changes.subscribe(lambda change: heard.append(change.addresses), TalksChanged)
    assert sorted(await pause(two_rooms, scope)) == sorted(rooms)
    assert await paused(two_rooms) == rooms
    [event] = two_rooms.told
    assert isinstance(event, NoticesPaused), "what waits to be sent is held, too"
    assert sorted(event.addresses) == sorted(rooms)
    assert await resume(two_rooms, scope) == [scope]
    assert await paused(two_rooms) == []
    both = [frozenset(rooms)] * 2
    assert heard == both, "a screen shows the pause; then, what is still true is told"


async def test_a_room_is_resumed_by_another_of_its_addresses(two_rooms: House) -> None:
    await pause(two_rooms, OTHER_NAME)
    assert await paused(two_rooms) == [ROOM]
    assert await resume(two_rooms, ROOM) == [OTHER_NAME]


async def test_resuming_everywhere_ends_every_pause(two_rooms: House) -> None:
    await pause(two_rooms, ROOM)
    await pause(two_rooms, "Cloud")
    assert sorted(await resume(two_rooms, EVERYWHERE)) == sorted([ROOM, "Cloud"])
    assert await paused(two_rooms) == []


async def test_what_was_not_paused_is_not_resumed(two_rooms: House) -> None:
    assert await resume(two_rooms, ROOM) == []
    await pause(two_rooms, EVERYWHERE)
    assert await resume(two_rooms, ROOM) == []
    async with two_rooms.database.read() as session:
        assert await paused_scopes(session) == {EVERYWHERE}


@pytest.mark.parametrize("person", [ADA, SPEAKER, MODERATOR])
async def test_only_organisers_pause_and_resume(two_rooms: House, person: str) -> None:
    await pause(two_rooms, EVERYWHERE)
    for act in (pause, resume):
        with pytest.RaisesExc(
            Refused,
            check=lambda err: (
                err.why is Denial.NOT_ALLOWED and err.permission is Permission.RUN_CONFERENCE
            ),
        ):
            await act(two_rooms, ROOM, person)
    assert await paused(two_rooms) == [ROOM, CLOUD]
