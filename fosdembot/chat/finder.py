"""Which Matrix room, or which of its talks, a command is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fosdembot.chat.command import Command, Declined, Place
from fosdembot.conference.programme import Programme
from fosdembot.matrix.rooms import addresses_of
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import clean, say

MOST_CHOICES = 5


@dataclass(frozen=True, slots=True)
class Found:
    address: str
    rest: str
    """The command's arguments without the name of the room."""


class Finder:
    def __init__(self, programme: Programme, prefix: str) -> None:
        self._programme = programme
        self._prefix = prefix

    async def room(self, command: Command) -> Found:
        """The talk room meant: the one the command was typed in; elsewhere the first
        argument names it, unless there is only one. Raises `Declined`."""
        if command.place is Place.TALK_ROOM:
            for address in await addresses_of(command.session, command.room):
                if self._programme.talks_at(address):
                    return Found(address, command.arguments)
            raise Declined(say(texts.NO_TALKS_HERE))
        addresses = self._programme.addresses()
        if not addresses:
            raise Declined(say(texts.NO_SCHEDULE))
        word, _, rest = command.arguments.partition(" ")
        if not word:
            if len(addresses) == 1:
                return Found(addresses[0], "")
            example = clean(addresses[0].lstrip("#").partition(":")[0], 40)
            raise Declined(
                say(texts.WHICH_ROOM, p=self._prefix, word=command.word, example=example)
            )
        fitting = self.fitting(word)
        if not fitting and len(addresses) == 1:
            return Found(addresses[0], command.arguments)
        if not fitting:
            raise Declined(say(texts.NO_SUCH_ROOM, word=clean(word, 60)))
        if len(fitting) > 1:
            some = ", ".join(fitting[:MOST_CHOICES])
            raise Declined(say(texts.MANY_ROOMS, word=clean(word, 60), rooms=some))
        return Found(fitting[0], rest.strip())

    def fitting(self, word: str) -> list[str]:
        """The addresses that `word` may mean: exactly, else by a part of a name."""
        wanted = word.casefold()
        addresses = self._programme.addresses()
        exact = [a for a in addresses if wanted in (a.casefold(), _localpart(a))]
        return exact or [a for a in addresses if any(wanted in name for name in self._names(a))]

    def _names(self, address: str) -> set[str]:
        names = {_localpart(address)}
        for talk in self._programme.talks_at(address):
            names |= {talk.track.casefold(), talk.room.casefold()}
        return names

    def choices(self, slots: Iterable[Slot]) -> str:
        """The talks to choose from: `12 "Title", 13 "Title"`."""
        some = list(slots)[:MOST_CHOICES]
        return ", ".join(
            say(texts.CHOICE, id=clean(slot.talk.id, 40), title=title_of(slot.talk)).plain
            for slot in some
        )


def _localpart(address: str) -> str:
    return address.lstrip("#!").partition(":")[0].casefold()
