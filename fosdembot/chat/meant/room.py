"""Which Matrix room, or which of its talks, a command is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Command, Declined, Place
from fosdembot.chat.reading.parser import first_word
from fosdembot.conference.addresses import short_name
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.talks.decisions import Decision
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as texts
from fosdembot.texts import hosts as hosts_texts
from fosdembot.texts.render import clean, say

MOST_CHOICES = 5
_LONGEST_CHOICE = 40
_LONGEST_EXAMPLE = 100
_SHORTEST = 3
_BEHIND_ROOM: Mapping[str, frozenset[str]] = {
    "talk": frozenset({*map(str, Decision), "speaker", "page"}),
    "qa": frozenset({"off", "ask", "vote"}),
    "widget": frozenset({"off"}),
}
"""By command, what follows the name of a room, where one is named. Of `!qa guests vote` the first
word is taken before."""
_WORD = re.compile(r"[^\W_]+")


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
    def __init__(self, programme: Programme, views: RoomViews, hosts: Hosts, prefix: str) -> None:
        self._programme = programme
        self._views = views
        self._hosts = hosts
        self._prefix = prefix

    async def room(self, command: Command, then: str = "") -> Found:
        """The talk room meant: the one the command was typed in; elsewhere the first
        argument names it, unless there is only one. `then` is what else was typed, behind
        it. Raises `Declined`."""
        if command.place is Place.TALK_ROOM:
            for address in await addresses_of(command.session, command.room):
                if self._programme.talks_at(address):
                    return Found(address, command.arguments)
            raise Declined(say(texts.NO_TALKS_HERE))
        addresses = await self.possible(command.session, command.place, command.room)
        here = command.place is Place.HOSTS_ROOM
        if not addresses:
            raise Declined(say(hosts_texts.NO_ROOMS if here else texts.NO_SCHEDULE, p=self._prefix))
        word, rest = first_word(command.arguments)
        word = word.rstrip(":：")
        fitting = self.fitting(word, addresses) if word else []
        if len(fitting) == 1:
            return Found(fitting[0], rest, word)
        if not fitting and len(addresses) == 1:
            return Found(addresses[0], command.arguments)
        if here and not word and (busy := await self._busy(command, addresses)) is not None:
            return Found(busy, "", short_name(busy))
        if not fitting and follows_room(command.word, word):
            then = f"{then} {command.arguments}".strip()
            command = replace(command, arguments="")
        raise self._which(command, fitting or addresses, bool(fitting), then)

    async def possible(self, session: AsyncSession, place: Place, room: str) -> list[str]:
        """The talk rooms that may be meant in a room that is none."""
        if place is Place.HOSTS_ROOM:
            return await self._hosts.talk_rooms_of(session, room)
        return self._programme.addresses()

    async def _busy(self, command: Command, addresses: Iterable[str]) -> str | None:
        """The only one of the talk rooms in which a talk is on."""
        found = []
        for address in addresses:
            talks = await self._views.stage(command.session, address, command.at)
            if talks.has_talk_on:
                found.append(address)
        return found[0] if len(found) == 1 else None

    def _which(self, command: Command, addresses: list[str], fitting: bool, then: str) -> Declined:
        """Asks which of the rooms is meant; `fitting`: whether the name fits all of them."""
        word, _ = first_word(command.arguments)
        here = command.place is Place.HOSTS_ROOM
        if fitting:
            template = texts.MANY_ROOMS
        elif not word:
            template = hosts_texts.WHICH_ROOM if here else texts.WHICH_ROOM
        else:
            template = hosts_texts.NOT_OURS if here else texts.NO_SUCH_ROOM
        return Declined(
            say(
                template,
                p=self._prefix,
                command=command.word,
                example=clean(f"{short_name(addresses[0])} {then}", _LONGEST_EXAMPLE),
                word=clean(word, 60),
                rooms=some_names(addresses),
            )
        )

    def fitting(self, word: str, among: Iterable[str] | None = None) -> list[str]:
        """The addresses (of all, or of those `among`) that `word` may mean: exactly, else by
        a part of a name."""
        wanted = word.casefold()
        addresses = list(self._programme.addresses() if among is None else among)
        exact = [a for a in addresses if wanted in (a.casefold(), *_called(a))]
        return exact or [a for a in addresses if any(wanted in name for name in self._names(a))]

    def begins(self, word: str, addresses: Iterable[str]) -> bool:
        """Whether a word of the name of one of these rooms is `word`, or begins so: where
        people talk to one another, a mere part of a name is none."""
        wanted = word.casefold()
        names = {name for address in addresses for name in self._names(address)}
        words = {part for name in names for part in _WORD.findall(name)} | names
        return any(
            part == wanted or (len(wanted) >= _SHORTEST and part.startswith(wanted))
            for part in words
        )

    def _names(self, address: str) -> set[str]:
        names = set(_called(address))
        for talk in self._programme.talks_at(address):
            names |= {talk.track.casefold(), talk.room.casefold()}
        return names


def follows_room(command: str, word: str) -> bool:
    """Whether somebody who typed this word behind a command forgot the room, rather than got its
    name wrong."""
    return word.casefold() in _BEHIND_ROOM.get(command, ()) or word.startswith("@")


def choices(slots: Iterable[Slot]) -> str:
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


def some_names(addresses: list[str]) -> str:
    """`kernel, cloud, …`"""
    names = [short_name(address) for address in addresses[:MOST_CHOICES]]
    return ", ".join([*names, "…"] if len(addresses) > MOST_CHOICES else names)


def _called(address: str) -> tuple[str, str]:
    localpart = address.partition(":")[0].casefold()
    return localpart, localpart.lstrip("#!")
