"""Who may not vote any more: somebody is removed or banned, or comes back."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.chat.command import Place
from fosdembot.chat.places import Places
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import QuestionRoom
from fosdembot.matrix.api import Json
from fosdembot.matrix.timeline import membership
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
