"""Who does what an event says."""

from __future__ import annotations

from fosdembot.actions.actor import CHAT, Actor
from fosdembot.chat.incoming import Incoming
from fosdembot.clock import Clock


def actor_of(
    event: Incoming,
    clock: Clock,
    *,
    act: str | None = None,
    relayed: bool = False,
    revocable: bool = False,
) -> Actor:
    """The event's sender. `act`: what they did, if that is not the event itself but, for
    example, the message that it edits; `revocable`: see `Actor`."""
    return Actor(
        event.sender,
        relayed,
        face=CHAT,
        act=act or event.event_id,
        at=event.at,
        now=clock.now(),
        revocable=revocable,
    )
