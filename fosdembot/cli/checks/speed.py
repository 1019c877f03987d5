"""How fast the homeserver lets the account speak, tried out on one message."""

from __future__ import annotations

import asyncio
import json
import secrets
import shlex
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil

from yarl import URL

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.own_rooms import patiently
from fosdembot.matrix.api import Api, MatrixError
from fosdembot.matrix.content import notice, replacement
from fosdembot.texts import setup as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import count

BURST = 15
"""Events in a row; a Synapse as it comes lets ten through."""
LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Limit:
    """After so many events the homeserver asked for so many seconds of patience."""

    events: int
    seconds: float


async def measure(api: Api, room: str) -> Limit | None:
    """Say something in `room` and edit it again and again; None where nobody minds.

    What stands there in the end is the result. Raises `MatrixError` and `HomeserverAway`.
    """
    trial = _Trial(api, room)
    trying = say(texts.TRYING_SPEED)
    # What was done just before may have used the limit up.
    await patiently(partial(trial.show, trying))
    for events in range(1, BURST):
        try:
            await trial.show(trying)
        except MatrixError as err:
            if err.retry_after is None:
                raise
            said = say(texts.SPEED_LIMITED, messages=count(events, "message"))
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_WAIT):
                    await asyncio.sleep(err.retry_after)
                    await patiently(partial(trial.show, said))
            return Limit(events, err.retry_after)
    await trial.show(say(texts.SPEED_FREE, messages=count(BURST, "message")))
    return None


class _Trial:
    def __init__(self, api: Api, room: str) -> None:
        self._api = api
        self._room = room
        self._event: str | None = None

    async def show(self, text: Text) -> None:
        """Say it, in place of what was said before."""
        content = notice(text)
        if self._event is not None:
            content = replacement(content, self._event)
        transaction = f"fosdembot-{secrets.token_hex(12)}"
        event = await self._api.send(self._room, "m.room.message", transaction, content)
        self._event = self._event or event


def speed_finding(limit: Limit | None, joins_limited: bool, base_url: URL, user_id: str) -> Finding:
    """`joins_limited`: whether the homeserver made us wait while rooms were joined."""
    if limit is None and not joins_limited:
        return Finding("speed", f"{BURST} messages in a row went through")
    what = count(limit.events, "message") if limit is not None else "a few joins"
    wait = f" {ceil(limit.seconds)} s" if limit is not None else ""
    todo = (
        "Too slow for a conference. Ask its admin to lift the limit; on Synapse:",
        override_command(base_url, user_id),
        "ADMIN_TOKEN is an admin's access token (Element: All settings, Help & About).",
    )
    return Finding("speed", f"after {what} the homeserver made me wait{wait}", False, todo)


def override_command(base_url: URL, user_id: str) -> str:
    """What the admin of a Synapse types to lift every limit of one account
    (Synapse's admin API, "Override ratelimiting for users")."""
    url = f"{str(base_url).rstrip('/')}/_synapse/admin/v1/users/{user_id}/override_ratelimit"
    # 0 lifts all of its limits; any other number leaves joins limited.
    body = json.dumps({"messages_per_second": 0, "burst_count": 0})
    return shlex.join(
        ["curl", "-X", "POST", "-H", "Authorization: Bearer ADMIN_TOKEN", "-d", body, url]
    )
