"""Transcripts are made when they are due, and made again whenever something is not as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from fosdembot.db.engine import Database
from fosdembot.transcripts.forgotten import Forgotten
from simulation.conference import Planned, publish, schedule_xml
from simulation.fake_requests import Fault
from simulation.running import BOT, CONTROL, ORGANISER
from simulation.stepped_clock import sqlite_at_once

from .day import ADA, BOB, EVE, HALL, SECRET, TALKS, URL, Evening, after_the_talk, day

LOOKS_OFTEN: dict[str, Any] = {"schedule": {"poll_minutes": 1}}


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    with sqlite_at_once():
        yield


async def test_it_is_made_when_its_chat_is_over(database: Database, tmp_path: Path) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(ADA, "!ask How small can it get?")
        world.say(BOB, "Hello")
        # The next talk begins at 10:30; until then what is said belongs to this one.
        await world.later(minutes=5)
        assert world.names == []
        world.say(BOB, "That was nice")
        await world.later(minutes=2)
        assert world.names == ["talk-1"]
        assert [q.text for q in world.transcript().questions] == ["How small can it get?"]
        assert world.chat() == ["!ask How small can it get?", "Hello", "That was nice"]
        assert world.transcript().people.wrote == 2
        assert "public/talk-1/index.html" in world.files_with("How small can it get?")
        assert "public/index.html" in world.files_with("Tiny kernels")
        await world.jump(minutes=41)
        assert world.names == ["talk-1", "talk-2"]
        assert world.chat("talk-2") == []


async def test_what_is_redacted_is_gone_within_a_minute(evening: Evening) -> None:
    async with evening() as world:
        assert world.files_with(SECRET) != []
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()


async def test_a_redacted_question_is_gone_within_a_minute(evening: Evening) -> None:
    async with evening() as world:
        question = world.transcript().questions[0]
        assert question.event is not None
        world.bot.room(HALL).redact(ADA, question.event)
        await world.later(minutes=1)
        assert world.files_with("How small") == []


async def test_what_is_redacted_does_not_wait_for_all_talks_that_are_over(
    database: Database, tmp_path: Path
) -> None:
    later = (Planned(n, f"Talk {n}", 30 * n + 30, 25, chat_room=HALL) for n in range(3, 9))
    talks = (*TALKS, *later)
    async with day(database, tmp_path, talks=talks) as world:
        regretted = await after_the_talk(world)
        server, clock = world.bot.server, world.clock
    server.rooms[server.aliases[HALL]].redact(ADA, regretted)
    clock.ahead += timedelta(hours=8)
    async with day(database, tmp_path, server, clock, talks) as world:
        await world.later(minutes=2)
        written = {name: world.folder.model(name).stat().st_mtime_ns for name in world.names}
        assert len(written) == len(talks)
        assert sorted(written, key=written.__getitem__).index("talk-1") <= 1


async def test_a_question_that_goes_while_the_first_one_is_made_is_not_in_it_for_long(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        asked = world.say(ADA, "!ask How small can it get?")
        await world.later(minutes=5)
        room = world.bot.server.aliases[HALL]
        slow = world.bot.server.fail(Fault("messages", room=room, hold=asyncio.Event()))
        assert slow.hold is not None
        for _ in range(100):
            if not slow.met.is_set():
                await world.later(seconds=1)
        world.bot.room(HALL).redact(ADA, asked)
        await world.later(seconds=5)
        slow.hold.set()
        await world.later(minutes=1)
        assert world.names == ["talk-1"]
        assert world.files_with("How small") == []


async def test_a_dismissed_question_stands_in_no_chat_either(evening: Evening) -> None:
    async with evening() as world:
        asked = world.transcript().questions[0].event
        world.say(EVE, "I know", **{"m.relates_to": {"m.in_reply_to": {"event_id": asked}}})
        world.say(ORGANISER, "!dismiss 1")
        await world.later(minutes=1)
        assert world.files_with("How small") == []
        assert {"Hello", "I know"} <= set(world.chat())
        world.say(ORGANISER, "!restore 1")
        await world.later(minutes=1)
        assert "!ask How small can it get?" in world.chat()


async def test_what_was_redacted_while_the_bot_was_down_is_gone_a_minute_later(
    evening: Evening, database: Database, tmp_path: Path
) -> None:
    async with evening() as world:
        server, clock = world.bot.server, world.clock
    server.rooms[server.aliases[HALL]].redact(ADA, world.regretted)
    async with day(database, tmp_path, server, clock) as world:
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []


async def test_what_is_redacted_while_transcripts_are_switched_off_goes_once_they_are_on(
    evening: Evening, database: Database, tmp_path: Path
) -> None:
    async with evening() as world:
        server, clock, regretted = world.bot.server, world.clock, world.regretted
        asked = world.transcript().questions[0]
    async with day(database, tmp_path, server, clock, transcripts={"folder": ""}) as world:
        await world.later(minutes=1)
        world.bot.room(HALL).redact(ADA, regretted)
        world.say(ORGANISER, f"!dismiss {asked.number}")
        await world.jump(days=20)
    async with day(database, tmp_path, server, clock) as world:
        await world.later(minutes=2)
        assert world.files_with(SECRET) == []
        assert world.files_with(asked.text) == []


async def test_a_crash_between_the_redaction_and_the_making_only_delays_it(
    evening: Evening, database: Database, tmp_path: Path
) -> None:
    async with evening() as world:
        server, clock = world.bot.server, world.clock
        # The disk is full; then the bot is killed.
        out = world.folder.root
        out.rename(out.with_name("away"))
        out.touch()
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(minutes=2)
        out.unlink()
        out.with_name("away").rename(out)
        assert world.files_with(SECRET) != []
    async with day(database, tmp_path, server, clock) as world:
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []


async def test_an_edit_and_a_late_answer_are_in_it(evening: Evening) -> None:
    async with evening() as world:
        new = {"msgtype": "m.text", "body": "Something better"}
        relation = {"rel_type": "m.replace", "event_id": world.regretted}
        world.say(ADA, "* Something better", **{"m.new_content": new, "m.relates_to": relation})
        hello = world.chat_ids()["Hello"]
        world.say(EVE, "Hi Bob", **{"m.relates_to": {"m.in_reply_to": {"event_id": hello}}})
        question = world.transcript().questions[0]
        reply = {"m.relates_to": {"m.in_reply_to": {"event_id": question.event}}}
        world.say(ORGANISER, "!answer 4 kB.", **reply)
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert "Something better" in world.chat()
        assert "Hi Bob" in world.chat()
        assert [answer.text for answer in world.transcript().questions[0].answers] == ["4 kB."]


async def test_who_opts_out_is_not_named_any_more(evening: Evening) -> None:
    async with evening() as world:
        assert world.transcript().questions[0].by == ADA
        world.say(ADA, "!privacy optout")
        await world.later(minutes=1)
        assert world.files_with(ADA) == []
        assert world.transcript().questions[0].asker == ""


async def test_who_is_forgotten_does_not_come_back(evening: Evening) -> None:
    async with evening() as world:
        Forgotten.read(world.folder).add(ADA)
        world.say(ORGANISER, "!transcript talk-1")
        await world.later(minutes=1)
        assert world.files_with(ADA) == world.files_with("How small") == []
        assert world.chat() == ["Hello"]
        # The bot repeats it in the chat of the next talk, where nobody asked it.
        world.say(EVE, "!questions talk-1")
        await world.later(seconds=5)
        repeated = [body for body in world.heard() if "How small" in body]
        world.bot.room(HALL).say(BOT, "1 (0 votes) How small can it get?")
        await world.jump(minutes=41)
        assert repeated != []
        assert "talk-2" in world.names
        assert world.files_with("How small") == []


@pytest.mark.parametrize(
    ("settings", "made"),
    [({"privacy": {"contact": ""}}, ["talk-1"]), ({"transcripts": {"folder": ""}}, [])],
)
async def test_without_a_contact_nothing_is_published(
    database: Database, tmp_path: Path, settings: dict[str, Any], made: list[str]
) -> None:
    async with day(database, tmp_path, **settings) as world:
        await world.later(seconds=5)
        world.say(ADA, "!ask How small can it get?")
        await world.jump(minutes=6)
        assert world.names == made
        assert list(world.folder.public.glob("talk-1/*")) == []


async def test_what_newcomers_may_not_read_is_not_published(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.bot.room(HALL).add(
            ADA, "m.room.history_visibility", {"history_visibility": "joined"}, ""
        )
        await world.later(seconds=5)
        world.say(ADA, "!ask How small can it get?")
        await world.jump(minutes=6)
        assert list(world.folder.public.glob("talk-1/*")) == []
        world.say(EVE, "!transcript talk-1")
        await world.later(seconds=5)
        assert world.heard()[-1].endswith(
            'There is no public transcript of "Tiny kernels". Who needs it may ask the organisers.'
        )


async def test_organisers_learn_that_nothing_can_be_written(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "out").write_text("This is no folder.")
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(ADA, "!ask How small can it get?")
        await world.jump(minutes=6)
        world.bot.room(CONTROL).say(ORGANISER, "!conf status")
        await world.later(seconds=5)
        assert "transcripts cannot be written: " in "\n".join(world.bot.said(CONTROL))
        assert caplog.text.count("Transcripts are not written: ") == 1
        (tmp_path / "out").unlink()
        await world.later(minutes=2)
        assert world.names == ["talk-1"]
        assert world.transcript().questions != ()


async def test_anybody_learns_where_it_is(database: Database, tmp_path: Path) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(EVE, "!transcript")
        await world.later(seconds=5)
        assert world.heard()[-1].endswith(
            f'asked and answered in "Tiny kernels" will be at {URL}/talk-1/ some minutes after '
            "its end."
        )
        world.say(ORGANISER, "!transcript")
        await world.later(minutes=1)
        assert f'The transcript of "Tiny kernels" is being made. In a minute it is at {URL}' in (
            "\n".join(world.heard())
        )
        assert world.names == ["talk-1"]


async def test_one_that_was_asked_for_early_is_made_again_when_its_chat_is_over(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(ORGANISER, "!transcript")
        await world.later(minutes=1)
        world.say(BOB, "That was nice")
        await world.later(minutes=6)
        assert "That was nice" in world.chat()


async def test_what_is_redacted_goes_also_if_the_talk_is_cancelled_afterwards(
    evening: Evening,
) -> None:
    async with evening(**LOOKS_OFTEN) as world:
        # As with the schedule of the next year.
        publish(world.schedule, schedule_xml(TALKS[1:]))
        await world.later(minutes=3)
        world.bot.room(HALL).redact(ADA, world.regretted)
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()
        assert world.transcript().messages == len(world.chat())


async def test_a_recording_is_linked_and_told_once(
    evening: Evening, database: Database, tmp_path: Path
) -> None:
    async with evening(**LOOKS_OFTEN) as world:
        server, clock = world.bot.server, world.clock
        publish(world.schedule, with_recording())
        await world.later(minutes=3)
        assert world.files_with("https://video.example.org/tiny.webm") != []
        told = [body for body in world.heard() if "The recording of" in body]
        (line,) = told
        assert line == (
            'The recording of "Tiny kernels" is out: https://video.example.org/tiny.webm. '
            f"Its questions: {URL}/talk-1/"
        )
    async with day(database, tmp_path, server, clock, **LOOKS_OFTEN) as world:
        await world.later(minutes=3)
        assert [body for body in world.heard() if "The recording of" in body] == told


async def test_what_people_write_does_not_have_all_transcripts_looked_at(
    evening: Evening, database: Database
) -> None:
    looks: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "transcripts.recording IS NULL" in statement:
            looks.append(statement)

    async with evening() as world:
        await world.later(minutes=1)
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        # Nothing that stands in a transcript.
        reply = {"m.relates_to": {"m.in_reply_to": {"event_id": "$elsewhere"}}}
        for number in range(20):
            world.say(EVE, f"{number}", **reply)
            await world.later(seconds=0.5)
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        assert len(looks) <= 1


async def test_the_chat_of_a_room_that_the_bot_has_left_stays(evening: Evening) -> None:
    async with evening() as world:
        before = world.chat()
        world.bot.room(HALL).set_membership(ORGANISER, BOT, "leave")
        await world.later(seconds=10)
        Forgotten.read(world.folder).add(BOB)
        await world.jump(hours=3)
        assert world.chat() == [text for text in before if text != "Hello"]
        assert world.transcript().messages == len(before)


async def test_a_cancelled_talk_has_one_only_if_something_was_asked(
    database: Database, tmp_path: Path
) -> None:
    async with day(database, tmp_path) as world:
        await world.later(seconds=5)
        world.say(ORGANISER, "!talk cancel talk-2")
        await world.later(seconds=5)
        await world.jump(hours=2)
        assert world.names == ["talk-1"]


async def test_the_chat_stays_if_the_room_is_upgraded_afterwards(evening: Evening) -> None:
    async with evening(**LOOKS_OFTEN) as world:
        old = world.bot.room(HALL)
        server = world.bot.server
        people = [BOT, ORGANISER, ADA, BOB, EVE]
        new = server.create_room(None, people, create={"predecessor": {"room_id": old.room_id}})
        old.add(ORGANISER, "m.room.tombstone", {"replacement_room": new.room_id}, "")
        await world.later(minutes=1)
        old.redact(ADA, world.regretted)
        await world.later(minutes=1)
        assert world.files_with(SECRET) == []
        assert "Hello" in world.chat()
        publish(world.schedule, with_recording())
        await world.later(minutes=3)
        assert "The recording of" in server.rooms[new.room_id].by(BOT)[-1]["content"]["body"]


def with_recording() -> str:
    """The schedule, in which the first talk has one."""
    video = '<link href="https://video.example.org/tiny.webm">Video recording</link></links>'
    return schedule_xml(TALKS).replace("</links>", video, 1)
