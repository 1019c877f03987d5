"""What anybody may ask; the words of the answers are tested in tests/talks/test_answers.py."""

from __future__ import annotations

from simulation.conference import Planned
from tests.chat.conftest import PROGRAMME
from tests.stage import CLOUD, CONTROL, KERNEL, LOBBY, MODERATOR, STRANGER, MakeStage, Stage, talks


async def ask(stage: Stage, place: str, body: str) -> str:
    [answer] = await stage.say(place, STRANGER, body)
    return answer.body


async def test_what_is_on_in_this_room_and_no_other(conference: Stage) -> None:
    conference.clock.set(70)
    answer = await ask(conference, KERNEL, "!talk")
    assert "Tiny kernels" in answer
    assert "15 minutes" in answer
    assert "10:25" in answer
    assert "clouds" not in answer
    assert "Small clouds" in await ask(conference, CLOUD, "!talk")


async def test_as_moderators_decided(conference: Stage) -> None:
    await conference.say(KERNEL, MODERATOR, "!talk cancel")
    assert "Big kernels" in await ask(conference, KERNEL, "!next")
    assert "cancelled" in await ask(conference, KERNEL, "!schedule")


async def test_as_those_who_watch_the_stream_see_it(make_stage: MakeStage) -> None:
    stage = await make_stage(notices={"stream_delay_seconds": 120})
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    await stage.news()
    stage.clock.set(61)
    assert "10:02" in await ask(stage, KERNEL, "!next")
    stage.clock.set(86)
    assert "Tiny kernels" in await ask(stage, KERNEL, "!talk")


async def test_a_question_from_while_the_bot_was_away_is_answered_as_of_now(
    conference: Stage,
) -> None:
    conference.clock.set(90)
    [answer] = await conference.say(KERNEL, STRANGER, "!talk", at=70)
    assert "Big kernels" in answer.body


async def test_another_room_by_a_part_of_its_name(conference: Stage) -> None:
    for name in ("cloud", "CLO", "#cloud:example.org", "Attic", "#cloud"):
        assert "Small clouds" in await ask(conference, LOBBY, f"!next {name}")


async def test_a_room_must_be_named_where_it_is_not_clear(conference: Stage) -> None:
    assert await ask(conference, CONTROL, "!next") == (
        "Which room? Add a part of its name, like !next kernel"
    )
    assert await ask(conference, CONTROL, "!next week") == (
        'No room or track is called "week". The room comes first, like !next kernel'
    )
    assert await ask(conference, CONTROL, "!next l") == (
        'More than one room fits "l": kernel, cloud. Type more of its name.'
    )


async def test_of_many_rooms_some_are_named(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(
        *(Planned(n, f"Talk {n}", 60 + n, 25, chat_room=f"#hall-{n}:example.org") for n in range(9))
    )
    await stage.open(LOBBY)
    await stage.news()
    assert await ask(stage, LOBBY, "!talk hall") == (
        'More than one room fits "hall": hall-0, hall-1, hall-2, hall-3, hall-4, …. '
        "Type more of its name."
    )


async def test_where_there_is_only_one_room_it_is_meant(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*talks(Planned(1, "Tiny kernels", 60, 25)))
    for alias in (KERNEL, LOBBY):
        await stage.open(alias)
    await stage.news()
    assert "Tiny kernels" in await ask(stage, LOBBY, "!next")
    assert "Tiny kernels" in await ask(stage, LOBBY, "!next please")


async def test_before_there_is_a_schedule(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(LOBBY)
    assert await ask(stage, LOBBY, "!talk") == "I have no schedule yet. The organisers know."


async def test_a_room_that_the_schedule_has_left(conference: Stage) -> None:
    moved = [*talks(Planned(1, "Tiny kernels", 60, 25), room=CLOUD)]
    await conference.publish(*moved)
    await conference.news()
    answer = await ask(conference, KERNEL, "!talk")
    assert "No more talks" in answer or "No talks are planned" in answer
