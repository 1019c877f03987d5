"""Threads that compute have short turns, and only while they do."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from fosdembot.giving_way import SHORT, short_turns

USUAL = 0.005


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL)
    yield
    sys.setswitchinterval(before)


def turns() -> float:
    return round(sys.getswitchinterval(), 6)


def test_until_the_last_has_ended() -> None:
    with short_turns():
        with short_turns():
            assert turns() == SHORT
        assert turns() == SHORT
    assert turns() == USUAL


def test_also_after_an_error() -> None:
    with pytest.raises(OSError, match="full"), short_turns():
        raise OSError("full")
    assert turns() == USUAL


def test_shorter_ones_stay() -> None:
    sys.setswitchinterval(SHORT / 2)
    with short_turns():
        assert turns() == SHORT / 2
    assert turns() == SHORT / 2
