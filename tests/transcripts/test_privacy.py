"""Who does not want to be named is in no transcript that is there, and comes back in none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.db.retention import forget_what_is_old
from fosdembot.db.tables import RoomState
from fosdembot.db.transcript_tables import OptOut
from fosdembot.transcripts import model_file
from fosdembot.transcripts.export import Kept, kept_in
from fosdembot.transcripts.forgotten import Forgotten, question_id
from fosdembot.transcripts.rewriting import forget
from simulation.conference import START, schedule_xml
from simulation.running import CONTROL, ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, EVE, SECRET, TALKS, Day, Evening, day

QUESTION = "How small can it get?"


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


@pytest.mark.parametrize("opted_out", [True, False], ids=["opted_out", "forgotten"])
async def test_nor_do_their_questions_come_back_where_none_is_named(
    database: Database, tmp_path: Path, opted_out: bool
) -> None:
    """A talk that must not be recorded: nobody can tell from the questions whose they are."""
    optout = "<recording><license/><optout>true</optout></recording>"
    (tmp_path / "schedule.xml").write_text(
        schedule_xml(TALKS).replace("</title>", f"</title>{optout}")
    )
    removed: dict[str, Any] = {"transcripts": {"opted_out": "removed"}}
    async with day(database, tmp_path, **removed) as world:
        await world.later(seconds=5)
        world.say(ADA, f"!ask {QUESTION}")
        world.say(BOB, "!ask What else?")
        await world.jump(minutes=8)
        assert [(each.text, each.asker) for each in world.transcript().questions] == [
            (QUESTION, ""),
            ("What else?", ""),
        ]
        if opted_out:
            world.say(ADA, "!privacy optout")
        else:
            assert forget(world.folder, [ADA]).transcripts == 1
        await world.later(minutes=1)
        assert [each.text for each in world.transcript().questions] == ["What else?"]
        assert world.files_with(QUESTION) == []


async def test_who_opted_out_can_still_be_forgotten(evening: Evening) -> None:
    async with evening() as world:
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        assert world.files_with(ADA) == []
        assert SECRET in world.chat()
        done = forget(world.folder, [ADA])
        assert (done.transcripts, done.problems) == (1, [])
        assert world.files_with("How small") == world.files_with(SECRET) == []
        assert world.chat() == ["Hello"]


async def test_so_they_can_where_models_of_before_say_nothing_of_them(evening: Evening) -> None:
    """The command cannot tell what is theirs; the bot can, and looks."""
    async with evening() as world:
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        model = world.folder.model("talk-1")
        marked = re.compile(r'"by":"~[0-9a-f]{32}"')
        assert marked.search(model.read_text())
        model.write_text(marked.sub('"by":null', model.read_text()))
        assert forget(world.folder, [ADA]).transcripts == 0
        await world.later(minutes=1)
        assert world.files_with("How small") == world.files_with(SECRET) == []


async def test_they_get_all_that_is_kept_of_them(evening: Evening) -> None:
    async with evening() as world:

        def kept() -> Kept:
            model, mark = world.folder.model("talk-1"), Forgotten.read(world.folder).mark(ADA)
            return kept_in(model_file.read(model), model_file.lines(model), ADA, mark)

        before = kept()
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        assert [said["text"] for said in kept()["messages"]] == [
            said["text"] for said in before["messages"]
        ]
        assert [asked["by"] for asked in kept()["questions"]] == [ADA]


async def test_those_of_whom_only_marks_are_left_are_found(
    evening: Evening, database: Database, tmp_path: Path
) -> None:
    """Once the organisers decide that the words of who opted out go as well."""
    async with evening() as world:
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        server, clock = world.bot.server, world.clock
    removed: dict[str, Any] = {"transcripts": {"opted_out": "removed"}}
    async with day(database, tmp_path, server, clock, **removed) as world:
        await world.later(minutes=2)
        assert world.chat() == ["Hello"]


async def test_a_nameless_question_that_is_forgotten_does_not_come_back(
    evening: Evening, database: Database
) -> None:
    async with evening() as world:
        async with database.write() as session:
            asked = (await session.scalars(select(Question))).one()
            asked.asker, asked.asker_name, asked.source, asked.direct = None, "", "page:1", True
        Forgotten.read(world.folder).add(question_id("talk-1", 1))
        world.say(EVE, "!questions talk-1")
        await world.jump(minutes=41)
        world.say(ORGANISER, "!transcript talk-1")
        await world.later(minutes=1)
        assert world.names == ["talk-1", "talk-2"]
        assert [each.text for each in world.transcript().questions] == []
        assert "models/talk-2.json" not in world.files_with("How small")


async def unknown(database: Database, person: str) -> None:
    """As somebody who wrote before the bot came: it does not know that they were there."""
    async with database.write() as session:
        await session.execute(delete(RoomState).where(RoomState.state_key == person))


async def test_also_where_the_bot_does_not_know_them(evening: Evening, database: Database) -> None:
    async with evening() as world:
        await unknown(database, BOB)
        assert world.files_with(BOB) != []
        world.bot.room(CONTROL).say(BOB, "!privacy optout")
        await world.later(minutes=1)
        assert world.files_with(BOB) == []
        assert "Hello" in world.chat()


async def test_a_crash_only_delays_it(evening: Evening, database: Database, tmp_path: Path) -> None:
    async with evening() as world:
        server, clock = world.bot.server, world.clock
        assert world.files_with(BOB) != []
    async with database.write() as session:
        session.add(OptOut(person=BOB, at=START))
    async with day(database, tmp_path, server, clock) as world:
        await world.later(minutes=2)
        assert world.files_with(BOB) == []


async def long_after(world: Day, database: Database) -> None:
    """When it is forgotten who did what; and the transcript is made anew."""
    await world.jump(days=40)
    now = world.clock.now()
    await forget_what_is_old(database, world.clock, lambda: now - timedelta(days=30))
    world.say(ORGANISER, "!transcript talk-1")
    await world.later(minutes=1)


async def test_who_was_taken_out_does_not_come_back(evening: Evening, database: Database) -> None:
    """When nobody knows any more whose question it was."""
    async with evening() as world:
        Forgotten.read(world.folder).add(ADA)
        world.say(ORGANISER, "!transcript talk-1")
        await world.later(minutes=1)
        assert world.files_with("How small") == []
        await long_after(world, database)
        async with database.read() as session:
            asked = (await session.scalars(select(Question))).first()
        assert asked is not None
        assert (asked.asker, asked.text) == (None, QUESTION)
        assert world.files_with("How small") == []
        assert world.files_with(ADA) == []


async def test_nor_the_name_of_who_opted_out(evening: Evening, database: Database) -> None:
    async with evening() as world:
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        await long_after(world, database)
        [asked] = world.transcript().questions
        assert asked.text == QUESTION
        assert asked.asker in ("", "an attendee")


@pytest.mark.parametrize("rule", ["nameless", "removed"])
async def test_who_opts_out_once_it_is_forgotten_who_asked_is_not_named_by_questions_either(
    evening: Evening, rule: str
) -> None:
    """The message that asked it is in the room, and says whose it is."""
    async with evening(transcripts={"opted_out": rule}) as world:
        await world.jump(days=40)
        await world.jump(days=1)
        (question,) = world.transcript().questions
        assert (question.by, question.asker) == (None, "ada")
        assert "models/talk-1.json" in world.files_naming("ada")
        world.say(ADA, "!privacy optout")
        await world.later(minutes=2)
        assert world.files_naming("ada") == []
        assert bool(world.files_with(question.text)) is (rule == "nameless")
        await again(world)
        assert world.files_naming("ada") == []
        assert bool(world.files_with(question.text)) is (rule == "nameless")
        assert "Hello" in world.chat()


async def again(world: Day) -> None:
    world.say(ORGANISER, "!transcript talk-1")
    await world.later(minutes=1)
