"""The lines that meetings are told, each once. The only writer of `meeting_lines`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.db.question_tables import Question
from fosdembot.questions.states import HIDDEN

LONGEST_LINE = 500
"""Characters: Jitsi lets people type no more."""
_WAITING = MeetingLine.state.in_(("queued", "sending"))


@dataclass(frozen=True, slots=True)
class NewLine:
    key: str
    body: str
    expires: datetime
    talk: str | None = None
    question: int | None = None
    """The id of the question that it shows."""
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Those of one meeting."""

    meeting: str
    new_id: Callable[[], str]
    """An id for a stanza, which nobody can guess."""

    async def put(self, session: WriteSession, line: NewLine, now: datetime) -> bool:
        """Have a line said; returns False where that was done under its key already."""
        if await self.find(session, line.key) is not None:
            return False
        body = line.body if len(line.body) <= LONGEST_LINE else line.body[: LONGEST_LINE - 1] + "…"
        row = MeetingLine(
            meeting=self.meeting,
            key=line.key,
            talk=line.talk,
            question_id=line.question,
            body=body,
            recipient=line.recipient,
            stanza=self.new_id(),
            state="queued",
            at=now,
            expires=line.expires,
            retract=False,
        )
        session.add(row)
        await session.flush()
        return True

    async def missing(self, session: AsyncSession, wanted: Sequence[NewLine]) -> list[NewLine]:
        """Those of which nothing was ever said, or put here."""
        keys = [line.key for line in wanted]
        query = select(MeetingLine.key).where(
            MeetingLine.meeting == self.meeting, MeetingLine.key.in_(keys)
        )
        known = set(await session.scalars(query)) if keys else set()
        return [line for line in wanted if line.key not in known]

    async def find(self, session: AsyncSession, key: str) -> MeetingLine | None:
        query = select(MeetingLine).where(
            MeetingLine.meeting == self.meeting, MeetingLine.key == key
        )
        return (await session.scalars(query)).one_or_none()

    async def by_stanza(self, session: AsyncSession, stanza: str) -> MeetingLine | None:
        query = select(MeetingLine).where(
            MeetingLine.meeting == self.meeting, MeetingLine.stanza == stanza
        )
        return (await session.scalars(query)).one_or_none()

    async def shown(self, session: AsyncSession, talk: str) -> MeetingLine | None:
        """The last line that shows a question of a talk (its guid), said or about to be."""
        query = (
            select(MeetingLine)
            .where(
                MeetingLine.meeting == self.meeting,
                MeetingLine.talk == talk,
                MeetingLine.question_id.is_not(None),
                MeetingLine.state != "dropped",
            )
            .order_by(MeetingLine.id.desc())
            .limit(1)
        )
        return (await session.scalars(query)).one_or_none()

    # What is said.

    async def waiting(self, session: AsyncSession) -> Sequence[MeetingLine]:
        """What is to be said, in its order."""
        query = (
            select(MeetingLine)
            .where(MeetingLine.meeting == self.meeting, _WAITING)
            .order_by(MeetingLine.id)
        )
        return (await session.scalars(query)).all()

    async def to_retract(self, session: AsyncSession) -> Sequence[MeetingLine]:
        query = (
            select(MeetingLine)
            .where(
                MeetingLine.meeting == self.meeting,
                MeetingLine.retract,
                MeetingLine.state == "sent",
            )
            .order_by(MeetingLine.id)
        )
        return (await session.scalars(query)).all()

    async def note(self, session: WriteSession, ids: Collection[int], state: str) -> None:
        """`sending`: it leaves now; `sent`: the meeting has shown it; `dropped`: nobody needs it
        any more, or the meeting does not take it."""
        of_these = update(MeetingLine).where(MeetingLine.id.in_(ids))
        await session.execute(of_these.values(state=state))

    async def note_known(self, session: WriteSession, stanzas: Collection[str]) -> None:
        """The meeting shows lines with these ids: they were said, whatever we know of it."""
        if stanzas:
            said = (
                _WAITING & (MeetingLine.meeting == self.meeting) & MeetingLine.stanza.in_(stanzas)
            )
            await session.execute(update(MeetingLine).where(said).values(state="sent"))

    async def retracted(self, session: WriteSession, id_: int) -> None:
        await session.execute(
            update(MeetingLine).where(MeetingLine.id == id_).values(retract=False)
        )


async def hide(session: WriteSession, questions: Iterable[Question]) -> None:
    """Nobody may read some of these questions any more: what waits is not said, what was said is
    retracted, and no text of theirs is kept."""
    hidden = [each.id for each in questions if each.state in HIDDEN or not each.text]
    if not hidden:
        return
    of_these = MeetingLine.question_id.in_(hidden) & (MeetingLine.body != "")
    for line in await session.scalars(select(MeetingLine).where(of_these)):
        if line.state == "queued":
            line.state = "dropped"
        else:
            line.retract = True
        line.body = ""
    await session.flush()
