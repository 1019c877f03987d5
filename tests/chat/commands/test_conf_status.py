"""How the conference stands, for those who run it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from fosdembot.db.tables import Outgoing, RoomAddress
from simulation.conference import schedule_xml
from tests.chat.conftest import PROGRAMME, command
from tests.stage import BOT, CLOUD, CONTROL, KERNEL, MODERATOR, STRANGER, MakeStage, Stage, room_id


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


async def test_status_counts_each_talk_once(conference: Stage) -> None:
    """One that vanished is no talk any more."""
    new = replace(PROGRAMME[-1], id=20, title="New clouds", at=200)
    await conference.publish(*PROGRAMME[:-1], new)
    await conference.news()
    lines = (await command(conference, "!conf status")).split("\n")
    assert lines[0] == "Test Conf: 5 talks in 2 rooms."


async def test_status_says_how_much_is_odd_in_the_schedule(conference: Stage) -> None:
    xml = schedule_xml(PROGRAMME).replace("<duration>", "<duration>long ", 2)
    conference.schedule.write_text(xml.replace("<date>", "<date>on ", 1))
    await conference.bot.schedule_poller.step()
    await conference.news()
    lines = (await command(conference, "!conf status")).split("\n")
    assert lines[-1] == "2 warnings about it: !conf reload tells them."


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
    await stage.bot.schedule_poller.step()
    stage.schedule.unlink()
    await stage.bot.schedule_poller.step()
    await stage.news()
    lines = (await command(stage, "!conf status")).split("\n")
    assert "Joined 1 of 2 rooms. !conf rooms names the others." in lines
    assert "Paused: Cloud." in lines
    assert "A newer one waits: 5 of 5 talks are gone. To let it in: !conf schedule accept" in lines
    assert any(line.startswith("The newest could not be read: ") for line in lines)
    assert lines[-1].startswith(
        "Trouble since 09:00: the schedule cannot be fetched: the file cannot be opened: No such "
        "file or directory. The last good one stays"
    )


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
    encrypted = (
        "it is encrypted, so I cannot read what is asked there, and that cannot be undone. Make "
        "a room without encryption, and put its address into the schedule or my settings."
    )
    assert lines == [
        "3 problems:",
        f"{KERNEL}: {encrypted}",
        f"{KERNEL}: a message was refused. M_FORBIDDEN (403): no",
        f"{CLOUD}: not joined. It is private: invite me, {BOT}",
    ]
    await conference.say(KERNEL, STRANGER, "!schedule")
    await conference.deliver()
    assert "refused" not in await command(conference, "!conf rooms"), "that is over"


async def test_questions_are_counted(conference: Stage) -> None:
    conference.clock.set(70)
    assert "Questions" not in await command(conference, "!conf status")
    for number, text in enumerate(("How small?", "How big?", "How old?"), 1):
        await conference.say(KERNEL, STRANGER, f"!ask {text}")
        if number == 2:
            await conference.say(KERNEL, MODERATOR, "!star 1")
            await conference.say(KERNEL, MODERATOR, "!qa moderated")
    lines = (await command(conference, "!conf status")).split("\n")
    assert "Questions: 2 open, 1 waiting for a moderator." in lines
