"""Questions in a direct chat with the bot: with a name, or without one (`!anon`), for a room that
is named, or that the chat is about anyway."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.actor import CHAT, Actor
from fosdembot.actions.asking import Ask
from fosdembot.actions.refused import Denial, Refused
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.direct import conversations
from fosdembot.chat.direct.conversations import Draft, current, draft_of, drop_draft
from fosdembot.chat.incoming import Edit, Message, Said
from fosdembot.chat.intake import Intake, replied, split_name
from fosdembot.chat.meant.room import Finder, some_names
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reading.message import ASK
from fosdembot.chat.runner import CommandRunner
from fosdembot.clock import Clock
from fosdembot.conference.addresses import short_name
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Conversation
from fosdembot.db.tables import Room
from fosdembot.matrix.members import display_name
from fosdembot.matrix.room_addresses import room_of
from fosdembot.questions import lookup
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, say

_NEAR = timedelta(days=1)
_ANON = "anon"
_CANCEL = "cancel"
_MARKS = " .,;:?!"


class DirectChats:
    def __init__(
        self,
        runner: CommandRunner,
        intake: Intake,
        views: RoomViews,
        finder: Finder,
        programme: Programme,
        rate_limit: RateLimit,
        clock: Clock,
        prefix: str,
    ) -> None:
        self._runner = runner
        self._intake = intake
        self._views = views
        self._finder = finder
        self._programme = programme
        self._rate_limit = rate_limit
        self._clock = clock
        self._prefix = prefix

    def table(self) -> Commands:
        return {_ANON: Entry(self._anon)}

    async def ask(self, command: Command, *, nameless: bool) -> Text | None:
        """Ask in the room that is named or else meant; where that is not clear, ask back and
        keep the question. Raises `Declined`."""
        session = command.session
        name, text = split_name(command.text)
        fitting = self._finder.fitting(name) if name else []
        if not fitting:
            text = command.text
        try:
            text = self._intake.asking.checked(text)
        except Refused as refused:
            raise Declined(self._runner.refusals.say(refused, command=command.word)) from None
        draft = Draft(command.sender, command.room, text, command.event_id, command.at, nameless)
        address = await self._replied(command) if not fitting else None
        if len(fitting) == 1:
            address = fitting[0]
        elif address is None and not fitting:
            address = await self._usual(session, command.sender, command.at)
        if address is not None:
            return await self._take(session, draft, address, command.reply_to)
        await conversations.keep(session, draft)
        return self._which(name, fitting)

    async def hear(self, session: WriteSession, message: Message) -> bool:
        """A message: whether it says for which room the question is that waits for that."""
        room, at = message.room, message.at
        chat = await session.get(Room, room)
        if chat is None or chat.direct_with is None:
            # Most that is said is said elsewhere; nothing is looked up for that.
            return False
        row = await current(session, message.sender, at)
        draft = draft_of(row) if row is not None else None
        if row is None or draft is None or draft.chat != room:
            return False
        if isinstance(message, Edit):
            edits_it = message.original == draft.event
            return edits_it and await self._edited(session, message.said, row, draft)
        if message.said is None:
            return False
        call = await self._runner.call(session, message)
        if call is not None and (call.word == _CANCEL or self._runner.knows(call.word)):
            drop_draft(row)
            return call.word == _CANCEL
        person, event_id = message.sender, message.event_id
        if self._rate_limit.allows(person, event_id, at):
            answer = await self._named(session, draft, message.said.text)
        else:
            first = self._rate_limit.is_first_refusal(person, event_id)
            answer = say(command_texts.TOO_MANY) if first else None
        if answer is not None:
            replies, thread = self._runner.replies, message.thread
            await replies.reply(session, room, event_id, answer, thread=thread)
        return True

    async def _edited(
        self, session: WriteSession, said: Said | None, row: Conversation, draft: Draft
    ) -> bool:
        """The message that asked the question that waits says something else now: whether it
        still asks."""
        call = said and self._runner.messages.call(said, direct=True)
        if not call or call.word not in (*ASK, _ANON):
            if call and self._runner.knows(call.word):
                drop_draft(row)
                return False
            return True
        with contextlib.suppress(Refused):
            text = self._intake.asking.checked(call.text)
            nameless = call.word == _ANON
            await conversations.keep(session, replace(draft, text=text, nameless=nameless))
        return True

    async def _named(self, session: WriteSession, draft: Draft, said: str) -> Text | None:
        """What comes of it that `said` shall name the room of `draft`."""
        words = said.strip(_MARKS)
        first, *_ = (*words.split(), "")
        fitting: list[str] = []
        for name in (said, words, first.strip(_MARKS)):
            if name and not fitting:
                fitting = self._finder.fitting(name)
        if len(fitting) != 1:
            return self._which(words, fitting)
        try:
            return await self._take(session, draft, fitting[0])
        except Declined as declined:
            return declined.answer

    async def _take(
        self, session: WriteSession, draft: Draft, address: str, reply_to: str | None = None
    ) -> Text | None:
        """Raises `Declined`."""
        await conversations.is_about(session, draft.person, draft.chat, address, draft.at)
        room = await room_of(session, address)
        if room is None:
            raise Declined(say(texts.NOT_IN_ROOM, room=short_name(address)))
        name = "" if draft.nameless else await display_name(session, draft.chat, draft.person)
        to = await replied(session, reply_to)
        ask = Ask(room=room, text=draft.text, name=name, reply_to=to, direct=True)
        actor = Actor(draft.person, face=CHAT, act=draft.event, at=draft.at, now=self._clock.now())
        return await self._intake.take(session, actor, ask)

    def _which(self, word: str, fitting: Sequence[str]) -> Text:
        rooms = some_names(list(fitting or self._programme.addresses()))
        template = texts.ASK_MANY_ROOMS if fitting else texts.ASK_WHICH_ROOM
        return say(template, p=self._prefix, word=clean(word, 60), rooms=rooms)

    async def _replied(self, command: Command) -> str | None:
        """The address of the room of the question that the message answers."""
        if command.reply_to is None:
            return None
        question = await lookup.by_event(command.session, command.reply_to)
        if question is None:
            return None
        address = await self._views.address_of(command.session, question.room_id)
        if address is None:
            raise Refused(Denial.NO_TALKS_HERE)
        return address

    async def _usual(self, session: AsyncSession, person: str, at: datetime) -> str | None:
        """The address of the room that is meant where none is named: that of the last one,
        else of the only talk that is on."""
        addresses = self._programme.addresses()
        row = await current(session, person, at)
        if row is not None and row.address in addresses:
            return row.address
        if len(addresses) == 1:
            return addresses[0]
        busy: list[str] = []
        for address in addresses:
            talks = self._programme.talks_at(address)
            if not any(abs(talk.start - at) < _NEAR for talk in talks):
                continue
            if (await self._views.audience(session, address, at)).has_talk_on:
                busy.append(address)
            if len(busy) > 1:
                return None
        return busy[0] if busy else None

    async def _anon(self, command: Command) -> Text | None:
        if command.place is not Place.DIRECT:
            raise Declined(say(texts.ANON_ELSEWHERE, p=self._prefix))
        return await self.ask(command, nameless=True)
