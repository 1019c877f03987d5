"""How many cards a hosts' room gets in a minute."""

from __future__ import annotations

from datetime import timedelta

from fosdembot.notifications.card_pace import CardPace
from simulation.conference import START

SECOND = timedelta(seconds=1)


def test_so_many_in_a_minute_each_counted_once() -> None:
    pace = CardPace(2)
    assert [pace.allows("!hosts", key, START) for key in "aabc"] == [True, True, True, False]
    assert pace.allows("!other", "c", START)
    assert not pace.allows("!hosts", "c", START + 59 * SECOND)
    assert pace.allows("!hosts", "c", START + 60 * SECOND)


def test_that_some_wait_is_noticed_once_a_minute() -> None:
    pace = CardPace(1)
    moments = [START + seconds * SECOND for seconds in (0, 59, 60)]
    assert [pace.is_first_refusal("!hosts", at) for at in moments] == [True, False, True]


def test_a_clock_that_is_set_back_keeps_no_card_from_hosts() -> None:
    pace = CardPace(1)
    assert pace.allows("!hosts", "a", START)
    assert pace.is_first_refusal("!hosts", START)
    before = START - timedelta(hours=1)
    assert pace.allows("!hosts", "b", before)
    assert pace.is_first_refusal("!hosts", before)
