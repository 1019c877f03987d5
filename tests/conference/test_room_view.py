"""The room view: what every face shows of a talk room, on a real database, without a bot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from fosdembot.conference.room_view import Overview
from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question, QuestionRoom
from fosdembot.db.tables import Room, RoomAddress, RoomState
from fosdembot.questions.states import Action
from fosdembot.questions.views import (
    Part,
    Wanted,
)
from fosdembot.talks.answers import whats_on
from fosdembot.talks.assignment import Ambiguous, Chosen
from fosdembot.talks.phases import Phase
from fosdembot.talks.room_talks import AudienceTalks, StageTalks
from fosdembot.talks.slots import Override, as_streamed
from tests.talks.programme import ROOM, at, settings, talk

from .room_world import BIG, DAY, OLDER, ROOM_ID, TINY, World, names


async def stage(world: World, clock: str) -> StageTalks:
    async with world.database.read() as session:
        return await world.views.stage(session, ROOM, at(clock))


async def audience(world: World, clock: str) -> AudienceTalks:
    async with world.database.read() as session:
        return await world.views.audience(session, ROOM, at(clock))


@pytest.mark.parametrize(
    ("clock", "on", "next_up", "current"),
    [
        ("09:59:59", [], ["tiny"], ["tiny"]),
        ("10:00:00", ["tiny"], ["big"], ["tiny"]),
        ("10:25:00", [], ["big"], ["tiny"]),
        ("10:30:00", ["big"], ["lunch"], ["big"]),
        ("12:10:00", ["lunch"], ["old"], ["old"]),
        ("14:34:59", [], [], ["old"]),
        ("14:35:00", [], [], []),
    ],
)
async def test_the_audience_sees_it_all_later_by_the_delay(
    world: World, clock: str, on: list[str], next_up: list[str], current: list[str]
) -> None:
    minute = timedelta(minutes=1)
    here = await stage(world, clock)
    assert (names(here.on), names(here.next), names(here.current)) == (on, next_up, current)
    async with world.database.read() as session:
        there = await world.views.audience(session, ROOM, at(clock) + minute)
    assert (names(there.on), names(there.next), names(there.current)) == (on, next_up, current)
    assert [slot.start - minute for slot in there.slots] == [slot.start for slot in here.slots]


async def test_the_types_keep_the_two_times_apart(world: World) -> None:
    """mypy fails where one of these lines needs no `ignore` any more."""
    here, there = await stage(world, "10:00"), await audience(world, "10:00")
    as_streamed(there.slots, settings(), ROOM)  # type: ignore[arg-type]
    whats_on(here, "!")  # type: ignore[arg-type]
    here.phase(there.slots[0])  # type: ignore[arg-type]


async def test_a_break_is_on_but_no_talk(world: World) -> None:
    assert (await stage(world, "10:10")).has_talk_on
    during = await stage(world, "12:10")
    assert names(during.on) == ["lunch"]
    assert not during.has_talk_on
    assert during.asked_about == Chosen(during.slots[3], in_doubt=True)


async def test_what_moderators_decided_counts(world: World) -> None:
    await world.decide(tiny=Override(shift=timedelta(minutes=3)), big=Override(cancelled=True))
    early = await stage(world, "10:01")
    assert names(early.next) == ["tiny"]
    assert [early.phase(slot) for slot in early.slots[:2]] == [Phase.UPCOMING, Phase.CANCELLED]
    qa = await stage(world, "10:24")
    tiny = qa.of("tiny")
    assert tiny is not None
    assert qa.phase(tiny) is Phase.QA
    streamed = (await audience(world, "10:24")).of("tiny")
    assert streamed is not None
    assert streamed.qa_start == at("10:24")
    assert tiny.qa_start == at("10:23")
    following = qa.after("tiny")
    assert following is not None
    assert following.talk.guid == "old"
    assert qa.of("nothing") is None


async def test_where_two_are_on_the_reader_learns_of_both(world: World) -> None:
    await world.publish(TINY, talk("other", "10:00", room="Hall 0", chat_room=ROOM))
    talks = await audience(world, "10:10")
    assert isinstance(talks.asked_about, Ambiguous)
    assert names(talks.current) == ["other", "tiny"]


async def test_a_room_has_the_talks_of_all_its_addresses(world: World) -> None:
    await world.publish(TINY, talk("big", "10:30", chat_room=OLDER))
    async with world.database.write() as session:
        session.add_all(RoomAddress(address=a, room_id=ROOM_ID) for a in (ROOM, OLDER))
    async with world.database.read() as session:
        talks = await world.views.stage_of_room(session, ROOM_ID, at("10:31"))
        nowhere = await world.views.stage_of_room(session, "!other", at("10:31"))
    assert {slot.talk.guid for slot in talks.slots if slot.takes_place} == {"big", "tiny"}
    assert names(talks.current) == ["big"]
    assert nowhere.slots == nowhere.current == ()
    assert nowhere.asked_about is None


@pytest.mark.parametrize(
    ("clock", "shown"),
    [("10:24", False), ("10:26", False), ("10:30", True), ("10:34:59", True), ("10:35", False)],
)
async def test_a_speaker_may_still_be_answering_when_the_next_talk_begins(
    world: World, clock: str, shown: bool
) -> None:
    """Until then their talk is the one that questions are for; ten minutes later it is over."""
    taken = await world.ask()
    await world.act(taken, Action.TAKE)
    assert await still_answering(world, clock) == ((taken, "Bob") if shown else None)


async def test_what_was_still_answered_is_over_once_one_of_the_next_talk_was_taken(
    world: World,
) -> None:
    before, taken, other = await world.ask(talk="big"), await world.ask(), await world.ask()
    await world.act(before, Action.DONE)
    await world.act(taken, Action.TAKE)
    later = await world.ask(talk="big")
    assert await still_answering(world, "10:31") == (taken, "Bob")
    for action in (Action.TAKE, Action.DONE):
        await world.act(later, action)
        assert await still_answering(world, "10:31") is None
    await world.act(other, Action.TAKE)
    assert await still_answering(world, "10:31") == (other, "Bob"), "taken after it"


async def test_who_is_not_to_be_named_is_not_named_there_either(world: World) -> None:
    taken = await world.ask()
    await world.act(taken, Action.TAKE)
    async with world.database.read() as session:
        asker = (await session.get_one(Question, taken)).asker
    assert asker is not None
    assert await still_answering(world, "10:31", asker) == (taken, "")


async def still_answering(world: World, clock: str, *nameless: str) -> tuple[int, str] | None:
    async with world.database.read() as session:
        talks = await world.views.stage(session, ROOM, at(clock))
        found = await world.views.still_answering(session, talks, nameless)
    return (found.id, found.asker) if found is not None else None


async def test_closed_and_moderated(world: World) -> None:
    room = await world.room("10:10")
    assert not room.moderated
    assert not room.current.entries[0].questions.closed
    async with world.database.write() as session:
        await world.desk.set_closed(session, ROOM_ID, "tiny", True, world.by())
        await world.desk.set_moderated(session, ROOM_ID, True, world.by())
    room = await world.room("10:10")
    assert room.moderated
    assert room.current.entries[0].questions.closed
    assert not (await world.room("10:31")).current.entries[0].questions.closed


async def test_the_settings_say_whether_a_room_is_moderated_that_nobody_decided(
    database: Database,
) -> None:
    world = World(database, questions={"moderated": True})
    await world.publish(*DAY)
    assert (await world.room("10:10")).moderated
    async with database.write() as session:
        await world.desk.set_moderated(session, ROOM_ID, False, world.by())
    assert not (await world.room("10:10")).moderated
    async with database.read() as session:
        talks = await world.views.stage(session, ROOM, at("10:10"))
        assert (await world.views.room(session, talks, None, Wanted())).moderated


async def test_an_upgraded_room_is_moderated_as_before_and_reading_writes_nothing(
    world: World,
) -> None:
    async with world.database.write() as session:
        await world.desk.set_moderated(session, "!before", True, world.by())
        create = {"predecessor": {"room_id": "!before"}}
        session.add(
            RoomState(
                room_id=ROOM_ID, type="m.room.create", state_key="", sender="@a", content=create
            )
        )
    async with world.database.write() as session:
        talks = await world.views.stage(session, ROOM, at("10:10"))
        assert (await world.views.room(session, talks, ROOM_ID, Wanted())).moderated
        assert await session.get(QuestionRoom, ROOM_ID) is None


async def test_a_room_with_its_talks_and_their_questions(world: World) -> None:
    await world.publish(TINY, talk("other", "10:00", room="Hall 0", chat_room=ROOM))
    await world.ask("How?", "other")
    await world.ask("Why?", "tiny")
    room = await world.room("10:21")
    assert [(each.slot.talk.guid, each.phase) for each in room.current.entries] == [
        ("other", Phase.QA),
        ("tiny", Phase.QA),
    ]
    assert [each.questions.waiting.entries[0].text for each in room.current.entries] == [
        "How?",
        "Why?",
    ]
    assert room.current.left == 0
    one = await world.room("10:21", most_talks=1)
    assert ([each.slot.talk.guid for each in one.current.entries], one.current.left) == (
        ["other"],
        1,
    )
    assert (await world.room("20:00")).current == Part((), 0)


async def test_the_overview_of_all_rooms(world: World) -> None:
    cloud = talk("cloud", "10:10", room="Attic", chat_room=OLDER)
    await world.publish(TINY, BIG, talk("far", "18:00", chat_room=ROOM), cloud)
    asked = [await world.ask(), await world.ask(), await world.ask("Why?", "cloud")]
    await world.act(asked[0], Action.DONE)
    async with world.database.write() as session:
        session.add(Room(room_id=ROOM_ID, membership="join"))
        session.add(RoomAddress(address=ROOM, room_id=ROOM_ID))
        session.add(RoomAddress(address=OLDER, room_id="!elsewhere"))
    async with world.database.read() as session:
        during, after, never = [
            await world.views.overview(session, at(clock)) for clock in ("10:15", "10:40", "19:00")
        ]
    assert during == Overview(
        rooms=2, joined=1, on=2, next_start=at("10:30"), asked=3, waiting=2, pending=0
    )
    assert (after.on, after.next_start) == (1, at("18:00"))
    assert (never.on, never.next_start) == (0, None)


async def test_the_overview_costs_no_more_for_more_rooms(database: Database) -> None:
    counts = []
    for rooms in (2, 200):
        world = World(database)
        talks = [
            talk(f"{n}", "10:00", room=f"Hall {n}", chat_room=f"#r{n}:example.org")
            for n in range(rooms)
        ]
        await world.publish(*talks)
        statements: list[str] = []

        def note(*about: Any, statements: list[str] = statements) -> None:
            statements.append(about[2])

        async with database.read() as session:
            sql_event.listen(database.engine.sync_engine, "before_cursor_execute", note)
            assert (await world.views.overview(session, at("10:10"))).on == rooms
            sql_event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1] < 10
