"""The desk: the only writer of questions, votes and their log.

Everything happens in the transaction of its cause. Who may do it is decided by the caller;
what is possible at all, here and in the database. What people are told of it is decided by
those who hear the desk's events, which each change ends with (see `events`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from fosdembot.changes import Changes, QuestionsChanged, TalksChanged
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionLog, Shown, TalkQuestions
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.settings import QuestionSettings

from . import board, log, lookup, merging, rehoming, scopes
from .by import By
from .events import Asked, Changed, Hears, Redacted, Rehomed, Taken, nobody
from .exact import ExactCounts
from .guests import is_guest
from .new_question import NewQuestion, alike, check_number, checked, row
from .refusals import Refusal, Refused
from .states import UNDECIDED, Action, State, Status, after, after_edit
from .status import close_answering, set_status, status_of
from .undoing import can_go_back, gather
from .votes import BarReason, Cast, Votes, hold

LIFTED_BY_UNMUTE: tuple[BarReason, ...] = ("muted", "relay")


class Desk:
    def __init__(
        self,
        settings: QuestionSettings,
        changes: Changes,
        hears: Hears = nobody,
        exact: ExactCounts | None = None,
        guests_rank: bool = False,
    ) -> None:
        self._settings = settings
        self._changes = changes
        self.open_per_person = settings.open_per_person
        self.votes = Votes(settings, exact, guests_rank=guests_rank)
        self.hears = hears

    # Asking.

    async def ask(self, session: WriteSession, new: NewQuestion) -> tuple[Question, int | None]:
        """Take a question in. Returns it, and the number of an earlier one that is alike.
        Raises `Refused`."""
        scope = await scopes.scope_of(session, new.room)
        text = self.checked(new.text)
        if not new.trusted and await self.is_closed(session, new.talk):
            raise Refused(Refusal.CLOSED)
        await self.check_asker(session, scope, new.asker)
        await check_number(session, new, text, self._settings)
        same = await alike(session, new.talk, text)
        held = is_guest(new.asker) or await self.is_moderated(session, new.room)
        state = State.PENDING if held and not new.trusted else State.OPEN
        number = await scopes.next_number(session, scope)
        question = row(new, scope, number, text, state)
        session.add(question)
        await session.flush()
        question.root = question.id
        by = By(new.asker, new.marked or new.cause, new.at)
        log.write(session, question, log.ASK, by, None, False)
        talks = {new.talk}
        if new.relayed and new.relay:
            talks |= await self.votes.bar(session, scope, new.asker, "relay")
        self._signal(session, talks)
        await self.hears(session, Asked(question, same))
        return question, same

    def checked(self, text: str) -> str:
        """A question's text as it is kept. Raises `Refused` where it is too long or empty."""
        return checked(text, self._settings.longest)

    async def check_asker(self, session: WriteSession, scope: str, asker: str) -> None:
        """Raises `Refused` where somebody may not ask any more."""
        if await self.votes.bars(session, scope, asker) & {"membership", "muted"}:
            raise Refused(Refusal.BARRED)

    async def edit(self, session: WriteSession, question: Question, text: str, by: By) -> bool:
        """The asker's message says something else now; whether the question follows.
        Raises `Refused` where it would, but is too long or empty, or the asker may not ask
        any more."""
        moderated = await self.is_moderated(session, question.room_id)
        status = after_edit(status_of(question), moderated)
        if status is None:
            return False
        text = self.checked(text)
        if text == question.text:
            return False
        if question.asker is not None:
            await self.check_asker(session, question.scope, question.asker)
        before, old = log.fields(question), question.text
        set_status(question, status, by.at)
        question.text = text
        log.write(session, question, "edit", by, before, False, old_text=old, new_text=text)
        self._signal(session, {question.talk})
        await self.hears(session, Changed([question]))
        return True

    async def put_back(self, session: WriteSession, question: Question, text: str, by: By) -> bool:
        """The edit by which a question came to its text is redacted: it says what it said
        before, whatever was decided since. Where a moderator looks first, it waits again.
        Returns whether it said something else. Raises `Refused` where that is no question."""
        if not await self.reword(session, question, text, by):
            return False
        await self.hears(session, Changed([question]))
        return True

    async def reword(self, session: WriteSession, question: Question, text: str, by: By) -> bool:
        """As `put_back`; the caller sees to who hears of it."""
        text = self.checked(text)
        if text == question.text:
            return False
        moderated = await self.is_moderated(session, question.room_id)
        before, status = log.fields(question), after_edit(status_of(question), moderated)
        if status is None and question.state == State.ANSWERING:
            status = Status(State.PENDING)
        if status is not None:
            set_status(question, status, by.at)
        question.text = text
        log.write(session, question, "edit", by, before, False, new_text=text)
        self._signal(session, {question.talk})
        return True

    async def redact(self, session: WriteSession, question: Question, by: By) -> Sequence[Shown]:
        """The asker's message is redacted: the question is withdrawn, and its text gone.
        Returns the messages of ours in which it still stands."""
        touched = await lookup.with_merged(session, question)
        question.text = ""
        await log.forget_texts(session, question)
        if question.state != State.WITHDRAWN:
            await self._take_back(session, question, log.REDACT, by)
        else:
            log.write(session, question, log.REDACT, by, log.fields(question), False)
        talks = {question.talk}
        if question.relayed and question.asker is not None:
            talks |= await self.votes.lift_relay(session, question.scope, question.asker)
        self._signal(session, talks)
        query = select(Shown).where(Shown.question_id == question.id)
        shown = (await session.scalars(query)).all()
        await self.hears(session, Changed(touched))
        await self.hears(session, Redacted(question, shown))
        return shown

    async def reopen(self, session: WriteSession, question: Question, text: str, by: By) -> None:
        """A question that was taken back is asked again as a new one would be; the caller
        checks, and sees to who hears of it (see `retracting`)."""
        before = log.fields(question)
        moderated = await self.is_moderated(session, question.room_id)
        set_status(question, Status(State.PENDING if moderated else State.OPEN), by.at)
        question.text = text
        log.write(session, question, log.ASK, by, before, False)
        await self._settle(session, question.scope, {question.talk})

    # Decisions.

    async def act(
        self, session: WriteSession, question: Question, action: Action, by: By
    ) -> Sequence[Question]:
        """Do what `by` wants with the question. Returns the questions that stand otherwise
        now, that one first (none: it stood so already). Raises `Refused`."""
        if action is Action.WITHDRAW:
            if question.state not in UNDECIDED:
                raise Refused(Refusal.STATE)
            touched = await lookup.with_merged(session, question)
            await self._take_back(session, question, action, by)
            await self.hears(session, Changed(touched))
            return [question]
        status = after(status_of(question), action)
        if status is None:
            raise Refused(Refusal.STATE)
        if status == status_of(question):
            return []
        changed = [question]
        if action is Action.TAKE:
            changed += await close_answering(session, question.talk, by)
        before = log.fields(question)
        question.merged_into = None
        set_status(question, status, by.at)
        log.write(session, question, action, by, before, True)
        await self._settle(session, question.scope, {question.talk})
        await self.hears(session, Changed(changed))
        if action is Action.TAKE:
            await self.hears(session, Taken(question, by.cause))
        return changed

    async def merge(
        self, session: WriteSession, question: Question, into: Question, by: By
    ) -> None:
        """Its voters and askers go to `into`. Raises `Refused`."""
        if question.talk != into.talk:
            raise Refused(Refusal.OTHER_TALK)
        if question.id in (into.id, into.root):
            raise Refused(Refusal.ITSELF)
        if question.state not in UNDECIDED or await merging.is_lost(session, into):
            raise Refused(Refusal.STATE)
        before = log.fields(question)
        question.merged_into = into.id
        set_status(question, Status(State.MERGED), by.at)
        log.write(session, question, Action.MERGE, by, before, True)
        await self._settle(session, question.scope, {question.talk})
        await self.hears(session, Changed([question]))

    async def move(
        self, session: WriteSession, question: Question, talk: str, by: By, *, decided: bool
    ) -> None:
        """The question, with those merged into it, is for another talk of the room.
        `decided`: by a moderator, who may take it back. Raises `Refused`."""
        if question.state not in UNDECIDED:
            raise Refused(Refusal.STATE)
        if question.talk == talk:
            return
        talks = {question.talk, talk}
        group = await lookup.group(session, question)
        for each in group:
            before = log.fields(each)
            each.talk = talk
            if each.state in (State.ANSWERING, State.STARRED):
                set_status(each, Status(State.OPEN), by.at)
            log.write(session, each, log.MOVE, by, before, decided)
        self._signal(session, talks)
        await self.hears(session, Changed(group))

    async def follow(self, session: WriteSession, talk: str, room: str, at: datetime) -> None:
        """The talk takes place in another Matrix room now: what waits for it goes along."""
        questions = await rehoming.waiting(session, talk)
        moved = [await self.rehome(session, question, room, at) for question in questions]
        if questions:
            await self.hears(session, Rehomed(talk, [each for group in moved for each in group]))

    async def rehome(
        self, session: WriteSession, question: Question, room: str, at: datetime
    ) -> list[Question]:
        """One of these, into which others may be merged (see `rehoming`). Returns those that
        went; the caller sees to who hears of it."""
        before = question.scope
        moved = await rehoming.rehome(session, question, room, at)
        for relay in {each.asker for each in moved if each.relayed and each.asker}:
            if "relay" in await self.votes.bars(session, before, relay):
                await self.votes.bar(session, question.scope, relay, "relay")
        if moved:
            talks = {question.talk} | await self.votes.recount(session, [question.id])
            self._signal(session, talks)
        return moved

    async def undo(
        self, session: WriteSession, entries: Sequence[QuestionLog], by: By
    ) -> list[Question]:
        """Take decisions back (see `log`), the newest first. A question that something else
        became of since stays as it is. Returns those that stand as before."""
        restored = await self.revert(session, entries, by)
        await self.hears(session, Changed(restored))
        return restored

    async def revert(
        self, session: WriteSession, entries: Sequence[QuestionLog], by: By
    ) -> list[Question]:
        """As `undo`; the caller sees to who hears of it."""
        restored: list[Question] = []
        talks: set[str] = set()
        for entry in entries:
            entry.can_undo = False
            question = await session.get_one(Question, entry.question_id)
            now = log.fields(question)
            if not await can_go_back(session, question, entry):
                continue
            before = entry.before or {}
            for name, value in before.items():
                setattr(question, name, value)
            if before.keys() & {"state", "skipped"}:
                question.state_at = by.at
            talks |= {now["talk"], question.talk}
            log.write(session, question, "undo", by, now, False)
            await session.flush()
            restored.append(question)
        for scope in {question.scope for question in restored}:
            await self._settle(session, scope, talks)
        for root in {question.root for question in restored}:
            await gather(session, root, by)
        return restored

    # Rooms, talks and people.

    async def is_moderated(self, session: WriteSession, room: str) -> bool:
        return await scopes.is_moderated(session, room, self._settings.moderated)

    async def set_moderated(
        self, session: WriteSession, room: str, moderated: bool, by: By
    ) -> None:
        row = await scopes.question_room(session, room)
        row.moderated = moderated
        log.write_for_room(session, row.scope, "moderated" if moderated else "unmoderated", by)
        addresses = frozenset(await addresses_of(session, room))
        self._changes.publish(session, TalksChanged(addresses))

    async def is_closed(self, session: WriteSession, talk: str) -> bool:
        return await board.is_closed(session, talk)

    async def set_closed(
        self, session: WriteSession, room: str, talk: str, closed: bool, by: By
    ) -> None:
        await session.merge(TalkQuestions(talk=talk, closed=closed))
        scope = await scopes.scope_of(session, room)
        log.write_for_room(session, scope, "close" if closed else "open", by, talk=talk)
        self._signal(session, {talk})

    async def mute(self, session: WriteSession, room: str, person: str, by: By) -> None:
        """They may neither ask nor vote in the room, until `unmute`."""
        scope = await scopes.scope_of(session, room)
        log.write_for_room(session, scope, "mute", by, person=person)
        self._signal(session, await self.votes.bar(session, scope, person, "muted"))

    async def unmute(self, session: WriteSession, room: str, person: str, by: By) -> None:
        scope = await scopes.scope_of(session, room)
        log.write_for_room(session, scope, "unmute", by, person=person)
        for reason in LIFTED_BY_UNMUTE:
            self._signal(session, await self.votes.lift(session, scope, person, reason))

    async def membership(
        self, session: WriteSession, room: str, person: str, membership: str, removed: bool
    ) -> None:
        """Somebody's `membership` of a room is another; `removed`: not by himself."""
        scope = await scopes.scope_of(session, room)
        if self.bars_voter(membership, removed):
            self._signal(session, await self.votes.bar(session, scope, person, "membership"))
        elif membership == "join":
            self._signal(session, await self.votes.lift(session, scope, person, "membership"))

    def bars_voter(self, membership: str, removed: bool) -> bool:
        """Whether whose membership becomes this may not vote any more; as `membership`."""
        gone = membership == "leave" and (removed or self._settings.leaving_withdraws_votes)
        return gone or membership == "ban"

    # Votes.

    async def vote(
        self, session: WriteSession, question: Question, person: str, cause: str
    ) -> None:
        self._signal(session, await self.votes.cast(session, question, person, cause))

    async def vote_all(self, session: WriteSession, casts: Sequence[Cast]) -> None:
        """As `vote` for each of them, in a few statements."""
        changed = await (await session.connection()).run_sync(self.votes.cast_all, casts)
        hold(session, changed)
        self._signal(session, {each.talk for each in changed})

    def vote_at_once(self, connection: Connection, casts: Sequence[Cast]) -> Callable[[], None]:
        """The same without a session; returns what is to be done after the commit."""
        cast = self.votes.cast_at_once(connection, casts)

        def tell() -> None:
            cast.committed()
            if cast.talks:
                self._changes.tell(QuestionsChanged(cast.talks))

        return tell

    async def unvote(self, session: WriteSession, question: Question, person: str) -> None:
        self._signal(session, await self.votes.unvote(session, question, person))

    async def hall_vote(
        self, session: WriteSession, question: Question, guest: str, wanted: bool
    ) -> None:
        """A guest in the hall is for a question, or no more."""
        change = self.votes.hall.cast if wanted else self.votes.hall.take_back
        self._signal(session, await change(session, question, guest))

    async def retract_vote(self, session: WriteSession, cause: str) -> None:
        """What somebody voted by, perhaps, is taken back."""
        self._signal(session, await self.votes.retract(session, cause))

    # How it is done.

    async def _take_back(
        self, session: WriteSession, question: Question, action: str, by: By
    ) -> None:
        before, status, into = log.fields(question), status_of(question), question.merged_into
        question.merged_into = None
        set_status(question, Status(State.WITHDRAWN), by.at)
        await session.flush()
        await merging.release(session, question, status, into)
        log.write(session, question, action, by, before, False)
        await self._settle(session, question.scope, {question.talk})

    async def _settle(self, session: WriteSession, scope: str, talks: set[str]) -> None:
        touched = await merging.settle_roots(session, scope)
        self._signal(session, talks | await self.votes.recount(session, touched))

    def _signal(self, session: WriteSession, talks: Collection[str]) -> None:
        if talks:
            self._changes.publish(session, QuestionsChanged(frozenset(talks)))
