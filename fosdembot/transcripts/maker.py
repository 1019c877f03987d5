"""Has transcripts made when they are due: some time after a talk, and whenever something in them
is not as it was.

What is due stands in the database (`conference/transcripts.py`), so a crash only delays it; what
is made may be made again without harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.conference import transcripts
from fosdembot.conference.opt_outs import all_opted_out
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.matrix.api import HomeserverAway, MatrixError
from fosdembot.matrix.wake import Wake
from fosdembot.talks.file_name import file_name

from . import index
from .changed import outdated
from .changed_events import ChangedEvents
from .folder import Folder
from .forgotten import BadList
from .history import FOLLOW
from .left_out import LeftOut
from .making import FORCED_AFTER, Made, Making, NoSuchTalk
from .recording_news import RecordingNews
from .uploads import Uploads
from .wanted import WantedTalks
from .writing import sweep

LOOK_EVERY = 30.0
"""Seconds between two looks for talks that are over."""
PACE = 15.0
"""Seconds at least between two makings of one transcript: who edits again and again keeps nothing
busy, and what is redacted is gone within a minute all the same."""
INDEX_EVERY = 20.0
"""The same of the index, while one transcript after another is made."""
CRASHED = 60.0
"""Seconds after which what is half-written in public was left by a crash: the bot and its commands
write there only while they hold the lock; `render --to` needs less for one file."""
GAPS_FOR = timedelta(days=7)
"""So long after a talk's chat is over it is read again, each hour, where a part could not be: what
a homeserver cannot give by then it has lost."""
_MOST_DUE = 20
_RETRY = timedelta(minutes=1)
_LONGEST_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What rooms are told."""

    recordings: RecordingNews
    uploads: Uploads


@dataclass
class Maker:
    making: Making
    wanted: WantedTalks
    told: Told
    left_out: LeftOut
    database: Database
    changes: Changes
    clock: Clock
    log: logging.Logger
    wake: Wake = field(init=False, default_factory=Wake)
    trouble: str | None = field(init=False, default=None)
    """Why files cannot be written, for organisers."""
    unmade: Mapping[str, str] = field(init=False, default_factory=dict)
    """Talks whose transcript lacks something, or is older than it should be, for some time; and
    why."""
    _undeleted: str | None = field(init=False, default=None)
    """Why a transcript is there that is kept no longer, or what a crash left."""
    _is_ready: bool = field(init=False, default=False)
    _made: set[str] = field(init=False, default_factory=set)
    """Talks of which there is a transcript, or is one in the making: what is asked of others
    concerns nothing here."""
    _asked: set[str] = field(init=False, default_factory=set)
    """Of these the ones whose questions are not what they were."""
    _changed: set[str] = field(init=False, default_factory=set)
    """Talks of which something may have to go from what is published. That does not wait until all
    talks that are over have their transcript."""
    _was_first: bool = field(init=False, default=False)
    """Whether the last one was one of those: in turn, so that neither keep the others waiting."""
    _compare: bool = field(init=False, default=True)
    """Whether the schedule may say something else than the transcripts."""
    _looked_at: float | None = field(init=False, default=None)
    _made_at: dict[str, float] = field(init=False, default_factory=dict)
    """By talk when it was made last, by the clock's seconds."""
    _index_due: bool = field(init=False, default=True)
    """A crash may have come before it was written."""
    _indexed_at: float = field(init=False, default=float("-inf"))
    _is_news: bool = field(init=False, default=True)
    """Whether something was made of which rooms may have to be told."""
    _told_at: float = field(init=False, default=float("-inf"))
    _events: ChangedEvents = field(init=False)

    def __post_init__(self) -> None:
        making = self.making
        self._events = ChangedEvents(
            making.api, self.database, self.clock, making.folder, self._mark_changed
        )

    @property
    def is_on(self) -> bool:
        settings = self.making.settings
        return bool(settings.transcripts.folder.strip()) and not settings.rehearsal.room

    def questions_changed(self, talks: Iterable[str]) -> None:
        """It is called for each vote."""
        if changed := self._made.intersection(talks):
            self._asked |= changed
            self.wake.set()

    def schedule_changed(self) -> None:
        self._compare = True
        self.wake.set()

    def privacy_changed(self, person: str) -> None:
        self.left_out.people.add(person)
        self.wake.set()

    async def step(self) -> float | None:
        """Make at most one transcript. Returns the seconds until the next look. Raises
        `HomeserverAway` and `MatrixError`."""
        if not self.is_on:
            return None
        try:
            await self._get_ready()
            await self._find_changed()
            await self._find_outdated()
            await self._find_left_out()
            await self._find_wanted()
            try:
                left = await self._make_next()
            except HomeserverAway:
                # It may have something that was taken out.
                await self._write_index(force=False)
                raise
            await self._write_index(force=left > 0)
            if left > 0:
                await self._tell_rooms()
            self._note_trouble(self._undeleted)
            return left
        except (OSError, BadList) as err:
            # Nothing can be written: the disk is full, the folder is not ours.
            self._note_trouble(_one_line(err))
            return LOOK_EVERY

    def _note_trouble(self, why: str | None) -> None:
        before, self.trouble = self.trouble, why
        if why not in (None, before):
            # Steps are taken for each vote.
            self.log.error("Transcripts are not written: %s", why)

    async def _get_ready(self) -> None:
        if not self._is_ready:
            await asyncio.to_thread(self.making.folder.make)
            async with self.database.read() as session:
                self._made = await transcripts.all_made(session)
            # From now on we hear of changes; this sees those of before.
            async with self.database.read() as session:
                self._asked |= await transcripts.asked_since(session)
                self.left_out.people |= await all_opted_out(session)
            self._is_ready = True

    async def _tell_rooms(self) -> None:
        """It looks at all transcripts, so not at each step."""
        now = self.clock.monotonic()
        if self._is_news or now - self._told_at >= self._between_looks():
            await self.told.recordings.tell(self.database)
            await self.told.uploads.step(self.database, self.making.folder)
            self._is_news, self._told_at = False, now

    # What is to be made.

    async def _find_changed(self) -> None:
        """Which transcripts have what was redacted, edited or answered."""
        self._index_due |= await self._events.look()

    async def _find_outdated(self) -> None:
        """What is said of the talks and their questions elsewhere."""
        asked = set(self._asked)
        due = (await self._compared() if self._compare else set()) - asked
        if asked or due:
            async with self.database.write() as session:
                await self._mark_changed(session, asked)
                await self._mark(session, due)
            self._asked -= asked

    async def _find_left_out(self) -> None:
        """Where those stand who opted out, also in rooms in which they are not known; and where
        those may stand who are forgotten."""
        names = {file_name(talk): talk for talk in self._made}
        looked = await self.left_out.look(self.making.folder, names)
        if looked.found:
            async with self.database.write() as session:
                await self._mark_changed(session, [names[name] for name in looked.found])
        self.left_out.seen_to(looked)

    async def _compared(self) -> set[str]:
        self._compare = False
        talks = self.making.programme.talks
        made = [talks[guid] for guid in self._made if guid in talks]
        settings = self.making.settings
        try:
            return set(await asyncio.to_thread(outdated, self.making.folder, made, settings))
        except BaseException:
            self._compare = True
            raise

    async def _mark_changed(self, session: WriteSession, talks: Collection[str]) -> None:
        await self._mark(session, talks)
        self._changed.update(talks)

    async def _mark(self, session: WriteSession, talks: Collection[str]) -> None:
        if talks:
            await transcripts.mark_due(session, self.changes, self.clock.now(), talks=talks)

    async def _find_wanted(self) -> None:
        now = self.clock.monotonic()
        is_first = self._looked_at is None
        if self._looked_at is None or now - self._looked_at >= self._between_looks():
            self._looked_at = now
            expired = await self.wanted.look(self.database)
            async with self.database.read() as session:
                self.unmade = await transcripts.unmade(session, FORCED_AFTER)
            self._undeleted = None
            sweeping = partial(asyncio.to_thread, _sweep, self.making.folder, is_first)
            for deletion in (sweeping, *(partial(self._delete, talk) for talk in expired)):
                try:
                    await deletion()
                except OSError as err:
                    # It is tried at each look, and keeps no other from being made.
                    self._undeleted = _one_line(err)

    def _between_looks(self) -> float:
        """On a fast clock, a minute of the conference."""
        now = self.clock.now()
        minute = self.clock.to_wall(now + timedelta(minutes=1)) - self.clock.to_wall(now)
        return min(max(minute.total_seconds(), 0.2), LOOK_EVERY)

    async def _delete(self, talk: str) -> None:
        """A transcript is kept no longer, nor is its file in the room: first the files here, so
        that a crash forgets none."""
        await asyncio.to_thread(_remove, self.making.folder, file_name(talk))
        self._index_due = True
        async with self.database.write() as session:
            await self.told.uploads.take_back(session, talk)
            await transcripts.forget(session, talk)
        self._made.discard(talk)

    # What is made.

    async def _make_next(self) -> float:
        """Returns the seconds until there may be another one."""
        first = () if self._was_first else self._changed
        async with self.database.read() as session:
            due = await transcripts.due(session, self.clock.now(), _MOST_DUE, first)
            session.expunge_all()
        rests = [self._rests(row) for row in due]
        ready = [row for row, rest in zip(due, rests, strict=True) if rest <= 0]
        if ready:
            self._was_first = ready[0].talk in first
            self._changed.discard(ready[0].talk)
            await self._make(ready[0])
            return 0
        return min([self._between_looks(), *rests])

    def _rests(self, row: TranscriptRow) -> float:
        """Seconds before it may be made again."""
        made = self._made_at.get(row.talk)
        return 0 if made is None else made + PACE - self.clock.monotonic()

    async def _make(self, row: TranscriptRow) -> None:
        began = self.clock.now()
        # What changes from now on may come too late for what is being read.
        self._made.add(row.talk)
        try:
            made = await self.making.make(row)
        except NoSuchTalk:
            self._index_due = self._is_news = True
            async with self.database.write() as session:
                await transcripts.made(
                    session, row, row.room_id, row.begins, False, self.clock.now(), None
                )
            return
        except (HomeserverAway, OSError, BadList) as err:
            # Something may have been taken out of it all the same.
            self._index_due = self._is_news = True
            await self._failed(row, err)
            raise
        except Exception as err:
            # One that fails by a fault of ours, or of its room, keeps no other from being made.
            if is_transient(err):
                raise
            self.log.exception("The transcript of %s cannot be made", row.talk)
            await self._failed(row, err)
            return
        self._made_at[row.talk] = self.clock.monotonic()
        self._index_due = self._is_news = True
        transcript = made.transcript
        # Once more when its chat is over, if somebody asked for it earlier, and when whoever
        # answered something late has done so.
        over = max(transcript.window.end, transcript.talk.actual.end)
        again = [each for each in (over, over + FOLLOW, made.again) if each and each > began]
        if made.lacks is not None and began < over + GAPS_FOR:
            again.append(self._after(_LONGEST_RETRY))
        await self._note(row, made, began, min(again, default=None))

    async def _note(
        self, row: TranscriptRow, made: Made, began: datetime, again: datetime | None
    ) -> None:
        """What comes after it `began` may not be in it."""
        talk = self.making.programme.talks.get(row.talk)
        room, published = made.transcript.room_id, bool(made.transcript.privacy.contact)
        async with self.database.write() as session:
            await transcripts.made(
                session, row, room, made.begins, published, began, again, made.lacks
            )
            if row.made_at is None and talk is not None and talk.recordings:
                # It was out before: that is no news.
                await transcripts.told_recording(session, row.talk, talk.recordings[0].url)

    async def _failed(self, row: TranscriptRow, err: Exception) -> None:
        if isinstance(err, HomeserverAway) and row.tries == 0:
            self.log.info("The transcript of %s waits for the homeserver: %s", row.talk, err)
        wait = min(_RETRY * 2 ** min(row.tries, 10), _LONGEST_RETRY)
        async with self.database.write() as session:
            await transcripts.failed(session, row.talk, _one_line(err), self._after(wait))

    def _after(self, wait: timedelta) -> datetime:
        """So long on the wall from now."""
        return self.clock.from_wall(self.clock.to_wall(self.clock.now()) + wait)

    async def _write_index(self, force: bool) -> None:
        now = self.clock.monotonic()
        if self._index_due and (force or now - self._indexed_at >= INDEX_EVERY):
            # What changes while it is written is due again.
            self._index_due = False
            try:
                await asyncio.to_thread(_write_index, self.making.folder)
            except BaseException:
                self._index_due = True
                raise
            self._indexed_at = now


def _write_index(folder: Folder) -> None:
    with folder.locked():
        index.write(folder)


def _sweep(folder: Folder, everything: bool) -> None:
    with folder.locked():
        if everything:
            sweep(folder.root)
        else:
            sweep(folder.public, CRASHED, deep=False)


def _remove(folder: Folder, name: str) -> None:
    with folder.locked():
        folder.remove(name)


def _one_line(err: Exception) -> str:
    if isinstance(err, OSError):
        return f"{err.filename or 'the folder'}: {err.strerror or err}"
    if isinstance(err, MatrixError):
        return str(err)
    return " ".join(str(err).split()) or type(err).__name__
