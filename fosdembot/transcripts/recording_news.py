"""Tells rooms that recordings of their talks are out, once each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference import pauses, transcripts
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database
from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.upgrades import newest
from fosdembot.schedule.model import Talk
from fosdembot.settings import Settings
from fosdembot.talks.naming import talk_named
from fosdembot.talks.transcript_url import transcript_url
from fosdembot.texts import transcripts as texts
from fosdembot.texts.render import Text, items, lines, link, say

_LISTED = 10
"""Talks in one message."""


class Out(NamedTuple):
    """A recording of which the room was not told."""

    talk: Talk
    url: str
    transcript: str
    """Where everybody can read it; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class RecordingNews:
    programme: Programme
    outbox: Outbox
    settings: Settings
    clock: Clock

    async def tell(self, database: Database) -> None:
        """Tell each room, in one message, of the recordings that are out and linked in their
        transcripts. Where the room is paused, later."""
        if not (self.settings.transcripts.tell_recordings and self.settings.archives):
            return
        async with database.read() as session:
            waiting = await self._waiting(session)
        for room in waiting:
            async with database.write() as session:
                # What was read may have been told since.
                out = (await self._waiting(session)).get(room, ())
                if not out or await self._is_paused(session, out):
                    continue
                named = " ".join(each.talk.guid for each in out).encode()
                key = f"recordings/{room}/{hashlib.sha256(named).hexdigest()[:16]}"
                content = notice(self._text(out))
                await self.outbox.message(session, key, room, content, Urgency.CHANGE)
                for each in out:
                    await transcripts.told_recording(session, each.talk.guid, each.url)

    async def _waiting(self, session: AsyncSession) -> Mapping[str, Sequence[Out]]:
        """By room, in the order of the talks."""
        now = self.clock.now()
        rows = await session.scalars(
            select(TranscriptRow).where(
                TranscriptRow.made_at.is_not(None),
                TranscriptRow.recording.is_(None),
                TranscriptRow.room_id.is_not(None),
            )
        )
        found: defaultdict[str, list[Out]] = defaultdict(list)
        for row in rows:
            talk = self.programme.talks.get(row.talk)
            is_made = row.due is None or row.due > now
            if talk is not None and talk.recordings and is_made and row.room_id is not None:
                # People are where it was upgraded to.
                room = await newest(session, row.room_id)
                found[room].append(Out(talk, talk.recordings[0].url, self._where(row)))
        return {room: sorted(out, key=lambda o: o.talk.start) for room, out in found.items()}

    async def _is_paused(self, session: AsyncSession, out: Sequence[Out]) -> bool:
        address = self.programme.address_for(out[0].talk)
        return address is None or await pauses.is_paused(session, address, self.programme)

    def _text(self, out: Sequence[Out]) -> Text:
        if len(out) == 1:
            is_linked = bool(out[0].transcript)
            return _line(out[0], texts.RECORDING_OUT if is_linked else texts.ONLY_RECORDING)
        said = [
            say(texts.RECORDINGS_OUT),
            items(_line(each, texts.RECORDING) for each in out[:_LISTED]),
        ]
        index = link(self.settings.transcripts.public_url)
        if len(out) > _LISTED and index is not None:
            said.append(say(texts.MORE_RECORDINGS, more=len(out) - _LISTED, url=index))
        return lines(said)

    def _where(self, row: TranscriptRow) -> str:
        return transcript_url(self.settings, row.talk) if row.published else ""


def _line(out: Out, template: str) -> Text:
    """With the transcript, which has the minute of each question; else the recording alone."""
    recording = link(out.url) or Text("", "")
    url = link(out.transcript) or recording
    talk = talk_named(out.talk, with_speakers=False)
    return say(template, talk=talk, recording=recording, url=url)
