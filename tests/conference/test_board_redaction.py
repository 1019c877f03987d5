"""What was redacted leaves the notices of a room."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Shown
from fosdembot.db.tables import Outgoing
from fosdembot.questions.states import Action
from simulation.conference import START, Planned, write_schedule
from simulation.fake_homeserver import SERVER, FakeHomeserver
from simulation.running import BOT, CONTROL, clock_from, running
from simulation.waiting import wait_for
from tests.stage import KERNEL, MakeStage, Stage, talks

from .hall import BRIDGE, Audience, board, look, numbers, open_audience, row


async def test_a_redacted_question_leaves_it_at_once(make_stage: MakeStage) -> None:
    audience = await open_audience(make_stage, questions={"board_edits": 1})
    stage = audience.stage
    first, _ = await audience.ask("How small?", "How big?")
    await board(stage)
    await audience.redact(first)
    [edit] = [s for s in await stage.news() if s.key.startswith("edit:now/")]
    assert edit.body.split("\n")[2:] == ["", "2 (0 votes) How big? – Bob"]
    assert (await row(stage)).edits == 2
    assert await redacted_messages(stage) == [edit.key], "what it said before"


async def test_nothing_comes_in_its_place_but_by_the_limits(audience: Audience) -> None:
    stage = audience.stage
    first, *_ = await audience.ask(*(f"Why {n}?" for n in range(1, 7)))
    await board(stage)
    await audience.redact(first)
    [edit] = [s for s in await stage.news() if s.key.startswith("edit:now/")]
    assert numbers(edit.body.split("\n")[2:-1]) == ["2", "3", "4", "5"]
    assert await look(stage, 61.4) == []
    assert numbers(await board(stage, 61.5)) == ["2", "3", "4", "5", "6"]


async def test_no_first_words_have_the_text_of_a_question(hall: Stage) -> None:
    audience = Audience(hall)
    first, _ = await audience.ask("How ugly?", "How big?")
    now, edit = await hall.tell(60)
    await hall.deliver()
    await audience.redact(first)
    [again] = [s for s in await hall.news() if s.key == edit.key]
    assert "ugly" in edit.body
    assert "ugly" not in now.body + again.body
    assert await redacted_messages(hall) == [edit.key]


async def test_also_the_board_of_a_talk_that_is_planned_no_more(audience: Audience) -> None:
    stage = audience.stage
    first, _ = await audience.ask("How ugly?", "How big?")
    await board(stage)
    await stage.tell(100)
    await stage.deliver()
    await stage.publish(*talks(Planned(3, "Old kernels", 300, 25)))
    await stage.tell(101)
    await audience.redact(first)
    assert any(key.startswith("now/") for key in await redacted_messages(stage))


async def test_also_the_board_of_a_talk_that_is_over(audience: Audience) -> None:
    stage = audience.stage
    [question] = await audience.ask("How small?")
    await board(stage)
    await stage.tell(85)
    await stage.deliver()
    await stage.news()
    await audience.redact(question)
    [edit] = await stage.news()
    assert "Tiny kernels" in edit.body
    assert "How small?" not in edit.body


async def test_a_question_that_has_left_it_before_is_no_reason_to_edit(audience: Audience) -> None:
    stage = audience.stage
    first, second = await audience.ask("How small?", "How big?")
    await board(stage)
    await audience.act(first, Action.DONE)
    await board(stage, 62)
    await audience.vote(second)
    await audience.redact(first)
    assert [s for s in await stage.news() if "now/" in s.key] == []
    [versions] = await redacted_messages(stage)
    assert versions.startswith("edit:now/"), "where it can be read still"


async def test_a_question_that_never_stood_there_takes_nothing_back(audience: Audience) -> None:
    stage = audience.stage
    await audience.ask(*(f"Why {n}?" for n in range(5)))
    await board(stage)
    [late] = await audience.ask("How late?")
    await audience.redact(late)
    assert await redacted_messages(stage) == []


async def test_a_board_that_cannot_be_edited_any_more_goes_itself(audience: Audience) -> None:
    stage = audience.stage
    [question] = await audience.ask("How small?")
    await board(stage)
    await stage.state(KERNEL, *BRIDGE)
    await audience.redact(question)
    [redacted] = await redacted_messages(stage)
    assert redacted.startswith("now/")


async def test_the_notice_that_named_it_goes(audience: Audience) -> None:
    stage = audience.stage
    [question] = await audience.ask("How small?")
    await board(stage)
    [qa] = await stage.tell(80)
    assert "How small?" in qa.body
    await stage.deliver()
    await audience.redact(question)
    versions, notice = await redacted_messages(stage)
    assert versions.startswith("edit:now/")
    assert notice == qa.key


async def test_notices_that_wait_are_told_without_it(hall: Stage) -> None:
    audience = Audience(hall)
    first, _ = await audience.ask("How small?", "How big?")
    await hall.tell(60)
    await audience.redact(first)
    await hall.tell()
    await hall.deliver()
    said = [s for s in await hall.outbox(KERNEL) if s.key.startswith("now/")]
    assert [s.body.split("\n")[2:] for s in said] == [["1 question: !questions"]]
    [edit] = [s for s in await hall.outbox(KERNEL) if s.key.startswith("edit:now/")]
    assert edit.body.split("\n")[2:] == ["", "2 (0 votes) How big? – Bob"]
    assert await redacted_messages(hall) == []
    async with hall.database.read() as session:
        assert first not in list(await session.scalars(select(Shown.question_id)))


async def test_an_edit_that_waits_for_such_a_notice_is_not_sent(hall: Stage) -> None:
    audience = Audience(hall)
    first, _ = await audience.ask("How small?", "How big?")
    await hall.tell(60)
    await audience.vote(first, 1)
    await audience.act(first, Action.STAR)
    await look_undelivered(hall, 61)
    await audience.redact(first)
    await hall.tell()
    said = [s for s in await hall.outbox(KERNEL) if s.state == "queued"]
    assert said != []
    assert all("How small?" not in s.body for s in said)


# The whole bot.

ADA = f"@ada:{SERVER}"
HALL = f"#hall:{SERVER}"


async def test_no_version_of_the_board_can_be_read(
    server: FakeHomeserver, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "schedule.xml"
    write_schedule(path, [Planned(1, "Tiny kernels", 10, 25, chat_room=HALL)])
    settings: dict[str, Any] = {
        "schedule": {"source": str(path)},
        "questions": {"board_seconds": 1},
    }
    server.create_room(CONTROL, [BOT])
    room = server.create_room(HALL, [BOT, ADA])
    clock = clock_from(START + timedelta(minutes=11))
    async with running(server, database, clock, **settings) as bot:
        await bot.heard(HALL, "Now, until")
        ugly = room.say(ADA, "!ask How ugly?")
        await bot.heard(HALL, "How ugly?")
        room.say(ADA, "!ask How big?")
        await bot.heard(HALL, "How big?")
        assert sum("ugly" in body for body in bot.said(HALL)) == 2
        room.redact(ADA, ugly)

        async def is_gone() -> bool:
            return "ugly" not in str(room.by(BOT))

        await wait_for(is_gone, what="no version with it")
        await bot.quiet()
    board, *edits = [event["content"] for event in room.by(BOT)]
    assert board["body"].startswith("Now, until"), "which is still pinned"
    assert edits[:-1] == [{}, {}]
    assert "How big?" in edits[-1]["body"]


async def look_undelivered(stage: Stage, minutes: float) -> None:
    stage.clock.set(minutes)
    await stage.bot.boards.step()
    assert any(s.key.startswith("edit:now/") for s in await stage.news())


async def redacted_messages(stage: Stage) -> list[str]:
    async with stage.database.read() as session:
        rows = select(Outgoing.target).where(Outgoing.kind == "redaction")
        targets = await session.scalars(rows.order_by(Outgoing.id))
        return [str(target) for target in targets if not str(target).startswith("chip/")]
