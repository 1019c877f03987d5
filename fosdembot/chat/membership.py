"""Who may not vote any more: somebody is removed or banned, or comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fosdembot.chat.command import Place
from fosdembot.chat.places import Places
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import QuestionRoom
from fosdembot.matrix.api import Json
from fosdembot.matrix.items import Apart
from fosdembot.matrix.timeline import membership
from fosdembot.questions import lookup
from fosdembot.questions.desk import Desk


@dataclass(frozen=True, slots=True)
class Membership:
    _desk: Desk
    _places: Places

    async def changed(self, session: WriteSession, room: str, event: Json) -> bool:
        """Somebody came, left, was removed or banned."""
        person, now = event.get("state_key"), membership(event)
        if not isinstance(person, str) or now is None:
            return False
        removed = now == "ban" or (now == "leave" and event["sender"] != person)
        # Whoever is banned before the first question may vote for none, either.
        if await session.get(QuestionRoom, room) is None and not removed:
            return False
        # A room that was replaced is emptied, and whoever is banned from the new one may
        # still be in it.
        if await self._places.of(session, room) is Place.TALK_ROOM:
            await self._desk.membership(session, room, person, now, removed)
        return False

    def may_go_together(self, event: Json) -> bool:
        """Whether an event takes nobody's votes away."""
        now = membership(event)
        removed = now == "leave" and event["sender"] != event.get("state_key")
        return now is not None and not self._desk.bars_voter(now, removed)

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        """The effect of events (with their rooms) that `may_go_together`, which is none. Raises
        `Apart` where somebody comes back whose votes did not count."""
        joined = [
            (room, event["state_key"]) for room, event in events if membership(event) == "join"
        ]
        if joined and lookup.are_barred(connection, joined):
            raise Apart("somebody comes back whose votes did not count")
        return lambda: None

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        """The same in a session."""
        for room, event in events:
            await self.changed(session, room, event)
