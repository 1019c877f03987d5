"""Talks are delayed, started, ended and so on, by any face; what it says of that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.talks import talk_meant
from fosdembot.conference.events import TalkDecided
from fosdembot.talks.decisions import Decision
from fosdembot.talks.delays import MOST_MINUTES, Refusal
from fosdembot.talks.phases import Phase, phase
from fosdembot.talks.slots import StageSlot
from tests.talks.programme import ROOM, at, talk

from .house import ADA, BIG, MODERATOR, SPEAKER, TINY, House

CLOUD = "#cloud:example.org"


def refuses(why: Denial | Refusal, number: int = 0) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda err: (err.why, err.number) == (why, number))


async def change(
    house: House,
    decision: Decision,
    talk: str = TINY.guid,
    *,
    minutes: int = 0,
    person: str = MODERATOR,
    face: str = "web",
) -> TalkDecided | None:
    async with house.database.write() as session:
        actor = house.actor(person, face)
        return await house.talks.change(session, actor, ROOM, decision, talk, minutes=minutes)


async def slots(house: House, address: str = ROOM) -> Mapping[str, StageSlot]:
    async with house.database.read() as session:
        room = await house.programme.room(session, address)
    return {slot.talk.guid: slot for slot in room.slots}


async def meant(house: House, clock: str, decision: Decision | None = None) -> str:
    """The talk that is meant at that time by who names none."""
    async with house.database.read() as session:
        room = await house.programme.room(session, ROOM)
    return talk_meant(room, at(clock), house.programme.zone, decision).talk.guid


async def test_a_delay_says_how_the_room_was_and_is(house: House) -> None:
    decided = await change(house, Decision.DELAY, minutes=10)
    assert decided is not None
    before, after = [
        {slot.talk.guid: slot.start for slot in room.slots}
        for room in (decided.before, decided.after)
    ]
    assert before == {"tiny": at("10:00"), "big": at("10:30")}
    assert after == {"tiny": at("10:10"), "big": at("10:35")}
    assert {guid: slot.start for guid, slot in (await slots(house)).items()} == after


@pytest.mark.parametrize(
    ("decision", "becomes"),
    [
        (Decision.END, Phase.OVER),
        (Decision.CANCEL, Phase.CANCELLED),
        (Decision.NOSHOW, Phase.CANCELLED),
    ],
)
async def test_a_talk_comes_to_its_end(house: House, decision: Decision, becomes: Phase) -> None:
    house.clock.forward(5)
    assert await change(house, decision)
    assert phase((await slots(house))[TINY.guid], house.clock.now()) is becomes


@pytest.mark.parametrize("decision", [Decision.START, Decision.NOW])
async def test_a_talk_begins(house: House, decision: Decision) -> None:
    house.clock.forward(28)
    assert await change(house, decision, BIG.guid)
    assert phase((await slots(house))[BIG.guid], house.clock.now()) is Phase.LIVE


async def test_a_decision_is_reset(house: House) -> None:
    await change(house, Decision.DELAY, minutes=10)
    assert await change(house, Decision.RESET)
    assert (await slots(house))[TINY.guid].start == TINY.start


@pytest.mark.parametrize("decision", Decision)
async def test_what_is_so_already_changes_nothing_and_is_told_nobody(
    house: House, decision: Decision
) -> None:
    house.clock.forward(5)
    for _ in range(2):
        again = await change(house, decision, minutes=10)
    assert again is None
    assert len(house.told) <= 1
    async with house.database.read() as session:
        entry = await house.programme.last_decision(session, ROOM)
    assert (entry is not None) is (len(house.told) == 1), "nor is it in the log twice"


async def test_the_log_says_who_decided_what(house: House) -> None:
    await change(house, Decision.DELAY, minutes=10)
    async with house.database.read() as session:
        entry = await house.programme.last_decision(session, ROOM)
    assert entry is not None
    assert (entry.actor, entry.action) == (MODERATOR, "delay 10")
    assert [change["guid"] for change in entry.changes] == ["tiny", "big"]


async def test_who_hears_of_it_is_told_by_whom_and_when(house: House) -> None:
    house.clock.forward(3)
    decided = await change(house, Decision.CANCEL)
    assert house.told == [decided]
    assert decided is not None
    assert (decided.decision, decided.guid) == (Decision.CANCEL, TINY.guid)
    assert decided.cause.startswith("web:")
    assert decided.at == house.clock.now()
    assert not decided.answered_there


async def test_what_is_told_goes_with_what_is_decided(house: House) -> None:
    """A crash between the two leaves neither."""

    async def fails(*_: object) -> None:
        raise RuntimeError

    house.hears = fails
    with pytest.raises(RuntimeError):
        await change(house, Decision.CANCEL)
    assert not (await slots(house))[TINY.guid].cancelled


@pytest.mark.parametrize("person", [ADA, SPEAKER])
@pytest.mark.parametrize("decision", Decision)
async def test_only_moderators_decide_about_talks(
    house: House, decision: Decision, person: str
) -> None:
    with pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is Denial.NOT_ALLOWED and err.permission is Permission.CHANGE_TALK
        ),
    ):
        await change(house, decision, person=person)
    assert house.told == []
    assert (await slots(house))[TINY.guid].start == TINY.start


@pytest.mark.parametrize("minutes", [-1, MOST_MINUTES + 1])
async def test_what_makes_no_sense_says_why(house: House, minutes: int) -> None:
    with refuses(Refusal.MINUTES, minutes):
        await change(house, Decision.DELAY, minutes=minutes)
    with pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is Refusal.NOT_STARTED and err.slot is not None and err.slot.talk == BIG
        ),
    ):
        await change(house, Decision.END, BIG.guid)


async def test_nobody_decides_about_another_room_s_talk(house: House) -> None:
    """Not even where they share the place, and it gets out of the way."""
    other = talk("other", "10:55", chat_room=CLOUD)
    await house.publish(TINY, BIG, other)
    for guid in ("other", "none"):
        with refuses(Refusal.UNKNOWN):
            await change(house, Decision.CANCEL, guid)
    await change(house, Decision.DELAY, BIG.guid, minutes=30)
    assert (await slots(house, CLOUD))["other"].start == BIG.end + timedelta(minutes=30)


@pytest.mark.parametrize("decision", Decision)
async def test_a_talk_that_vanished_is_not_decided_about(house: House, decision: Decision) -> None:
    await house.publish(TINY)
    with refuses(Denial.NOT_PUBLISHED):
        await change(house, decision, BIG.guid)


# Taken back.


async def undo(house: House, address: str = ROOM) -> TalkDecided:
    async with house.database.write() as session:
        undone = await house.undoing.undo(session, house.actor(), address)
    assert isinstance(undone, TalkDecided)
    return undone


async def test_undo_speaks_of_the_talk_that_was_meant(house: House) -> None:
    """Not of one that it pushed, and which another decision was about."""
    await change(house, Decision.DELAY, BIG.guid, minutes=5)
    await change(house, Decision.DELAY, TINY.guid, minutes=20)
    undone = await undo(house)
    assert (undone.guid, undone.decision) == (TINY.guid, None)
    starts = {slot.talk.guid: slot.start for slot in undone.after.slots}
    assert starts == {"tiny": at("10:00"), "big": at("10:35")}
    assert house.told[-1] == undone


async def test_nobody_else_takes_a_decision_back(house: House) -> None:
    await change(house, Decision.CANCEL)
    for person in (ADA, SPEAKER):
        with refuses(Denial.NOT_ALLOWED):
            async with house.database.write() as session:
                await house.talks.take_back(session, house.actor(person), ROOM)
    assert (await slots(house))[TINY.guid].cancelled


async def test_undo_leaves_what_another_room_decided_since(house: House) -> None:
    other = talk("other", "10:55", chat_room=CLOUD)
    await house.publish(TINY, BIG, other)
    await change(house, Decision.DELAY, BIG.guid, minutes=10)
    async with house.database.write() as session:
        actor = house.actor()
        assert await house.talks.change(session, actor, CLOUD, Decision.CANCEL, "other")
    await undo(house)
    assert (await slots(house, CLOUD))["other"].cancelled
    assert (await slots(house))[BIG.guid].start == BIG.start


async def test_undo_of_what_the_schedule_has_overtaken(house: House) -> None:
    """The newer word counts: the schedule takes the delay in, nothing is left to take back."""
    await change(house, Decision.DELAY, minutes=10)
    await house.publish(talk("tiny", "10:10", chat_room=ROOM), talk("big", "10:40", chat_room=ROOM))
    await undo(house)
    assert (await slots(house))[TINY.guid].start == at("10:10")


# Which talk is meant where none is named.


@pytest.mark.parametrize(
    ("clock", "expected"), [("09:00", "tiny"), ("10:24", "tiny"), ("10:26", "big")]
)
async def test_the_talk_that_is_on_is_meant_else_the_next(
    house: House, clock: str, expected: str
) -> None:
    for decision in (None, Decision.DELAY, Decision.END, Decision.CANCEL, Decision.NOSHOW):
        assert await meant(house, clock, decision) == expected


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("09:58", "tiny"), ("10:00", "tiny"), ("10:14", "tiny"), ("10:16", "big"), ("10:29", "big")],
)
async def test_the_talk_whose_start_is_nearest_has_started(
    house: House, clock: str, expected: str
) -> None:
    assert await meant(house, clock, Decision.START) == expected


async def test_a_speaker_who_comes_after_all_starts_their_talk(house: House) -> None:
    await change(house, Decision.NOSHOW)
    assert await meant(house, "10:05", Decision.START) == TINY.guid
    assert await meant(house, "10:05") == BIG.guid


async def test_reset_means_the_talk_that_something_is_decided_about(house: House) -> None:
    with refuses(Denial.NOTHING_DECIDED):
        await meant(house, "10:05", Decision.RESET)
    await change(house, Decision.DELAY, BIG.guid, minutes=3)
    assert await meant(house, "10:05", Decision.RESET) == BIG.guid
    with refuses(Denial.NOTHING_DECIDED):
        await meant(house, "11:30", Decision.RESET)


@pytest.mark.parametrize("decision", [None, Decision.START, Decision.END])
async def test_several_at_once_are_named(house: House, decision: Decision | None) -> None:
    there = talk("there", "10:00", chat_room=ROOM, room="Hall 2")
    await house.publish(TINY, there)
    with pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is Denial.WHICH_TALK
            and [slot.talk.guid for slot in err.slots] == ["tiny", "there"]
        ),
    ):
        await meant(house, "10:05", decision)


@pytest.mark.parametrize("decision", [None, Decision.START, Decision.END])
async def test_tomorrow_s_talk_is_not_meant_unless_it_is_named(
    house: House, decision: Decision | None
) -> None:
    await house.publish(TINY, talk("tomorrow", at("10:00") + timedelta(days=1), chat_room=ROOM))
    with pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is Denial.WHICH_TALK and [slot.talk.guid for slot in err.slots] == ["tomorrow"]
        ),
    ):
        await meant(house, "11:30", decision)


@pytest.mark.parametrize("decision", [None, Decision.START, Decision.END])
async def test_after_the_last_talk_none_is_meant(house: House, decision: Decision | None) -> None:
    with refuses(Denial.NO_TALK_LEFT):
        await meant(house, "11:30", decision)
