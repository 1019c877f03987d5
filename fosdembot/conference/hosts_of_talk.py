"""Tells those who see to a talk."""

from __future__ import annotations

from sqlalchemy import select

from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.texts.render import Text


class HostsOfTalk:
    """In their hosts' rooms; organisers where there is none."""

    def __init__(
        self, outbox: Outbox, programme: Programme, hosts: Hosts, control_room: ControlRoom
    ) -> None:
        self._outbox = outbox
        self._programme = programme
        self._hosts = hosts
        self._control_room = control_room

    async def tell(self, session: WriteSession, talk: str, key: str, text: Text) -> None:
        """Once for `key`, wherever it was told."""
        told = select(Outgoing.id).where(Outgoing.key.startswith(key, autoescape=True))
        if await session.scalar(told.limit(1)) is not None:
            return
        address = self._programme.address_by_guid(talk)
        rooms = await self._hosts.rooms_of(session, address) if address is not None else []
        for room in rooms:
            await self._outbox.message(
                session, f"{key}/{room}", room, notice(text), Urgency.CONTROL
            )
        if not rooms:
            await self._control_room.tell(session, f"{key}/control", text)
