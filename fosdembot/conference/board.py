"""The board: the message that says which talk is on shows the best of its questions.

It is edited when that which it says is not true any more: at once where its title or its
end is another, or where it shows what nobody may read any more; within limits where other
questions are the best. All are the same edit, made from what is true in its transaction,
so that none takes back another.

The message itself never has a question's text, only its edits have: of a message nothing
else can be taken back while it stands.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.asked import asked_in
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.plans import Plans, RoomPlan
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Board
from fosdembot.matrix.content import notice as notice_content
from fosdembot.matrix.outbox import Outbox, edit_key
from fosdembot.matrix.wake import Wake
from fosdembot.questions.shown import show_only, shown_in
from fosdembot.questions.states import HIDDEN
from fosdembot.settings import Settings
from fosdembot.talks.asked import Asked
from fosdembot.talks.messages import Message
from fosdembot.talks.notices import Kind, Notice
from fosdembot.texts.render import Text

SETTLES = timedelta(seconds=3)
"""Between two looks at a board: what comes thick and fast is looked at together."""


@dataclass(frozen=True, slots=True)
class _View:
    """A message as it would be said now."""

    text: Text
    frame: str
    shown: str
    questions: Sequence[int]
    """The ids of those that stand in it."""


class Boards:
    """The only writer of `boards`."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        plans: Plans,
        outbox: Outbox,
        settings: Settings,
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._plans = plans
        self._outbox = outbox
        self._clock = clock
        self._log = log
        self._rest = timedelta(seconds=settings.questions.board_seconds)
        self._most_edits = settings.questions.board_edits
        self._wake = Wake()
        self._dirty: set[str] = set()
        """Talks whose questions are not what they were at the last look."""
        self._not_before: dict[str, datetime] = {}
        """By talk, when the next look is due at the earliest."""
        self._held: dict[str, datetime] = {}
        """By talk, when an edit that came too early may be made."""

    def changed(self, talks: Collection[str]) -> None:
        """The questions to these talks (guids) are not what they were. Costs next to nothing:
        it is called for every vote."""
        if not self._dirty.issuperset(talks):
            self._dirty.update(talks)
            self._wake.set()

    async def run(self) -> None:
        """Follow the questions until cancelled."""
        while True:
            try:
                await self.step()
            except Exception:
                self._log.exception("The boards could not be edited; next try in a moment")
            await self._wake.wait(timeout=self._seconds_left())

    async def step(self) -> None:
        """Look at the boards that changed, where their time has come."""
        now = self._clock.now()
        due = {talk for talk, then in self._held.items() if then <= now}
        self._held = {talk: then for talk, then in self._held.items() if then > now}
        self._not_before = {talk: then for talk, then in self._not_before.items() if then > now}
        for talk in sorted(due | (self._dirty - self._not_before.keys())):
            self._dirty.discard(talk)
            self._not_before[talk] = now + min(SETTLES, self._rest)
            try:
                await self._look(talk)
            except Exception:
                self._dirty |= due | {talk}
                raise

    def _seconds_left(self) -> float | None:
        """Until the next look, on the wall; None: nothing is to be looked at."""
        now = self._clock.now()
        moments = [self._not_before.get(talk, now) for talk in self._dirty]
        moments += self._held.values()
        if not moments:
            return None
        wall = self._clock.to_wall
        return max(0.0, (wall(min(moments)) - wall(now)).total_seconds())

    async def _look(self, talk: str) -> None:
        published = self._programme.talks.get(talk)
        address = self._programme.address_for(published) if published is not None else None
        if address is None:
            return
        # Mostly there is nothing to do, for which nobody has to wait.
        async with self._database.read() as session:
            plan = await self._plans.of(session, address)
            if not await self._outdated(session, plan):
                return
        async with self._database.write() as session:
            await self.keep(session, await self._plans.of(session, address))

    async def keep(self, session: WriteSession, plan: RoomPlan) -> None:
        """Edit the messages of a room that say which talks are on, where they are not true
        any more, as far as the limits allow."""
        for key, view, counts in await self._outdated(session, plan):
            await self._edit(session, plan, key, view, counts=counts)

    async def begin(self, session: WriteSession, plan: RoomPlan, key: str) -> None:
        """The message with this key was told, without questions; those that were asked
        before are its first edit."""
        notices = plan.messages()[key]
        without = await self._view(session, plan, notices, among=())
        await session.merge(_row(key, without, self._clock.now()))
        view = await self._view(session, plan, notices)
        if plan.edits and view.questions and self._most_edits:
            await self._edit(session, plan, key, view, counts=True)

    async def is_said_by(
        self, session: AsyncSession, plan: RoomPlan, message: Message, key: str
    ) -> bool:
        """Whether the message with this key says the same as `message`, but for questions."""
        row = await session.get(Board, key)
        notices = [notice for notice in plan.notices if notice.key in message.keys]
        return row is not None and row.frame == _digest(self._plans.again(plan, notices, {}))

    async def erase(self, session: WriteSession, plan: RoomPlan, key: str) -> None:
        """A question in the message with this key was redacted: that leaves it at once,
        whatever the limits are."""
        notices = plan.messages().get(key)
        if notices is not None and plan.edits:
            left = [question.id for question in await shown_in(session, key)]
            view = await self._view(session, plan, notices, left)
            await self._edit(session, plan, key, view, counts=True)
        else:
            await self._outbox.redact(session, f"redact/{key}", target=key)

    async def _edit(
        self, session: WriteSession, plan: RoomPlan, key: str, view: _View, *, counts: bool
    ) -> None:
        """`counts`: the limits know of it."""
        content = notice_content(view.text)
        if plan.room is not None:
            content = await self._outbox.fitted(session, plan.room, content)
        if await self._outbox.says(session, key) not in (None, content):
            await self._outbox.edit(session, key, content)
        row = await session.get(Board, key)
        if row is None:
            row = _row(key, view, self._clock.now())
            session.add(row)
        row.frame, row.shown = view.frame, view.shown
        if counts:
            row.edits, row.edited_at = row.edits + 1, self._clock.now()
        await show_only(session, key, edit_key(key), view.questions)

    async def _outdated(
        self, session: AsyncSession, plan: RoomPlan
    ) -> list[tuple[str, _View, bool]]:
        """The messages that are to be edited now: key, what to say, and whether the limits
        count it."""
        found = []
        now = self._clock.now()
        for key, notices in _current(plan, now):
            view = await self._view(session, plan, notices)
            row = await session.get(Board, key)
            if row is None or (row.frame != view.frame and _is_on(notices, now)):
                found.append((key, view, False))
            elif row.shown != view.shown:
                if await self._may_follow(session, plan, row, notices):
                    found.append((key, view, True))
                elif (left := await self._without_hidden(session, plan, key, notices)) is not None:
                    found.append((key, left, True))
        return found

    async def _without_hidden(
        self, session: AsyncSession, plan: RoomPlan, key: str, notices: Sequence[Notice]
    ) -> _View | None:
        """What stands in the message without that which nobody may read any more; None: all
        of it may be read."""
        shown = await shown_in(session, key)
        if all(question.state not in HIDDEN for question in shown):
            return None
        # Nothing comes in its place: whoever asks and withdraws could edit without end.
        return await self._view(session, plan, notices, [question.id for question in shown])

    async def _may_follow(
        self, session: AsyncSession, plan: RoomPlan, row: Board, notices: Iterable[Notice]
    ) -> bool:
        """Whether the questions of a board may be edited now; else it is looked at again
        when they may, if ever."""
        if row.edits >= self._most_edits:
            return False
        now, until = self._clock.now(), row.edited_at + self._rest
        if await is_paused(session, plan.address, self._programme):
            until = now + self._rest
        if until <= now:
            return True
        for notice in notices:
            self._held[notice.slot.talk.guid] = until
        self._wake.set()
        return False

    async def _view(
        self,
        session: AsyncSession,
        plan: RoomPlan,
        notices: Sequence[Notice],
        among: Collection[int] | None = None,
    ) -> _View:
        """With the best of all questions, or of those with the ids `among`."""
        found = await asked_in(session, plan, notices, among)
        message = self._plans.again(plan, notices, found.by_talk)
        steady = {talk: _without_votes(asked) for talk, asked in found.by_talk.items()}
        return _View(
            text=message.text,
            frame=_digest(self._plans.again(plan, notices, {})),
            shown=_hash(repr(sorted(steady.items()))),
            questions=[found.ids[number] for number in message.questions],
        )


def _current(plan: RoomPlan, now: datetime) -> list[tuple[str, Sequence[Notice]]]:
    """The messages that say which talks are on: for those that are, and, until the next one
    is told, the last."""
    if plan.room is None or not plan.edits:
        return []
    told = [n for n in plan.notices if n.kind is Kind.NOW and n.key in plan.told]
    last = max(told, key=lambda notice: notice.due, default=None)
    keys = {plan.told[n.key] for n in told if n is last or n.due <= now < n.expires}
    return [(key, notices) for key, notices in plan.messages().items() if key in keys]


def _is_on(notices: Iterable[Notice], now: datetime) -> bool:
    return any(n.kind is Kind.NOW and n.due <= now < n.expires for n in notices)


def _without_votes(asked: Asked) -> Asked:
    """What makes it another board: not a vote that changes no order, nor how many more
    questions there are, unless that has doubled."""
    entries = tuple(replace(entry, votes=0) for entry in asked.entries)
    more = asked.open - len(entries)
    return replace(asked, entries=entries, open=len(entries) + (1 << more.bit_length()) // 2)


def _row(key: str, view: _View, now: datetime) -> Board:
    return Board(message_key=key, frame=view.frame, shown=view.shown, edited_at=now, edits=0)


def _digest(message: Message) -> str:
    return _hash(message.text.html)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
