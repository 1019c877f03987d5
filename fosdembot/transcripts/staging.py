"""What was read of a room, in a temporary file, until its lines are written.

A talk's chat is ordered, put into threads, joined with its edits, reactions and votes there, so
that memory does not grow with the room. All of this is called in threads, one at a time.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from .chat_events import Event, Kind, Read, reaction_group
from .model import Gap, Message
from .past import Kept, Placed, event_type, placed
from .times import BEHIND_ALL, HERE, LAST_SEQ, NOWHERE, Home, Homes, Times, Unsettled, Windows
from .writing import TEMPORARY

CHUNK = 500
"""Rows that are in memory at once."""

_SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, sent INTEGER, sender TEXT, kind INTEGER, type TEXT,
    anchor INTEGER, about TEXT, thread TEXT, name TEXT, nick TEXT, content TEXT,
    moment INTEGER, home INTEGER, place INTEGER
);
CREATE TABLE edits (id TEXT PRIMARY KEY, about TEXT, sender TEXT, type TEXT, sent INTEGER,
    content TEXT) WITHOUT ROWID;
CREATE INDEX edits_of ON edits (about, sender, type, sent, id);
CREATE TABLE reactions (about TEXT, grouped TEXT, sender TEXT, id TEXT, key TEXT, seq INTEGER,
    PRIMARY KEY (about, grouped, sender)) WITHOUT ROWID;
CREATE TABLE votes (about TEXT, seq INTEGER, sender TEXT, id TEXT, content TEXT,
    PRIMARY KEY (about, seq)) WITHOUT ROWID;
CREATE TABLE ends (about TEXT, seq INTEGER, sender TEXT, id TEXT,
    PRIMARY KEY (about, seq)) WITHOUT ROWID;
CREATE TABLE redactions (about TEXT, sender TEXT, PRIMARY KEY (about, sender)) WITHOUT ROWID;
"""
_EVENT = "INSERT OR IGNORE INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,NULL,NULL,NULL)"
_KEPT = f"INSERT OR IGNORE INTO events VALUES ({','.join('?' * 15)})"
_ROOT = f"SELECT seq FROM events WHERE id = ? AND kind = {Kind.SAID:d}"
_INSERTS = {
    Kind.EDIT: "INSERT OR IGNORE INTO edits VALUES (?,?,?,?,?,?)",
    Kind.REACTION: "INSERT OR IGNORE INTO reactions VALUES (?,?,?,?,?,?)",
    Kind.VOTE: "INSERT OR IGNORE INTO votes VALUES (?,?,?,?,?)",
    Kind.POLL_END: "INSERT OR IGNORE INTO ends VALUES (?,?,?,?)",
    Kind.REDACTION: "INSERT OR IGNORE INTO redactions VALUES (?,?)",
}
_ANCHORS = "CREATE INDEX anchors ON events (seq) WHERE anchor"
_IS_SAID = f"IN ({Kind.SAID:d}, {Kind.KEPT:d})"
_IS_LINE = f"home = {HERE} AND kind IN ({Kind.SAID:d}, {Kind.GAP:d}, {Kind.KEPT:d})"
_LINES = f"CREATE INDEX lines ON events (place, seq) WHERE {_IS_LINE}"
_LINE = f"""
SELECT m.seq, m.place, m.id, m.kind, m.moment, m.sender, m.name, m.type, m.about, m.thread,
    m.content, e.id, e.content
FROM events m LEFT JOIN edits e ON e.id = (
    SELECT id FROM edits WHERE about = m.id AND sender = m.sender AND type = m.type
    ORDER BY sent DESC, id DESC LIMIT 1)
WHERE {_IS_LINE} AND (m.place, m.seq) > (?, ?)
ORDER BY m.place, m.seq LIMIT {CHUNK}
"""
_NEXT_ANCHOR = "SELECT seq, sent FROM events WHERE anchor AND seq >= ? ORDER BY seq LIMIT 1"
_UNSETTLED = f"""
SELECT seq, id, sent, kind, anchor, about, thread FROM events WHERE seq > ? AND home IS NULL
ORDER BY seq LIMIT {CHUNK}
"""
_SETTLE = "UPDATE events SET moment=?, home=?, place=?, about=?, thread=? WHERE seq=?"
_SETTLED = f"""
SELECT kind {_IS_SAID}, home, place, COALESCE(thread, id) FROM events
WHERE id = ? AND seq < ? AND home IS NOT NULL
"""
_NEWEST = """
SELECT m.kind, m.sender, m.name, m.type, m.content, e.content
FROM events m LEFT JOIN edits e ON e.id = (
    SELECT id FROM edits WHERE about = m.id AND sender = m.sender AND type = m.type
    ORDER BY sent DESC, id DESC LIMIT 1)
WHERE m.id = ?
"""


class Row(NamedTuple):
    """A line of the chat, in order."""

    seq: int
    place: float
    id: str
    kind: int
    moment: int
    sender: str
    name: str
    type: str
    about: str | None
    thread: str | None
    """The line with which its thread began."""
    content: str
    edit: str | None
    new_content: str | None


class Staged(NamedTuple):
    """Something of the room that a line may name."""

    kind: int
    sender: str
    name: str
    type: str
    content: str
    new_content: str | None


class Staging:
    """`with` sees to it that the file is gone afterwards. A crash leaves it; see
    `writing.sweep`."""

    def __init__(self, folder: Path) -> None:
        handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=folder)
        os.close(handle)
        self._path = Path(name)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        # If it is lost, it is made anew.
        for setting in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.execute("PRAGMA cache_size=-8000")
        self._db.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """May be called again, also while something else is under way: it waits for that."""
        with self._lock:
            self._db.close()
            self._path.unlink(missing_ok=True)

    def add(self, events: Iterable[Read], seq: int) -> int:
        """Put events down in their order, from the place `seq` on; returns how many of them are
        new."""
        rows: list[tuple[Any, ...]] = []
        relations: dict[Kind, list[tuple[Any, ...]]] = {kind: [] for kind in _INSERTS}
        for place, (event, last_edit) in enumerate(events, start=seq):
            rows.append(_row(event, place))
            for each in (event, last_edit):
                if each is not None and each.about is not None and each.kind in _INSERTS:
                    relations[each.kind].append(_relation(each, place))
        with self._lock:
            self._db.execute("BEGIN")
            before = self._db.total_changes
            self._db.executemany(_EVENT, rows)
            new = self._db.total_changes - before
            for kind, values in relations.items():
                self._db.executemany(_INSERTS[kind], values)
            self._db.execute("COMMIT")
        return new

    def add_gap(self, why: str, seq: int) -> None:
        """At the place `seq` there is something that could not be read."""
        gap = Event(f"gap {seq}", 0, "", Kind.GAP, "", content=why)
        with self._lock:
            self._db.execute(_EVENT, _row(gap, seq))

    def unread(self, events: Iterable[str]) -> list[str]:
        """Those that were not read, in their order."""
        found: list[str] = []
        rest = iter(events)
        while some := list(islice(rest, CHUNK)):
            marks = ",".join("?" * len(some))
            query = f"SELECT id FROM events WHERE id IN ({marks})"
            read = {id_ for (id_,) in self._db.execute(query, some)}
            found += (each for each in some if each not in read)
        return found

    def keep(self, lines: Iterable[Kept], messages: int, me: str) -> None:
        """Put down so many lines, and gaps beside them, that were not read and stay as they are;
        before all is settled. `me` is the bot."""
        query = "SELECT seq, sent FROM events WHERE anchor AND seq BETWEEN 0 AND ? ORDER BY seq"
        with self._lock:
            dates: Iterator[tuple[int, int]] = self._db.execute(query, (LAST_SEQ,))
            rows = (_kept_row(each, me) for each in placed(lines, dates, self._root, messages))
            self._db.execute("BEGIN")
            self._db.executemany(_KEPT, rows)
            self._db.execute("COMMIT")

    def _root(self, thread: str) -> int | None:
        found = self._db.execute(_ROOT, (thread,)).fetchone()
        return int(found[0]) if found is not None else None

    # Once all is read.

    def redacted_since(self) -> tuple[list[str], list[str]]:
        """Events that somebody redacted, and that are read as if nobody had: the redaction came
        in between, or is not allowed. First those whose senders did it, who always may; then
        others."""
        own: list[str] = []
        others: list[str] = []
        for event, is_own in self._db.execute(
            "SELECT e.id, max(e.sender = r.sender) FROM events e "
            "JOIN redactions r ON r.about = e.id "
            f"WHERE e.kind NOT IN ({Kind.REDACTED:d}, {Kind.STATE:d}) GROUP BY e.id ORDER BY e.seq"
        ):
            (own if is_own else others).append(event)
        return own, others

    def redact(self, events: Iterable[str]) -> None:
        """These, and the edits that came with their messages and were redacted since."""
        is_redacted = f"SELECT id FROM events WHERE kind = {Kind.REDACTED:d}"
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany(
                f"UPDATE events SET kind = {Kind.REDACTED:d}, content = '', name = '' WHERE id = ?",
                ((event,) for event in events),
            )
            for table in ("edits", "reactions", "votes", "ends"):
                self._db.execute(f"DELETE FROM {table} WHERE id IN ({is_redacted})")
            self._db.execute("COMMIT")

    def settle(self, windows: Windows) -> None:
        """Say of each event when it was, and to which talk it belongs.

        Trusted dates stand; those of others are brought between their neighbours'.
        """
        with self._lock:
            self._db.execute(_ANCHORS)
            times = Times(windows, self._next_anchor)
            seq = -1
            while rows := self._db.execute(_UNSETTLED, (seq,)).fetchall():
                self._db.execute("BEGIN")
                homes = Homes(windows, self._settled)
                settled = [_settle(times, homes, Unsettled._make(row)) for row in rows]
                self._db.executemany(_SETTLE, settled)
                self._db.execute("COMMIT")
                seq = rows[-1][0]
            self._db.execute(_LINES)

    def _next_anchor(self, seq: int) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self._db.execute(_NEXT_ANCHOR, (seq,)).fetchone()
        return found

    def _settled(self, event_id: str, seq: int) -> Home | None:
        """Of an event before the place `seq`."""
        found = self._db.execute(_SETTLED, (event_id, seq)).fetchone()
        return Home._make(found) if found is not None else None

    def lines(self) -> Iterator[Row]:
        after = (-1, -1)
        while rows := self._db.execute(_LINE, after).fetchall():
            yield from map(Row._make, rows)
            after = (rows[-1][1], rows[-1][0])

    def reactions(self, events: Sequence[str]) -> dict[str, dict[str, list[tuple[str, str, str]]]]:
        """The reactions to each, by what of them counts, those first that came first: what is
        shown, the event, and its sender."""
        found: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
        marks = ",".join("?" * len(events))
        for about, grouped, key, event, sender in self._db.execute(
            f"SELECT about, grouped, key, id, sender FROM reactions WHERE about IN ({marks}) "
            "ORDER BY about, seq",
            events,
        ):
            found.setdefault(about, {}).setdefault(grouped, []).append((key, event, sender))
        return found

    def votes(self, poll: str, owner: str) -> Iterator[tuple[str, str]]:
        """Who voted, and the last vote of each, before its owner ended the poll."""
        (end,) = self._db.execute(
            "SELECT min(seq) FROM ends WHERE about = ? AND sender = ?", (poll, owner)
        ).fetchone()
        for sender, content, _ in self._db.execute(
            "SELECT sender, content, max(seq) FROM votes WHERE about = ? AND seq < ? "
            "GROUP BY sender",
            (poll, end if end is not None else BEHIND_ALL),
        ):
            yield sender, content

    def event(self, event_id: str) -> Staged | None:
        """As its last edit says."""
        row = self._db.execute(_NEWEST, (event_id,)).fetchone()
        return Staged._make(row) if row is not None else None

    def count(self, me: str) -> tuple[int, int]:
        """How many lines people wrote, and how many people wrote them; `me` is none."""
        where = f"home = {HERE} AND kind = {Kind.SAID:d} AND sender != ?"
        said = where.replace(f"= {Kind.SAID:d}", _IS_SAID)
        (lines,) = self._db.execute(f"SELECT count(*) FROM events WHERE {said}", (me,)).fetchone()
        (people,) = self._db.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT sender, nick FROM events WHERE {where})", (me,)
        ).fetchone()
        return lines, people

    def names(self) -> Iterator[tuple[str, str]]:
        """Who said something, and what they were called then."""
        query = f"SELECT DISTINCT sender, name FROM events WHERE kind {_IS_SAID} AND name != ''"
        yield from self._db.execute(query)

    def said_by(self, people: Iterable[str]) -> dict[str, str]:
        """The messages of these people, and by whom each is."""
        found, rest = dict[str, str](), iter(people)
        while some := list(islice(rest, CHUNK)):
            marks = ",".join("?" * len(some))
            where = f"kind {_IS_SAID} AND sender IN ({marks})"
            found.update(self._db.execute(f"SELECT id, sender FROM events WHERE {where}", some))
        return found

    def mentions(self, sender: str) -> Iterator[str]:
        """The contents of what `sender` said that mention somebody."""
        query = (
            f"SELECT content FROM events WHERE sender = ? AND kind = {Kind.SAID:d} "
            "AND content LIKE '%user_ids%'"
        )
        for (content,) in self._db.execute(query, (sender,)):
            yield content

    def accounts(self) -> Counter[str]:
        """What became of each event that was read."""
        found: Counter[str] = Counter()
        for kind, home, count in self._db.execute(
            "SELECT kind, home, count(*) FROM events GROUP BY kind, home"
        ):
            found[_reason(Kind(kind), home)] += count
        return found


def _settle(times: Times, homes: Homes, event: Unsettled) -> tuple[Any, ...]:
    """Of `_SETTLE`."""
    if event.kind == Kind.GAP:
        home = HERE if times.touch(event.seq, homes.windows.talks[HERE]) else NOWHERE
        return times.last, home, event.seq, None, None, event.seq
    moment = times.of(event)
    home, about, thread = homes.windows.at(moment), event.about, None
    found = Home(event.kind == Kind.SAID, home, event.seq, event.id)
    if event.kind == Kind.SAID and (about or event.thread):
        found = homes.of(event, moment)
        thread = found.root if found.root != event.id else None
        if thread is None and about is None:
            about = event.thread  # whose beginning is not shown
    homes.note(event.id, found)
    return moment, found.home, found.place, about, thread, event.seq


def _row(event: Event, seq: int) -> tuple[Any, ...]:
    """Of `_EVENT`. What is not said is kept apart, by what it is about."""
    is_said = event.kind in (Kind.SAID, Kind.GAP)
    said = (event.about, event.thread, event.name, event.nick, event.content)
    return (
        *(seq, event.id, event.sent, event.sender, int(event.kind), event.type, event.is_anchor),
        *(said if is_said else _NOTHING),
    )


def _kept_row(placed: Placed, me: str) -> tuple[Any, ...]:
    """Of `_KEPT`."""
    (id_, moment, line), seq, place, thread = placed
    kept: tuple[Any, ...] = ("", int(Kind.GAP), "", False, None, None, "", None)
    if isinstance(line, Message):
        sender = line.by or (me if line.is_bot else "")
        kept = (sender, int(Kind.KEPT), event_type(line), False, None, thread, line.name, None)
    content = line.why if isinstance(line, Gap) else line.model_dump_json()
    return seq, id_, moment, *kept, content, moment, HERE, place


_NOTHING: tuple[Any, ...] = (None, None, "", None, "")


def _relation(event: Event, seq: int) -> tuple[Any, ...]:
    """Of the other statements of `_INSERTS`."""
    about, sender = event.about, event.sender
    match event.kind:
        case Kind.EDIT:
            return event.id, about, sender, event.type, event.sent, event.content
        case Kind.REACTION:
            return about, reaction_group(event.content), sender, event.id, event.content, seq
        case Kind.VOTE:
            return about, seq, sender, event.id, event.content
        case Kind.POLL_END:
            return about, seq, sender, event.id
        case _:
            return about, sender


def _reason(kind: Kind, home: int) -> str:
    if kind is not Kind.SAID:
        return kind.name.lower().replace("_", " ")
    return {HERE: "shown", NOWHERE: "of no talk"}.get(home, "of another talk")
