"""Where people stand in the database: each column is decided about, all of somebody is found, and
what nobody needs any more is forgotten."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, insert, select

from fosdembot.db.base import Base, UtcDateTime
from fosdembot.db.engine import Database
from fosdembot.db.personal import IDS, MENTIONS, SOMEBODY, is_named, kept_of, without_others
from fosdembot.db.retention import forget_what_is_old
from fosdembot.db.tables import MEMBERS_READ
from simulation.conference import START
from simulation.parts import SetClock

from .test_retention import ADA, PERSONS, conference, desk, everything, tables

# pytest finds its fixtures here.
__all__ = ["desk", "tables"]

DAY = timedelta(days=1)
PERSONAL = {(column.class_.__tablename__, column.key) for column in (*IDS, *MENTIONS)} | {
    ("seen_events", "sender")
}
IMPERSONAL = {
    "acts": "cause what",
    "answers": "cause author_name text mark",
    "barred": "scope reason",
    "boards": "message_key frame shown room_id says",
    "check_ins": "talk about",
    "conversations": "room_id address draft draft_event",
    "failed_events": "event_id room_id",
    "hosts_rooms": "track address",
    "hushed_talks": "cause talk",
    "instance": "salt",
    "letters": "talk state room_id",
    "meeting_lines": "meeting key kind talk shows body recipient stanza state voice",
    "meeting_removals": "meeting talk",
    "meetings_of_rooms": "address url",
    "outbox": "kind room_id event_type state txn_id device_id event_id",
    "page_links": "secret kind talk address name",
    "page_logins": "browser code secret name",
    "page_sessions": "token name talk",
    "pauses": "scope",
    "proposals": "reaction event_id room_id",
    "question_log": "scope action cause before",
    "question_rooms": "room_id scope guests",
    "questions": "scope talk room_id text asker_name source state",
    "reasons": "cause text tap",
    "recent_answers": "room_id question answer",
    "role_rooms": "address room_id",
    "room_addresses": "address room_id via successor replaces problem problem_told",
    "room_alarms": "address kind",
    "room_state": "room_id type",
    "room_widgets": "room_id",
    "rooms": "room_id membership entered behind",
    "schedules": "standing digest title time_zone note data",
    "seen_events": "event_id room_id",
    "shown": "message_key",
    "speakers": "talk claim",
    "sync_position": "since",
    "talk_log": "room_id action changes",
    "talk_questions": "talk",
    "talks": "guid published override",
    "told_notices": "key address message_key",
    "told_troubles": "kind",
    "transcript_changes": "event_id room_id",
    "transcripts": "talk room_id error begins recording uploaded",
    "versions": "event_id original",
    "vote_marks": "cause",
}
"""Columns that hold no id of a person: ids of rooms, events and talks, words of ours, names, and
what people wrote. In a meeting people have other ids."""


def columns() -> list[Column[Any]]:
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
    ]


def test_every_column_is_decided_about() -> None:
    """If this fails, a column is new: if it can hold the id of a person, name it in
    `db/personal.py`, see that `db/retention.py` forgets it, and only else here."""
    there = {(column.table.name, column.key) for column in columns()}
    impersonal = {(table, name) for table, names in IMPERSONAL.items() for name in names.split()}
    assert there - impersonal - PERSONAL == set()
    assert (impersonal | PERSONAL) - there == set()
    assert impersonal & PERSONAL == set()


# What is kept of somebody.


@pytest.mark.parametrize("person", PERSONS)
async def test_all_is_found_and_nothing_of_others(tables: Database, desk: Any, person: str) -> None:
    await conference(tables, desk)
    lines = [json.loads(line) for line in (await everything(tables)).splitlines()]
    about = [line[0] for line in lines if is_named(json.dumps(line), person)]
    async with tables.read() as session:
        kept = await kept_of(session, person)
    assert {table for table, rows in kept.items() if rows} >= set(about)
    for table in set(about):
        assert len(kept[table]) >= about.count(table), table
    text = json.dumps(kept)
    assert not [other for other in PERSONS if other != person and other in text]


async def test_one_of_each_column_is_found(tables: Database) -> None:
    await fill(tables, ADA)
    async with tables.read() as session:
        kept = await kept_of(session, ADA)
        nobody = await kept_of(session, "@ad:example.org")
    assert {table for table, rows in kept.items() if rows} >= {table for table, _ in PERSONAL}
    assert [rows for rows in nobody.values() if rows] == []


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        (ADA, True),
        (f'{{"user_ids": ["{ADA}"]}}', True),
        (f"I saw {ADA}.", True),
        ("https://matrix.to/#/%40ada%3Aexample.org", True),
        ("speaker/talk-1/@ada:example.org/$event", True),
        ("@ada:example.org.uk", False),
        ("@ada:example.org:8448", False),
        ("@ada:example.organic", False),
        ("@nada:example.org", False),
    ],
)
def test_where_an_id_ends(text: str, is_it: bool) -> None:
    assert is_named(text, ADA) is is_it


def test_ids_of_others_are_left_out() -> None:
    said = {"users": {ADA: 50, "@eve:example.org": 100}, "body": [f"{ADA} @eve:example.org."]}
    assert without_others(said, ADA) == {"users": {ADA: 50}, "body": [f"{ADA} {SOMEBODY}."]}


# What is forgotten.

STAYS = {
    ("sync_position", "user_id"): "the bot's own",
    ("opt_outs", "person"): "for as long as transcripts stand",
    ("barred", "person"): "a relay, which is nobody",
    ("room_state", "state_key"): "moderators, in hosts' rooms",
    ("room_state", "sender"): "who set how a room is now",
    ("room_state", "content"): "who has power in a room now",
    ("rooms", "inviter"): "while they invite",
    ("rooms", "direct_with"): "while the chat is there",
    ("versions", "content"): "what was typed, as long as it counts",
    ("outbox", "error"): "what a homeserver said of the bot",
    ("failed_events", "error"): "forgotten after 30 days, whoever it was",
}
_NOW: dict[tuple[str, str], Any] = {
    ("rooms", "membership"): "join",
    ("outbox", "kind"): "message",
    ("outbox", "state"): "sent",
    ("questions", "state"): "open",
    ("letters", "state"): "sent",
    ("barred", "reason"): "relay",
    ("question_log", "action"): "mute",
    ("room_state", "type"): MEMBERS_READ,
    ("questions", "merged_into"): None,
    ("questions", "root"): 1,
    ("questions", "skipped"): False,
    ("acts", "cause"): "web:1",
    ("page_links", "kind"): "speaker",
    ("page_links", "address"): None,
    ("page_sessions", "talk"): None,
}
"""What a table lets in, and what stays longest."""


async def test_only_that_stays_which_is_needed(tables: Database) -> None:
    await fill(tables, ADA)
    clock = SetClock(31 * 24 * 60)
    await forget_what_is_old(tables, clock, lambda: START + DAY)
    left = set()
    async with tables.read() as session:
        for table, name in PERSONAL:
            column = Base.metadata.tables[table].columns[name]
            rows = await session.scalars(select(column))
            if any(is_named(json.dumps(each), ADA) for each in rows if each):
                left.add((table, name))
    assert left - STAYS.keys() == set()


async def fill(database: Database, person: str) -> None:
    """A row in each table in which somebody can stand; they stand in all columns where they
    can."""
    async with database.write() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in {name for name, _ in PERSONAL}:
                await session.execute(insert(table).values(_row(table, person)))


def _row(table: Table, person: str) -> dict[str, Any]:
    return {column.key: _value(column, person) for column in table.columns}


def _value(column: Column[Any], person: str) -> Any:
    place = (column.table.name, column.key)
    if place in _NOW:
        return _NOW[place]
    ids = {(each.class_.__tablename__, each.key) for each in IDS} | {("seen_events", "sender")}
    if place in ids:
        return person
    if isinstance(column.type, JSON):
        return {"m.mentions": {"user_ids": [person]}} if place in PERSONAL else {}
    if isinstance(column.type, UtcDateTime):
        return START
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer):
        return 1
    return f"x/{person}" if place in PERSONAL else "x"
