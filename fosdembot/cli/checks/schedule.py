"""The schedule: whether there are talks in it, with chat rooms."""

from __future__ import annotations

from fosdembot.cli.checks.findings import Finding
from fosdembot.schedule.model import Schedule
from fosdembot.settings import Settings
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import is_talk
from fosdembot.texts.render import clean
from fosdembot.texts.words import count


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
    if programme.warnings:
        todo.append(f"{count(len(programme.warnings), 'warning')}: fosdembot schedule check")
    return Finding("schedule", text, not todo or None if talks else False, todo)
