"""Which guests in the hall are for a question: counted apart, and as carefully as persons."""

from __future__ import annotations

import pytest

from fosdembot.db.engine import Database
from fosdembot.questions.hall_votes import voted
from fosdembot.questions.states import Action
from fosdembot.questions.views import Wanted, best_of_each, questions_to

from .hall import TALK, Hall, MakeHall

ONE, TWO, THREE = "guest:one", "guest:two", "guest:three"


async def test_a_guest_counts_once_and_apart_from_persons(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.vote(event, "@bob")
    hall.signals.clear()
    await hall.guests_vote(event, ONE, ONE, TWO)
    assert await hall.hall_votes(event) == 2
    assert await hall.votes(event) == 1
    assert hall.signals == [{TALK}, {TALK}], "pages hear of each that counts"
    await hall.guests_vote(event, ONE, wanted=False)
    await hall.guests_vote(event, ONE, wanted=False)
    assert await hall.hall_votes(event) == 1
    assert hall.signals == [{TALK}] * 3


async def test_what_is_merged_counts_for_the_one_that_stays_each_guest_once(hall: Hall) -> None:
    first, second, third = [await hall.ask(f"@{n}", f"Why {n}?") for n in range(3)]
    await hall.guests_vote(first, ONE)
    await hall.guests_vote(second, ONE, TWO)
    await hall.guests_vote(third, THREE)
    await hall.merge(second, first)
    assert await hall.hall_votes(first) == 2
    await hall.merge(first, third)
    assert await hall.hall_votes(third) == 3
    await hall.undo()
    assert (await hall.hall_votes(first), await hall.hall_votes(third)) == (2, 1)
    await hall.undo()
    assert (await hall.hall_votes(first), await hall.hall_votes(second)) == (1, 2)


async def test_who_votes_for_what_was_merged_votes_for_the_one_that_stays(hall: Hall) -> None:
    first, second = await hall.ask("@ada", "Why?"), await hall.ask("@bob", "How?")
    await hall.guests_vote(first, ONE)
    await hall.merge(second, first)
    await hall.guests_vote(second, ONE, TWO)
    assert await hall.hall_votes(first) == 2
    await hall.guests_vote(first, TWO, wanted=False)
    assert await hall.hall_votes(first) == 1


async def test_votes_go_with_the_question_to_another_talk(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.guests_vote(event, ONE, TWO)
    await hall.move(event, "two")
    assert await hall.hall_votes(event) == 2
    async with hall.database.read() as session:
        assert await voted(session, TALK, ONE) == set()
        assert await voted(session, "two", ONE) == {(await hall.question(event)).id}


async def test_who_is_muted_counts_no_more_and_again_later(hall: Hall) -> None:
    event = await hall.ask("@ada")
    await hall.guests_vote(event, ONE, TWO)
    await hall.mute(ONE)
    assert await hall.hall_votes(event) == 1
    await hall.mute(ONE, muted=False)
    assert await hall.hall_votes(event) == 2


@pytest.mark.parametrize("ranks", [False, True])
async def test_they_rank_only_where_the_settings_say_so(make_hall: MakeHall, ranks: bool) -> None:
    hall = make_hall(guests_rank=ranks)
    first, second = await hall.ask("@ada", "Why?"), await hall.ask("@bob", "How?")
    await hall.vote(first, "@cleo")
    await hall.guests_vote(second, ONE, TWO)
    order = [second, first] if ranks else [first, second]
    assert await hall.board() == order
    async with hall.database.read() as session:
        alone = (await questions_to(session, TALK, Wanted())).waiting.entries
        together = (await best_of_each(session, [TALK], 5))[TALK].waiting.entries
    assert alone == together
    assert {(view.votes, view.hall_votes) for view in alone} == {(1, 0), (0, 2)}


async def test_another_setting_ranks_what_was_counted_before(make_hall: MakeHall) -> None:
    before, after = make_hall(), make_hall(guests_rank=True)
    await before.ask("@ada", "Why?")
    second = await before.ask("@bob", "How?")
    await before.guests_vote(second, ONE)
    assert (await before.board())[1] == second
    for hall, place in ((after, 0), (before, 1)):
        async with hall.database.write() as session:
            await hall.desk.votes.hall.settle_ranks(session)
        assert (await hall.board())[place] == second


async def test_votes_of_persons_stay_exact(hall: Hall) -> None:
    """What comes at once is added to a count that is known; a guest shall not make it unknown."""
    event = await hall.ask("@ada")
    await hall.vote_at_once(event, "@bob", "@cleo")
    question = (await hall.question(event)).id
    exact = hall.exact.talk_of(question)
    assert exact == TALK
    await hall.guests_vote(event, ONE)
    assert hall.exact.talk_of(question) == TALK
    await hall.vote_at_once(event, "@dan")
    assert (await hall.votes(event), await hall.hall_votes(event)) == (3, 1)


async def test_postgresql_counts_the_same(any_database: Database) -> None:
    hall = Hall(any_database, guests_rank=True)
    first, second = await hall.ask("@ada", "Why?"), await hall.ask("@bob", "How?")
    await hall.guests_vote(first, ONE, TWO)
    await hall.guests_vote(second, TWO, THREE)
    await hall.merge(second, first)
    assert await hall.hall_votes(first) == 3
    await hall.act(second, Action.RESTORE)
    assert (await hall.hall_votes(first), await hall.hall_votes(second)) == (2, 2)
