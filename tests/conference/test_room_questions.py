"""The questions to a talk as readers see them, on a real database, without a bot."""

from __future__ import annotations

from random import Random

from fosdembot.db.question_tables import Question
from fosdembot.questions.states import Action, State
from fosdembot.questions.views import (
    AnswerView,
    Part,
    QuestionView,
)

from .room_world import ROOM_ID, World, ids


async def test_a_question_as_readers_see_it(world: World) -> None:
    await world.ask("How small?", votes=2)
    nameless = await world.ask("And big?", name="")
    await world.act(nameless, Action.TAKE)
    view = await world.questions()
    assert view.waiting.entries == (
        QuestionView(2, 2, "And big?", "", 0, State.ANSWERING),
        QuestionView(1, 1, "How small?", "Bob", 2, State.OPEN),
    )
    assert view.answering == view.waiting.entries[0]
    await world.act(nameless, Action.SKIP)
    view = await world.questions()
    assert view.answering is None
    assert view.waiting.entries[1] == QuestionView(2, 2, "And big?", "", 0, State.OPEN, True)
    assert not (await world.questions("big")).waiting.entries


async def test_what_is_not_listed_is_counted(world: World) -> None:
    asked = [await world.ask(votes=votes) for votes in range(6)]
    await world.act(asked[0], Action.DONE)
    await world.act(asked[1], Action.DONE)
    await world.act(await world.ask("Why?", "big"), Action.DONE)
    await world.ask("What?", "big")
    view = await world.questions(waiting=3, answered=1)
    assert (ids(view.waiting), view.waiting.left) == ([asked[5], asked[4], asked[3]], 1)
    assert (ids(view.answered), view.answered.left, view.answered.total) == ([asked[1]], 1, 2)
    counted = await world.questions(waiting=0, answered=0)
    assert counted.waiting == Part((), 4)
    assert counted.answered == Part((), 2)
    assert [(await world.questions(waiting=n)).waiting.left for n in (3, 4, 5)] == [1, 0, 0]
    among = await world.questions(waiting=3, among=[asked[2], asked[4], asked[1]])
    assert (ids(among.waiting), among.waiting.left) == ([asked[4], asked[2]], 2)
    assert among.answered == Part((), 0)


async def test_whoever_does_not_ask_for_pending_ones_does_not_learn_of_them(world: World) -> None:
    async with world.database.write() as session:
        await world.desk.set_moderated(session, ROOM_ID, True, world.by())
    first, second = await world.ask(), await world.ask("Why?")
    view = await world.questions(answered=5)
    assert (view.waiting, view.answered, view.pending) == (Part((), 0),) * 3
    view = await world.questions(pending=1)
    assert (ids(view.pending), view.pending.left) == ([first], 1)
    assert view.pending.entries[0].state is State.PENDING
    await world.act(first, Action.APPROVE)
    view = await world.questions(pending=1)
    assert (ids(view.waiting), ids(view.pending)) == ([first], [second])
    assert (await world.questions(pending=0)).pending == Part((), 1)


async def test_answers_in_writing_come_with_their_question(world: World) -> None:
    first, merged, other = [await world.ask(text) for text in ("How?", "How so?", "Why?")]
    await world.answer(first, "So.")
    await world.answer(first, "Never mind.", counts=False)
    await world.answer(merged, "Like this.")
    await world.answer(first, "Or so.")
    await world.merge(merged, first)
    await world.act(first, Action.DONE)
    view = await world.questions(answered=5, answers=2)
    [answered] = view.answered.entries
    assert [(each.text, each.author) for each in answered.answers] == [
        ("So.", "Ada"),
        ("Like this.", "Ada"),
    ]
    assert isinstance(answered.answers[0], AnswerView)
    assert [(each.id, each.answers) for each in view.waiting.entries] == [(other, ())]
    [answered] = (await world.questions(answered=5)).answered.entries
    assert answered.answers == ()


async def test_however_much_is_listed_the_totals_are_the_same(world: World) -> None:
    random = Random(7)
    for _ in range(12):
        await world.act(await world.ask(), *random.choice(_FATES))
    async with world.database.read() as session:
        rows = [await session.get_one(Question, id) for id in range(1, 13)]
    waiting = sum(row.state in ("open", "starred") for row in rows)
    done = sum(row.state == "answered" for row in rows)
    for most in range(14):
        view = await world.questions(waiting=most, answered=most, pending=most)
        assert (view.waiting.total, view.answered.total, view.pending.total) == (waiting, done, 0)
        assert len(view.waiting.entries) == min(most, waiting)
        assert len(view.answered.entries) == min(most, done)


_FATES: tuple[tuple[Action, ...], ...] = (
    (),
    (Action.STAR,),
    (Action.DONE,),
    (Action.DISMISS,),
    (Action.WITHDRAW,),
)
