"""Speakers are named, claim to be one, are confirmed and taken out, by any face."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fosdembot.actions.access import TalkIn
from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.speakers import Claimed, Removed
from fosdembot.conference.events import ClaimDropped, SpeakerClaimed, SpeakerNamed
from fosdembot.conference.speakers import MOST, claimed_by, speakers_of
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Speaker
from fosdembot.db.tables import RoleRoom, Room, RoomState
from fosdembot.talks.delays import Refusal
from tests.talks.programme import ROOM, talk

from .house import ADA, BIG, BOB, MODERATOR, ROOM_ID, SPEAKER, TINY, House

LISTED = "@listed:example.org"
HOSTS, HOSTS_ID = "#hosts:example.org", "!hosts:example.org"


@pytest.fixture
async def hosted(database: Database) -> House:
    """Moderators meet in a hosts' room; `LISTED` speaks in `TINY` by the settings."""
    house = House(database, hosts={"*": HOSTS}, speakers={TINY.guid: [LISTED]})
    await house.hosts_rooms.load()
    await house.open()
    async with house.database.write() as session:
        session.add(Room(room_id=HOSTS_ID, membership="join"))
        session.add(RoleRoom(address=HOSTS, room_id=HOSTS_ID))
    return house


def refuses(
    why: Denial | Refusal, permission: Permission | None = None
) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(
        Refused, check=lambda err: err.why is why and err.permission is permission
    )


async def name(house: House, person: str, by: str = MODERATOR, talk: str = TINY.guid) -> bool:
    async with house.database.write() as session:
        actor = house.actor(by, "web")
        return await house.speakers.name(session, actor, ROOM, talk, person)


async def remove(house: House, person: str, by: str = MODERATOR) -> Removed:
    async with house.database.write() as session:
        actor = house.actor(by, "web")
        return await house.speakers.remove(session, actor, ROOM, TINY.guid, person)


async def claim(
    house: House, person: str = ADA, talk: str = TINY.guid, *, asked_there: bool = True
) -> Claimed:
    async with house.database.write() as session:
        actor = house.actor(person, "web")
        return await house.speakers.claim(session, actor, ROOM, talk, asked_there=asked_there)


async def confirm(house: House, claimed: SpeakerClaimed, by: str = MODERATOR) -> bool:
    async with house.database.write() as session:
        row = await claimed_by(session, claimed.cause)
        assert row is not None
        return await house.speakers.confirm(session, house.actor(by, "web"), row)


async def known(house: House, talk: str = TINY.guid) -> set[str]:
    """The speakers of a talk."""
    async with house.database.read() as session:
        return set((await speakers_of(session, house.programme, house.settings, [talk]))[talk])


def last_claim(house: House) -> SpeakerClaimed:
    event = house.told[-1]
    assert isinstance(event, SpeakerClaimed)
    return event


# Named.


async def test_a_moderator_names_a_speaker_who_is_told(house: House) -> None:
    assert await name(house, ADA)
    assert await known(house) == {SPEAKER, ADA}
    [event] = house.told
    assert isinstance(event, SpeakerNamed)
    assert (event.talk, event.person) == (TINY, ADA)
    assert event.cause.startswith("web:")
    assert not await name(house, ADA), "it is known already"
    assert len(house.told) == 1


async def test_it_is_for_one_talk_of_the_room(house: House) -> None:
    await name(house, ADA, talk=BIG.guid)
    assert await known(house) == {SPEAKER}
    assert await known(house, BIG.guid) == {ADA}
    await house.publish(TINY, talk("other", "10:30", chat_room="#cloud:example.org"))
    for guid, why in (("other", Refusal.UNKNOWN), (BIG.guid, Denial.NOT_PUBLISHED)):
        with refuses(why):
            await name(house, BOB, talk=guid)
        with refuses(why):
            await claim(house, BOB, guid)


async def test_a_speaker_is_taken_out(hosted: House) -> None:
    await name(hosted, ADA)
    assert await remove(hosted, ADA) is Removed.GONE
    assert await remove(hosted, ADA) is Removed.UNKNOWN
    assert await remove(hosted, LISTED) is Removed.LISTED
    assert await known(hosted) == {SPEAKER, LISTED}


@pytest.mark.parametrize("person", [ADA, SPEAKER])
async def test_only_moderators_name_speakers(house: House, person: str) -> None:
    with refuses(Denial.NOT_ALLOWED, Permission.NAME_SPEAKER):
        await name(house, BOB, person)
    with refuses(Denial.NOT_ALLOWED, Permission.NAME_SPEAKER):
        await remove(house, SPEAKER, person)
    assert await known(house) == {SPEAKER}
    assert house.told == []


async def test_so_many_and_no_more(house: House) -> None:
    for number in range(MOST - 1):
        await name(house, f"@s{number}:example.org")
    for number in range(MOST):
        await claim(house, f"@c{number}:example.org")
    claimed = last_claim(house)
    for full in (name(house, ADA), claim(house, ADA), confirm(house, claimed)):
        with pytest.RaisesExc(
            Refused,
            check=lambda err: (err.why, err.number) == (Denial.SPEAKERS_FULL, MOST),
        ):
            await full
    assert len(await known(house)) == MOST


# Claimed.


async def test_a_claim_gives_no_power_until_a_moderator_confirms_it(house: House) -> None:
    assert await claim(house) is Claimed.ASKED
    claimed = last_claim(house)
    assert (claimed.talk, claimed.person, claimed.address) == (TINY, ADA, ROOM)
    assert await known(house) == {SPEAKER}
    for person in (ADA, BOB, SPEAKER):
        with refuses(Denial.NOT_ALLOWED, Permission.CONFIRM_SPEAKER):
            await confirm(house, claimed, person)
    assert await confirm(house, claimed)
    assert await known(house) == {SPEAKER, ADA}
    assert isinstance(house.told[-1], SpeakerNamed)


async def test_a_claim_is_told_once(house: House) -> None:
    await claim(house)
    assert await claim(house) is Claimed.WAITS
    assert len(house.told) == 1
    await confirm(house, last_claim(house))
    assert await claim(house) is Claimed.ALREADY
    assert len(house.told) == 2


async def test_a_claim_by_a_moderator_is_confirmed_at_once(house: House) -> None:
    assert await claim(house, MODERATOR) is Claimed.NAMED
    assert await known(house) == {SPEAKER, MODERATOR}


async def test_somebody_must_see_a_claim_to_confirm_it(hosted: House) -> None:
    assert await claim(hosted, asked_there=False) is Claimed.ASKED
    assert last_claim(hosted).hosts_rooms == (HOSTS_ID,)


async def test_where_nobody_sees_it_a_claim_is_refused(house: House) -> None:
    with refuses(Denial.NOBODY_CONFIRMS):
        await claim(house, asked_there=False)
    assert house.told == []


GUEST = "guest 7"
"""Of a page, without a Matrix account."""


async def test_who_has_no_account_is_no_speaker(house: House) -> None:
    with refuses(Denial.NO_ACCOUNT):
        await name(house, GUEST)
    with refuses(Denial.NO_ACCOUNT):
        await claim(house, GUEST)
    async with house.database.write() as session:
        row = Speaker(talk=TINY.guid, person=GUEST, confirmed=True, at=house.clock.now())
        session.add(row)
    assert await known(house) == {SPEAKER}, "whatever wrote that"


async def test_nor_anything_else_than_audience(house: House) -> None:
    async with house.database.write() as session:
        power = {"users": {GUEST: 100, ADA: 100}}
        session.add(
            RoomState(
                room_id=ROOM_ID,
                type="m.room.power_levels",
                state_key="",
                sender=MODERATOR,
                content=power,
            )
        )
    async with house.database.read() as session:
        about = TalkIn(TINY.guid, ROOM_ID)
        assert await house.access.granted(session, Who(ADA), about)
        assert await house.access.granted(session, Who(GUEST), about) == frozenset()


async def test_those_behind_a_relay_claim_nothing(house: House) -> None:
    async with house.database.write() as session:
        actor = replace(house.actor(ADA), relayed=True)
        with refuses(Denial.CLAIM_RELAYED):
            await house.speakers.claim(session, actor, ROOM, TINY.guid, asked_there=True)


async def test_a_claim_that_is_dropped_is_void_and_can_be_made_again(house: House) -> None:
    await claim(house)
    cause = last_claim(house).cause
    async with house.database.write() as session:
        assert await house.speakers.retract(session, cause)
    assert house.told[-1] == ClaimDropped(cause)
    assert await claim(house) is Claimed.ASKED
