"""The published schedule is watched: what is new is put in force, the last good one stays."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from fosdembot.db.tables import ScheduleCopy
from simulation.conference import schedule_xml
from tests.stage import CLOUD, CONTROL, KERNEL, ORGANISER, MakeStage, Stage, in_room

from .watching import (
    DAY,
    FEWER,
    PROGRAMME,
    TINY,
    USABLE_AGAIN,
    accept,
    look,
    reload,
    standings,
    titles,
    watched,
)


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    return await watched(make_stage)


# The first one, and one that did not change.


async def test_the_first_schedule(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    xml = schedule_xml([*PROGRAMME, replace(TINY, id=20, at=DAY, chat_room="")])
    assert " ".join(await look(stage, xml)) == (
        "Schedule read: Test Conf, 11 talks in 1 room. I know no room for 1 talk: name one "
        "under rooms in my settings. fosdembot rooms --no-room lists them."
    )
    assert len(stage.bot.programme.talks) == 11


async def test_what_did_not_change_is_told_nobody(stage: Stage) -> None:
    for _ in range(3):
        assert await look(stage) == []
    await stage.restart()
    assert await look(stage) == []


async def test_what_did_not_change_is_not_even_read(stage: Stage) -> None:
    """A file that says nothing else, and one that was only touched."""
    calls: list[object] = []
    stage.bot.changes.subscribe(calls.append)
    await look(stage)
    await look(stage, schedule_xml(PROGRAMME))
    assert calls == []


async def test_no_schedule_is_asked_for_where_none_is_set(make_stage: MakeStage) -> None:
    stage = await make_stage(schedule={})
    await stage.open(CONTROL)
    assert await look(stage) == []
    assert stage.bot.schedule_poller.trouble is None
    assert (await reload(stage))[1].startswith("I do not know where the schedule is")


# Changes.


async def test_a_change_is_told_in_its_room_and_in_the_control_room(stage: Stage) -> None:
    await stage.publish(replace(PROGRAMME[0], at=50), *PROGRAMME[1:])
    said = await stage.news()
    assert len(in_room(said, CONTROL)) == len(in_room(said, KERNEL)) == 1
    assert in_room(said, CLOUD) == []
    [change] = [s for s in said if s.room == KERNEL]
    assert "09:50" in change.body
    assert "10:00" in change.body
    assert change.content["msgtype"] == "m.notice"
    assert change.content["m.mentions"] == {}


async def test_a_room_is_told_only_what_concerns_the_next_day(stage: Stage) -> None:
    later = replace(TINY, id=20, title="Tomorrow", at=DAY + 1, chat_room=KERNEL)
    await stage.publish(*PROGRAMME, later)
    said = await stage.news()
    assert in_room(said, KERNEL) == []
    assert "Tomorrow" in in_room(said, CONTROL)[0]
    await stage.publish(*PROGRAMME, replace(later, at=DAY - 1))
    assert "Tomorrow" in in_room(await stage.news(), KERNEL)[0]


async def test_a_room_gets_one_message_for_all(stage: Stage) -> None:
    await stage.publish(*(replace(talk, at=talk.at + 5) for talk in PROGRAMME))
    said = await stage.news()
    assert len(in_room(said, KERNEL)) == 1
    assert len(in_room(said, CONTROL)) == 1


async def test_a_trifle_is_not_told_in_the_room(stage: Stage) -> None:
    await stage.publish(replace(PROGRAMME[0], title="TINY KERNELS!"), *PROGRAMME[1:])
    said = await stage.news()
    assert in_room(said, KERNEL) == []
    assert len(in_room(said, CONTROL)) == 1
    assert "TINY KERNELS!" in titles(stage)


async def test_what_nobody_sees_is_told_nobody(stage: Stage) -> None:
    xml = schedule_xml(PROGRAMME).replace("</title><track>", "</title><type>lecture</type><track>")
    assert await look(stage, xml) == []
    assert {talk.kind for talk in stage.bot.programme.talks.values()} == {"lecture"}


async def test_a_room_that_the_bot_is_not_in_is_not_told(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    await stage.publish(*PROGRAMME)
    await stage.news()
    await stage.publish(replace(PROGRAMME[0], at=50), *PROGRAMME[1:])
    [digest] = await stage.news()
    assert digest.room == CONTROL
    assert "0 rooms" in digest.body


async def test_there_and_back_are_two_changes(stage: Stage) -> None:
    changed = [replace(PROGRAMME[0], at=50), *PROGRAMME[1:]]
    for planned in (changed, PROGRAMME, changed):
        stage.clock.forward(1)
        await stage.publish(*planned)
        said = await stage.news()
        assert len(in_room(said, KERNEL)) == 1
        assert len(in_room(said, CONTROL)) == 1


async def test_who_was_told_of_a_delay_is_not_told_of_it_again(stage: Stage) -> None:
    """The organisers write into the schedule what the moderator said in the room."""
    await stage.say(KERNEL, ORGANISER, "!talk delay 10")
    delayed = [replace(talk, at=talk.at + 10) for talk in PROGRAMME]
    await stage.publish(*delayed)
    said = await stage.news()
    assert in_room(said, KERNEL) == []
    assert len(in_room(said, CONTROL)) == 1
    assert "10:10 now 1 10:35 10:30" in await stage.hear(KERNEL, until=70)


# What cannot be read.


async def test_what_cannot_be_read_is_told_once_and_changes_nothing(stage: Stage) -> None:
    broken = schedule_xml(PROGRAMME).replace("<title>Talk 5", "<<<<<<< HEAD\n<title>Talk 5")
    [told] = await look(stage, broken)
    assert told.startswith("The published schedule cannot be used: found XML that is not")
    assert told.endswith("The last good one stays. I try again every 5 minutes.")
    assert ".." not in told
    assert await look(stage) == []
    await stage.restart()
    assert await look(stage) == []
    assert await look(stage, broken) == []
    assert titles(stage) == {talk.title for talk in PROGRAMME}
    assert await standings(stage) == {"in_force", "refused"}


async def test_another_mistake_is_told_too(stage: Stage) -> None:
    for broken in ("<html>", "{", "<schedule/>x"):
        assert len(await look(stage, broken)) == 1


async def test_the_good_one_is_back(stage: Stage) -> None:
    await look(stage, "<html>")
    assert await look(stage, schedule_xml(PROGRAMME)) == [USABLE_AGAIN]
    assert await look(stage) == []
    assert await standings(stage) == {"in_force"}
    assert len(await look(stage, "<html>")) == 1, "that is news again"


async def test_a_better_one_comes(stage: Stage) -> None:
    await look(stage, "<html>")
    [told] = await look(stage, schedule_xml([*PROGRAMME, replace(TINY, id=20, title="New")]))
    assert told.startswith(USABLE_AGAIN)
    assert "New" in told
    assert await standings(stage) == {"in_force"}


async def test_one_that_says_the_same_in_other_words_comes(stage: Stage) -> None:
    await look(stage, "<html>")
    assert await look(stage, schedule_xml(PROGRAMME) + "<!-- -->") == [USABLE_AGAIN]


async def test_the_first_one_cannot_be_read(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    [told] = await look(stage, "<html>")
    assert "last good one" not in told
    assert told.endswith("I try again every 5 minutes.")


# What looks like an accident.


async def test_many_lost_talks_wait_for_a_word(stage: Stage) -> None:
    [told] = await look(stage, schedule_xml(FEWER))
    assert told == (
        "The published schedule looks wrong: 5 of 10 talks are gone. The last one stays in "
        "force. If it is right: !conf schedule accept"
    )
    assert await look(stage) == []
    await stage.restart()
    assert await look(stage) == []
    assert len(await _cancelled(stage)) == 0
    answer, digest = await accept(stage)
    assert answer == "Taking the newer schedule over."
    assert "5 gone" in digest
    assert len(await _cancelled(stage)) == 5
    assert await look(stage) == []


async def _cancelled(stage: Stage) -> list[str]:
    async with stage.database.read() as session:
        room = await stage.bot.programme.room(session, KERNEL)
    return [slot.talk.id for slot in room.slots if not slot.takes_place]


async def test_what_was_accepted_is_taken_also_after_a_crash(stage: Stage) -> None:
    await look(stage, schedule_xml(FEWER))
    await stage.say(CONTROL, ORGANISER, "!conf schedule accept")
    await stage.restart()
    stage.schedule.unlink()
    await stage.news()
    [digest] = await look(stage)
    assert "5 gone" in digest
    assert await standings(stage) == {"in_force"}


async def test_a_few_lost_talks_do_not_wait(stage: Stage) -> None:
    [digest] = await look(stage, schedule_xml(PROGRAMME[:6]))
    assert "4 gone" in digest


async def test_what_is_held_back_is_forgotten_when_the_good_one_is_back(stage: Stage) -> None:
    await look(stage, schedule_xml(FEWER))
    assert await look(stage, schedule_xml(PROGRAMME)) == [USABLE_AGAIN]
    assert await standings(stage) == {"in_force"}
    assert await accept(stage) == ["No schedule waits to be accepted."]


async def test_another_one_that_lacks_as_much_is_told_too(stage: Stage) -> None:
    await look(stage, schedule_xml(FEWER))
    [told] = await look(stage, schedule_xml(FEWER[:4]))
    assert "6 of 10 talks are gone" in told
    await accept(stage)
    assert len(await _cancelled(stage)) == 6, "the newest of them"


async def test_what_was_accepted_and_cannot_be_read_any_more(stage: Stage) -> None:
    """As when the zone that it needs was taken out of the settings meanwhile."""
    await look(stage, schedule_xml(FEWER))
    async with stage.database.write() as session:
        held = await session.get_one(ScheduleCopy, "held")
        held.data, held.accepted = zlib.compress(b"<html>"), True
    told, again = await look(stage, schedule_xml(PROGRAMME))
    assert told.startswith("The published schedule cannot be used: found a web page")
    assert again == USABLE_AGAIN
    assert await look(stage) == []
    assert await standings(stage) == {"in_force"}


# !conf reload


async def test_whoever_reloads_hears_what_came_of_it(stage: Stage) -> None:
    asked = "Looking at the schedule again. What comes of it, I say in the control room."
    assert await reload(stage) == [asked, "The schedule has not changed."]
    stage.schedule.write_text("<html>")
    first = await reload(stage)
    assert first[1].startswith("The published schedule cannot be used: ")
    assert await reload(stage) == first, "it still cannot be read"
    stage.schedule.write_text(schedule_xml(FEWER))
    first = await reload(stage)
    assert "looks wrong" in first[1]
    assert await reload(stage) == first, "it still waits"
    stage.schedule.unlink()
    assert "cannot be fetched" in (await reload(stage))[1]
    stage.schedule.write_text(schedule_xml([*PROGRAMME, replace(TINY, id=20, title="New")]))
    answers = await reload(stage)
    assert len(answers) == 2
    assert "New" in answers[1]
    assert await look(stage) == []
