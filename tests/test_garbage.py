"""What lives when a bot starts is not looked at by each collection of garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from fosdembot.garbage import SetAside


class Cycle:
    """Something that only a collection can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def users() -> Iterator[set[SetAside]]:
    """Those of one process."""
    yield set()
    gc.unfreeze()


def is_looked_at(thing: object) -> bool:
    return any(each is thing for each in gc.get_objects())


def test_what_is_there_is_looked_at_by_no_collection(users: set[SetAside]) -> None:
    before = Cycle()
    SetAside(users).set_aside()
    since = Cycle()
    assert not is_looked_at(before)
    assert is_looked_at(since)


def test_garbage_of_a_moment_ago_is_not_kept(users: set[SetAside]) -> None:
    gone = weakref.ref(Cycle())
    SetAside(users).set_aside()
    assert gone() is None


def test_a_bot_that_was_stopped_is_collected(users: set[SetAside]) -> None:
    aside, bot = SetAside(users), Cycle()
    seen = weakref.ref(bot)
    aside.set_aside()
    aside.give_back()
    del bot
    gc.collect()
    assert seen() is None


def test_beside_others_that_run_it_is_collected_as_well(users: set[SetAside]) -> None:
    one, other, bot = SetAside(users), SetAside(users), Cycle()
    seen = weakref.ref(bot)
    one.set_aside()
    other.set_aside()
    del bot
    one.give_back()
    assert seen() is None
    assert gc.get_freeze_count() > 0, "for the one that still runs"
    other.give_back()
    assert gc.get_freeze_count() == 0


def test_one_that_never_started_gives_nothing_back(users: set[SetAside]) -> None:
    SetAside(users).set_aside()
    SetAside(users).give_back()
    assert gc.get_freeze_count() > 0
