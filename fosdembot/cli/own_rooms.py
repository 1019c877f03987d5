"""Rooms that the bot makes for the organisers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from fosdembot.matrix.api import Api, MatrixError
from fosdembot.texts.render import clean

T = TypeVar("T")

ALL_POWER = 100


async def make_room(api: Api, name: str, topic: str) -> str:
    """Make a room that nobody sees who is not invited; returns its id."""
    return await patiently(
        lambda: api.create_room(name=name, topic=topic, preset="private_chat", visibility="private")
    )


async def empower(api: Api, room: str, organisers: Sequence[str]) -> None:
    """Let the organisers, once they come, do all that the bot may."""
    levels = await api.state(room, "m.room.power_levels")
    # Not said when the room is made: who makes it must stand beside them in some room
    # versions, and must not in others.
    users = {**levels.get("users", {}), **dict.fromkeys(organisers, ALL_POWER)}
    content = {**levels, "users": users}
    await patiently(lambda: api.send_state(room, "m.room.power_levels", content))


async def invite(api: Api, room: str, people: Sequence[str]) -> list[str]:
    """Invite those who are not there; a line for each who could not be."""
    problems = []
    for person in await absent(api, room, people):
        try:
            await patiently(partial(api.invite, room, person))
        except MatrixError as err:
            if err.errcode == "M_INVITE_BLOCKED":
                problems.append(f"{person} takes no invitations: they must allow mine first")
                continue
            problems.append(f"{person} could not be invited: {clean(err.message, 120)}")
    return problems


async def absent(api: Api, room: str, people: Sequence[str]) -> list[str]:
    """Who of them is neither in the room nor invited."""
    found = []
    for person in people:
        member = await api.find_state(room, "m.room.member", person) or {}
        if member.get("membership") not in ("join", "invite"):
            found.append(person)
    return found


async def patiently(request: Callable[[], Awaitable[T]]) -> T:
    """Make a request as often as the homeserver asks for patience."""
    while True:
        try:
            return await request()
        except MatrixError as err:
            if err.retry_after is None:
                raise
            await asyncio.sleep(err.retry_after)
