"""Decisions about questions, by whichever face: who may, which question is meant, what at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from fosdembot.actions.deciding import Decided
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.db.question_tables import Question
from fosdembot.questions import lookup
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action
from tests.talks.programme import ROOM, talk

from .house import ADA, BIG, DAY, MODERATOR, ROOM_ID, SPEAKER, TINY, House


async def decide(
    house: House, number: int, action: Action, person: str = MODERATOR
) -> Sequence[Question]:
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, number)
        assert question is not None
        return await house.deciding.decide(session, house.actor(person), question, action)


async def current(
    house: House,
    action: Action,
    person: str = MODERATOR,
    *,
    face: str = "chat",
    seconds: float = 0,
) -> Decided:
    actor = house.actor(person, face, seconds)
    async with house.database.write() as session:
        return await house.deciding.decide_current(session, actor, ROOM_ID, action)


def refused(why: Denial | Refusal) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda err: err.why is why)


async def test_two_faces_that_take_the_next_at_once_take_one(house: House) -> None:
    await house.ask("One?", "Two?")
    by_chat = await current(house, Action.TAKE)
    by_page = await current(house, Action.TAKE, SPEAKER, face="web", seconds=4)
    assert (by_chat.question.number, by_page.question.number) == (1, 1)
    assert [each.number for each in by_chat.changed] == [1]
    assert by_page.changed == []
    assert await house.states() == ["answering", "open"]


async def test_later_the_next_is_another_one(house: House) -> None:
    await house.ask("One?", "Two?")
    await current(house, Action.TAKE)
    second = await current(house, Action.TAKE, face="web", seconds=5)
    assert [each.number for each in second.changed] == [2, 1]
    assert await house.states() == ["answered", "answering"]


async def test_that_the_bot_was_away_makes_two_moments_one_no_more(house: House) -> None:
    """What counts is when people acted, not when the bot got to it."""
    await house.ask("One?", "Two?", "Three?")
    back = house.clock.now() + timedelta(minutes=10)
    taken = []
    for person, seconds in ((MODERATOR, 0), (SPEAKER, 60), (MODERATOR, 63)):
        actor = replace(house.actor(person, seconds=seconds), now=back)
        async with house.database.write() as session:
            decided = await house.deciding.decide_current(session, actor, ROOM_ID, Action.TAKE)
            taken.append((decided.question.number, [each.number for each in decided.changed]))
    assert taken == [(1, [1]), (2, [2, 1]), (2, [])]
    assert await house.states() == ["answered", "answering", "open"]


@pytest.mark.parametrize("action", [Action.DONE, Action.SKIP])
async def test_closing_and_skipping_at_once_is_done_once(house: House, action: Action) -> None:
    await house.ask("One?", "Two?")
    if action is Action.DONE:
        await decide(house, 1, Action.TAKE)
    await current(house, action)
    again = await current(house, action, SPEAKER, face="web", seconds=4)
    assert (again.question.number, again.changed) == (1, [])


async def test_the_one_that_is_being_answered_is_closed(house: House) -> None:
    await house.ask("One?", "Two?")
    await decide(house, 2, Action.TAKE)
    closed = await current(house, Action.DONE)
    assert closed.question.number == 2


async def test_nothing_to_take_nothing_to_close(house: House) -> None:
    with refused(Denial.NOTHING_WAITS):
        await current(house, Action.TAKE)
    await house.ask("One?")
    with refused(Denial.NONE_ANSWERING):
        await current(house, Action.DONE)


async def test_before_the_first_talk_no_question_is_next(house: House) -> None:
    await house.ask("One?")
    house.clock.forward(-10)
    with refused(Denial.NO_TALK_ON):
        await current(house, Action.TAKE)


async def test_of_two_talks_at_once_it_must_be_said_which(house: House) -> None:
    beside = talk("beside", "10:00", room="Hall 2", chat_room=ROOM)
    await house.publish(*DAY, beside)
    await house.ask("One?")
    with refused(Denial.SEVERAL_TALKS_ON):
        await current(house, Action.TAKE)


@pytest.mark.parametrize("action", [Action.TAKE, Action.DISMISS, Action.WITHDRAW])
async def test_who_may_not_is_refused_and_nothing_is_done(house: House, action: Action) -> None:
    await house.ask("One?")
    with pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is Denial.NOT_ALLOWED and err.permission is Permission[action.name]
        ),
    ):
        await decide(house, 1, action, ADA)
    assert await house.states() == ["open"]


async def test_what_the_desk_refuses_names_the_question(house: House) -> None:
    await house.ask("One?")
    await decide(house, 1, Action.DISMISS)
    with pytest.RaisesExc(
        Refused,
        check=lambda err: (
            err.why is Refusal.STATE and err.question is not None and err.question.number == 1
        ),
    ):
        await decide(house, 1, Action.STAR)


@pytest.mark.parametrize("revocable", [True, False])
async def test_what_stands_only_as_long_as_its_cause_goes_with_it(
    house: House, revocable: bool
) -> None:
    await house.ask("One?")
    actor = replace(house.actor(), revocable=revocable)
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        await house.deciding.decide(session, actor, question, Action.DISMISS)
    async with house.database.write() as session:
        if revocable:
            with refused(Denial.NOT_ALLOWED):
                await house.deciding.take_back(session, house.actor(SPEAKER), actor.cause)
        taken_back = await house.deciding.take_back(session, house.actor(), actor.cause)
    assert [question.number for question in taken_back] == ([1] if revocable else [])
    assert await house.states() == ["open" if revocable else "dismissed"]


async def test_all_that_wait_for_the_talk_that_is_on_are_let_in(house: House) -> None:
    async with house.database.write() as session:
        await house.desk.set_moderated(session, ROOM_ID, True, house.actor().by)
    await house.ask("One?", "Two?")
    await house.ask("Later?", talk=BIG.guid)
    async with house.database.write() as session:
        with refused(Denial.NOT_ALLOWED):
            await house.deciding.approve_all(session, house.actor(SPEAKER), ROOM_ID)
    async with house.database.write() as session:
        let_in = await house.deciding.approve_all(session, house.actor(), ROOM_ID)
    assert [question.number for question in let_in] == [1, 2]
    assert await house.states() == ["open", "open", "pending"]


async def test_merge_and_move(house: House) -> None:
    await house.ask("One?", "Two?", "Three?")
    async with house.database.write() as session:
        one, two, three = [await lookup.by_number(session, ROOM_ID, n) for n in (1, 2, 3)]
        assert one
        assert two
        assert three
        with refused(Denial.NOT_ALLOWED):
            await house.deciding.merge(session, house.actor(SPEAKER), one, two)
        with refused(Denial.NOT_ALLOWED):
            await house.deciding.move(session, house.actor(ADA), three, BIG.guid)
        await house.deciding.merge(session, house.actor(), one, two)
        await house.deciding.move(session, house.actor(), three, BIG.guid)
        assert (one.merged_into, three.talk) == (two.id, BIG.guid)
        assert two.talk == TINY.guid


async def test_the_address_and_the_room_are_one(house: House) -> None:
    async with house.database.read() as session:
        talks = await house.views.stage_of_room(session, ROOM_ID, house.clock.now())
        at_address = await house.views.stage(session, ROOM, house.clock.now())
    assert talks.current == at_address.current
    assert [slot.talk.guid for slot in talks.current] == [TINY.guid]
