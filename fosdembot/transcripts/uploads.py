"""Posts transcripts in their rooms as files, where the settings say so."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from fosdembot.clock import Clock
from fosdembot.conference import pauses, transcripts
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.matrix.api import Api, File, Json, MatrixError
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.upgrades import newest
from fosdembot.settings import Settings
from fosdembot.talks.file_name import file_name
from fosdembot.talks.naming import title_of
from fosdembot.texts import transcripts as texts

from .folder import Folder

LARGEST = 10 * 1024 * 1024
"""Bytes; homeservers take no more."""
APART = timedelta(hours=1)
"""On the wall, at least between two files of one talk: what is removed leaves the room at once, and
what is left of it comes back later."""
_AT_ONCE = 10
_log = logging.getLogger(__name__)


@dataclass
class Uploads:
    api: Api
    programme: Programme
    outbox: Outbox
    settings: Settings
    clock: Clock
    _posted_at: dict[str, datetime] = field(default_factory=dict)
    """By talk, on the wall, when it was posted or refused."""
    _standing: dict[str, int | None] = field(default_factory=dict)
    """Talks whose file says what it should, and when that was written: perhaps by the command line,
    where somebody is forgotten."""

    async def step(self, database: Database, folder: Folder) -> None:
        """Post what stands and is not in its room, and take back what is another now. A crash may
        leave a file on the homeserver to which nothing leads. Raises `HomeserverAway`,
        `MatrixError` and `OSError`."""
        wants = self.settings.transcripts.upload and self.settings.archives
        async with database.read() as session:
            is_posted = TranscriptRow.uploaded.is_not(None)
            may_be = or_(is_posted, TranscriptRow.due.is_(None)) if wants else is_posted
            made = select(TranscriptRow).where(TranscriptRow.made_at.is_not(None), may_be)
            rows = (await session.scalars(made)).all()
            session.expunge_all()
        new = 0
        for row in rows:
            written = await asyncio.to_thread(_written_at, folder, row.talk)
            if row.talk in self._standing and self._standing[row.talk] == written:
                continue
            page = await asyncio.to_thread(_page, folder, row.talk) if wants else None
            mark = _mark(row, page) if page is not None else None
            if row.uploaded is not None and not _is_same(row.uploaded, mark):
                async with database.write() as session:
                    await self.take_back(session, row.talk)
            elif row.uploaded is not None:
                self._standing[row.talk] = written
                continue
            if page is not None and mark is not None and row.room_id and row.due is None:
                new += await self._post(database, row.talk, row.room_id, page, mark)
                if new == _AT_ONCE:
                    return

    async def take_back(self, session: WriteSession, talk: str) -> None:
        """The file of a talk (its guid) leaves its room, if one is there."""
        row = await session.get(TranscriptRow, talk)
        if row is not None and row.uploaded is not None:
            key = _key(talk, row.uploaded)
            await self.outbox.redact(session, f"{key}/redact", key)
            await transcripts.uploaded(session, talk, None)

    async def _post(self, database: Database, guid: str, room: str, page: bytes, mark: str) -> bool:
        talk, now = self.programme.talks.get(guid), self.clock.to_wall(self.clock.now())
        posted = self._posted_at.get(guid)
        if talk is None or (posted is not None and now - posted < APART):
            return False
        address = self.programme.address_for(talk)
        async with database.read() as session:
            if address is None or await pauses.is_paused(session, address, self.programme):
                return False
            # People are where it was upgraded to.
            room = await newest(session, room)
        name = f"{file_name(guid)}.html"
        try:
            url = await self.api.upload(File(name, "text/html", page))
        except MatrixError as err:
            if err.retry_after is not None:
                raise
            # It is too large for this homeserver, say: others may be posted all the same.
            _log.warning("The transcript of %s cannot be posted: %s", guid, err)
            self._posted_at[guid] = now
            return False
        content: Json = {
            "msgtype": "m.file",
            "body": texts.FILE.format(title=title_of(talk)),
            "filename": name,
            "url": url,
            "info": {"mimetype": "text/html", "size": len(page)},
            "m.mentions": {},
        }
        async with database.write() as session:
            await self.outbox.message(session, _key(guid, mark), room, content, Urgency.CHANGE)
            await transcripts.uploaded(session, guid, mark)
        self._posted_at[guid] = now
        return True


def _mark(row: TranscriptRow, page: bytes) -> str:
    """Names what is posted: what it says, and when that was made. What is taken back may become
    true again."""
    assert row.made_at is not None
    return f"{hashlib.sha256(page).hexdigest()[:32]}-{int(row.made_at.timestamp())}"


def _is_same(mark: str, other: str | None) -> bool:
    return other is not None and mark.partition("-")[0] == other.partition("-")[0]


def _key(talk: str, mark: str) -> str:
    return f"transcript/{file_name(talk)}/{mark}"


def _written_at(folder: Folder, talk: str) -> int | None:
    """In nanoseconds; None: there is no such file."""
    try:
        return (folder.talk(file_name(talk)) / "index.html").stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _page(folder: Folder, talk: str) -> bytes | None:
    """The first page, which has the questions."""
    try:
        with (folder.talk(file_name(talk)) / "index.html").open("rb") as file:
            page = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    return page if len(page) <= LARGEST else None
