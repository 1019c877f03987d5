"""What organisers command in the control room."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from fosdembot.chat.broadcast import LONGEST
from fosdembot.chat.finder import Finder
from fosdembot.db.tables import Outgoing, RoomAddress
from tests.e2e.conference import Planned
from tests.stage import (
    BOT,
    CLOUD,
    CONTROL,
    KERNEL,
    ORGANISER,
    STRANGER,
    MakeStage,
    Stage,
    in_room,
    room_id,
    talks,
)

from .conftest import PROGRAMME


async def command(stage: Stage, body: str) -> str:
    [answer] = in_room(await stage.say(CONTROL, ORGANISER, body), CONTROL)
    return answer


# !conf status, rooms, talk


async def test_status(conference: Stage) -> None:
    conference.clock.set(70)
    lines = (await command(conference, "!conf status")).split("\n")
    assert lines[:3] == [
        "Test Conf: 5 talks in 2 rooms.",
        "All 2 rooms joined.",
        "On now: 2. Next start: 10:25.",
    ]
    assert lines[3].startswith("Waiting to be sent: ")
    assert lines[4:] == ["Schedule of 09:00."]


async def test_status_before_there_is_a_schedule(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    assert (await command(stage, "!conf")).startswith("Type !conf with status, rooms")
    assert await command(stage, "!conf status") == (
        "No schedule yet.\nWaiting to be sent: 1. Refused: 0. Failed commands: 0."
    )


async def test_status_names_what_is_wrong(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*PROGRAMME)
    for alias in (CONTROL, KERNEL):
        await stage.open(alias)
    await stage.news()
    await command(stage, "!conf pause cloud")
    await stage.publish()
    stage.schedule.write_text("<<<<<<< HEAD")
    await stage.bot.watch.step()
    stage.schedule.unlink()
    await stage.bot.watch.step()
    await stage.news()
    lines = (await command(stage, "!conf status")).split("\n")
    assert "Joined 1 of 2 rooms. !conf rooms names the others." in lines
    assert "Paused: Cloud." in lines
    assert "A newer one waits: 5 of 5 talks are gone. To let it in: !conf schedule accept" in lines
    assert any(line.startswith("The newest could not be read: ") for line in lines)
    assert "Trouble: the file cannot be opened: No such file or directory" in lines


async def test_rooms(conference: Stage) -> None:
    assert await command(conference, "!conf rooms") == (
        f"1 problem:\n{CLOUD}: I cannot pin. Give me power level 50 there."
    )
    await conference.open(CLOUD, {BOT: 50})
    await conference.news()
    assert await command(conference, "!conf rooms") == "All 2 rooms joined, nothing is missing."


async def test_rooms_that_need_help(conference: Stage) -> None:
    await conference.state(KERNEL, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    await conference.say(KERNEL, STRANGER, "!next")
    async with conference.database.write() as session:
        await session.execute(
            update(Outgoing)
            .where(Outgoing.room_id == room_id(KERNEL))
            .values(state="failed", error="M_FORBIDDEN (403): no")
        )
        address = await session.get_one(RoomAddress, CLOUD)
        address.room_id, address.problem = None, "M_FORBIDDEN"
    lines = (await command(conference, "!conf rooms")).split("\n")
    assert lines == [
        "3 problems:",
        f"{KERNEL}: encrypted, I cannot read what is asked there.",
        f"{KERNEL}: a message was refused. M_FORBIDDEN (403): no",
        f"{CLOUD}: not joined. It is private: invite me, {BOT}",
    ]
    await conference.say(KERNEL, STRANGER, "!schedule")
    await conference.deliver()
    assert "refused" not in await command(conference, "!conf rooms"), "that is over"


async def test_a_talk(conference: Stage) -> None:
    conference.clock.set(70)
    answer = await command(conference, "!conf talk #11")
    for part in ("Small clouds", "Ada L.", "10:00", "10:50", "Attic", CLOUD, "live"):
        assert part in answer
    assert await command(conference, "!conf talk") == "Which talk? Type !conf talk ID"
    assert await command(conference, "!conf talk 99") == 'No talk has the ID "99".'


# !conf reload, schedule accept: see tests/conference/test_watch.py


async def test_words_may_be_upper_case_and_apart(conference: Stage) -> None:
    assert "Paused" in await command(conference, "!conf\nPAUSE   all")


# !conf pause, resume


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
    assert all(s.content["m.mentions"] == {} for s in said)


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


async def test_resuming_all_ends_every_pause(conference: Stage) -> None:
    await command(conference, "!conf pause kernel")
    await command(conference, "!conf pause cloud")
    assert await command(conference, "!conf resume all") == "Resumed: all."
    assert "Paused" not in await command(conference, "!conf status")


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


# !announce


async def test_an_announcement_for_a_track(conference: Stage) -> None:
    said = await conference.say(CONTROL, ORGANISER, "!announce cloud: Lunch: 12:00\nin the foyer")
    assert in_room(said, CLOUD) == ["Lunch: 12:00 in the foyer"]
    assert in_room(said, KERNEL) == []
    assert in_room(said, CONTROL) == ["Sent to 1 room."]
    [announced] = [s for s in said if s.room == CLOUD]
    assert announced.content["msgtype"] == "m.notice"
    assert announced.content["m.mentions"] == {}
    assert announced.html == "<b>Lunch: 12:00 in the foyer</b>"


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
        await stage.open(alias)
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
        "Sent to 1 room. I am not in 1 room: !conf rooms"
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


# Which rooms are meant.


async def test_what_a_name_may_mean(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(
        Planned(1, "A", 60, 25, chat_room="#web:example.org", track="Web"),
        Planned(2, "B", 60, 25, chat_room="#web-perf:example.org", track="Web Performance"),
        Planned(3, "C", 60, 25, chat_room="!id:example.org", track="Rust", place="Web hall"),
    )
    fitting = Finder(stage.bot.programme, "!").fitting
    assert fitting("web") == ["#web:example.org"], "a whole name comes first"
    assert fitting("#WEB") == ["#web:example.org"]
    assert fitting("perf") == ["#web-perf:example.org"]
    assert fitting("!id:example.org") == fitting("id") == fitting("rust") == ["!id:example.org"]
    assert set(fitting("we")) == set(stage.bot.programme.addresses())
    assert fitting("nothing") == []


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
