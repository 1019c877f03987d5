"""What `fosdembot init` and `doctor` say of the schedule."""

from __future__ import annotations

from datetime import UTC, datetime

from fosdembot.cli.checks.schedule import MOST_WARNINGS, schedule_finding
from fosdembot.settings import load
from tests.schedule.samples import frab, read_all, talk

SOURCE = {"source": "schedule.xml"}
SETTINGS, _ = load({"schedule": SOURCE})
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
CHAT = [{"title": "Chat room", "url": "https://matrix.to/#/#kernel:example.org"}]


def todo(bad: int) -> list[str]:
    """What there is to do for a schedule with so many entries that cannot be read."""
    events = [talk(links=CHAT), *(talk(guid=f"b{n}", date="soon") for n in range(bad))]
    return list(schedule_finding(read_all(frab("xml", events)), SETTINGS, BEFORE).todo)


def test_what_the_reader_warns_of_is_told() -> None:
    warning = "warning: left out 'Tiny kernels' (id 1): its date reads 'soon'"
    assert todo(0) == []
    assert todo(2) == [warning] * 2


def test_many_warnings_are_counted() -> None:
    assert len(todo(MOST_WARNINGS)) == MOST_WARNINGS
    for bad in (MOST_WARNINGS + 1, 20, 21, 100):
        *_, last = lines = todo(bad)
        assert len(lines) == MOST_WARNINGS + 1
        more = f"{bad - MOST_WARNINGS} more warning{'s' * (bad - MOST_WARNINGS > 1)}"
        assert last == f"and {more}: fosdembot schedule check lists them"


def test_a_warning_alone_is_nothing_that_must_be_done() -> None:
    settings, _ = load({"schedule": SOURCE, "rooms": {"default": "#all:example.org"}})
    events = [talk(), talk(guid="g2", date="soon")]
    assert schedule_finding(read_all(frab("xml", events)), settings, BEFORE).well is None
