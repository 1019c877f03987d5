"""Which Matrix room, or which of its talks, a command is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fosdembot.chat.command import Command, Declined, Place
from fosdembot.chat.parser import first_word
from fosdembot.conference.programme import Programme
from fosdembot.matrix.rooms import addresses_of
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import clean, say

MOST_CHOICES = 5
_LONGEST_CHOICE = 40


@dataclass(frozen=True, slots=True)
class Found:
    address: str
    rest: str
    """The command's arguments without the name of the room."""
    named: str = ""
    """How the room was named, where it had to be."""

    def typed(self, command: str) -> str:
        """How to type another command for this room from the same place."""
        return clean(f"{command} {self.named}", 80)


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
        word, rest = first_word(command.arguments)
        fitting = self.fitting(word) if word else []
        if len(fitting) == 1:
            return Found(fitting[0], rest, word)
        if not fitting and len(addresses) == 1:
            return Found(addresses[0], command.arguments)
        example = short_name(addresses[0])
        values = {"p": self._prefix, "command": command.word, "example": example}
        if not word:
            raise Declined(say(texts.WHICH_ROOM, **values))
        values["word"] = clean(word, 60)
        if not fitting:
            raise Declined(say(texts.NO_SUCH_ROOM, **values))
        raise Declined(say(texts.MANY_ROOMS, rooms=some_names(fitting), **values))

    def fitting(self, word: str) -> list[str]:
        """The addresses that `word` may mean: exactly, else by a part of a name."""
        wanted = word.casefold()
        addresses = self._programme.addresses()
        exact = [a for a in addresses if wanted in (a.casefold(), *_called(a))]
        return exact or [a for a in addresses if any(wanted in name for name in self._names(a))]

    def _names(self, address: str) -> set[str]:
        names = set(_called(address))
        for talk in self._programme.talks_at(address):
            names |= {talk.track.casefold(), talk.room.casefold()}
        return names

    def choices(self, slots: Iterable[Slot]) -> str:
        """The talks to choose from: `12 "Title", 13 "Title"`."""
        some = list(slots)[:MOST_CHOICES]
        return ", ".join(
            say(
                texts.CHOICE,
                id=clean(slot.talk.id, 20),
                title=clean(title_of(slot.talk), _LONGEST_CHOICE),
            ).plain
            for slot in some
        )


def short_name(address: str) -> str:
    """A Matrix room as people call it: `2026-kernel` for `#2026-kernel:example.org`."""
    return clean(address.lstrip("#!").partition(":")[0], 40)


def some_names(addresses: list[str]) -> str:
    """`kernel, cloud, …`"""
    names = [short_name(address) for address in addresses[:MOST_CHOICES]]
    return ", ".join([*names, "…"] if len(addresses) > MOST_CHOICES else names)


def _called(address: str) -> tuple[str, str]:
    localpart = address.partition(":")[0].casefold()
    return localpart, localpart.lstrip("#!")
