"""What moderators and speakers decide about questions, and what they take back."""

from __future__ import annotations

import pytest

from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action

from .hall import TALK, Hall, refused

TAKE, DONE, STAR, DISMISS = Action.TAKE, Action.DONE, Action.STAR, Action.DISMISS


async def test_taking_one_closes_the_one_before(hall: Hall) -> None:
    first, second = await hall.ask("@ada"), await hall.ask("@bob")
    other = await hall.ask("@ada", talk="two")
    await hall.act(other, TAKE)
    await hall.act(first, TAKE)
    assert await hall.act(second, TAKE) == [second, first]
    assert [await hall.state(e) for e in (first, second, other)] == [
        "answered",
        "answering",
        "answering",
    ]


async def test_what_stands_so_already_is_not_done_again(hall: Hall) -> None:
    event = await hall.ask("@ada")
    assert await hall.act(event, STAR) == [event]
    before = len(await hall.log())
    hall.signals.clear()
    assert await hall.act(event, STAR) == []
    assert (len(await hall.log()), hall.signals) == (before, [])


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ((Action.SKIP,), Action.UNSTAR),
        ((TAKE, DONE), STAR),
        ((DISMISS,), TAKE),
        ((Action.WITHDRAW,), Action.RESTORE),
        ((TAKE, DONE), Action.WITHDRAW),
    ],
)
async def test_what_cannot_be_done(hall: Hall, first: tuple[Action, ...], then: Action) -> None:
    event = await hall.ask("@ada")
    await hall.act(event, *first)
    before = await hall.state(event)
    with refused(Refusal.STATE):
        await hall.act(event, then)
    assert await hall.state(event) == before


async def test_the_order_of_a_board(hall: Hall) -> None:
    plain, voted, skipped, starred, taken, done = [await hall.ask(f"@{n}") for n in range(6)]
    for event, action in ((taken, TAKE), (starred, STAR), (skipped, Action.SKIP), (done, DONE)):
        await hall.act(event, action)
    await hall.vote(voted, "@ada")
    await hall.vote(skipped, "@ada", "@bob")
    assert await hall.board() == [taken, starred, voted, plain, skipped]


# Merging.


async def test_merged_questions_count_together_and_keep_every_voter_once(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob")
    await hall.vote(one, "@cleo", "@dan", "@bob")
    await hall.vote(two, "@cleo", "@eve", "@ada")
    assert (await hall.votes(one), await hall.votes(two)) == (3, 3)
    await hall.merge(one, two)
    # Cleo voted for both; Ada and Bob ask the same now.
    assert await hall.votes(two) == 3
    assert await hall.board() == [two]
    await hall.act(one, Action.RESTORE)
    assert (await hall.votes(one), await hall.votes(two)) == (3, 3)


async def test_what_is_not_merged(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob")
    other = await hall.ask("@ada", talk="two")
    with refused(Refusal.OTHER_TALK):
        await hall.merge(one, other)
    with refused(Refusal.ITSELF):
        await hall.merge(one, one)
    await hall.merge(one, two)
    with refused(Refusal.ITSELF):
        await hall.merge(two, one)
    await hall.act(two, DISMISS)
    for into in (one, two):
        with refused(Refusal.STATE):
            await hall.merge(await hall.ask(f"@{into}"), into)


async def test_nothing_that_was_merged_is_lost_with_the_one_that_is_withdrawn(hall: Hall) -> None:
    one, two, three = [await hall.ask(person) for person in ("@ada", "@bob", "@cleo")]
    await hall.merge(two, one)
    await hall.merge(three, one)
    await hall.vote(one, "@dan")
    await hall.vote(two, "@eve")
    await hall.act(one, STAR)
    await hall.redact(one)
    assert [await hall.state(e) for e in (one, two, three)] == ["withdrawn", "starred", "merged"]
    assert await hall.votes(two) == 1
    assert (await hall.question(three)).root == (await hall.question(two)).id


# Moving.


async def test_a_moved_question_takes_those_merged_into_it_along(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob")
    await hall.merge(two, one)
    await hall.act(one, TAKE)
    hall.signals.clear()
    await hall.move(one, "two")
    assert [(await hall.question(e)).talk for e in (one, two)] == ["two", "two"]
    assert [await hall.state(e) for e in (one, two)] == ["open", "merged"]
    assert hall.signals == [{TALK, "two"}]
    with refused(Refusal.STATE):
        await hall.move(two, TALK)
    await hall.undo()
    assert [(await hall.question(e)).talk for e in (one, two)] == [TALK, TALK]
    assert await hall.state(one) == "answering"


async def test_to_its_own_talk_nothing_moves(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.act(event, TAKE)
    hall.signals.clear()
    await hall.move(event, TALK)
    assert (await hall.state(event), hall.signals) == ("answering", [])


# Taking back.


async def test_decisions_are_taken_back_one_by_one(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob")
    await hall.act(one, Action.SKIP, STAR, TAKE)
    await hall.act(two, TAKE)
    await hall.merge(two, one)
    expected = [
        ("answered", "answering"),
        ("answering", "open"),
        ("starred", "open"),
        ("skipped", "open"),
        ("open", "open"),
    ]
    for states in expected:
        await hall.undo()
        assert (await hall.state(one), await hall.state(two)) == states
    assert await hall.undo() == []


async def test_what_became_of_it_since_is_not_undone(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.act(event, STAR)
    await hall.act(event, Action.WITHDRAW, by=hall.by("@ada"))
    assert await hall.undo() == []
    assert await hall.state(event) == "withdrawn"


async def test_what_was_skipped_since_is_not_undone(hall: Hall) -> None:
    """Only what is open can be behind the others."""
    event, restored = await hall.ask("@ada"), hall.by()
    await hall.act(event, DISMISS)
    await hall.act(event, Action.RESTORE, by=restored)
    await hall.act(event, Action.SKIP)
    assert await hall.undo_cause(restored.cause) == []
    assert await hall.state(event) == "skipped"


async def test_only_one_is_answered_also_after_an_undo(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob")
    await hall.act(one, TAKE)
    await hall.act(one, DONE, by=(done := hall.by()))
    await hall.act(two, TAKE)
    assert await hall.undo_cause(done.cause) == []
    assert (await hall.state(one), await hall.state(two)) == ("answered", "answering")
    await hall.act(two, DONE)
    await hall.act(one, TAKE, by=(taken := hall.by()))
    assert await hall.undo_cause(taken.cause) == [one]
    assert (await hall.state(one), await hall.state(two)) == ("answered", "answered")


async def test_what_is_being_answered_goes_back_to_its_talk_as_well(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob")
    for event, possible in ((one, True), (two, False)):
        await hall.move(event, "two", by=(moved := hall.by()))
        await hall.act(event, TAKE)
        # Where another one is being answered, it stays.
        assert (await hall.undo_cause(moved.cause) == [event]) is possible
        assert await hall.state(event) == "answering"


async def test_undone_nothing_is_merged_into_what_nobody_sees(hall: Hall) -> None:
    one, two, three = [await hall.ask(person) for person in ("@ada", "@bob", "@cleo")]
    await hall.merge(one, two)
    await hall.merge(two, three)
    await hall.act(one, Action.RESTORE, by=(restored := hall.by()))
    await hall.act(three, DISMISS)
    assert await hall.undo_cause(restored.cause) == []
    assert await hall.board() == [one]


async def test_what_is_merged_goes_where_its_question_goes_back_to(hall: Hall) -> None:
    one, two = await hall.ask("@ada"), await hall.ask("@bob", talk="two")
    await hall.move(one, "two", by=(moved := hall.by()))
    await hall.merge(two, one)
    hall.signals.clear()
    await hall.undo_cause(moved.cause)
    assert [(await hall.question(e)).talk for e in (one, two)] == [TALK, TALK]
    assert hall.signals == [{TALK, "two"}]


async def test_undo_in_another_room_is_another_matter(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.act(event, STAR)
    assert await hall.undo("!cloud") == []
    assert await hall.state(event) == "starred"
