"""Makes one transcript: reads what is known of a talk, and writes its files.

It may be made any number of times: what is there is replaced by what is true now.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.addresses import names_of
from fosdembot.conference.opt_outs import all_opted_out
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.matrix.members import names_in
from fosdembot.matrix.room_addresses import is_in
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.file_name import file_name
from fosdembot.talks.slots import Slot, StageSlot, build_slots

from . import model_file
from .chat import Chat
from .chat import People as WhoIsWho
from .folder import Folder
from .forgetting import Hidden, Named, without
from .forgotten import Forgotten
from .head import Place, head, with_what_is_known
from .held import as_held, comes_again, stays
from .history import FOLLOW, Wanted, read_chat
from .model import Line, People, Transcript, Unread
from .past import past
from .publishing_rules import Publishing, publishing, publishing_as_before, without_askers
from .questions import Asked, NotShown, ReadAloud, hidden_in, read_questions, said_in
from .rendering import render
from .retention import as_before, said, with_ids, without_ids
from .rewriting import unpublish
from .room_then import room_then
from .visibility import visibility_of
from .window import Window, windows

Lines = Callable[[Transcript, Hidden], Iterator[Line]]
Enrich = Callable[[Transcript, Sequence[ReadAloud]], Awaitable[Transcript]]
"""Finds the questions in the recording, and knows those that nobody may read. Raises nothing."""
FORCED_AFTER = 3
"""Attempts that fail before we go on behind what the homeserver fails to answer."""


class NoSuchTalk(Exception):
    """It is in no schedule, and never was, as far as we know: of others what was published stays.
    Nothing of it is public."""


class Known(NamedTuple):
    """What the database knows of a talk, in one transaction."""

    slot: Slot
    others: Sequence[Window]
    """When the other talks of the room are."""
    window: Window
    address: str | None
    room: str | None
    """The room's id."""
    is_in: bool
    """Whether the bot is in it; not, either, where its history cannot be read now."""
    asked: Asked
    hidden: Sequence[NotShown]
    said: Sequence[NotShown]
    members: Sequence[tuple[str, str]]
    """People, and what they are called in the room."""
    opted_out: frozenset[str]
    held: Transcript | None
    """The transcript that is there, where its place and times stay."""
    is_off: bool
    """Whether the talk does not take place by the schedule of now."""
    again: datetime | None
    """When the chat is over that takes the place of that one's."""


class _Less(HomeserverAway):
    """It gives less than we have, and may go on so."""


class Made(NamedTuple):
    transcript: Transcript
    begins: str | None
    """See `db/transcript_tables.py`."""
    lacks: str | None = None
    """See `Chat`."""
    again: datetime | None = None
    """See `Known`."""


@dataclass(frozen=True, slots=True)
class Making:
    api: Api
    database: Database
    programme: Programme
    settings: Settings
    who: WhoIsWho
    clock: Clock
    enrich: Enrich
    log: logging.Logger

    @property
    def folder(self) -> Folder:
        return Folder(Path(self.settings.transcripts.folder).expanduser())

    async def make(self, row: TranscriptRow) -> Made:
        """Write the files of a talk. Raises `MatrixError`, `OSError`, `BadList` and `NoSuchTalk`;
        then what was there stays. Raises `HomeserverAway`; then that stays of the chat which may be
        read still."""
        talk = self.programme.talks.get(row.talk)
        if talk is None:
            # Nobody knows what may be published of it.
            self.folder.make()
            await asyncio.to_thread(unpublish, self.folder, file_name(row.talk))
            raise NoSuchTalk(row.talk)
        old = await asyncio.to_thread(self._old, talk)
        async with self.database.read() as session:
            known = await self._known(session, talk, row, old)
        rule, away = await self._rule(known, talk, old)
        with ExitStack() as stack:
            chat = None
            if away is None:
                chat, away = await self._chat_or_old(known, row, rule, old)
            if chat is not None:
                stack.enter_context(chat)
            if away is not None:
                known = _as_unread(known)
            transcript = await self._transcript(known, rule, old, chat)
            await asyncio.to_thread(self._write, transcript, chat, known, old, rule)
        if isinstance(away, _Less):
            return Made(transcript, row.begins, str(away), known.again)
        if away is not None:
            raise away
        if chat is None:
            return Made(transcript, row.begins, again=known.again)
        return Made(transcript, chat.begins, chat.lacks, known.again)

    # What is known.

    async def _known(
        self, session: AsyncSession, talk: Talk, row: TranscriptRow, old: Transcript | None
    ) -> Known:
        address = self.programme.address_for(talk)
        slots = await self._slots(session, talk, address)
        found = windows(slots, self.settings.transcripts)
        slot = next(slot for slot in slots if slot.talk.guid == talk.guid)
        window = found.get(talk.guid, Window(slot.start, slot.start))
        room = await room_then(session, row, address, window)
        held, is_off = self._held(slot, room, window, row, old), not slot.takes_place
        again = window.end if held and slot.takes_place and comes_again(held, window) else None
        if held is not None:
            address, room = held.room, held.room_id
            window = Window(held.window.start, held.window.end)
            actual = held.talk.actual
            slot = StageSlot(replace(slot, start=actual.start, end=actual.end, cancelled=False))
            rest = await self._slots(session, talk, address)
            slots = [slot, *(each for each in rest if each.talk.guid != talk.guid)]
            slots.sort(key=_order)
            found = windows(slots, self.settings.transcripts)
        opted_out = await all_opted_out(session)
        is_hiding = bool(opted_out) or (self.folder.models / "forgotten").exists()
        return Known(
            slot=slot,
            others=[window for guid, window in found.items() if guid != talk.guid],
            window=window,
            address=address,
            room=room,
            is_in=room is not None and await is_in(session, room),
            asked=await read_questions(session, talk.guid),
            hidden=await hidden_in(session, room, talk.guid),
            said=await said_in(session, room, talk.guid),
            members=await names_in(session, room) if room is not None and is_hiding else (),
            opted_out=opted_out,
            held=held,
            is_off=is_off,
            again=again,
        )

    def _held(
        self,
        slot: Slot,
        room: str | None,
        window: Window,
        row: TranscriptRow,
        old: Transcript | None,
    ) -> Transcript | None:
        """The transcript that is there, if the talk took place as that says, whatever the schedule
        says now. Next year's schedule has none of this year's talks."""
        if old is None or row.made_at is None:
            return None
        if slot.takes_place and comes_again(old, window) and window.end <= self.clock.now():
            return None
        now = window if slot.takes_place else None
        return old if stays(old, row.made_at, room, now) else None

    async def _slots(
        self, session: AsyncSession, talk: Talk, address: str | None
    ) -> Sequence[StageSlot]:
        """The talks of a room, by whichever address they are led there."""
        if address is None:
            return build_slots([talk], {}, self.settings) or [
                StageSlot(Slot(talk, talk.start, talk.end))
            ]
        names = await names_of(session, [address])
        rooms = await self.programme.rooms(session, names)
        slots = {slot.talk.guid: slot for room in rooms.values() for slot in room.slots}
        slots.setdefault(talk.guid, StageSlot(Slot(talk, talk.start, talk.end)))
        return sorted(slots.values(), key=_order)

    def _old(self, talk: Talk) -> Transcript | None:
        """The transcript that is there."""
        try:
            return model_file.read(self.folder.model(file_name(talk.guid)))
        except model_file.BadModel as err:
            if self.folder.model(file_name(talk.guid)).exists():
                self.log.warning("A transcript is made from scratch: %s", err)
            return None

    async def _rule(
        self, known: Known, talk: Talk, old: Transcript | None
    ) -> tuple[Publishing, HomeserverAway | None]:
        """What is published, and why that cannot be asked now. Raises `HomeserverAway` where no
        transcript is there."""
        away, room = None, known.room
        if room is None:
            return publishing(self.settings, talk, None), None
        if known.is_in:
            try:
                visibility = await visibility_of(self.api, self.clock, room, known.window)
                return publishing(self.settings, talk, visibility), None
            except HomeserverAway as err:
                if old is None:
                    raise
                away = err
            except MatrixError as err:
                if err.status != 403:
                    raise
        return publishing_as_before(self.settings, talk, old), away

    # What it consists of.

    async def _chat_or_old(
        self, known: Known, row: TranscriptRow, rule: Publishing, old: Transcript | None
    ) -> tuple[Chat | None, HomeserverAway | None]:
        """The chat, or why the one that is there stays: the homeserver gives none, or no more than
        that has. Raises `HomeserverAway` where none is there."""
        try:
            chat = await self._chat(known, row, rule, old)
        except HomeserverAway as err:
            if old is None:
                raise
            return None, err
        if chat is None or chat.lacks is None or old is None or chat.messages > old.messages:
            return chat, None
        chat.close()
        return None, _Less(chat.lacks)

    async def _chat(
        self, known: Known, row: TranscriptRow, rule: Publishing, old: Transcript | None
    ) -> Chat | None:
        """None where there is none to be read."""
        window, room = known.window, known.room
        is_kept = rule.privacy.chat != "none" and window.start < window.end
        if room is None or not (known.is_in and is_kept):
            return None
        wanted = Wanted(
            room=room,
            window=window,
            others=[each for each in known.others if each.start < each.end],
            begins=row.begins,
            forced=row.tries >= FORCED_AFTER,
            hidden=[each.event for each in known.hidden if each.event is not None],
            past=past(
                old, self.folder.model(file_name(known.slot.talk.guid)), room, window, FOLLOW
            ),
        )
        self.folder.make()
        return await read_chat(self.api, wanted, self.who, self.clock, self.folder.models)

    async def _transcript(
        self, known: Known, rule: Publishing, old: Transcript | None, chat: Chat | None
    ) -> Transcript:
        asked = known.asked
        wrote = chat.people if chat is not None else 0
        place = Place(self.programme.title, self.programme.zone, known.address, known.room)
        people = People(wrote=wrote, asked=asked.asked, voted=asked.voted)
        made = head(known.slot, place, known.window, rule.privacy, asked.questions, people)
        if known.held is not None:
            made = as_held(made, known.held, is_off=known.is_off)
        transcript = with_what_is_known(made, old)
        unread = (Unread(number=one.number, taken_at=one.taken_at) for one in asked.unpublished)
        ordered = tuple(sorted(unread, key=lambda one: one.number))
        transcript = transcript.model_copy(update={"unread": ordered})
        if chat is not None:
            transcript = transcript.model_copy(update={"messages": chat.messages})
        elif old is not None and rule.privacy.chat != "none" and not known.is_in:
            transcript = transcript.model_copy(update={"messages": old.messages})
        return await self.enrich(transcript, asked.unpublished)

    def _lines(self, known: Known, chat: Chat | None, rule: Publishing) -> Lines:
        """Makes the lines of the chat; of a room that the bot has left, or cannot read, those that
        it knew. Else only what it has just read: it may be redacted by now."""

        def lines(transcript: Transcript, hidden: Hidden) -> Iterator[Line]:
            if chat is not None:
                asked = {q.event for q in transcript.questions if q.event is not None}
                asked |= {m.event for q in transcript.questions for m in q.merged if m.event}
                yield from chat.lines(asked, hidden)
            elif rule.privacy.chat != "none" and not known.is_in:
                path = self.folder.model(file_name(known.slot.talk.guid))
                if path.exists():
                    yield from model_file.lines(path)

        return lines

    def _hidden(self, known: Known, forgotten: Forgotten, chat: Chat | None) -> Hidden:
        opted_out = known.opted_out
        is_removed = self.settings.transcripts.opted_out == "removed"
        # What is left of a room that the bot is in no more has their marks.
        gone_too = opted_out.union(map(forgotten.mark, opted_out)) if is_removed else opted_out
        # Of what was read just now they are gone; not so of an older chat.
        asked = {each.event for each in known.hidden} - {None}

        def removed(id_: str | None) -> bool:
            return forgotten.hides(id_) or id_ in asked or (is_removed and id_ in gone_too)

        gone = [each for each in known.said if any(map(removed, (each.by, each.event, each.id)))]
        texts = (each.text for each in (*gone, *known.hidden))
        nameless = frozenset[str]() if is_removed else opted_out
        people: list[tuple[str | None, str]] = [(each.by, each.name) for each in known.said]
        people += [*known.members, *(chat.names() if chat is not None else ())]
        names = Named(
            removed=frozenset(name for by, name in people if removed(by)),
            nameless=frozenset(name for by, name in people if by in nameless),
        )
        return Hidden(removed, lambda id_: id_ in nameless, forgotten.mark, tuple(texts), names)

    def _write(
        self,
        transcript: Transcript,
        chat: Chat | None,
        known: Known,
        old: Transcript | None,
        rule: Publishing,
    ) -> None:
        """In a thread. Whom the command line forgets meanwhile, stays forgotten."""
        folder, name = self.folder, transcript.name
        folder.make()
        names_before = self.programme.names_before()
        is_forgotten = names_before is not None and transcript.talk.actual.end < names_before
        with folder.locked():
            is_marked = bool(known.opted_out) or not rule.names
            forgotten = Forgotten.kept(folder) if is_marked else Forgotten.read(folder)
            hidden = self._hidden(known, forgotten, chat)
            if is_forgotten:
                new = said(transcript)
                transcript = as_before(transcript, old)
                if chat is not None:
                    transcript = with_ids(transcript, chat.said_by(known.opted_out))
                gone = new - said(transcript)
                hidden = replace(hidden, texts=(*hidden.texts, *sorted(gone)))
            lines = self._lines(known, chat, rule)
            left, kept = without(transcript, lines(transcript, hidden), hidden)
            if not rule.names:
                # Only now: by these it was known whose questions are gone.
                left = without_askers(left, forgotten.mark)
            if is_forgotten:
                left, kept = without_ids(left, kept)
            model_file.write(folder.model(name), left, kept)
            render(folder, name)


def _as_unread(known: Known) -> Known:
    """Its history cannot be read now: the chat is the one that is there."""
    return known._replace(is_in=False)


def _order(slot: Slot) -> tuple[datetime, str, str]:
    return slot.start, slot.place, slot.talk.guid
