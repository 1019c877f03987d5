"""The lines that meetings are told, each once. The only writer of `meeting_lines`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.engine import WriteSession
from fosdembot.db.meeting_tables import MeetingLine
from fosdembot.db.prepared import Prepared
from fosdembot.db.question_tables import Question
from fosdembot.questions.states import HIDDEN
from fosdembot.texts.render import clean
from fosdembot.texts.words import LONGEST_NAME

LONGEST_LINE = 500
"""Characters: Jitsi lets people type no more."""
LONGEST_QUESTION = 300
"""Characters of a question in a line: the rest is in the talk room. All else fits beside it."""
GONE = timedelta(hours=6)
"""What was said so long ago is not taken back: whoever read it has left, and the meeting's chat
ended with it."""
LEASE = timedelta(seconds=20)
"""Real seconds for which a line is left to another run of the bot that is about to say it: longer
than it waits for the meeting to show it."""


class LineKind(StrEnum):
    TIMES = "times"
    """When the speaker is on."""
    MOMENT = "moment"
    """Something falls due: questions, two minutes left, the end."""
    QUESTION = "question"
    """What follows from the talk's questions."""
    ANSWER = "answer"
    """To what somebody typed."""
    REFUSAL = "refusal"
    """The same, to somebody who may not."""


class Shows(StrEnum):
    """What a line tells of a talk's questions."""

    BEST = "best"
    TAKEN = "taken"
    NONE = "none"


_REST = re.compile(r"(?:\.? [\d,]+ more questions? wait\.)?")
"""What may follow a question in a line."""
_BY_ITSELF = (LineKind.TIMES, LineKind.MOMENT, LineKind.QUESTION)
"""Worked out anew at each look, until they leave."""
_URGENCY = {LineKind.ANSWER: 0, LineKind.QUESTION: 0, LineKind.REFUSAL: 3}
_OTHERS, _RETRACTION = 2, 1
_WAITING = or_(MeetingLine.state == "queued", MeetingLine.state == "sending")
_LEFT = MeetingLine.tried.is_not(None)
_HERE = MeetingLine.meeting == bindparam("meeting")

# Asked for at each look at what there is to say.
_SPENT = Prepared(
    select(MeetingLine.key).where(
        _HERE,
        MeetingLine.key.in_(bindparam("keys", expanding=True)),
        or_(_LEFT, and_(*(MeetingLine.kind != kind for kind in _BY_ITSELF))),
    )
)
_IS_WORK = Prepared(
    select(MeetingLine.id).where(_HERE, or_(_WAITING, MeetingLine.retract)).limit(1)
)


class ToldLine(NamedTuple):
    """A line that all were told; its fields are those of `MeetingLine`."""

    id: int
    key: str
    state: str
    at: datetime
    tried: datetime | None
    shows: str | None
    question_id: int | None
    body: str


def _last_of_talk(*which: ColumnElement[bool]) -> Prepared:
    fields = (getattr(MeetingLine, name) for name in ToldLine._fields)
    of_talk = select(*fields).where(_HERE, MeetingLine.talk == bindparam("talk"), *which)
    return Prepared(of_talk.order_by(MeetingLine.id.desc()).limit(1))


_TOLD = _last_of_talk(
    MeetingLine.shows.is_not(None),
    MeetingLine.recipient.is_(None),
    or_(_LEFT, and_(MeetingLine.kind == LineKind.ANSWER, MeetingLine.state == "queued")),
)
_TOLD_TIMES = _last_of_talk(MeetingLine.kind == LineKind.TIMES, _LEFT)


@dataclass(frozen=True, slots=True)
class NewLine:
    key: str
    body: str
    expires: datetime
    kind: LineKind
    talk: str | None = None
    question: int | None = None
    """The id of the question that it shows."""
    shows: Shows | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Those of one meeting. `voice`: which run of the bot says them; `new_id`: makes ids that
    nobody can guess; `to_wall`: see `Clock`."""

    meeting: str
    voice: str
    new_id: Callable[[], str]
    to_wall: Callable[[datetime], datetime]

    # What was told.

    async def spent(self, session: AsyncSession, keys: Collection[str]) -> set[str]:
        """Those of the keys under which something was said, or is about to be."""
        if not keys:
            return set()
        rows = await _SPENT.find(session, {"meeting": self.meeting, "keys": list(keys)})
        return {row[0] for row in rows}

    async def told(self, session: AsyncSession, talk: str) -> ToldLine | None:
        """What all were last told of the questions to a talk (its guid): a line that left, or
        an answer that will."""
        return await self._last(session, _TOLD, talk)

    async def told_times(self, session: AsyncSession, talk: str) -> ToldLine | None:
        """The same of when its speaker is on."""
        return await self._last(session, _TOLD_TIMES, talk)

    async def by_stanza(self, session: AsyncSession, stanza: str) -> MeetingLine | None:
        query = select(MeetingLine).where(self._mine, MeetingLine.stanza == stanza)
        return (await session.scalars(query)).one_or_none()

    async def waiting(self, session: AsyncSession, kind: LineKind) -> int:
        """How many lines of a kind wait."""
        query = select(func.count()).where(self._mine, _WAITING, MeetingLine.kind == kind)
        return await session.scalar(query) or 0

    async def is_work(self, session: AsyncSession) -> bool:
        """Whether a line is to be said, or taken back."""
        return bool(await _IS_WORK.find(session, {"meeting": self.meeting}))

    # What is to be said.

    async def put(self, session: WriteSession, line: NewLine, now: datetime) -> bool:
        """Have a line said; returns False where that was done under its key already."""
        if await self._find(session, line.key) is not None:
            return False
        session.add(self._row(line, now))
        await session.flush()
        return True

    async def note_told(self, session: WriteSession, line: NewLine, now: datetime) -> None:
        """Another line says the same."""
        if await self._find(session, line.key) is None:
            row = self._row(line, now)
            row.state, row.tried, row.body = "sent", now, ""
            session.add(row)
            await session.flush()

    async def settle(self, session: WriteSession, wanted: Sequence[NewLine], now: datetime) -> None:
        """`wanted` is all that is to be said by itself now: what else waits of that kind, and
        has not left, is outdated."""
        keys = [line.key for line in wanted]
        query = select(MeetingLine).where(
            self._mine, or_(MeetingLine.key.in_(keys), MeetingLine.state == "queued")
        )
        rows = {row.key: row for row in await session.scalars(query)}
        for row in rows.values():
            if row.state == "queued" and row.kind in _BY_ITSELF and row.key not in keys:
                row.state = "dropped"
        for line in wanted:
            before = rows.get(line.key)
            if before is None:
                session.add(self._row(line, now))
            elif before.tried is None:
                before.body, before.expires = _harmless(line.body), line.expires
                before.shows, before.question_id = line.shows, line.question
                before.state = "queued"
        await session.flush()

    async def claim(
        self,
        session: WriteSession,
        now: datetime,
        present: Collection[str],
        *,
        are_alone: bool,
    ) -> MeetingLine | None:
        """The most urgent thing to do: a line to say, which is `sending` from now on, or one to
        `retract`. `present`: who is there; `are_alone`: whether no other run of the bot can be in
        the meeting, so that nobody is about to say what another run left."""
        query = select(MeetingLine).where(self._mine, or_(_WAITING, MeetingLine.retract))
        rows = (await session.scalars(query.order_by(MeetingLine.id))).all()
        candidates = []
        newest = _newest(rows)
        for row in rows:
            row.retract = row.retract and row.at > now - GONE
            if row.state == "sending" and not (are_alone or self._is_ours(row, now)):
                continue
            if row.state in ("queued", "sending"):
                self._reconsider(row, now, present, newest)
            if row.state in ("queued", "sending") or row.retract:
                candidates.append(row)
        chosen = min(candidates, key=_urgency, default=None)
        if chosen is not None and not chosen.retract:
            chosen.state, chosen.tried, chosen.voice = "sending", now, self.voice
        await session.flush()
        return chosen

    def _reconsider(
        self,
        row: MeetingLine,
        now: datetime,
        present: Collection[str],
        newest: Mapping[tuple[str | None, str], int],
    ) -> None:
        """Drop what nobody needs any more."""
        if row.retract:
            # It left, and nobody knows whether it was shown.
            row.state = "sent"
            return
        is_there = row.recipient is None or row.recipient in present
        news = _news(row)
        is_outdated = news is not None and row.id < newest.get(news, 0)
        if not row.body or row.expires <= now or not is_there or is_outdated:
            row.state = "dropped"

    def _is_ours(self, row: MeetingLine, now: datetime) -> bool:
        if row.voice == self.voice or row.tried is None:
            return True
        age = self.to_wall(now) - self.to_wall(row.tried)
        return not timedelta(0) <= age < LEASE

    # What became of it.

    async def note(self, session: WriteSession, id_: int, state: str) -> None:
        """`sent`: the meeting has shown it; `refused`: it does not take it."""
        await session.execute(update(MeetingLine).where(MeetingLine.id == id_).values(state=state))

    async def note_known(self, session: WriteSession, stanzas: Collection[str]) -> None:
        """The meeting shows lines with these ids: they were said, whatever we know of it."""
        if stanzas:
            said = self._mine & (MeetingLine.state == "sending") & MeetingLine.stanza.in_(stanzas)
            await session.execute(update(MeetingLine).where(said).values(state="sent"))

    async def retracted(self, session: WriteSession, id_: int) -> None:
        """Or the meeting does not do that: it is not tried again."""
        await session.execute(
            update(MeetingLine).where(MeetingLine.id == id_).values(retract=False)
        )

    # How it is done.

    @property
    def _mine(self) -> ColumnElement[bool]:
        return MeetingLine.meeting == self.meeting

    async def _find(self, session: AsyncSession, key: str) -> MeetingLine | None:
        query = select(MeetingLine).where(self._mine, MeetingLine.key == key)
        return (await session.scalars(query)).one_or_none()

    async def _last(self, session: AsyncSession, which: Prepared, talk: str) -> ToldLine | None:
        rows = await which.find(session, {"meeting": self.meeting, "talk": talk})
        return ToldLine(*rows[0]) if rows else None

    def _row(self, line: NewLine, now: datetime) -> MeetingLine:
        return MeetingLine(
            meeting=self.meeting,
            key=line.key,
            kind=line.kind,
            talk=line.talk,
            shows=line.shows,
            question_id=line.question,
            body=_harmless(line.body),
            recipient=line.recipient,
            stanza=self.new_id(),
            state="queued",
            at=now,
            expires=line.expires,
            tried=None,
            voice=None,
            retract=False,
        )


_OF_QUESTIONS = Prepared(
    select(MeetingLine.id)
    .where(
        MeetingLine.question_id.in_(bindparam("questions", expanding=True)), MeetingLine.body != ""
    )
    .limit(1)
)
"""Most conferences have none."""


async def reconsider(session: WriteSession, questions: Iterable[Question]) -> None:
    """These questions stand otherwise, or say something else. Where nobody may read one any more,
    or not in these words, a line that waits is not said, and one that was said is retracted; no
    text of theirs is kept."""
    by_id = {each.id: each for each in questions}
    if not by_id or not await _OF_QUESTIONS.find(session, {"questions": list(by_id)}):
        return
    of_these = MeetingLine.question_id.in_(by_id) & (MeetingLine.body != "")
    for line in await session.scalars(select(MeetingLine).where(of_these)):
        question = by_id.get(line.question_id or 0)
        if question is None or _may_be_read(question, line.body):
            continue
        line.body = ""
        if line.state == "queued":
            line.state = "dropped"
        else:
            line.retract = line.state in ("sending", "sent")
    await session.flush()


def question_text(text: str) -> str:
    """What a line shows of a question's text."""
    return clean(text, LONGEST_QUESTION)


def _may_be_read(question: Question, body: str) -> bool:
    """Whether the line shows the question as it is, word for word."""
    shown = question_text(question.text)
    if question.state in HIDDEN or not shown:
        return False
    name = clean(question.asker_name, LONGEST_NAME)
    told = f"): {shown} – {name}" if name else f"): {shown}"
    if body.endswith("…") and len(body) > LONGEST_LINE - 20:
        # Only a line full of "@room" is so long that its end is cut off.
        return shown in body
    # Words that are gone may stand behind those that are left.
    _, found, rest = body.rpartition(told)
    return found != "" and _REST.fullmatch(rest) is not None


def _harmless(body: str) -> str:
    """One line without controls and what XML forbids, which every meeting takes."""
    text = clean(body, LONGEST_LINE)
    # What breaks "@room" is not counted.
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"


def _news(row: MeetingLine) -> tuple[str | None, str] | None:
    """What it tells of a talk, of which a later line takes its place; None: nothing such."""
    if row.recipient is not None:
        return None
    if row.kind == LineKind.TIMES:
        return row.talk, "times"
    about_questions = row.kind in (LineKind.QUESTION, LineKind.ANSWER)
    return (row.talk, "questions") if about_questions and row.shows is not None else None


def _newest(rows: Iterable[MeetingLine]) -> dict[tuple[str | None, str], int]:
    """The id of the last that waits of each."""
    found: defaultdict[tuple[str | None, str], int] = defaultdict(int)
    for row in rows:
        news = _news(row)
        if row.state == "queued" and news is not None:
            found[news] = max(found[news], row.id)
    return found


def _urgency(row: MeetingLine) -> tuple[int, int]:
    if row.retract:
        return _RETRACTION, row.id
    return _URGENCY.get(LineKind(row.kind), _OTHERS), row.id
