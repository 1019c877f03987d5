"""What organisers command in the control room; for `!conf reload` and `!conf schedule accept`
see tests/conference/test_schedule_poller.py."""

from __future__ import annotations

import pytest

from simulation.conference import Planned
from tests.chat.conftest import command
from tests.stage import CLOUD, CONTROL, KERNEL, ORGANISER, MakeStage, Stage, in_room, talks


async def test_words_may_be_upper_case_and_apart(conference: Stage) -> None:
    assert "Paused" in await command(conference, "!conf\nPAUSE   all")


async def test_a_talk(conference: Stage) -> None:
    conference.clock.set(70)
    answer = await command(conference, "!conf talk #11")
    for part in ("Small clouds", "Ada L.", "10:00", "10:50", "Attic", CLOUD, "live"):
        assert part in answer
    assert await command(conference, "!conf talk") == "Which talk? Type !conf talk ID"
    assert await command(conference, "!conf talk 99") == 'No talk has the ID "99".'


async def test_who_resumes_one_is_told_what_is_still_paused(conference: Stage) -> None:
    for scope in ("kernel", "all"):
        await command(conference, f"!conf pause {scope}")
    assert await command(conference, "!conf resume kernel") == (
        f"Resumed: {KERNEL}. Still paused: all. To go on there: !conf resume all"
    )
    assert await command(conference, "!conf resume") == "Resumed: all."


async def test_a_pause_is_silence_until_it_is_resumed(conference: Stage) -> None:
    assert await command(conference, "!conf pause") == (
        "Paused: all. No talk is announced until !conf resume all"
    )
    assert await conference.hear(KERNEL, until=62) == []
    assert await command(conference, "!conf resume") == "Resumed: all."
    assert await conference.hear(KERNEL, until=63) == ["10:02 now 1 10:25 10:20"]


async def test_a_pause_with_words_for_the_rooms(conference: Stage) -> None:
    said = await conference.say(CONTROL, ORGANISER, "!conf pause all Fire alarm: please go out.")
    assert in_room(said, KERNEL) == in_room(said, CLOUD) == ["Fire alarm: please go out."]
    told = [s for s in said if s.room != CONTROL]
    assert all(s.content["m.mentions"] == {"room": True} for s in told)


@pytest.mark.parametrize(
    ("scope", "silent"),
    [
        ("kernel", [KERNEL]),
        (KERNEL, [KERNEL]),
        ("Cloud", [CLOUD]),
        ("cloud", [CLOUD]),
        ("ALL", [KERNEL, CLOUD]),
    ],
)
async def test_a_pause_of_a_part(conference: Stage, scope: str, silent: list[str]) -> None:
    await command(conference, f"!conf pause {scope}")
    said = await conference.tell(60)
    for alias in (KERNEL, CLOUD):
        assert (in_room(said, alias) == []) is (alias in silent)
    assert "Resumed" in await command(conference, f"!conf resume {scope}")
    said = await conference.tell()
    assert {s.room for s in said} == set(silent)


async def test_what_waits_to_be_sent_is_held_too(conference: Stage) -> None:
    [waiting] = [s for s in await conference.tell(60) if s.room == KERNEL]
    await command(conference, "!conf pause")
    assert waiting.key not in {s.key for s in await conference.outbox()}
    await conference.tell(61)
    await command(conference, "!conf resume")
    again = [s for s in await conference.tell(62) if s.room == KERNEL]
    assert [s.key for s in again] == [waiting.key]


async def test_so_is_an_edit(conference: Stage) -> None:
    await conference.hear(KERNEL, until=54)
    [edit] = [s for s in await conference.tell(55) if s.room == KERNEL]
    assert edit.kind == "edit"
    await command(conference, "!conf pause")
    [edit] = [s for s in await conference.outbox(KERNEL) if s.kind == "edit"]
    assert edit.state == "dropped"
    await command(conference, "!conf resume")
    [edit] = [s for s in await conference.tell(56) if s.room == KERNEL] or [edit]
    [edit] = [s for s in await conference.outbox(KERNEL) if s.kind == "edit"]
    assert edit.state == "queued", "it is still true"


async def test_resuming_what_was_not_paused(conference: Stage) -> None:
    assert await command(conference, "!conf resume kernel") == (
        f"{KERNEL} was not paused. Paused now: none."
    )
    await command(conference, "!conf pause all")
    assert await command(conference, "!conf resume kernel") == (
        f"{KERNEL} was not paused. Paused now: all."
    )


@pytest.mark.parametrize("body", ["!conf pause fire alarm", "!conf resume everything"])
async def test_a_slip_pauses_nothing(conference: Stage, body: str) -> None:
    word = body.split()[2]
    action = body.split()[1]
    assert await command(conference, body) == (
        f'No room or track is called "{word}". Type !conf {action} all, or a name.'
    )
    assert "10:00 now 1 10:25 10:20" in await conference.hear(KERNEL, until=60)


async def test_a_track_has_spaces(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(
        *talks(
            Planned(1, "A", 60, 25, track="Web Performance", chat_room=CLOUD),
            Planned(2, "B", 60, 25, track="Web"),
        )
    )
    for alias in (CONTROL, CLOUD, KERNEL):
        await stage.open(alias)
    await stage.news()
    assert await command(stage, "!conf pause web performance") == (
        "Paused: Web Performance. No talk is announced until !conf resume Web Performance"
    )
    assert await command(stage, "!conf resume Web Performance") == "Resumed: Web Performance."
