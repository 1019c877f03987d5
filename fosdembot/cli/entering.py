"""Going into rooms, as far as they let one, and looking round in them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fosdembot.conference.control_room import NOT_TRIED
from fosdembot.db.tables import RoomState
from fosdembot.matrix.answers import read_sync
from fosdembot.matrix.api import Api, HomeserverAway, MatrixError
from fosdembot.matrix.rooms import NO_ANSWER, PAUSE_BETWEEN
from fosdembot.matrix.timeline import sync_filter

JOINING_SECONDS = 180.0
"""What is not joined by then, the bot joins when it runs."""
ONE_JOIN_SECONDS = 20.0
"""For one room, so that a server that is away does not use up the time of the others. The
homeserver goes on trying."""
AT_ONCE = 4
"""Rooms that are being joined."""

States = Mapping[str, RoomState]
"""A room's state events with an empty state key, by type."""


@dataclass(slots=True)
class Entered:
    rooms: dict[str, str] = field(default_factory=dict)
    """Address → id of the room, where the account is in it."""
    problems: dict[str, str] = field(default_factory=dict)
    """Address → error code, where it is not."""
    limited: bool = False
    """Whether the homeserver asked for patience on the way."""


async def enter(
    api: Api,
    addresses: Sequence[str],
    seconds: float,
    tried: Callable[[], None],
    one_seconds: float = ONE_JOIN_SECONDS,
) -> Entered:
    """Join what can be joined, the first ones first and a few at a time, within `seconds`.

    What was not reached by then has the problem `NOT_TRIED`. `tried` is called after each.
    """
    entered = Entered(problems=dict.fromkeys(addresses, NOT_TRIED))
    waiting = iter(addresses)

    async def join_the_next() -> None:
        for address in waiting:
            await _enter(api, address, inside, entered, one_seconds)
            tried()

    try:
        async with asyncio.timeout(seconds):
            inside = frozenset(await api.joined_rooms())
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(join_the_next())
    except TimeoutError:
        pass
    return entered


async def _enter(
    api: Api, address: str, inside: frozenset[str], entered: Entered, seconds: float
) -> None:
    while True:
        try:
            async with asyncio.timeout(seconds):
                known = address if address.startswith("!") else await api.resolve(address)
                if known in inside and known is not None:
                    room = known
                else:
                    room = await api.join(address, timeout=seconds)
                    await asyncio.sleep(PAUSE_BETWEEN)
        except MatrixError as err:
            if err.retry_after is not None:
                entered.limited = True
                await asyncio.sleep(err.retry_after)
                continue
            entered.problems[address] = err.errcode
        except (HomeserverAway, TimeoutError):
            entered.problems[address] = NO_ANSWER
        else:
            del entered.problems[address]
            entered.rooms[address] = room
        return


async def look_round(api: Api) -> dict[str, States]:
    """What the bot watches of the state of each room that the account is in: one request."""
    # Synapse keeps an answer for two minutes, and gives it to the same question again.
    wait = secrets.randbelow(10_000) / 10_000
    answer = read_sync(await api.sync(None, sync_filter(False), wait))
    return {
        part.room: {
            event["type"]: RoomState(
                room_id=part.room,
                type=event["type"],
                state_key="",
                sender=event["sender"],
                content=event["content"],
            )
            for event in part.state
            if event["state_key"] == ""
        }
        for part in answer.joined
    }
