"""Letters: what was not reached in a talk goes to its speakers, to be answered in writing.

A letter is wanted, then sent, reminded of, closed. Each step is one transaction with what
is said. Only a direct chat must be made on the homeserver: the next try is put off before,
and looks first for what this one may have made.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.changes import Changes, QuestionsChanged
from fosdembot.clock import Clock
from fosdembot.conference.hosts_of_talk import HostsOfTalk
from fosdembot.conference.letter_chats import Chats
from fosdembot.conference.letter_texts import MOST, Writer, unreached
from fosdembot.conference.programme import Programme
from fosdembot.conference.speakers import speakers_of
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.errors import is_transient
from fosdembot.db.question_tables import Letter, Question, Shown
from fosdembot.matrix.api import HomeserverAway, MatrixError
from fosdembot.questions.answers import unanswered
from fosdembot.questions.shown import forget, show
from fosdembot.questions.states import State

UNDER_WAY = timedelta(seconds=10)
"""On the wall: so long the homeserver may be busy with a request that was cut off."""
TRIES = 3
"""So often somebody who cannot be written to is tried."""
TRIES_AWAY = 7
"""So often, over hours, where the person's homeserver cannot be reached."""
LOOK_AGAIN = 30.0
"""Seconds at most between two looks; on a fast clock, a minute of the conference."""
_SHORTEST_WAIT = 0.2
_AT_ONCE = 50
"""Rooms that are read together."""
_DAY = timedelta(days=1)
INVITE_BLOCKED = "M_INVITE_BLOCKED"
_REMINDER, _REFUSED = "/reminder", "/refused"
_T = TypeVar("_T")


class Letters:
    """The only writer of `letters`."""

    def __init__(
        self,
        database: Database,
        programme: Programme,
        hosts: HostsOfTalk,
        chats: Chats,
        writer: Writer,
        clock: Clock,
        changes: Changes,
        log: logging.Logger,
    ) -> None:
        self._database = database
        self._programme = programme
        self._hosts = hosts
        self._chats = chats
        self._settings = settings = writer.settings
        self._clock = clock
        self._changes = changes
        self._log = log
        self._writer = writer
        self._watch = database.watch(Question, Letter, Shown)
        self._nothing_as_of: int | None = None
        """Its version when no question waited to be reached, nor any letter for its time."""
        self._told: set[str] = set()
        """Talks of which hosts know already that there is nobody to write to."""
        self._without_chat: list[tuple[str, str]] = []
        """Letters for which a direct chat is to be made now."""
        self._refusals: Counter[tuple[str, str]] = Counter()
        limits = settings.questions
        self._open_for = timedelta(days=limits.letter_days)
        # Whom a letter went to is forgotten after that: it would be written again.
        self._wanted_for = timedelta(days=min(limits.letter_days, limits.keep_names_days))

    def _between(self) -> float:
        now = self._clock.now()
        minute = self._clock.to_wall(now + timedelta(minutes=1)) - self._clock.to_wall(now)
        return min(max(minute.total_seconds(), _SHORTEST_WAIT), LOOK_AGAIN)

    async def step(self) -> float:
        """Do what is due, once. Returns the seconds until the next look. Raises `MatrixError` and
        `HomeserverAway`."""
        await self._look()
        return self._between()

    async def _look(self) -> None:
        version = self._watch.version
        if self._settings.rehearsal.room or version == self._nothing_as_of:
            return
        async with self._database.read() as session:
            asked = await self._asked(session)
            lacking = await self._lacking(session, asked)
            letters, erased = await self._waiting(session)
            if not (asked or letters or erased or await self._are_open(session)):
                self._nothing_as_of = version
                return
        if lacking:
            await self._each(lacking, self._want)
            async with self._database.read() as session:
                letters, erased = await self._waiting(session)
        await self._each(letters, self._go_on)
        await self._each(erased, self._say_anew)
        if not self._without_chat:
            return
        # Last: only that waits for the homeserver.
        async with self._database.read() as session:
            without = [await session.get(Letter, key) for key in self._without_chat]
        self._without_chat.clear()
        await self._each([letter for letter in without if letter is not None], self._begin)

    async def _waiting(
        self, session: AsyncSession
    ) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
        """The letters that are due, the earliest first, and what is to be said anew."""
        due = await session.scalars(
            select(Letter)
            .where(Letter.state != "closed", Letter.due <= self._clock.now())
            .order_by(Letter.due, Letter.talk, Letter.person)
        )
        letters = [(letter.talk, letter.person) for letter in due]
        return letters, (await session.scalars(_erased())).all()

    async def _each(self, items: Iterable[_T], work: Callable[[_T], Awaitable[None]]) -> None:
        """One that fails by a fault of ours keeps no other from being written."""
        for item in items:
            try:
                await work(item)
            except Exception as err:
                if is_transient(err) or isinstance(err, HomeserverAway | MatrixError):
                    raise
                self._log.exception("A letter could not be written: %s", item)

    # Which are wanted.

    async def _asked(self, session: AsyncSession) -> Sequence[str]:
        """The talks with questions that wait."""
        waiting = select(Question.talk).where(Question.state.in_((State.OPEN, State.STARRED)))
        return (await session.scalars(waiting.distinct().order_by(Question.talk))).all()

    async def _are_open(self, session: AsyncSession) -> bool:
        """Whether there are letters for which there will be something to do."""
        found = select(Letter.talk).where(Letter.state != "closed").limit(1)
        return await session.scalar(found) is not None

    async def _lacking(self, session: AsyncSession, talks: Sequence[str]) -> list[str]:
        """Of these talks those that are over, and whose questions somebody should hear of."""
        if not talks:
            return []
        speakers = await self._speakers(session, talks)
        written = {
            (letter.talk, letter.person)
            for letter in await session.execute(select(Letter.talk, Letter.person))
        }
        lacking = []
        for talk in talks:
            persons = speakers[talk]
            known = talk in self._told
            if persons:
                known = all((talk, person) in written for person in persons)
            if not known:
                lacking.append(talk)
        ends = await self._ends(session, lacking)
        return [talk for talk in lacking if self._is_time(ends.get(talk))]

    async def _ends(self, session: AsyncSession, talks: Iterable[str]) -> dict[str, datetime]:
        """When the talks that are not long over end, as they really take place."""
        now, ends, addresses = self._clock.now(), {}, set()
        for talk in talks:
            published = self._programme.talks.get(talk)
            if published is not None and now - published.end <= self._wanted_for + _DAY:
                ends[talk] = published.end
                addresses.add(self._programme.address_for(published))
        there = sorted(address for address in addresses if address is not None)
        for first in range(0, len(there), _AT_ONCE):
            rooms = await self._programme.rooms(session, there[first : first + _AT_ONCE])
            slots = [slot for room in rooms.values() for slot in room.slots]
            ends |= {slot.talk.guid: slot.end for slot in slots if slot.talk.guid in ends}
        return ends

    def _is_time(self, ended: datetime | None) -> bool:
        """Whether a talk ended some minutes ago and not long ago."""
        if ended is None:
            return False
        after = timedelta(minutes=self._settings.questions.letter_minutes)
        return after <= self._clock.now() - ended <= self._wanted_for

    async def _want(self, talk: str) -> None:
        now = self._clock.now()
        async with self._database.write() as session:
            persons = (await self._speakers(session, [talk]))[talk]
            questions = unreached(await unanswered(session, talk, persons))
            if not questions:
                return
            for person in persons:
                if await session.get(Letter, (talk, person)) is None:
                    session.add(
                        Letter(
                            talk=talk,
                            person=person,
                            state="wanted",
                            due=now,
                            closes=now + self._open_for,
                            questions=0,
                        )
                    )
            if not persons:
                text = self._writer.no_speaker(talk, questions)
                key = self._chats.key(talk, "")
                await self._hosts.tell(session, talk, key, text)
                session.after_commit(lambda: self._told.add(talk))

    async def _speakers(self, session: AsyncSession, talks: Sequence[str]) -> dict[str, list[str]]:
        return await speakers_of(session, self._programme, self._settings, talks)

    # Their way.

    async def _go_on(self, key: tuple[str, str]) -> None:
        async with self._database.write() as session:
            letter = await session.get(Letter, key)
            if letter is None:
                return
            if letter.state == "sent":
                await self._remind(session, letter)
            elif letter.state == "reminded":
                letter.state = "closed"
            elif not await self._write(session, letter):
                letter.due = self._next_try(key)
                session.after_commit(lambda: self._without_chat.append(key))

    def _next_try(self, key: tuple[str, str]) -> datetime:
        wall = self._clock.to_wall(self._clock.now())
        return self._clock.from_wall(wall + UNDER_WAY * 4 ** self._refusals[key])

    async def _claim(self, letter: Letter) -> bool:
        """Whether this run may make the chat now: not if another run has begun to since
        `letter` was read, which may be long ago."""
        key = letter.talk, letter.person
        async with self._database.write() as session:
            current = await session.get(Letter, key)
            if current is None or (current.state, current.due) != ("wanted", letter.due):
                return False
            current.due = max(self._next_try(key), current.due + timedelta(microseconds=1))
        return True

    async def _begin(self, letter: Letter) -> None:
        """Make the direct chat for a letter, and write it."""
        key = letter.talk, letter.person
        try:
            chat = await self._chats.make(letter, self._claim)
        except HomeserverAway as err:
            # If it is ours, this fails as well, and everything waits.
            await self._chats.ask_homeserver()
            await self._failed(letter, err, TRIES_AWAY)
            return
        except MatrixError as err:
            if err.retry_after is not None or err.status == 401:
                raise
            await self._failed(letter, err, TRIES)
            return
        async with self._database.write() as session:
            current = await session.get(Letter, key)
            if chat is not None and current is not None and current.state == "wanted":
                current.room_id = chat
                await self._write(session, current)

    async def _failed(self, letter: Letter, err: Exception, tries: int) -> None:
        """Somebody could not be invited: the others must not wait for that."""
        key = letter.talk, letter.person
        self._log.warning("%s cannot be written to: %s", letter.person, err)
        self._refusals[key] += 1
        blocked = isinstance(err, MatrixError) and err.errcode == INVITE_BLOCKED
        if blocked or self._refusals[key] >= tries:
            await self._give_up(key, blocked)

    async def _write(self, session: WriteSession, letter: Letter) -> bool:
        """Say what was not reached, if anything; False where there is no chat to say it in."""
        persons = (await self._speakers(session, [letter.talk]))[letter.talk]
        questions = await unanswered(session, letter.talk, persons)
        if not unreached(questions):
            await session.delete(letter)
            return True
        chat = await self._chats.find(session, letter)
        if chat is None:
            return False
        now = self._clock.now()
        letter.room_id, letter.state = chat, "sent"
        letter.due, letter.closes = now + self._open_for / 2, now + self._open_for
        letter.questions = len(questions)
        self._changes.publish(session, QuestionsChanged(frozenset({letter.talk})))
        key = self._chats.key(letter.talk, letter.person)
        await self._say(session, key, letter, questions, chat)
        return True

    async def _remind(self, session: WriteSession, letter: Letter) -> None:
        questions = unreached(await unanswered(session, letter.talk))
        chat = await self._chats.find_again(session, letter)
        if questions and chat is not None:
            key = self._chats.key(letter.talk, letter.person) + _REMINDER
            await self._say(session, key, letter, questions, chat)
        letter.state, letter.due = "reminded", letter.closes

    async def _give_up(self, key: tuple[str, str], blocked: bool) -> None:
        """Nobody of that name can be invited: hosts may know another. `blocked`: they take no
        invitations at all."""
        async with self._database.write() as session:
            letter = await session.get_one(Letter, key)
            letter.state = "closed"
            questions = unreached(await unanswered(session, letter.talk))
            text = self._writer.refused(letter, questions, blocked)
            refused = self._chats.key(*key) + _REFUSED
            await self._hosts.tell(session, letter.talk, refused, text)

    async def _say(
        self,
        session: WriteSession,
        key: str,
        letter: Letter,
        questions: Sequence[Question],
        chat: str,
    ) -> None:
        page = await self._writer.links.of(session, letter, chat, self._clock.now())
        text = self._writer.letter(letter, questions, page, reminder=_REMINDER in key)
        await self._chats.say(session, key, chat, letter, text)
        ids = [question.id for question in questions[:MOST]]
        await show(session, key, ids, renewed=False)

    async def _say_anew(self, key: str) -> None:
        """A message was taken back with a question that its asker had redacted: the others
        shall not be lost."""
        async with self._database.write() as session:
            ids = await session.scalars(select(Shown.question_id).where(Shown.message_key == key))
            question = await session.get_one(Question, ids.first())
            await forget(session, [key])
            letters = await session.scalars(select(Letter).where(Letter.talk == question.talk))
            for letter in letters:
                if letter.state in ("sent", "reminded") and key.startswith(
                    self._chats.key(letter.talk, letter.person)
                ):
                    questions = unreached(await unanswered(session, letter.talk))
                    chat = await self._chats.find_again(session, letter)
                    if questions and chat is not None:
                        await self._say(session, f"{key}/anew", letter, questions, chat)


def _erased() -> Select[str]:
    """Keys of letters that named a question which is redacted."""
    return (
        select(Shown.message_key)
        .join(Question, Question.id == Shown.question_id)
        .where(Shown.message_key.startswith("letter/"), Question.text == "")
        .distinct()
    )
