"""The order of a talk's questions: the pure rule, and the database beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fosdembot.db.engine import Database
from fosdembot.db.question_tables import Question
from fosdembot.questions import board
from fosdembot.questions.listed import COLUMNS, Listing
from fosdembot.questions.states import State

from .ranking import Ranked, answered, on_board

START = datetime(2026, 1, 31, 10, tzinfo=UTC)


def ranked(
    id: int, state: State = State.OPEN, votes: int = 0, *, skipped: bool = False, since: int = 0
) -> Ranked:
    return Ranked(id, state, skipped, votes, START + timedelta(minutes=since))


def ids(questions: list[Ranked]) -> list[int]:
    return [question.id for question in questions]


def test_answering_then_starred_then_votes_then_the_earlier_then_the_skipped() -> None:
    questions = [
        ranked(1, votes=3, skipped=True),
        ranked(2),
        ranked(3, votes=2),
        ranked(4, State.STARRED),
        ranked(5, votes=2),
        ranked(6, State.ANSWERING),
        ranked(7, State.STARRED, votes=1),
        ranked(8, skipped=True),
        *(
            ranked(9 + place, state, votes=99)
            for place, state in enumerate(
                (State.PENDING, State.ANSWERED, State.DISMISSED, State.MERGED, State.WITHDRAWN)
            )
        ),
    ]
    assert ids(on_board(questions)) == [6, 7, 4, 3, 5, 2, 1, 8]


def test_answered_ones_the_newest_first() -> None:
    questions = [
        ranked(1, State.ANSWERED, since=5),
        ranked(2, State.ANSWERED, 99, since=1),
        ranked(3, State.ANSWERED, since=9),
        ranked(4, State.ANSWERED, since=5),
        ranked(5, State.OPEN, since=9),
    ]
    assert ids(answered(questions)) == [3, 4, 1, 2]


question = st.builds(
    lambda state, votes, skipped, since: (state, votes, skipped and state is State.OPEN, since),
    st.sampled_from(State),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 3),
)


@given(st.lists(question, max_size=20), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_they_come(
    drawn: list[tuple[State, int, bool, int]], random: Random
) -> None:
    questions = [
        ranked(id, state, votes, skipped=skipped, since=since)
        for id, (state, votes, skipped, since) in enumerate(drawn)
    ]
    shuffled = random.sample(questions, len(questions))
    assert on_board(shuffled) == on_board(questions)
    assert answered(shuffled) == answered(questions)


async def test_the_database_has_the_same_order(any_database: Database) -> None:
    random = Random(12)
    for talk in range(30):
        rows = [_row(random, talk, number) for number in range(1, 15)]
        async with any_database.write() as session:
            session.add_all(rows)
            await session.flush()
            pure = [
                Ranked(row.id, State(row.state), row.skipped, row.votes, row.state_at)
                for row in rows
            ]
            found = await board.on_board(session, f"talk-{talk}")
            assert [row.id for row in found] == ids(on_board(pure))
            top = await board.on_board(session, f"talk-{talk}", 3)
            assert list(top) == list(found)[:3]
            counts = await board.counts(session, f"talk-{talk}")
            assert counts == Counter(State(row.state) for row in rows)
            assert board.waiting(counts) == len(found)
            done = await board.answered(session, f"talk-{talk}")
            assert [row.id for row in done] == ids(answered(pure))
            await _check_listing(Listing(session, f"talk-{talk}"), pure, rows)


async def _check_listing(
    listing: Listing, pure: Sequence[Ranked], rows: Sequence[Question]
) -> None:
    """Views list the same."""
    best = ids(on_board(pure))
    assert [row[0] for row in await listing.best(99)] == best
    assert [row[0] for row in await listing.best(3)] == best[:3]
    assert [row[0] for row in await listing.best(99, best[::2])] == best[::2]
    assert [row[0] for row in await listing.newest(3)] == sorted(best, reverse=True)[:3]
    assert [row[0] for row in await listing.answered(99)] == ids(answered(pure))
    pending = [row.id for row in rows if row.state == State.PENDING]
    assert [row[0] for row in await listing.in_state(State.PENDING, 99)] == sorted(pending)
    assert await listing.counts() == Counter(State(row.state) for row in rows)
    by_id = {row.id: row for row in rows}
    for row in await listing.best(99):
        assert tuple(row) == tuple(getattr(by_id[row[0]], each.key) for each in COLUMNS)


def _row(random: Random, talk: int, number: int) -> Question:
    states = [state for state in State if state not in (State.MERGED, State.ANSWERING)]
    state = State.ANSWERING if number == 7 else random.choice(states)
    return Question(
        scope=f"!room{talk}",
        number=number,
        talk=f"talk-{talk}",
        room_id=f"!room{talk}",
        text="?",
        asker_name="",
        asked_at=START,
        state=state,
        state_at=START + timedelta(minutes=random.randrange(3)),
        skipped=state is State.OPEN and random.random() < 0.3,
        votes=random.randrange(4),
    )
