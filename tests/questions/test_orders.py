"""The orders that readers may choose: whatever it is, what is answered now stays first, and late
questions have their chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fosdembot.questions.orders import Order, arranged, fair_score
from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionView

NOW = datetime(2026, 1, 31, 10, 30, tzinfo=UTC)


def question(
    number: int,
    votes: int,
    minutes: float,
    state: State = State.OPEN,
    *,
    skipped: bool = False,
    hall: int = 0,
) -> QuestionView:
    """One that was asked so many minutes ago."""
    at = NOW - timedelta(minutes=minutes)
    return QuestionView(
        number, number, "?", "Bob", votes, state, skipped, hall_votes=hall, asked_at=at
    )


def numbers(order: Order, *questions: QuestionView, hall: bool = False) -> list[int]:
    return [each.number for each in arranged(questions, order, NOW, hall=hall)]


def test_few_votes_in_little_time_count_as_much_as_many_in_long_time() -> None:
    early, late = question(1, 20, 30), question(2, 5, 2)
    assert numbers(Order.VOTES, early, late) == [1, 2]
    assert numbers(Order.FAIR, early, late) == [2, 1]


def test_a_new_one_is_seen_but_not_before_those_that_people_vote_for() -> None:
    ignored, liked, new = question(1, 0, 10), question(2, 8, 30), question(3, 0, 0)
    assert numbers(Order.FAIR, ignored, liked, new) == [2, 3, 1]


def test_the_example_in_the_docs_is_right() -> None:
    minutes = {
        (20, 30): 0.60,
        (5, 2): 0.86,
        (0, 0): 0.20,
        (0, 10): 0.07,
        (7, 30): 0.23,
    }
    for (votes, waited), score in minutes.items():
        assert round(fair_score(votes, timedelta(minutes=waited)), 2) == score


def test_a_vote_never_does_harm_and_waiting_never_helps() -> None:
    for votes in (0, 1, 5, 50):
        for waited in (0.0, 1.0, 20.0, 300.0):
            score = fair_score(votes, timedelta(minutes=waited))
            assert fair_score(votes + 1, timedelta(minutes=waited)) > score
            assert fair_score(votes, timedelta(minutes=waited + 1)) < score


def test_a_clock_that_was_set_back_does_no_harm() -> None:
    assert fair_score(3, timedelta(minutes=-10)) == fair_score(3, timedelta(0))


def test_what_is_answered_now_is_first_in_each_order_and_the_skipped_are_last() -> None:
    taken, starred = question(1, 0, 60, State.ANSWERING), question(2, 0, 50, State.STARRED)
    skipped, liked = question(3, 90, 1, skipped=True), question(4, 1, 40)
    for order in Order:
        assert numbers(order, skipped, liked, starred, taken) == [1, 2, 4, 3]


def test_the_newest_first() -> None:
    assert numbers(Order.NEWEST, question(1, 9, 9), question(2, 0, 5), question(3, 4, 1)) == [
        3,
        2,
        1,
    ]


def test_guests_count_for_the_order_only_where_the_settings_say_so() -> None:
    hall, room = question(1, 1, 5, hall=9), question(2, 2, 5)
    for order in (Order.VOTES, Order.FAIR):
        assert numbers(order, hall, room) == [2, 1]
        assert numbers(order, hall, room, hall=True) == [1, 2]
