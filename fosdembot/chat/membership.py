"""Who may not vote any more: somebody is removed or banned, or comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from fosdembot.chat.command import Place
from fosdembot.chat.incoming import MemberChange, Membership
from fosdembot.chat.places import Places
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import QuestionRoom
from fosdembot.matrix.items import Apart
from fosdembot.questions import lookup
from fosdembot.questions.desk import Desk


@dataclass(frozen=True, slots=True)
class Voters:
    _desk: Desk
    _places: Places

    async def changed(self, session: WriteSession, came: Membership) -> bool:
        """Somebody came, left, was removed or banned."""
        await self._changed(session, came.change)
        return False

    async def _changed(self, session: WriteSession, change: MemberChange) -> None:
        room, removed = change.room, change.is_removed
        # Whoever is banned before the first question may vote for none, either.
        if await session.get(QuestionRoom, room) is None and not removed:
            return
        # A room that was replaced is emptied, and whoever is banned from the new one may
        # still be in it.
        if await self._places.of(session, room) is Place.TALK_ROOM:
            await self._desk.membership(session, room, change.person, change.now, removed)

    def may_go_together(self, change: MemberChange) -> bool:
        """Whether a change takes nobody's votes away."""
        return not self._desk.bars_voter(change.now, change.is_removed)

    def take_together(
        self, connection: Connection, changes: Sequence[MemberChange]
    ) -> Callable[[], None]:
        """The effect of changes that `may_go_together`, which is none. Raises `Apart` where
        somebody comes back whose votes did not count."""
        joined = [(change.room, change.person) for change in changes if change.now == "join"]
        if joined and lookup.are_barred(connection, joined):
            raise Apart("somebody comes back whose votes did not count")
        return lambda: None

    async def handle_together(self, session: WriteSession, changes: Sequence[MemberChange]) -> None:
        """The same in a session."""
        for change in changes:
            await self._changed(session, change)
