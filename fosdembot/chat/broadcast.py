"""An organiser's words, to many rooms at once."""

from __future__ import annotations

from collections.abc import Iterable

from fosdembot.chat.command import Command, Declined
from fosdembot.matrix.content import notice, to_everybody
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.rooms import room_of
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, literal, say

LONGEST = 1000


def announcement(text: str) -> Text:
    """Raises `Declined` where it is too long: nobody shall read half of it."""
    if len(text) > LONGEST:
        raise Declined(say(texts.TOO_LONG, most=LONGEST))
    return say(texts.ANNOUNCEMENT, text=literal(text, LONGEST))


async def broadcast(
    outbox: Outbox, command: Command, addresses: Iterable[str], text: Text, notify: bool = False
) -> tuple[int, int]:
    """Tell the rooms; returns how many there are, and how many the bot is not in."""
    content = to_everybody(text) if notify else notice(text)
    rooms = [await room_of(command.session, address) for address in addresses]
    for room in filter(None, rooms):
        key = f"announce/{command.event_id}/{room}"
        await outbox.message(command.session, key, room, content, Urgency.ANNOUNCEMENT)
    return len({*rooms} - {None}), rooms.count(None)
