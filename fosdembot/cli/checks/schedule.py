"""The schedule: whether rooms will be told anything of it, and all that settings name is in it."""

from __future__ import annotations

from datetime import datetime

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.schedule import addresses
from fosdembot.schedule.model import Schedule
from fosdembot.settings import Settings
from fosdembot.talks.readiness import silence, unmatched, unserved
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import is_talk
from fosdembot.texts.render import clean
from fosdembot.texts.words import count

MOST_WARNINGS = 5


def schedule_finding(programme: Schedule, settings: Settings, now: datetime) -> Finding:
    talks = [talk for talk in programme.entries if is_talk(talk, settings)]
    rooms = addresses(programme, settings)
    title = clean(programme.title, 60) or "no title"
    text = (
        f"{title}: {count(len(talks), 'talk')} in {count(len(rooms), 'chat room')}, "
        f"{programme.time_zone or 'no time zone'}"
    )
    if silent := silence(programme.entries, settings, now, programme.tz):
        return Finding(
            "schedule", text, False, [reason.plain for reason in silent] + _warnings(programme)
        )
    todo = []
    if lost := sum(address_of(talk, settings) is None for talk in talks):
        todo.append(
            f"{count(lost, 'talk')} without a chat room (fosdembot rooms --no-room lists them); "
            "rooms.default gives them one."
        )
    todo += _warnings(programme)
    return Finding("schedule", text, None if todo else True, todo)


def _warnings(programme: Schedule) -> list[str]:
    """The first of what the reader warns of, and how many more there are."""
    said = [f"warning: {warning}" for warning in programme.warnings[:MOST_WARNINGS]]
    left = programme.warned - len(said)
    if left > 0:
        said.append(f"and {count(left, 'more warning')}: fosdembot schedule check lists them")
    return said


def names_finding(programme: Schedule, settings: Settings) -> Finding | None:
    """The names in the settings that the schedule does not have, and servers of meetings that the
    settings do not name; None where there are none."""
    said = [*unmatched(programme.entries, settings), *unserved(programme.entries, settings)]
    lines = [text.plain for text in said]
    if not lines:
        return None
    return Finding("names", f"{count(len(lines), 'setting')} without effect", False, lines)
