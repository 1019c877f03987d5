"""The schedule: whether there are talks in it, with chat rooms."""

from __future__ import annotations

from fosdembot.cli.checks.findings import Finding
from fosdembot.schedule.model import Schedule
from fosdembot.settings import Settings
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import is_talk
from fosdembot.texts.render import clean
from fosdembot.texts.words import count

MOST_WARNINGS = 5


def schedule_finding(programme: Schedule, settings: Settings) -> Finding:
    talks = [talk for talk in programme.entries if is_talk(talk, settings)]
    rooms = {address_of(talk, settings) for talk in talks}
    title = clean(programme.title, 60) or "no title"
    text = (
        f"{title}: {count(len(talks), 'talk')} in {count(len(rooms - {None}), 'chat room')}, "
        f"{programme.time_zone or 'no time zone'}"
    )
    todo = []
    if not talks:
        todo.append("There are no talks in it.")
    elif None in rooms:
        lost = sum(address_of(talk, settings) is None for talk in talks)
        todo.append(f"{count(lost, 'talk')} without a chat room; rooms.default gives them one.")
    todo += _warnings(programme)
    return Finding("schedule", text, not todo or None if talks else False, todo)


def _warnings(programme: Schedule) -> list[str]:
    """The first of what the reader warns of, and how many more there are."""
    said = [f"warning: {warning}" for warning in programme.warnings[:MOST_WARNINGS]]
    left = programme.warned - len(said)
    if left > 0:
        said.append(f"and {count(left, 'more warning')}: fosdembot schedule check lists them")
    return said
