"""Which question, or which talk room, a command about questions means."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from fosdembot.chat.command import Command, Declined, Place
from fosdembot.chat.direct import conversations
from fosdembot.chat.meant.room import Finder, some_names
from fosdembot.chat.reading.parser import first_word, is_plus_one
from fosdembot.conference.addresses import short_name
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import addresses_of, room_of
from fosdembot.questions import lookup
from fosdembot.questions.rehoming import gone_from
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, room_link, say

# `2026-kernel` is the name of a room.
_NUMBER = re.compile(
    r"(?:#|q)?\s?(\d{1,9})(?!\w|[.,]\d|-\w)(?:[:：.,;)]|\s[-–—:：](?=\s|$))?\s*", re.IGNORECASE
)
_OTHER = re.compile(r"(?<![\w.:])(?:#|q)?(\d{1,9})(?!\w|[.:]\w)", re.IGNORECASE)

Obvious = Callable[[Command, str], Awaitable[Question | None]]
"""The question that is meant in a Matrix room (its id) where none is named."""


class QuestionChoice:
    def __init__(self, finder: Finder, prefix: str) -> None:
        self._finder = finder
        self._prefix = prefix

    async def question(
        self, command: Command, obvious: Obvious | None = None
    ) -> tuple[Question, str]:
        """The question that a command is about, and the arguments after it: the one with
        the number, else the one that it replies to, else the obvious one. Raises
        `Declined`."""
        number, rest = split_number(command.arguments)
        if number is None and command.reply_to is not None:
            question = await lookup.by_event(command.session, command.reply_to)
            if question is not None:
                return question, rest
        if number is not None and command.place is not Place.TALK_ROOM:
            question = await self._by_number_alone(command, number)
            if question is not None:
                return question, rest
            if split_number(first_word(command.arguments)[0])[1] == "":
                # Part of a room's name as well, perhaps, but nobody means that.
                raise self._no_such(number)
        room, rest = await self.room(command)
        number, rest = split_number(rest)
        if number is not None:
            question = await lookup.by_number(command.session, room, number)
            if question is None:
                raise await self._gone(command, room, number) or self._no_such(number)
            return question, rest
        question = await obvious(command, room) if obvious is not None else None
        if question is None:
            raise Declined(say(texts.WHICH_QUESTION, p=self._prefix, command=command.word))
        return question, rest

    async def room(self, command: Command, then: str = "") -> tuple[str, str]:
        """The talk room (its id) that a command is about, and the arguments after its name;
        `then` as in `Finder.room`. Raises `Declined`."""
        if command.place is Place.TALK_ROOM:
            return command.room, command.arguments
        found = await self._finder.room(command, then)
        room = await room_of(command.session, found.address)
        if room is None:
            raise Declined(say(texts.NOT_IN_ROOM, room=short_name(found.address)))
        return room, found.rest

    async def _by_number_alone(self, command: Command, number: int) -> Question | None:
        """The only question with this number in the rooms that may be meant; in a direct
        chat that of the room which it is about."""
        if command.place is Place.DIRECT:
            usual = await self._usual_room(command)
            known = usual and await lookup.by_number(command.session, usual, number)
            if known:
                return known
        possible = await self._finder.possible(command.session, command.place, command.room)
        found = await lookup.by_number_at(command.session, possible, number)
        if len(found) > 1:
            addresses = list(found.values())
            example = f"{command.word} {short_name(addresses[0])} {number}"
            raise Declined(
                say(
                    texts.WHICH_ROOMS_QUESTION,
                    p=self._prefix,
                    rooms=some_names(addresses),
                    example=example,
                )
            )
        return next(iter(found), None)

    async def _usual_room(self, command: Command) -> str | None:
        """The room (its id) that a direct chat is about."""
        chat = await conversations.current(command.session, command.sender, command.at)
        if chat is None or chat.address is None:
            return None
        return await room_of(command.session, chat.address)

    async def _gone(self, command: Command, room: str, number: int) -> Declined | None:
        """Says where a question is now that had the number in `room`."""
        question = await gone_from(command.session, room, number)
        if question is None:
            return None
        address = next(iter(await addresses_of(command.session, question.room_id)), "")
        return Declined(
            say(
                texts.GONE_WITH_TALK,
                p=self._prefix,
                command=command.word,
                number=str(number),
                room=room_link(address or question.room_id),
                new=str(question.number),
            )
        )

    def only_one(self, command: Command, question: Question, rest: str) -> list[Text]:
        """What was not done, where somebody typed the numbers of several questions."""
        others = other_numbers(question, rest)
        if not others:
            return []
        number, example = str(question.number), f"{command.word} {others[0]}"
        return [say(texts.ONE_AT_A_TIME, p=self._prefix, number=number, example=example)]

    def _no_such(self, number: int) -> Declined:
        return Declined(say(texts.NO_SUCH_QUESTION, p=self._prefix, number=str(number)))


def other_numbers(question: Question, rest: str) -> list[str]:
    """The numbers of other questions that somebody typed behind one."""
    if is_plus_one(rest):
        return []
    numbers = [str(int(number)) for number in _OTHER.findall(rest)]
    return [number for number in numbers if number != str(question.number)]


def split_number(arguments: str) -> tuple[int | None, str]:
    """`12 why`, `#12`, `Q12: why` → the number, and what follows it."""
    found = _NUMBER.match(arguments)
    if found is None:
        return None, arguments
    return int(found[1]), arguments[found.end() :]
