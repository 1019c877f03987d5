"""What `fosdembot init` and `fosdembot doctor` look at, one after another."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import asyncpg
from yarl import URL

from fosdembot.cli.config import Config
from fosdembot.cli.entering import Entered, States
from fosdembot.cli.findings import Finding
from fosdembot.conference.control_room import NOT_TRIED, why_not_joined
from fosdembot.matrix.power import power_by, power_for_state
from fosdembot.schedule.model import Schedule
from fosdembot.settings import Settings
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import is_talk
from fosdembot.texts.render import clean
from fosdembot.texts.words import count

FREE_MEGABYTES = 200
"""On the disk of the database; a conference needs a tenth of it."""
CLOCKS_APART = timedelta(seconds=10)
"""Between us and the homeserver; people read "starting now" against their own clocks."""


def config_finding(config: Config, problems: Sequence[str]) -> Finding:
    todo = list(problems)
    if stat.S_IMODE(config.path.stat().st_mode) & 0o077:
        todo.append(f"others can read it, and it holds a secret: chmod 600 {config.path}")
    if not todo:
        return Finding("settings", f"{config.path}")
    text = f"{config.path}: {count(len(todo), 'thing')} to put right"
    return Finding("settings", text, False, todo)


def homeserver_finding(base_url: URL, ahead: timedelta) -> Finding:
    text = clean(str(base_url), 200)
    if abs(ahead) < CLOCKS_APART:
        return Finding("homeserver", text)
    which = "behind" if ahead > timedelta(0) else "ahead of"
    seconds = count(round(abs(ahead).total_seconds()), "second")
    todo = (f"This machine's clock is {seconds} {which} the homeserver's: set it (NTP).",)
    return Finding("homeserver", text, False, todo)


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


def control_room_finding(
    address: str,
    entered: Entered,
    around: Mapping[str, States],
    problems: Sequence[str],
    user_id: str,
) -> Finding:
    """`problems`: a line for each organiser who is not there."""
    name = clean(address, 255)
    if address in entered.problems:
        why = why_not_joined(entered.problems[address], user_id).plain
        return Finding("control room", f"{name} is not joined", False, (why,))
    if is_encrypted(around.get(entered.rooms[address], {})):
        todo = (
            "The bot cannot read encrypted rooms. Make one without encryption, invite the",
            "bot there, and call fosdembot init --control-room with its address.",
        )
        return Finding("control room", f"{name} is encrypted", False, todo)
    return Finding("control room", name, not problems, problems)


def addresses(programme: Schedule, settings: Settings) -> list[str]:
    """The chat rooms of the talks, in order of the first talk."""
    talks = (talk for talk in programme.entries if is_talk(talk, settings))
    found = dict.fromkeys(address_of(talk, settings) for talk in talks)
    return [address for address in found if address is not None]


def rooms_findings(
    entered: Entered, around: Mapping[str, States], settings: Settings, user_id: str
) -> list[Finding]:
    """Which talk rooms need help, and what kind of help."""
    if not (entered.rooms or entered.problems):
        return []
    found = [_entered_finding(entered, user_id)]
    if settings.notices.pin:
        power = [
            address
            for address, room in entered.rooms.items()
            if not _may_pin(around.get(room, {}), user_id)
        ]
        if power:
            text = f"not in {count(len(power), 'room')}: give me power level 50 there"
            found.append(Finding("pinning", text, False, _names(power)))
    encrypted = [a for a, room in entered.rooms.items() if is_encrypted(around.get(room, {}))]
    if encrypted:
        text = f"in {count(len(encrypted), 'room')}: I cannot read what is asked there"
        found.append(Finding("encryption", text, False, _names(encrypted)))
    return found


def _entered_finding(entered: Entered, user_id: str) -> Finding:
    total = len(entered.rooms) + len(entered.problems)
    if not entered.problems:
        return Finding("rooms", f"all {count(total, 'room')} joined")
    by_code: defaultdict[str, list[str]] = defaultdict(list)
    for address, code in entered.problems.items():
        by_code[code].append(address)
    later = len(by_code.pop(NOT_TRIED, ()))
    todo = []
    for code, refused in by_code.items():
        todo += [why_not_joined(code, user_id).plain, *(f"  {name}" for name in _names(refused))]
    if later:
        todo.append(f"{count(later, 'room')} left for later: the bot goes on when it runs.")
    text = f"{len(entered.rooms):,} of {count(total, 'room')} joined"
    return Finding("rooms", text, False if by_code else None, todo)


def _names(addresses: Sequence[str]) -> list[str]:
    return [clean(address, 255) for address in addresses]


def _may_pin(states: States, user_id: str) -> bool:
    levels = states.get("m.room.power_levels")
    own = power_by(states.get("m.room.create"), levels, user_id)
    return own >= power_for_state(levels, "m.room.pinned_events")


def is_encrypted(states: States) -> bool:
    return "m.room.encryption" in states


async def database_finding(config: Config) -> Finding:
    """Whether the database can be written."""
    try:
        url = URL(str(config.get("database") or ""))
    except ValueError:
        url = URL()
    if url.scheme in ("postgres", "postgresql"):
        return await _postgresql(str(config.get("database")))
    if url.scheme not in ("sqlite", "sqlite3") or not url.path:
        return Finding("database", "database: sqlite:PATH or postgresql://… is needed", False)
    return _sqlite(Path(url.path))


def _sqlite(path: Path) -> Finding:
    folder = path.absolute().parent
    try:
        free = shutil.disk_usage(folder).free // 1_000_000
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} is not yours to write in")
        if path.exists():
            with closing(sqlite3.connect(path, timeout=5)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.rollback()
    except (OSError, sqlite3.Error) as err:
        reason = clean(str(err), 100)
        return Finding("database", f"{path} cannot be written: {reason}", False)
    if free < FREE_MEGABYTES:
        return Finding("database", f"{path}: the disk is full ({free} MB are free)", False)
    return Finding("database", f"{path}")


_NOT_TO_BE_HAD = (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def _postgresql(url: str) -> Finding:
    try:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            text = "SELECT has_schema_privilege(current_schema(), 'CREATE')"
            may_create = await connection.fetchval(text)
        finally:
            await connection.close(timeout=5)
    except _NOT_TO_BE_HAD as err:
        reason = clean(str(err), 200) or type(err).__name__
        return Finding("database", f"PostgreSQL cannot be used: {reason}", False)
    if not may_create:
        return Finding("database", "PostgreSQL: the user may not make tables there", False)
    return Finding("database", "PostgreSQL")
