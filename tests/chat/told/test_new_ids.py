"""The schedule gives its talks other ids: they are the same talks, and all that is theirs
stays theirs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from fosdembot.changes import ScheduleChanged, TalksChanged
from fosdembot.conference.speakers import speakers_of
from fosdembot.db.tables import ScheduleCopy, TalkRow
from simulation.conference import Planned, schedule_xml
from tests.chat.audience import ADA, BOB, asked, last, votes
from tests.chat.conftest import PROGRAMME, command
from tests.chat.floor import SPEAKER, answer, tap
from tests.stage import (
    CLOUD,
    CONTROL,
    KERNEL,
    MODERATOR,
    ORGANISER,
    MakeStage,
    Stage,
    in_room,
    talks,
)

Ids = Callable[[int], tuple[str, str]]
"""Of a talk by its number, what is published as guid and id."""


def fresh(prefix: str) -> Ids:
    return lambda number: (f"{prefix}-{number}", f"{prefix}{number}")


def same(number: int) -> tuple[str, str]:
    return f"talk-{number}", str(number)


def swapped(one: int, other: int) -> Ids:
    return lambda number: same({one: other, other: one}.get(number, number))


def published(ids: Ids, *programme: Planned) -> str:
    """The schedule with those ids in place of the usual ones."""

    def named(match: re.Match[str]) -> str:
        guid, id_ = ids(int(match[1]))
        return f'guid="{guid}" id="{id_}"'

    return re.sub(r'guid="talk-(\d+)" id="\1"', named, schedule_xml(programme or PROGRAMME))


async def publish(stage: Stage, ids: Ids, *programme: Planned) -> None:
    stage.clock.forward(1)
    stage.schedule.write_text(published(ids, *programme))
    await stage.bot.schedule_poller.step()
    await stage.bot.notice_scheduler.step()
    await stage.bot.following.step()
    await stage.bot.boards.step()


async def known(stage: Stage) -> set[str]:
    """By what the talks are known that take place."""
    async with stage.database.read() as session:
        rows = select(TalkRow.guid).where(TalkRow.vanished_at.is_(None))
        return set(await session.scalars(rows))


ALL = {f"talk-{talk.id}" for talk in PROGRAMME}


@pytest.fixture
async def told_question(floor: Stage) -> str:
    """Ada's question 1 to the talk that is on, which was told, with Bob's vote."""
    await floor.tell()
    event, _ = await asked(floor, "How small?")
    await tap(floor, BOB, event, "👍")
    await floor.deliver()
    floor.clock.forward(1)
    await floor.bot.boards.step()
    await floor.deliver()
    await floor.news()
    return event


# New ids.


async def test_everything_of_a_talk_stays(floor: Stage, told_question: str) -> None:
    await floor.say(KERNEL, ORGANISER, "!talk delay 10 2")
    await floor.deliver()
    await floor.news()
    await publish(floor, fresh("new"))
    [told] = await floor.news()
    assert (told.room, told.body) == (
        CONTROL,
        (
            "In the published schedule ids changed; 5 of 5 talks recognised by title and place. "
            "Questions and decisions stay with their talks."
        ),
    )
    assert await known(floor) == ALL
    asked_for = await last(floor)
    assert (asked_for.talk, asked_for.number, asked_for.state) == ("talk-1", 1, "open")
    assert await votes(floor) == 1
    # The second talk is late still, and is told once, at its time.
    assert "10:35 now 2 11:00 10:55" in await floor.hear(KERNEL, until=95)


async def test_the_board_goes_on(floor: Stage, told_question: str) -> None:
    await publish(floor, fresh("new"))
    await floor.news()
    await floor.say(KERNEL, BOB, "!ask How big?")
    await floor.deliver()
    floor.clock.forward(1)
    await floor.bot.boards.step()
    [board] = [s for s in await floor.outbox(KERNEL) if s.kind == "edit" and "Now," in s.body]
    assert "How small?" in board.body
    assert "How big?" in board.body


async def test_ids_that_are_new_at_each_look_are_told_once(
    floor: Stage, told_question: str
) -> None:
    """No alarm, no churn, no messages."""
    called: list[object] = []
    for number in itertools.count():
        floor.bot.changes.subscribe(called.append, TalksChanged, ScheduleChanged)
        await publish(floor, fresh(f"look{number}"))
        assert len(await floor.news()) == (number == 0)
        assert await known(floor) == ALL
        if number == 3:
            break
        await floor.restart()
    assert called == []
    assert (await last(floor)).talk == "talk-1"
    assert await command(floor, "!conf talk look3-1") == await command(floor, "!conf talk look31")


async def test_what_is_odd_is_told_once_though_its_id_is_new(floor: Stage) -> None:
    for number in range(3):
        broken = f'<event guid="x{number}" id="x{number}"><title>Broken</title></event></room>'
        floor.schedule.write_text(published(same).replace("</room></day>", f"{broken}</day>"))
        await floor.bot.schedule_poller.step()
        told = in_room(await floor.news(), CONTROL)
        assert ["left out 'Broken'" in text for text in told] == [True] * (number == 0)


async def test_ids_that_come_back(floor: Stage, told_question: str) -> None:
    for ids in (fresh("new"), same, fresh("new"), fresh("other"), same):
        await publish(floor, ids)
        await floor.restart()
        assert await known(floor) == ALL
    assert (await last(floor)).talk == "talk-1"
    assert len(await floor.news()) == 1
    async with floor.database.read() as session:
        names = [row.published["names"] for row in await session.scalars(select(TalkRow))]
    assert all(len(each) <= 6 for each in names)


async def test_changes_under_new_ids_are_told_as_changes(floor: Stage, told_question: str) -> None:
    later = replace(PROGRAMME[2], at=130)
    programme = (*PROGRAMME[:2], later, *PROGRAMME[3:])
    await publish(floor, fresh("new"), *programme)
    said = await floor.news()
    assert in_room(said, KERNEL) == ['Schedule change: "Old kernels" is now at 11:10 (not 11:00)']
    assert in_room(said, CLOUD) == []
    digest, ids = in_room(said, CONTROL)
    assert digest.startswith("The schedule has changed: 1 at another time.")
    assert "5 of 5 talks recognised by title and place" in ids


async def test_a_process_that_dies_before_the_commit_has_done_nothing(
    floor: Stage, told_question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(floor.bot.schedule_poller, "_tell_new_ids", dies)
        with pytest.raises(SystemExit):
            await publish(floor, fresh("new"))
    await floor.restart()
    assert await floor.news() == []
    assert await command(floor, "!conf talk new-1") == 'No talk has the ID "new-1".'
    await publish(floor, fresh("new"))
    assert len(in_room(await floor.news(), CONTROL)) == 1
    assert await known(floor) == ALL


# Ids of others.


@pytest.mark.parametrize("restarts", [False, True])
async def test_ids_that_are_swapped(floor: Stage, told_question: str, restarts: bool) -> None:
    await publish(floor, swapped(1, 2))
    if restarts:
        await floor.restart()
    assert [s.room for s in await floor.news()] == [CONTROL]
    assert (await last(floor)).talk == "talk-1"
    assert "Tiny kernels" in await command(floor, "!conf talk talk-2")
    assert "Big kernels" in await command(floor, "!conf talk 1")
    assert "Big kernels" in (await answer(floor, KERNEL, MODERATOR, "!talk now 1"))
    await publish(floor, same)
    assert "Tiny kernels" in await command(floor, "!conf talk 1")
    assert (await last(floor)).talk == "talk-1"


async def test_an_id_that_is_used_again(floor: Stage, told_question: str) -> None:
    """The question was for `Tiny kernels`, whose id has another talk now."""
    other = replace(PROGRAMME[0], id=77, title="Omega", at=300, speaker="Eve")
    ids = {1: ("talk-99", "99"), 77: ("talk-1", "1")}
    programme = (*PROGRAMME, other)
    await publish(floor, lambda number: ids.get(number, same(number)), *programme)
    said = await floor.news()
    assert in_room(said, KERNEL) == ['Schedule change: New at 14:00 in Hall: "Omega" with Eve']
    assert await known(floor) == {*ALL, "talk-1+"}
    assert (await last(floor)).talk == "talk-1"
    assert "Omega" in await command(floor, "!conf talk talk-1")
    assert "Tiny kernels" in await command(floor, "!conf talk 99")
    await floor.say(KERNEL, ADA, "!ask 1: What else?")
    assert (await last(floor)).talk == "talk-1+"
    # The talk that vanishes now has no name any more that another has.
    await publish(floor, lambda number: ids.get(number, same(number)), *PROGRAMME[1:], other)
    told = in_room(await floor.news(), KERNEL)
    assert any('"Tiny kernels", planned for 10:00, is cancelled' in text for text in told)
    assert "Omega" in await command(floor, "!conf talk 1")
    await floor.restart()
    assert "Omega" in await command(floor, "!conf talk 1")


# What settings and people name.


async def test_people_name_talks_as_they_are_published_now(
    floor: Stage, told_question: str
) -> None:
    await publish(floor, fresh("new"))
    await floor.news()
    for name in ("new-3", "new3", "#new3", "3", "talk-3", "TALK-3"):
        assert "Old kernels" in await command(floor, f"!conf talk {name}")
    await floor.say(KERNEL, ADA, "!ask new3: How old?")
    assert ((await last(floor)).talk, (await last(floor)).text) == ("talk-3", "How old?")
    said = await answer(floor, KERNEL, MODERATOR, "!talk now new-3")
    assert '"Old kernels" is on now' in said
    assert "new3" in await command(floor, "!conf talk 3"), "which is what it is called now"


async def test_settings_name_talks_as_they_were_or_are_published(make_stage: MakeStage) -> None:
    """A feed with new ids at each look: what the settings name goes on."""
    stage = await make_stage(
        speakers={"talk-1": [ADA], "look02": [BOB]},
        prerecorded={"talks": {"1": 15, "look0-2": 20}},
        rooms={"table": {"talk-1": KERNEL, "look0-2": CLOUD}},
    )
    for alias in (KERNEL, CLOUD, CONTROL):
        await stage.open(alias)
    programme = (Planned(1, "Tiny kernels", 60, 25), Planned(2, "Big kernels", 85, 25))
    await publish(stage, same, *programme)
    assert await facts(stage) == {"talk-1": ([ADA], KERNEL, 15), "talk-2": ([], None, None)}
    expected = {"talk-1": ([ADA], KERNEL, 15), "talk-2": ([BOB], CLOUD, 20)}
    for number in range(8):
        await publish(stage, fresh(f"look{number}"), *programme)
        assert await facts(stage) == expected
        await stage.restart()
    assert await facts(stage) == expected


async def facts(stage: Stage) -> dict[str, tuple[list[str], str | None, float | None]]:
    """Of each talk its speakers, its room, and after how many minutes Q&A begins."""
    programme, settings = stage.bot.programme, stage.bot._settings
    found: dict[str, tuple[list[str], str | None, float | None]] = {}
    async with stage.database.read() as session:
        persons = await speakers_of(session, programme, settings, programme.talks)
        for guid, talk in programme.talks.items():
            address = programme.address_for(talk)
            slots = (await programme.room(session, address)).slots if address else ()
            video = [(s.qa_start - s.start).seconds / 60 for s in slots if s.qa_start]
            found[guid] = (persons[guid], address, video[0] if video else None)
    return found


async def test_speakers_go_with_the_talk_not_with_the_id(floor: Stage, told_question: str) -> None:
    """By the settings, `talk-1` is SPEAKER's; then `talk-1` is what the second talk is called."""
    await publish(floor, swapped(1, 2))
    async with floor.database.read() as session:
        programme, settings = floor.bot.programme, floor.bot._settings
        found = await speakers_of(session, programme, settings, ("talk-1", "talk-2"))
    assert found["talk-2"] == [SPEAKER]


# What is held back.


async def test_a_schedule_that_really_lost_talks_is_held_back_once(make_stage: MakeStage) -> None:
    """Although it has new ids, and so is another file, at each look."""
    stage = await make_stage()
    await stage.open(CONTROL)
    many = talks(*(Planned(n, f"Talk {n}", 60 + 25 * n, 25) for n in range(1, 13)))
    await publish(stage, same, *many)
    await stage.news()
    for number in range(3):
        await publish(stage, fresh(f"look{number}"), *many[:6])
        told = in_room(await stage.news(), CONTROL)
        assert ["6 of 12 talks are gone" in text for text in told] == [True] * (number == 0)
        await stage.restart()
    await publish(stage, fresh("x"), *many[:5])
    assert "7 of 12 talks are gone" in in_room(await stage.news(), CONTROL)[0]
    await stage.say(CONTROL, ORGANISER, "!conf schedule accept")
    await stage.news()
    await publish(stage, fresh("y"), *many[:5])
    [digest, ids] = in_room(await stage.news(), CONTROL)
    assert digest.startswith("The schedule has changed: 7 gone.")
    assert "ids changed; 5 of 12 talks recognised by title and place" in ids
    assert await known(stage) == {f"talk-{n}" for n in range(1, 6)}


async def test_a_word_that_comes_while_the_bot_looks_is_not_lost(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    many = talks(*(Planned(n, f"Talk {n}", 60 + 25 * n, 25) for n in range(1, 13)))
    await publish(stage, same, *many)
    await publish(stage, fresh("a"), *many[:6])
    poller = stage.bot.schedule_poller
    take = poller._take_accepted

    async def types_behind_its_back() -> None:
        await take()
        await stage.say(CONTROL, ORGANISER, "!conf schedule accept")

    poller._take_accepted = types_behind_its_back  # type: ignore[method-assign]
    await publish(stage, fresh("b"), *many[:6])
    assert await known(stage) == {f"talk-{n}" for n in range(1, 7)}
    async with stage.database.read() as session:
        assert set(await session.scalars(select(ScheduleCopy.standing))) == {"in_force"}


async def test_what_cannot_be_read_is_told_once_though_it_is_never_the_same(
    make_stage: MakeStage,
) -> None:
    stage = await make_stage()
    await stage.open(CONTROL)
    for number in range(3):
        stage.schedule.write_text(f"<html>It is {number} o'clock")
        await stage.bot.schedule_poller.step()
        assert len(await stage.news()) == (number == 0)
