"""The board: the message that says which talk is on shows the best of its questions.

It is edited when that which it says is not true any more: at once where its title or its
end is another, or where it shows what nobody may read any more; within limits where other
questions are the best. All are the same edit, made from what is true in its transaction,
so that none takes back another.

The message itself never has a question's text, only its edits have: of a message nothing
else can be taken back while it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.board_messages import (
    BoardMessage,
    BoardView,
    Views,
    board_sent_as,
    boards_in,
    new_key,
    new_row,
    newest,
    says_to_json,
)
from fosdembot.conference.due_talks import DueTalks
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.pins import Pins
from fosdembot.conference.plans import Plans, RoomPlan
from fosdembot.conference.programme import Programme
from fosdembot.conference.told_notices import hand_over, retell
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.question_tables import Board
from fosdembot.matrix.content import notice as notice_content
from fosdembot.matrix.outbox import Outbox, edit_key
from fosdembot.matrix.wake import Wake
from fosdembot.questions.shown import show_only, shown_in
from fosdembot.questions.states import HIDDEN
from fosdembot.settings import Settings
from fosdembot.talks.board_content import BoardContent, Room, is_on
from fosdembot.talks.notices import Kind

SETTLES = timedelta(seconds=3)
"""Between two looks at a board: what comes thick and fast is looked at together."""
MOST_AGAIN = 2
"""Times that the board of a talk is posted anew because it was deleted: then whoever deletes it
means it."""


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
        user_id: str,
    ) -> None:
        self._database = database
        self._programme = programme
        self._plans = plans
        self._views = Views(plans)
        self._outbox = outbox
        self._clock = clock
        self._pins = Pins(outbox, settings, user_id)
        self._prefix = settings.command_prefix
        self._rest = timedelta(seconds=settings.questions.board_seconds)
        self._most_edits = settings.questions.board_edits
        self._due = DueTalks(clock, min(SETTLES, self._rest))

    def changed(self, talks: Collection[str]) -> None:
        """The questions to these talks (guids) are not what they were. Costs next to nothing:
        it is called for every vote."""
        self._due.changed(talks)

    @property
    def wake(self) -> Wake:
        """Set where a look may be due earlier than it was."""
        return self._due.wake

    async def step(self) -> float | None:
        """Look at the boards that changed, where their time has come. Returns the seconds until
        the next look is due; None: nothing is to be looked at."""
        for talk in self._due.due():
            self._due.begin(talk)
            try:
                await self._look(talk)
            except Exception:
                self._due.failed(talk)
                raise
        return self._due.seconds_left()

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
        """Let the messages of a room that say which talks are on say what is true, as far as
        the limits allow what they say of questions; and pin those that do."""
        for board, view, counts in await self._outdated(session, plan):
            if board.deleted and not counts:
                board.row.says = says_to_json(view.content.says)
            elif board.deleted or not plan.edits:
                await self._replace(session, plan, board, view)
            else:
                await self._edit(session, plan, board.key, view, counts=counts)
        await self._pin(session, plan)

    async def begin(self, session: WriteSession, plan: RoomPlan, key: str) -> None:
        """The message with this key was told, without questions; those that were asked
        before are its first edit."""
        talks = {n.slot.talk.guid for n in plan.messages()[key] if n.kind is Kind.NOW}
        plan.ahead.told(key)
        earlier = await boards_in(session, plan)
        posted = [board.row.posted_again for board in earlier if talks & board.says.keys()]
        content = self._room(plan).content(plan.messages()[key], {}, is_last=True)
        await self._first(session, plan, key, content, max(posted, default=0))

    async def saying(self, session: AsyncSession, plan: RoomPlan, talk: str) -> str | None:
        """The key of the message that says that a talk is on."""
        now = self._clock.now()
        for board in reversed(await boards_in(session, plan)):
            end = board.says.get(talk)
            if end is not None and end > now:
                return board.key
        return None

    async def post(self, session: WriteSession, plan: RoomPlan) -> bool:
        """Somebody wants to see what is on: post it anew in place of the messages that say it.
        Whether there are any."""
        boards = await boards_in(session, plan)
        room, posted = self._room(plan), False
        for board in boards:
            content = self._content(room, board, boards)
            if not content.is_on(self._clock.now()):
                continue
            view = await self._views.of(session, plan, content)
            await self._anew(session, plan, board, view, board.row.posted_again)
            if not board.deleted:
                await self._outbox.redact(session, f"redact/{board.key}", board.key)
            posted = True
        posted = posted or await self._post_unsaid(session, plan)
        await self._pin(session, plan)
        return posted

    async def _post_unsaid(self, session: WriteSession, plan: RoomPlan) -> bool:
        """Say what is on where no message says it, as in a room that took another's place since.
        Whether anything is."""
        now = self._clock.now()
        on = [n for n in plan.notices if n.kind is Kind.NOW and is_on(n, now)]
        if not on:
            return False
        content = self._room(plan).content(on, {}, is_last=True)
        key = await self._put(session, plan, await self._views.of(session, plan, content), 0)
        for notice in on:
            await retell(session, plan.address, plan.names, notice.key, key)
            plan.told[notice.key] = key
        return True

    async def deleted(self, session: WriteSession, event_id: str, room: str) -> bool:
        """Somebody took the message with this event's id out of its room; whether it was a
        board. Its edits, which say the same, follow it."""
        key = await board_sent_as(session, event_id, room)
        if key is not None:
            await self._outbox.redact(session, f"redact/{key}", key)
        return key is not None

    async def erase(self, session: WriteSession, plan: RoomPlan, key: str) -> None:
        """A question in the message with this key was redacted: that leaves it at once,
        whatever the limits are."""
        boards = await boards_in(session, plan)
        board = next((board for board in boards if board.key == key), None)
        content = None if board is None else self._content(self._room(plan), board, boards)
        if content is not None and not content.is_empty and plan.edits:
            left = [question.id for question in await shown_in(session, key)]
            view = await self._views.of(session, plan, content, left)
            await self._edit(session, plan, key, view, counts=True)
        else:
            await self._outbox.redact(session, f"redact/{key}", target=key)

    # What is put in the outbox.

    async def _first(
        self, session: WriteSession, plan: RoomPlan, key: str, content: BoardContent, posted: int
    ) -> None:
        """The message with this key says it from now on, as yet without questions."""
        without = await self._views.of(session, plan, content, among=())
        row = new_row(key, plan, without, self._clock.now())
        row.posted_again = posted
        if not plan.ahead.keep(row):
            await session.merge(row)
            await session.flush()
        else:
            session.add(row)
        view = await self._views.of(session, plan, content)
        if plan.edits and view.questions and self._most_edits:
            await self._edit(session, plan, key, view, counts=True)

    async def _edit(
        self, session: WriteSession, plan: RoomPlan, key: str, view: BoardView, *, counts: bool
    ) -> None:
        """`counts`: the limits know of it."""
        content = notice_content(view.text)
        if plan.room is not None:
            content = await self._outbox.fitted(session, plan.room, content)
        if await self._outbox.says(session, key) not in (None, content):
            await self._outbox.edit(session, key, content)
        row = plan.ahead.board(key) or await session.get(Board, key)
        if row is None:
            plan.ahead.boards = None
            row = new_row(key, plan, view, self._clock.now())
            session.add(row)
        row.frame, row.shown, row.says = view.frame, view.shown, says_to_json(view.content.says)
        if counts:
            row.edits, row.edited_at = row.edits + 1, self._clock.now()
        await show_only(session, key, edit_key(key), view.questions)

    async def _replace(
        self, session: WriteSession, plan: RoomPlan, board: BoardMessage, view: BoardView
    ) -> None:
        """Another message says it, where this one is gone or cannot be edited: one that says
        the same already, or a new one."""
        plan.ahead.boards = None
        says, row = view.content.says, board.row
        if board.deleted:
            await self._anew(session, plan, board, view, row.posted_again + 1)
            return
        if row.frame == view.frame:
            row.says = says_to_json(says)
            return
        if await is_paused(session, plan.address, self._programme):
            return
        row.says = says_to_json(dict.fromkeys(says) if view.off else says)
        if view.off and not self._room(plan).is_quiet:
            return  # What is on is said by another message.
        if not await self._pins.are_in(session, plan.room):
            return  # There is no pin that would be wrong, and the room has heard of it.
        for other in reversed(await boards_in(session, plan)):
            if other.row.frame == view.frame and not other.deleted:
                await self._hand_over(session, plan, board, other.key)
                other.row.says = says_to_json(says)
                return
        content = notice_content(view.text)
        if await self._outbox.rewrite(session, board.key, content, view.expires):
            row.frame, row.shown, row.says = view.frame, view.shown, says_to_json(says)
        else:
            await self._anew(session, plan, board, view, row.posted_again)

    async def _anew(
        self,
        session: WriteSession,
        plan: RoomPlan,
        board: BoardMessage,
        view: BoardView,
        posted: int,
    ) -> None:
        """Post what a board says as a new message, which takes its place."""
        key = await self._put(session, plan, view, posted)
        row = await session.get_one(Board, key)
        row.edits, row.edited_at = board.row.edits + 1, self._clock.now()
        await self._hand_over(session, plan, board, key)

    async def _put(self, session: WriteSession, plan: RoomPlan, view: BoardView, again: int) -> str:
        """Post it as a new message, whose key is returned."""
        assert plan.room is not None
        plan.ahead.boards = None
        key = await new_key(session, plan.room, view)
        bare = await self._views.of(session, plan, view.content, among=())
        await self._outbox.message(
            session, key, plan.room, notice_content(bare.text), view.urgency, expires=view.expires
        )
        await self._first(session, plan, key, view.content, again)
        return key

    async def _hand_over(
        self, session: WriteSession, plan: RoomPlan, board: BoardMessage, to: str
    ) -> None:
        board.row.says = says_to_json(dict.fromkeys(board.says))
        await hand_over(session, board.key, to)
        for notice, message in plan.told.items():
            plan.told[notice] = to if message == board.key else message

    async def _pin(self, session: WriteSession, plan: RoomPlan) -> None:
        boards = await boards_in(session, plan)
        room = self._room(plan)
        true = [
            board
            for board in boards
            if not board.deleted
            and await self._is_true(session, plan, board, self._content(room, board, boards))
        ]
        last = [board for board in true if board.key == newest(boards)]
        on = [board for board in true if board.says_on(self._clock.now())]
        await self._pins.put(session, plan.room, [board.key for board in on or last])

    async def _is_true(
        self, session: AsyncSession, plan: RoomPlan, board: BoardMessage, content: BoardContent
    ) -> bool:
        # Where messages are edited, it has the title that its talk has now.
        is_titled = plan.edits or not board.says_on(self._clock.now())
        if content.is_empty or (content.says == board.says and not content.off and is_titled):
            return True
        view = await self._views.of(session, plan, content, among=())
        return view.frame == board.row.frame

    # What is not true any more.

    async def _outdated(
        self, session: AsyncSession, plan: RoomPlan
    ) -> list[tuple[BoardMessage, BoardView, bool]]:
        """The boards that have something else to say now: what, and whether the limits count
        it."""
        if plan.room is None:
            return []
        found = []
        now, room, boards = self._clock.now(), self._room(plan), await boards_in(session, plan)
        for board in boards:
            content = self._content(room, board, boards)
            matters = board.says_on(now) or board.key == newest(boards) or content.is_on(now)
            if content.is_empty or not matters:
                continue
            view = await self._views.of(session, plan, content)
            changed = content.says != board.says
            corrects = view.off or changed or content.is_on(now)
            if board.deleted:
                comes_back = await self._may_come_back(session, plan, board, view)
                if comes_back or changed:
                    found.append((board, view, comes_back))
            elif board.is_new or changed or (corrects and board.row.frame != view.frame):
                found.append((board, view, False))
            elif plan.edits and board.row.shown != view.shown and not view.off:
                if await self._may_follow(session, plan, board, view):
                    found.append((board, view, True))
                elif (left := await self._without_hidden(session, plan, board, view)) is not None:
                    found.append((board, left, True))
        return found

    async def _may_come_back(
        self, session: AsyncSession, plan: RoomPlan, board: BoardMessage, view: BoardView
    ) -> bool:
        """Whether a board that somebody deleted is posted anew: for news, and not for ever."""
        if not view.content.is_on(self._clock.now()) or board.row.posted_again >= MOST_AGAIN:
            return False
        if (board.row.frame, board.row.shown) == (view.frame, view.shown):
            return False
        return await self._may_follow(session, plan, board, view)

    async def _without_hidden(
        self, session: AsyncSession, plan: RoomPlan, board: BoardMessage, view: BoardView
    ) -> BoardView | None:
        """What stands in the message without that which nobody may read any more; None: all
        of it may be read."""
        shown = await shown_in(session, board.key)
        if all(question.state not in HIDDEN for question in shown):
            return None
        # Nothing comes in its place: whoever asks and withdraws could edit without end.
        left = [question.id for question in shown]
        return await self._views.of(session, plan, view.content, left)

    async def _may_follow(
        self, session: AsyncSession, plan: RoomPlan, board: BoardMessage, view: BoardView
    ) -> bool:
        """Whether the questions of a board may be edited now; else it is looked at again
        when they may, if ever."""
        if board.row.edits >= self._most_edits:
            return False
        now, until = self._clock.now(), board.row.edited_at + self._rest
        if await is_paused(session, plan.address, self._programme):
            until = now + self._rest
        if not now < until <= now + self._rest:  # Later only if the clock was set back.
            return True
        self._due.hold([n.slot.talk.guid for n in view.content.notices], until)
        return False

    def _room(self, plan: RoomPlan) -> Room:
        talks, zone = self._programme.talks, self._programme.zone
        return Room(plan.notices, plan.slots, talks, self._clock.now(), zone, self._prefix)

    def _content(
        self, room: Room, board: BoardMessage, boards: Sequence[BoardMessage]
    ) -> BoardContent:
        return room.content(board.told, board.says, is_last=board.key == newest(boards))
