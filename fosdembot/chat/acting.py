"""Who does what an event says."""

from __future__ import annotations

from fosdembot.actions.actor import CHAT, Actor
from fosdembot.clock import Clock, from_server_ts
from fosdembot.matrix.api import Json


def actor_of(
    event: Json,
    clock: Clock,
    *,
    act: str | None = None,
    relayed: bool = False,
    revocable: bool = False,
) -> Actor:
    """The event's sender. `act`: what they did, if that is not the event itself but, for
    example, the message that it edits; `revocable`: see `Actor`."""
    return Actor(
        event["sender"],
        relayed,
        face=CHAT,
        act=act or event["event_id"],
        at=from_server_ts(clock, event["origin_server_ts"]),
        now=clock.now(),
        revocable=revocable,
    )
