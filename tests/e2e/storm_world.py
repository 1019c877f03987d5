"""The rooms of a storm, and who is in them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from simulation.client import Client
from simulation.conference import Planned, write_schedule
from simulation.homeserver import Account, Homeserver
from tests.conftest import MakePerson

T = TypeVar("T")
HAND_OVER = 60
"""Minute of the conference at which in each room one talk follows the other."""
ROOMS_OF_EACH = 3
RELAYS = 12
"""So many of the people may speak for others as well."""


@dataclass
class Room:
    alias: str
    id: str
    number: int
    inside: list[Client]
    kicked: list[Client] = field(default_factory=list)
    banned: list[Client] = field(default_factory=list)
    asked: list[tuple[Client, str]] = field(default_factory=list)
    voted: list[tuple[Client, str]] = field(default_factory=list)
    """Reactions."""
    typed: list[tuple[Client, str]] = field(default_factory=list)
    """Votes that were typed."""
    tapped: list[tuple[Client, str]] = field(default_factory=list)

    @property
    def talks(self) -> tuple[str, str]:
        """Their ids; before and after the hand-over."""
        return str(100 + self.number), str(200 + self.number)


@dataclass
class World:
    admin: Client
    moderators: list[Client]
    people: list[Client]
    rooms: list[Room]
    account: Account
    schedule: Path


async def make_world(
    homeserver: Homeserver, person: MakePerson, folder: Path, *, people: int, rooms: int
) -> World:
    """Each is in three of the rooms. The last part of `folder` is part of every address."""
    account = await homeserver.register(f"bot-{folder.name.lower()}")
    admin = await person("admin", homeserver)
    moderators = [await person("moderator", homeserver) for _ in range(3)]
    attendees = await _few([lambda: person("attendee", homeserver)] * people)
    chance = random.Random(1)
    places = [chance.sample(range(rooms), ROOMS_OF_EACH) for _ in attendees]
    power = dict.fromkeys([account.user_id, *(who.user_id for who in moderators)], 50)
    made: list[Room] = []
    for number in range(rooms):
        name = f"storm-{folder.name.lower()}-{number}"
        room = await admin.create_room(alias=name, power={"users": power})
        inside = [who for who, where in zip(attendees, places, strict=True) if number in where]
        await _few([_joining(who, room) for who in [*moderators, *inside]])
        made.append(Room(f"#{name}:{homeserver.server_name}", room, number, inside))
    schedule = folder / "storm.xml"
    write_schedule(schedule, [talk for room in made for talk in _talks(room)])
    return World(admin, moderators, attendees, made, account, schedule)


def _joining(who: Client, room: str) -> Callable[[], Awaitable[str]]:
    return lambda: who.join(room)


def _talks(room: Room) -> list[Planned]:
    first, second = map(int, room.talks)
    place = f"Hall {room.number}"
    return [
        Planned(first, "Tiny kernels", 0, HAND_OVER, chat_room=room.alias, place=place),
        Planned(second, "Big kernels", HAND_OVER, 300, chat_room=room.alias, place=place),
    ]


async def _few(todo: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Not all at once."""
    allowed = asyncio.Semaphore(8)

    async def one(work: Callable[[], Awaitable[T]]) -> T:
        async with allowed:
            return await work()

    return await asyncio.gather(*map(one, todo))
