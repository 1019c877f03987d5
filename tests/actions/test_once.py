"""What comes again by another face than chat, as a request whose answer was lost, is done once."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from fosdembot import actions
from fosdembot.actions.actor import Actor
from fosdembot.actions.asking import Ask, Asking
from fosdembot.actions.once import DoneBefore
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.voting import Voting
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Act, Answer, Question
from fosdembot.questions import answers, board, lookup
from fosdembot.questions.states import Action
from tests.talks.programme import ROOM

from .house import ADA, BIG, MODERATOR, ROOM_ID, SPEAKER, TINY, House

Do = Callable[[WriteSession, Actor, Question], Awaitable[object]]


@pytest.fixture
async def asked(house: House) -> House:
    await house.ask("One?", "Two?")
    return house


def web(house: House, person: str = MODERATOR) -> Actor:
    return house.actor(person, "web")


async def do(house: House, actor: Actor, what: Do, number: int = 1) -> None:
    async with house.database.write() as session:
        question = await lookup.by_number(session, ROOM_ID, number)
        assert question is not None
        await what(session, actor, question)


async def again(house: House, actor: Actor, what: Do, number: int = 1) -> DoneBefore:
    """The same comes once more, two minutes later."""
    house.clock.forward(2)
    with pytest.raises(DoneBefore) as done:
        await do(house, actor, what, number)
    return done.value


def deciding(house: House, action: Action) -> Do:
    return lambda session, actor, question: house.deciding.decide(session, actor, question, action)


def undoing(house: House) -> Do:
    return lambda session, actor, _: house.undoing.undo(session, actor, ROOM)


async def test_the_next_whoever_took_it_first(asked: House) -> None:
    """The second of two at once took nothing, and takes nothing later either."""

    async def take(session: WriteSession, actor: Actor, _: Question) -> None:
        await asked.deciding.decide_current(session, actor, ROOM_ID, Action.TAKE)

    first, second = web(asked), web(asked, SPEAKER)
    await do(asked, first, take)
    await do(asked, second, take)
    for actor in (second, first):
        done = await again(asked, actor, take)
        assert done.question is not None
        assert done.question.number == 1
    assert await asked.states() == ["answering", "open"]


async def test_a_question_that_is_named_is_not_taken_from_another_one(asked: House) -> None:
    take, first = deciding(asked, Action.TAKE), web(asked)
    await do(asked, first, take, 1)
    await do(asked, web(asked, SPEAKER), take, 2)
    await again(asked, first, take, 1)
    assert await asked.states() == ["answered", "answering"]


async def test_undo_takes_one_decision_back(asked: House) -> None:
    for number in (1, 2):
        await do(asked, web(asked), deciding(asked, Action.DISMISS), number)
    actor = web(asked)
    await do(asked, actor, undoing(asked))
    await again(asked, actor, undoing(asked))
    assert await asked.states() == ["dismissed", "open"]


async def test_a_question_is_asked_once_and_found_again(house: House) -> None:
    asking = Asking(house.desk, house.access, house.programme, house.views)
    ask, actor = Ask(room=ROOM_ID, text="How small?", name="Ada"), web(house, ADA)
    async with house.database.write() as session:
        await asking.ask(session, actor, ask)
    with pytest.raises(DoneBefore) as done:
        async with house.database.write() as session:
            await asking.ask(session, actor, ask)
    assert done.value.question is not None
    assert done.value.question.number == 1
    assert await house.states() == ["open"]


async def test_a_vote_that_was_taken_back_stays_so(asked: House) -> None:
    voting = Voting(asked.desk, asked.settings.questions)
    vote, unvote = web(asked, ADA), web(asked, ADA)
    await do(asked, vote, voting.vote)
    await again(asked, vote, voting.vote)
    await do(asked, unvote, voting.unvote)
    await again(asked, vote, voting.vote)
    await again(asked, unvote, voting.unvote)
    async with asked.database.read() as session:
        assert (await session.scalars(select(Question.votes))).all() == [0, 0]


@pytest.mark.parametrize("afterwards", [False, True])
async def test_an_answer_is_given_once(asked: House, afterwards: bool) -> None:
    async def answer(session: WriteSession, actor: Actor, question: Question) -> Answer:
        give = asked.answers.answer_afterwards if afterwards else asked.answers.answer
        return await give(session, actor, question, "4 kB", "Sid")

    actor = web(asked, SPEAKER)
    await do(asked, actor, answer)
    # Its words may have changed; they are not what tells it from another one.
    done = await again(asked, actor, answer)
    assert done.question is not None
    assert done.question.state == ("answered" if afterwards else "open")
    async with asked.database.read() as session:
        question = await lookup.by_number(session, ROOM_ID, 1)
        assert question is not None
        assert len(await answers.to(session, question)) == 1


async def test_what_others_decided_since_stays(asked: House) -> None:
    """Close, then opened by another one: the first does not close it again."""

    def close(closed: bool) -> Do:
        return lambda session, actor, _: asked.rooms.set_closed(
            session, actor, ROOM, TINY.guid, closed
        )

    first = web(asked)
    await do(asked, first, close(True))
    await do(asked, web(asked), close(False))
    await again(asked, first, close(True))
    async with asked.database.read() as session:
        assert not await board.is_closed(session, TINY.guid)


@pytest.mark.parametrize("person", [ADA, MODERATOR, SPEAKER])
async def test_a_cause_belongs_to_who_did_it(asked: House, person: str) -> None:
    organiser = "@organiser:example.org"
    await do(asked, web(asked, organiser), deciding(asked, Action.STAR))
    async with asked.database.read() as session:
        [cause] = await session.scalars(select(Act.cause))
    now = asked.clock.now()
    other = Actor(person, face="web", act=cause.removeprefix("web:"), at=now, now=now)
    with pytest.RaisesExc(Refused, check=lambda err: err.why is Denial.CAUSE_USED):
        await do(asked, other, deciding(asked, Action.STAR))


async def test_and_to_what_was_done_by_it(asked: House) -> None:
    actor, star = web(asked), deciding(asked, Action.STAR)
    await do(asked, actor, star, 1)
    others: list[tuple[Do, int]] = [
        (star, 2),
        (deciding(asked, Action.DISMISS), 1),
        (undoing(asked), 1),
        (lambda s, a, _: asked.deciding.decide_current(s, a, "!other", Action.TAKE), 1),
        (lambda s, a, q: asked.deciding.move(s, a, q, BIG.guid), 1),
    ]
    for other, number in others:
        with pytest.RaisesExc(Refused, check=lambda err: err.why is Denial.CAUSE_USED):
            await do(asked, actor, other, number)
    assert await asked.states() == ["starred", "open"]


async def test_what_is_refused_may_come_again(asked: House) -> None:
    actor, take = web(asked, SPEAKER), deciding(asked, Action.TAKE)
    await do(asked, web(asked), deciding(asked, Action.DISMISS))
    with pytest.raises(Refused):
        await do(asked, actor, take)
    await do(asked, web(asked), deciding(asked, Action.RESTORE))
    await do(asked, actor, take)
    assert await asked.states() == ["answering", "open"]


async def test_of_a_transaction_that_fails_no_mark_is_left(asked: House) -> None:
    actor, star = web(asked), deciding(asked, Action.STAR)

    async def fails(session: WriteSession, actor: Actor, question: Question) -> None:
        await star(session, actor, question)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await do(asked, actor, fails)
    await do(asked, actor, star)
    assert await asked.states() == ["starred", "open"]


async def test_events_of_matrix_rooms_need_no_mark(asked: House) -> None:
    actor = asked.actor()
    for _ in range(2):
        await do(asked, actor, deciding(asked, Action.STAR))
    async with asked.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Act)) == 0


async def test_a_mark_says_not_what_was_written(asked: House) -> None:
    await do(asked, web(asked, SPEAKER), lambda s, a, q: asked.answers.answer(s, a, q, "4 kB", "x"))
    async with asked.database.read() as session:
        [act] = await session.scalars(select(Act))
        assert (act.person, act.question_id) == (SPEAKER, 1)
        assert len(act.what) == 32
        assert act.at - asked.clock.now() == timedelta(0)


def test_every_action_is_done_once() -> None:
    """Each public method that takes a transaction and an actor."""
    found = []
    for module in pkgutil.iter_modules(actions.__path__, f"{actions.__name__}."):
        for _, made in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if made.__module__ == module.name:
                found += [each for each in vars(made).items() if is_action(*each)]
    assert len(found) > 30
    assert [name for name, method in found if not hasattr(method, "__wrapped__")] == []


def is_action(name: str, method: Any) -> bool:
    if name.startswith("_") or not inspect.iscoroutinefunction(method):
        return False
    kinds = {each.annotation for each in inspect.signature(method).parameters.values()}
    return {"WriteSession", "Actor"} <= kinds
