"""What is planned and what was told in one Matrix room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import names_of
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_settings import set_for
from fosdembot.conference.told import told_at
from fosdembot.matrix.power import is_bridged
from fosdembot.matrix.room_addresses import room_of
from fosdembot.settings import Settings
from fosdembot.talks.asked import Asked
from fosdembot.talks.messages import Message, tell
from fosdembot.talks.notices import Notice, may_edit, plan
from fosdembot.talks.slots import StageSlot


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """As one transaction sees it."""

    address: str
    """Of several addresses that talks have for it, the one that stands for all: what is told
    is kept under it."""
    names: Sequence[str]
    """All that lead there, also those of earlier schedules."""
    room: str | None
    """The Matrix room that the address leads to, if the bot is in it."""
    edits: bool
    """Whether messages are edited there."""
    slots: tuple[StageSlot, ...]
    notices: Sequence[Notice]
    told: dict[str, str]
    """Key of a notice → key of the message that told it."""

    def messages(self) -> Mapping[str, Sequence[Notice]]:
        """Key of a message → the notices that it told, as they are planned now."""
        found: defaultdict[str, list[Notice]] = defaultdict(list)
        for notice in self.notices:
            if notice.key in self.told:
                found[self.told[notice.key]].append(notice)
        return found


class Plans:
    def __init__(self, programme: Programme, settings: Settings) -> None:
        self._programme = programme
        self._settings = settings

    async def of(self, session: AsyncSession, address: str) -> RoomPlan:
        """Of the Matrix room that `address` leads to, whatever other addresses it has: else
        what one of them tells, another would tell again, or take back."""
        names = await names_of(session, [address])
        serving = [name for name in names if self._programme.talks_at(name)] or [address]
        address = min(serving)
        room = await room_of(session, address)
        settings = set_for(self._settings, address, names, room)
        bridged = room is not None and await is_bridged(session, room)
        programmes = [await self._programme.room(session, name) for name in serving]
        slots = tuple(slot for programme in programmes for slot in programme.slots)
        return RoomPlan(
            address=address,
            names=names,
            room=room,
            edits=may_edit(settings, address, bridged),
            slots=slots,
            notices=plan(slots, settings, address, bridged, self._programme.zone),
            told=await told_at(session, address, names),
        )

    def again(
        self, plan: RoomPlan, notices: Iterable[Notice], asked: Mapping[str, Asked]
    ) -> Message:
        """The message in which these notices were told, as it would be told now: in the
        moment when all of it was due."""
        notices = list(notices)
        moment = max(notice.due for notice in notices)
        zone, prefix = self._programme.zone, self._settings.command_prefix
        return tell(notices, {}, moment, zone, prefix, asked, not plan.edits)[0]
