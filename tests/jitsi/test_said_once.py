"""A line is said once and never lost, wherever the process dies or the connection breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from fosdembot.conference.meeting_lines import LEASE
from fosdembot.jitsi.meeting import Kind, MeetingError, Participant, Said, Trouble
from fosdembot.questions.states import Action

from .hall import QA, Hall
from .stand_in import FOCUS, LEO, MIRA, Crash

NEXT = "Next: 2 (0 votes): How big? – Bob"
OTHER = Participant("bot1", "Questions", Kind.MACHINE)


async def crash(_: str) -> None:
    raise Crash


async def lose(_: str) -> None:
    raise MeetingError(Trouble.AWAY)


async def until(hall: Hall, step: str) -> None:
    """The line that waits is said until this step; then the process is gone."""
    lines, now = hall.bridge.telling.lines, hall.stage.clock.now()
    match step:
        case "put":
            await hall.put()
        case "sending":
            await hall.put()
            async with hall.stage.database.write() as session:
                claimed = await lines.claim(session, now, [], are_alone=True)
                assert claimed is not None
        case "leaving" | "appeared":
            setattr(hall.connection, {"leaving": "before", "appeared": "after"}[step], crash)
            with pytest.raises(Crash):
                await hall.look()
        case "sent":
            await hall.look()


STEPS = ("nothing", "put", "sending", "leaving", "appeared", "sent")


@pytest.mark.parametrize("step", STEPS)
async def test_whatever_the_process_was_about_to_do_the_line_is_said_once(
    qa: Hall, step: str
) -> None:
    await qa.act(1, Action.DONE)
    await until(qa, step)
    await qa.restart()
    await qa.look()
    assert qa.meeting.said.count(NEXT) == 1
    assert [row.state for row in await qa.rows()] == ["sent", "sent"]


@pytest.mark.parametrize("step", STEPS)
async def test_where_the_meeting_keeps_no_history_no_line_is_lost(qa: Hall, step: str) -> None:
    """It began anew, so nobody there has read what was said before."""
    qa.meeting.keeps_history = False
    await qa.act(1, Action.DONE)
    await until(qa, step)
    await qa.restart()
    await qa.look()
    ids = [line.id for line in qa.meeting.lines if line.text == NEXT]
    assert len(ids) == (2 if step == "appeared" else 1)
    assert len(set(ids)) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_an_answer_is_said_once_as_well(qa: Hall, step: str) -> None:
    await qa.hear(Said("a", MIRA, "!next"))
    if step != "nothing":
        await until(qa, step)
    await qa.restart()
    await qa.look()
    assert qa.meeting.said.count("Now: 1 (0 votes): How small? – Bob") == 1


@pytest.mark.parametrize("hook", ["before", "after"])
async def test_a_connection_that_breaks_while_a_line_is_said(qa: Hall, hook: str) -> None:
    await qa.act(1, Action.DONE)
    setattr(qa.connection, hook, lose)
    with pytest.raises(MeetingError):
        await qa.look()
    await qa.reconnect()
    assert qa.meeting.said.count(NEXT) == (1 if hook == "after" else 0)
    await qa.look()
    assert qa.meeting.said.count(NEXT) == 1


@pytest.mark.parametrize("keeps_history", [True, False])
async def test_what_was_dismissed_while_nobody_knew_whether_it_was_said_is_taken_back(
    qa: Hall, keeps_history: bool
) -> None:
    qa.meeting.keeps_history = keeps_history
    await qa.act(1, Action.DONE)
    await until(qa, "appeared")
    await qa.act(2, Action.DISMISS)
    await qa.restart()
    await qa.look()
    assert qa.meeting.said.count(NEXT) == 1
    assert NEXT not in qa.meeting.readable


async def test_what_was_dismissed_before_it_left_is_not_said_after_a_crash(qa: Hall) -> None:
    await qa.act(1, Action.DONE)
    await until(qa, "sending")
    await qa.act(2, Action.DISMISS)
    await qa.restart()
    await qa.look()
    assert NEXT not in qa.meeting.said


async def test_what_was_about_to_be_said_and_is_outdated_is_not_said_after_a_crash(
    qa: Hall,
) -> None:
    await qa.act(1, Action.DONE)
    await until(qa, "sending")
    await qa.act(3, Action.TAKE)
    await qa.restart()
    assert await qa.look() == ["Now: 3 (0 votes): Why? – Bob"]


async def test_a_retraction_that_was_cut_off_is_made_again(qa: Hall) -> None:
    await qa.act(1, Action.DISMISS)
    qa.connection.before = crash
    with pytest.raises(Crash):
        await qa.look()
    await qa.restart()
    await qa.look()
    assert len(qa.meeting.retracted) == 1


async def test_after_ten_minutes_away_what_was_to_be_said_is_worked_out_anew(qa: Hall) -> None:
    await qa.act(1, Action.DONE)
    await until(qa, "leaving")
    await qa.command("!talk delay 15")
    qa.at(QA + 16)
    await qa.restart()
    assert await qa.look() == [
        "Questions now, until 10:40. 2 questions wait. First: 2 (0 votes): How big? – Bob"
    ]


# Two runs of the bot on one database, in one meeting.


async def test_of_two_runs_at_once_one_says_a_line(qa: Hall) -> None:
    first, here = qa.bridge, qa.connection
    await qa.act(1, Action.DONE)

    async def other_looks(_: str) -> None:
        """Both are about to say it."""
        here.before = None
        assert await second.bridge.step(second.connection) > 0

    here.own = OTHER
    second = Hall(qa.stage)
    second.meeting = qa.meeting
    second.connection = qa.meeting.connect("Questions")
    here.before = other_looks
    await qa.look()
    await second.look()
    assert first is not second.bridge
    assert qa.meeting.said.count(NEXT) == 1


async def test_a_command_that_both_hear_takes_effect_once(qa: Hall) -> None:
    second = Hall(qa.stage)
    second.meeting = qa.meeting
    second.connection = qa.meeting.connect("Questions")
    said = qa.meeting.hears("!next")
    await qa.hear(said)
    qa.later(1)
    await second.hear(said)
    await qa.look()
    await second.look()
    assert qa.meeting.said.count("Now: 1 (0 votes): How small? – Bob") == 1
    assert await qa.states(1, 2) == ["answering", "open"]


async def test_what_another_run_was_about_to_say_is_left_to_it_for_a_while(qa: Hall) -> None:
    await qa.act(1, Action.DONE)
    await until(qa, "sending")
    await qa.restart()
    qa.meeting.people[OTHER.id] = OTHER
    assert await qa.look() == []
    qa.later(LEASE.total_seconds() / 60)
    assert await qa.look() == [NEXT]


async def test_what_another_run_is_heard_to_say_is_not_said_again(qa: Hall) -> None:
    await qa.act(1, Action.DONE)
    await until(qa, "sending")
    [row] = [row for row in await qa.rows() if row.state == "sending"]
    await qa.restart()
    qa.meeting.people[OTHER.id] = OTHER
    await qa.hear(Said(row.stanza, OTHER, NEXT))
    qa.later(1)
    assert await qa.look() == []


# The whole bridge, as it runs.


@pytest.fixture
async def serving(qa: Hall) -> AsyncIterator[Hall]:
    task = asyncio.create_task(qa.bridge.serve(qa.connection))
    yield qa
    async with qa.stage.database.no_writing():
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def says(hall: Hall, text: str) -> None:
    async with asyncio.timeout(10):
        while text not in hall.meeting.said:
            await asyncio.sleep(0)


async def test_what_happens_in_the_room_is_said_without_being_asked(serving: Hall) -> None:
    await serving.act(2, Action.TAKE)
    serving.bridge.changed({"talk-1"})
    await says(serving, "Now: 2 (0 votes): How big? – Bob")


async def test_what_is_typed_is_answered(serving: Hall) -> None:
    serving.meeting.hears("!next")
    await says(serving, "Now: 1 (0 votes): How small? – Bob")


async def test_the_bot_leaves_when_only_machines_are_left(qa: Hall) -> None:
    qa.meeting.people = {FOCUS.id: FOCUS, MIRA.id: MIRA}
    task = asyncio.create_task(qa.bridge.serve(qa.connection))
    await asyncio.sleep(0)
    qa.meeting.leaves(MIRA)
    async with asyncio.timeout(10):
        await task


async def test_a_connection_that_is_lost_ends_it(qa: Hall) -> None:
    task = asyncio.create_task(qa.bridge.serve(qa.connection))
    await asyncio.sleep(0)
    qa.meeting.end()
    async with asyncio.timeout(10):
        with pytest.raises(MeetingError):
            await task


async def test_who_is_there_is_known_as_long_as_the_bot_is(qa: Hall) -> None:
    task = asyncio.create_task(qa.bridge.serve(qa.connection))

    def people() -> tuple[str, ...]:
        return qa.stage.bot.meetings.state(qa.url).people

    async with asyncio.timeout(10):
        while people() != ("Leo", "Mira"):
            await asyncio.sleep(0)
        qa.meeting.leaves(LEO)
        while people() != ("Mira",):
            await asyncio.sleep(0)
        qa.meeting.end()
        with pytest.raises(MeetingError):
            await task


async def test_a_fault_of_the_database_costs_no_connection(
    qa: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = qa.bridge.step
    failed: list[bool] = []

    async def fails_once(connection: object) -> float:
        if not failed:
            failed.append(True)
            qa.bridge.clock.call_later(0, qa.bridge.wake.set)
            raise OSError("disk full")
        return await step(qa.connection)

    monkeypatch.setattr(type(qa.bridge), "step", lambda _, connection: fails_once(connection))
    task = asyncio.create_task(qa.bridge.serve(qa.connection))
    await qa.act(2, Action.TAKE)
    qa.bridge.changed()
    await says(qa, "Now: 2 (0 votes): How big? – Bob")
    qa.meeting.end()
    await asyncio.gather(task, return_exceptions=True)


# What a vote costs.


async def test_a_vote_is_only_glanced_at(qa: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    await qa.look()
    looks = []
    telling = type(qa.bridge.telling)
    look = telling.look

    async def counted(self: object, *args: object, **kwargs: object) -> object:
        looks.append(True)
        return await look(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(telling, "look", counted)
    await qa.vote(1)
    qa.bridge.changed({"talk-1"})
    await qa.bridge.step(qa.connection)
    assert looks == []


async def test_a_vote_in_another_meeting_is_nothing(
    qa: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await qa.look()
    # The last look was long ago.
    monkeypatch.setattr(qa.bridge.clock, "monotonic", lambda: 1e9)
    qa.bridge.wake.clear()
    qa.bridge.changed({"talk-99"})
    assert not qa.bridge.wake.is_set()
    qa.bridge.changed({"talk-2"})
    assert qa.bridge.wake.is_set()


async def test_what_happens_while_a_connection_breaks_is_seen_by_the_next(
    qa: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa.bridge.clock, "monotonic", lambda: 1e9)
    await qa.bridge.step(qa.connection)
    qa.bridge.wake.clear()
    rings = []

    class Never:
        def cancel(self) -> None: ...

    def call_later(_: float, call: object) -> Never:
        rings.append(call)
        return Never()

    monkeypatch.setattr(qa.bridge.clock, "call_later", call_later)
    qa.bridge.changed({"talk-1"})
    rings[0]()  # type: ignore[operator]
    assert qa.bridge.wake.is_set()
    qa.bridge.wake.clear()
    qa.bridge.changed({"talk-1"})
    assert len(rings) == 2


async def test_many_votes_are_one_look(qa: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.bridge.clock, "monotonic", lambda: 1e9)
    await qa.bridge.step(qa.connection)
    qa.bridge.wake.clear()
    for _ in range(100):
        qa.bridge.changed({"talk-1"})
    assert not qa.bridge.wake.is_set()
    async with asyncio.timeout(5):
        await qa.bridge.wake.wait()
