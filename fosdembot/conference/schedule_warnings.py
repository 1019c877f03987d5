"""What organisers are told of a schedule that is odd, though it can be used."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from fosdembot.schedule.model import Schedule
from fosdembot.texts import warnings as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import count

MOST_WARNINGS = 5
"""In one message; the rest is counted."""
# "3 of 40 entries …, first: 'Tiny kernels'" is the same warning when it is 4 of 41, and
# "'Tiny kernels' (id 12)" when the id is another: some sources have new ones at each look.
_NUMBERS = re.compile(r"^\d+( of \d+)?|\bfirst: .*|\bid ('[^']*'|[^)]*(?=\)))", re.IGNORECASE)


def to_note(schedule: Schedule) -> str:
    """The warnings as they are kept with the schedule in force."""
    return json.dumps([schedule.warned, *schedule.warnings]) if schedule.warnings else ""


def news(schedule: Schedule, note: str) -> list[Text]:
    """What is odd now and was not in the schedule before, of which `note` was kept; that
    all is well again, where that is so."""
    _, before = _read(note)
    known = {_NUMBERS.sub("", warning) for warning in before}
    found = [w for w in _single(schedule) if _NUMBERS.sub("", w) not in known]
    if before and not schedule.warnings:
        return [say(texts.NOTHING_ODD)]
    return _lines(found, len(found) + schedule.left_out) if found else []


def all_of(note: str) -> list[Text]:
    """What is odd in the schedule in force, of which `note` was kept."""
    number, warnings = _read(note)
    return _lines(warnings, number)


def number_of(note: str) -> int:
    """How many warnings there are in the schedule in force."""
    return _read(note)[0]


def _single(schedule: Schedule) -> Sequence[str]:
    """The warnings without the line that counts others."""
    return schedule.warnings[:-1] if schedule.left_out else schedule.warnings


def _read(note: str) -> tuple[int, list[str]]:
    if not note:
        return 0, []
    number, *warnings = json.loads(note)
    return number, warnings


def _lines(warnings: Sequence[str], number: int) -> list[Text]:
    said = [say(texts.WARNING, warning=warning) for warning in warnings[:MOST_WARNINGS]]
    if number > len(said):
        more = count(number - len(said), "more warning")
        said.append(say(texts.MORE_WARNINGS, warnings=more))
    return said
