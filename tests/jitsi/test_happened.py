"""What is heard of a crowd, and how much waits."""

from __future__ import annotations

import asyncio

import pytest

from fosdembot.jitsi.happened import MOST_MOVES, MOST_SAID, MOST_SAID_OF_ONE, Happened
from fosdembot.jitsi.meeting import Arrived, Event, Left, MeetingError, Participant, Said, Trouble

MIRA, LEA = Participant("mira", "Mira"), Participant("lea", "Lea")
OVER = MeetingError(Trouble.AWAY)


def line(number: int, sender: Participant = MIRA) -> Said:
    return Said(f"{sender.id}-{number}", sender, "hello")


async def heard(happened: Happened) -> list[Event]:
    happened.end(OVER)
    events = []
    while True:
        try:
            events.append(await happened.next())
        except MeetingError:
            return events


async def test_everything_is_heard_in_its_order() -> None:
    happened = Happened()
    events: list[Event] = [Arrived(MIRA), line(1), Arrived(LEA), line(1, LEA), line(2)]
    for event in events:
        assert happened.tell(event)
    assert await heard(happened) == events


async def test_of_who_comes_and_goes_the_last_counts() -> None:
    happened = Happened()
    for _ in range(100_000):
        assert happened.tell(Arrived(MIRA))
        assert happened.tell(Left(MIRA))
    assert await heard(happened) == [Left(MIRA)]


async def test_one_who_talks_without_end_drowns_nobody() -> None:
    happened = Happened()
    told = [happened.tell(line(number)) for number in range(100_000)]
    assert sum(told) == MOST_SAID_OF_ONE
    assert happened.tell(line(1, LEA))
    assert len(await heard(happened)) == MOST_SAID_OF_ONE + 1


async def test_a_crowd_is_bounded() -> None:
    happened = Happened()
    crowd = [Participant(f"p{number}", "x") for number in range(2_000)]
    assert sum(happened.tell(Arrived(each)) for each in crowd) == MOST_MOVES
    assert sum(happened.tell(line(1, each)) for each in crowd) == MOST_SAID
    assert len(await heard(happened)) == MOST_MOVES + MOST_SAID


async def test_what_was_heard_makes_room() -> None:
    happened = Happened()
    for number in range(10 * MOST_SAID):
        assert happened.tell(line(number))
        assert happened.tell(Arrived(MIRA))
        await happened.next()
        await happened.next()


async def test_the_first_reason_of_an_end_counts() -> None:
    happened = Happened()
    waiting = asyncio.ensure_future(happened.next())
    await asyncio.sleep(0)
    happened.end(MeetingError(Trouble.KICKED))
    happened.end(OVER)
    with pytest.raises(MeetingError) as caught:
        await waiting
    assert caught.value.trouble is Trouble.KICKED


async def test_who_stops_listening_loses_nothing() -> None:
    happened = Happened()
    waiting = asyncio.ensure_future(happened.next())
    await asyncio.sleep(0)
    happened.tell(line(1))
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await heard(happened) == [line(1)]
