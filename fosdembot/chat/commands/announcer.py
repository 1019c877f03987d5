"""An organiser's words, to many rooms at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.command import Command, Declined
from fosdembot.matrix.content import notice, to_everybody
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import may_notify, may_speak
from fosdembot.matrix.room_addresses import room_of
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, clean, literal, say, sentences
from fosdembot.texts.words import count

LONGEST = 1000
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an announcement reaches."""

    rooms: int
    """All that it is for."""
    told: int
    missing: Sequence[str]
    """The addresses of rooms that the bot is not in,"""
    mute: Sequence[str]
    """of those in which it may not speak: it does once it may,"""
    unheard: Sequence[str]
    """and of those in which it may notify nobody, where it should."""


class Announcer:
    def __init__(self, outbox: Outbox, user_id: str, prefix: str) -> None:
        self._outbox = outbox
        self._user_id = user_id
        self._prefix = prefix

    async def broadcast(
        self, command: Command, addresses: Iterable[str], text: Text, notify: bool = False
    ) -> Reach:
        """Tell the rooms."""
        content = to_everybody(text) if notify else notice(text)
        session = command.session
        rooms: dict[str, str] = {}
        missing, mute, unheard = [], [], []
        for address in addresses:
            room = await room_of(session, address)
            if room is None:
                missing.append(address)
            elif room not in rooms:
                rooms[room] = address
        for room, address in rooms.items():
            key = f"announce/{command.event_id}/{room}"
            await self._outbox.message(session, key, room, content, Urgency.ANNOUNCEMENT)
            if not await may_speak(session, room, self._user_id):
                mute.append(address)
            elif notify and not await self._notifies(session, room):
                unheard.append(address)
        told = len(rooms) - len(mute)
        return Reach(len(rooms) + len(missing), told, missing, mute, unheard)

    async def _notifies(self, session: AsyncSession, room: str) -> bool:
        return await may_notify(session, room, self._user_id)

    def reached(self, reach: Reach) -> Text:
        """In words: "Sent to 5 of 6 rooms; not to #mute: …"."""
        rooms = count(reach.rooms, "room")
        if reach.told == reach.rooms:
            said = say(texts.ANNOUNCED, rooms=rooms)
        else:
            said = say(texts.ANNOUNCED_OF, told=reach.told, rooms=rooms)
        if reach.mute:
            said = self._say(texts.ANNOUNCED_MUTE, reach.mute, said)
        if reach.missing:
            said = self._say(texts.ANNOUNCED_MISSING, reach.missing, said)
        if reach.unheard:
            said = sentences([said, self._say(texts.ANNOUNCED_UNHEARD, reach.unheard, said)])
        return said

    def _say(self, template: str, addresses: Sequence[str], before: Text) -> Text:
        rooms = _some(addresses)
        return say(template, before=before, rooms=rooms, p=self._prefix, me=self._user_id)


def announcement(text: str) -> Text:
    """Raises `Declined` where it is too long: nobody shall read half of it."""
    if len(text) > LONGEST:
        raise Declined(say(texts.TOO_LONG, most=LONGEST))
    return say(texts.ANNOUNCEMENT, text=literal(text, LONGEST))


def _some(addresses: Sequence[str]) -> str:
    named = [clean(address, 40) for address in addresses[:MOST_NAMED]]
    more = len(addresses) - MOST_NAMED
    return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")
