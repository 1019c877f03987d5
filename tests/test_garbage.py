"""What lives when a bot starts is not looked at by each collection of garbage."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from fosdembot.garbage import SetAside

ROOT = Path(__file__).parents[1]


class Cycle:
    """Something that only a collection can free."""

    def __init__(self) -> None:
        self.itself = self


def in_its_own_process(test: Callable[[], None]) -> Callable[[], None]:
    """All of a process is collected, and in that of other tests a lot lives."""

    @wraps(test)
    def run() -> None:
        story = f"from {__name__} import {test.__name__} as test; test.__wrapped__()"
        done = subprocess.run(
            [sys.executable, "-c", story], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    return run


def is_looked_at(thing: object) -> bool:
    return any(each is thing for each in gc.get_objects())


@in_its_own_process
def test_what_is_there_is_looked_at_by_no_collection() -> None:
    before = Cycle()
    SetAside(set()).set_aside()
    since = Cycle()
    assert not is_looked_at(before)
    assert is_looked_at(since)


@in_its_own_process
def test_garbage_of_a_moment_ago_is_not_kept() -> None:
    gone = weakref.ref(Cycle())
    SetAside(set()).set_aside()
    assert gone() is None


@in_its_own_process
def test_a_bot_that_was_stopped_is_collected() -> None:
    aside, bot = SetAside(set()), Cycle()
    seen = weakref.ref(bot)
    aside.set_aside()
    aside.give_back()
    del bot
    gc.collect()
    assert seen() is None


@in_its_own_process
def test_beside_others_that_run_it_is_collected_as_well() -> None:
    users: set[SetAside] = set()
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


@in_its_own_process
def test_one_that_never_started_gives_nothing_back() -> None:
    users: set[SetAside] = set()
    SetAside(users).set_aside()
    SetAside(users).give_back()
    assert gc.get_freeze_count() > 0
