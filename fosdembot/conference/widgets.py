"""The room page as a widget of talk rooms: clients that know widgets show it beside the chat.

What a moderator decides stands in `room_widgets`, else the settings say it. A moderator who takes
the widget out by hand, or changes it, has the last word: it stays as they left it until somebody
types `!widget`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import Database, WriteSession
from fosdembot.db.page_tables import RoomWidget
from fosdembot.db.tables import RoleRoom, Room, RoomAddress, RoomState
from fosdembot.db.watch import Watch
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.power import may_send_state, power_for_state, room_state
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.matrix.rooms_at import rooms_at
from fosdembot.matrix.timeline import LAYOUT, WIDGET
from fosdembot.matrix.wake import Wake
from fosdembot.settings import Settings
from fosdembot.texts import widget as texts

Json = dict[str, Any]
ID = "org.fosdembot.page"
"""Of our widget: a room has at most one."""
PLACE: Json = {"container": "top", "index": 0, "width": 100, "height": 45}
"""Above the chat, where people see it without opening anything; in hundredths of the window."""
_TOGETHER = 20
"""Rooms in one transaction; after each, others have their turn."""


class Standing(Protocol):
    """The state event of our widget, as it stands in a room."""

    @property
    def sender(self) -> str: ...
    @property
    def content(self) -> Mapping[str, Any]: ...


def widget(url: str, creator: str) -> Json:
    """The content of the state event, as Element writes it (Widget API v2). The address names
    nobody: who looks, the page is told by the client, if they want that."""
    return {
        "id": ID,
        "type": "m.custom",
        "name": texts.NAME,
        "url": f"{url}?view=widget",
        "data": {"title": texts.TITLE},
        "creatorUserId": creator,
        "waitForIframeLoad": True,
    }


def change(standing: Standing | None, wanted: Json, us: str) -> Json | None:
    """What the state event is to be; None: as it is. `wanted` is empty where there shall be no
    widget. Pure."""
    if standing is None:
        return wanted or None
    if standing.sender != us or dict(standing.content) == wanted:
        return None
    return wanted


@dataclass(eq=False)
class Widgets:
    """The only writer of `room_widgets`."""

    database: Database
    programme: Programme
    addresses: PageAddresses
    outbox: Outbox
    settings: Settings
    user_id: str
    wake: Wake = field(default_factory=Wake)
    """To be set where the rooms that the bot is in, their power levels or the schedule change."""
    _watch: Watch = field(init=False)
    _none_as_of: tuple[object, ...] | None = field(init=False, default=None)
    """What was looked at when no widget was to be put anywhere."""

    def __post_init__(self) -> None:
        self._watch = self.database.watch(Room, RoomAddress, RoleRoom, RoomState, RoomWidget)

    async def step(self) -> None:
        """Let all rooms have a widget that shall have one, where our power allows it."""
        # Who writes meanwhile makes it another version, which is read at the next look.
        looked_at = self._watch.version, self.programme.talks, self.programme.roles
        if looked_at == self._none_as_of:
            return
        async with self.database.read() as session:
            due = await self._due(session)
        rooms = list(due)
        if not rooms:
            self._none_as_of = looked_at
        for first in range(0, len(rooms), _TOGETHER):
            async with self.database.write() as session:
                again = await self._due(session)
                for room in rooms[first : first + _TOGETHER]:
                    if room in again:
                        await self._put(session, room, again[room])
            await asyncio.sleep(0)

    async def decide(self, session: WriteSession, room: str, wanted: bool) -> None:
        """A moderator wants the page as a widget in a Matrix room (its id), or wants it out."""
        await session.merge(RoomWidget(room_id=room, wanted=wanted))
        page = self.addresses.of_room(await addresses_of(session, room))
        content = widget(page, self.user_id) if wanted and page else {}
        await self._put(session, room, content, again=True)

    async def power_missing(self, session: AsyncSession, room: str) -> int | None:
        """The power level that the bot would need in a Matrix room (its id) for a widget; None:
        it has it."""
        if await may_send_state(session, room, self.user_id, WIDGET):
            return None
        return power_for_state(await room_state(session, room, "m.room.power_levels"), WIDGET)

    async def _put(
        self, session: WriteSession, room: str, content: Json, *, again: bool = False
    ) -> None:
        await self.outbox.put_state(session, room, WIDGET, content, ID, again=again)
        if await may_send_state(session, room, self.user_id, LAYOUT):
            layout = {"widgets": {ID: PLACE if content else None}}
            await self.outbox.put_state(session, room, LAYOUT, layout, again=again)

    async def _due(self, session: AsyncSession) -> Mapping[str, Json]:
        """By room (its id) what its widget is to be."""
        addresses = self.programme.addresses()
        leads_to = await rooms_at(session, addresses)
        decided = {row.room_id: row.wanted for row in await session.scalars(select(RoomWidget))}
        rows = await session.scalars(
            select(RoomState).where(RoomState.type == WIDGET, RoomState.state_key == ID)
        )
        standing = {row.room_id: row for row in rows}
        due: dict[str, Json] = {}
        for address in sorted(addresses):
            room = leads_to[address].talk_room(address)
            if room is None or room in due:
                continue
            wanted = self.addresses.are_on and decided.get(room, self.settings.pages.widget)
            names = leads_to[address].names
            page = self.addresses.of_room(names)
            content = widget(page, self.user_id) if wanted and page else {}
            changed = change(standing.get(room), content, self.user_id)
            if changed is not None and await may_send_state(session, room, self.user_id, WIDGET):
                due[room] = changed
        return due
