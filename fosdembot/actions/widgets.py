"""Whether a talk room has its page as a widget."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.widgets import Widgets
from fosdembot.db.engine import WriteSession


@dataclass(frozen=True, slots=True)
class WidgetActions:
    widgets: Widgets
    access: Access

    @once
    async def put(self, session: WriteSession, actor: Actor, address: str, wanted: bool) -> None:
        """The page is a widget of the talk room at `address` from now on, or no more. Raises
        `Refused`."""
        room = await room_at(session, address)
        await self.access.demand(session, actor, Permission.PUT_WIDGET, room)
        if room is None:
            raise Refused(Denial.NOT_IN_ROOM, address=address)
        if wanted and not self.widgets.addresses.are_on:
            raise Refused(Denial.NO_PAGES)
        power = await self.widgets.power_missing(session, room)
        if power is not None:
            raise Refused(Denial.BOT_LACKS_POWER, address=address, number=power)
        await self.widgets.decide(session, room, wanted)
