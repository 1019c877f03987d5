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
    api: Api, addresses: Sequence[str], seconds: float, tried: Callable[[], None]
) -> Entered:
    """Join what is joinable, one after another, for so many seconds at the most.

    What was not reached by then has the problem `NOT_TRIED`. `tried` is called after each.
    """
    entered = Entered(problems=dict.fromkeys(addresses, NOT_TRIED))
    try:
        async with asyncio.timeout(seconds):
            inside = frozenset(await api.joined_rooms())
            for address in addresses:
                await _enter(api, address, inside, entered)
                tried()
    except TimeoutError:
        pass
    return entered


async def _enter(api: Api, address: str, inside: frozenset[str], entered: Entered) -> None:
    while True:
        try:
            known = address if address.startswith("!") else await api.resolve(address)
            if known in inside and known is not None:
                room = known
            else:
                room = await api.join(address)
                await asyncio.sleep(PAUSE_BETWEEN)
        except MatrixError as err:
            if err.retry_after is not None:
                entered.limited = True
                await asyncio.sleep(err.retry_after)
                continue
            entered.problems[address] = err.errcode
        except HomeserverAway:
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
