"""An organiser's words, in many rooms."""

from __future__ import annotations

import pytest

from fosdembot.chat.commands.announcer import LONGEST
from simulation.conference import Planned
from tests.chat.conftest import PROGRAMME, command
from tests.stage import BOT, CLOUD, CONTROL, KERNEL, ORGANISER, MakeStage, Stage, in_room


async def test_an_announcement_for_a_track(conference: Stage) -> None:
    said = await conference.say(CONTROL, ORGANISER, "!announce cloud: Lunch: 12:00\nin the foyer")
    assert in_room(said, CLOUD) == ["Lunch: 12:00 in the foyer"]
    assert in_room(said, KERNEL) == []
    assert in_room(said, CONTROL) == ["Sent to 1 room."]
    [announced] = [s for s in said if s.room == CLOUD]
    assert announced.content["msgtype"] == "m.notice"
    assert announced.content["m.mentions"] == {}
    assert announced.html == "<strong>Lunch: 12:00 in the foyer</strong>"


@pytest.mark.parametrize("address", [KERNEL, "#kernel", "kernel", "Main", "main "])
async def test_an_announcement_for_a_room(conference: Stage, address: str) -> None:
    said = await conference.say(CONTROL, ORGANISER, f"!announce {address}: Lunch")
    assert in_room(said, KERNEL) == ["Lunch"]
    assert in_room(said, CLOUD) == []


async def test_only_a_loud_one_notifies_everybody(conference: Stage) -> None:
    said = await conference.say(CONTROL, ORGANISER, "!announce! all: Fire")
    for announced in said:
        loud = announced.room != CONTROL
        assert (announced.content["m.mentions"] == {"room": True}) is loud
        assert (announced.content["msgtype"] == "m.text") is loud
    assert len(said) == 3


async def many_rooms(make_stage: MakeStage, number: int) -> Stage:
    stage = await make_stage()
    rooms = [f"#hall-{n}:example.org" for n in range(number)]
    await stage.publish(*(Planned(n, "A", 60, 25, chat_room=room) for n, room in enumerate(rooms)))
    for alias in (CONTROL, *rooms):
        await stage.open(alias, {BOT: 50})
    await stage.news()
    return stage


async def test_above_five_rooms_it_asks_back(make_stage: MakeStage) -> None:
    stage = await many_rooms(make_stage, 6)
    for word, question in (
        ("announce", "That goes to 6 rooms."),
        ("announce!", "That notifies everybody in 6 rooms."),
    ):
        said = await stage.say(CONTROL, ORGANISER, f"!{word} all: Lunch")
        assert [s.body for s in said] == [
            f"{question} To send it, type within five minutes: !announce yes"
        ]
        stage.clock.forward(4.9)
        said = await stage.say(CONTROL, ORGANISER, "!announce yes")
        assert in_room(said, CONTROL) == ["Sent to 6 rooms."]
        sent = [s for s in said if s.room != CONTROL]
        assert [s.body for s in sent] == ["Lunch"] * 6
        loud = word == "announce!"
        assert all((s.content["m.mentions"] == {"room": True}) is loud for s in sent)
        assert (await command(stage, "!announce yes")).startswith("There is nothing to confirm.")


async def test_the_question_is_forgotten_after_five_minutes(make_stage: MakeStage) -> None:
    stage = await many_rooms(make_stage, 6)
    await command(stage, "!announce all: Lunch")
    stage.clock.forward(5.1)
    assert (await command(stage, "!announce yes")).startswith("There is nothing to confirm.")


async def test_five_rooms_are_told_at_once(make_stage: MakeStage) -> None:
    stage = await many_rooms(make_stage, 5)
    assert await command(stage, "!announce all: Lunch") == "Sent to 5 rooms."


async def test_rooms_that_the_bot_is_not_in_are_counted(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*PROGRAMME)
    for alias in (CONTROL, KERNEL):
        await stage.open(alias)
    await stage.news()
    assert await command(stage, "!announce all: Lunch") == (
        f"Sent to 1 of 2 rooms; I am not in {CLOUD}: !conf rooms"
    )


@pytest.mark.parametrize("body", ["", "all", "all:", ": Lunch", "all: ", "all rooms: Lunch"])
async def test_a_wrong_announcement_says_how(conference: Stage, body: str) -> None:
    answer = await command(conference, f"!announce {body}")
    assert answer.startswith("Type !announce TRACK: TEXT or !announce all: TEXT.")


async def test_an_announcement_for_nobody(conference: Stage) -> None:
    assert await command(conference, "!announce web: Lunch") == (
        'No room or track is called "web". Type !announce all, or a name.'
    )
    assert await command(conference, "!announce l: Lunch") == (
        'More than one room fits "l": kernel, cloud. Type more of its name.'
    )


async def test_words_are_sent_whole_or_not_at_all(conference: Stage) -> None:
    words = "x" * LONGEST
    said = await conference.say(CONTROL, ORGANISER, f"!announce kernel: {words}")
    assert in_room(said, KERNEL) == [words]
    for body in (f"!announce kernel: {words}x", f"!conf pause all {words}x"):
        said = await conference.say(CONTROL, ORGANISER, body)
        assert [s.body for s in said] == ["That is too long: 1,000 characters at the most, please."]
    assert "Paused" not in await command(conference, "!conf status")


MUTE = {"users": {BOT: 0}, "events_default": 50}


async def mute(stage: Stage, alias: str, **more: object) -> None:
    await stage.state(alias, "m.room.power_levels", {**MUTE, **more})


@pytest.mark.parametrize("levels", [{}, {"events_default": 0, "events": {"m.room.message": 50}}])
async def test_a_room_that_lets_the_bot_say_nothing_counts_as_not_told(
    conference: Stage, levels: dict[str, object]
) -> None:
    await mute(conference, CLOUD, **levels)
    expected = (
        f"Sent to 1 of 2 rooms; not to {CLOUD}: give me, {BOT}, power level 50 there, and I say it."
    )
    assert await command(conference, "!announce all: Lunch") == expected
    paused = await command(conference, "!conf pause all Fire alarm")
    assert paused.endswith(expected)


async def test_where_nobody_can_be_notified_that_is_said(conference: Stage) -> None:
    await conference.state(CLOUD, "m.room.power_levels", {"notifications": {"room": 60}})
    await conference.state(KERNEL, "m.room.power_levels", {"notifications": {"room": 0}})
    assert await command(conference, "!announce! all: Fire") == (
        f"Sent to 2 rooms. Nobody is notified in {CLOUD}: give me, {BOT}, power level 50 there."
    )
    assert await command(conference, "!announce all: Lunch") == "Sent to 2 rooms."


async def test_the_text_of_a_pause_notifies_and_is_counted(conference: Stage) -> None:
    for alias in (KERNEL, CLOUD):
        await conference.open(alias, {BOT: 50})
    await conference.news()
    said = await conference.say(CONTROL, ORGANISER, "!conf pause all Fire alarm")
    [answer] = in_room(said, CONTROL)
    assert answer.endswith("!conf resume all. Sent to 2 rooms.")
    told = [s for s in said if s.room != CONTROL]
    assert [s.body for s in told] == ["Fire alarm"] * 2
    assert all(s.content["m.mentions"] == {"room": True} for s in told)
