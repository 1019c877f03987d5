"""How many commands of one person are answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from fosdembot.chat import rate_limit
from fosdembot.chat.rate_limit import WINDOW, RateLimit

START = datetime(2026, 1, 31, 9, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_so_many_in_a_minute_and_no_more() -> None:
    some = RateLimit(3)
    assert [some.allows("ada", f"${n}", after(n)) for n in range(5)] == [True] * 3 + [False] * 2
    assert some.allows("bob", "$b", after(4)), "everybody has their own measure"
    assert not some.allows("ada", "$5", after(59.9))
    assert some.allows("ada", "$6", after(60))


def test_they_are_told_once_until_they_are_answered_again() -> None:
    some = RateLimit(1)
    assert some.allows("ada", "$1", after(0))
    assert not some.allows("ada", "$2", after(1))
    assert some.is_first_refusal("ada", "$2")
    assert not some.allows("ada", "$3", after(2))
    assert not some.is_first_refusal("ada", "$3")
    assert some.allows("ada", "$4", after(61))
    assert not some.allows("ada", "$5", after(62))
    assert some.is_first_refusal("ada", "$5")


def test_a_transaction_that_is_tried_again_counts_once() -> None:
    some = RateLimit(2)
    for _ in range(10):
        assert some.allows("ada", "$1", after(0))
        assert some.allows("ada", "$2", after(1))
        assert not some.allows("ada", "$3", after(2))
        assert some.is_first_refusal("ada", "$3")


def test_it_remembers_only_so_many_people() -> None:
    some = RateLimit(1)
    numbers = count()
    for number in range(rate_limit.PEOPLE_AT_MOST + 1):
        assert some.allows(f"person {number}", f"${next(numbers)}", after(0))
    assert not some.allows("person 1", "$again", after(0))
    assert some.allows("person 0", "$again", after(0)), "the one longest silent is forgotten"


@given(
    st.integers(1, 5),
    st.lists(st.floats(0, 300), min_size=1, max_size=60).map(sorted),
)
def test_no_minute_sees_more_than_that(most: int, moments: list[float]) -> None:
    some = RateLimit(most)
    answered = [
        after(moment)
        for number, moment in enumerate(moments)
        if some.allows("ada", f"${number}", after(moment))
    ]
    for moment in answered:
        assert sum(moment <= other < moment + WINDOW for other in answered) <= most
    assert len(answered) >= min(most, len(moments))
