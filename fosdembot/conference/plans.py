"""What is planned and what was told in one Matrix room."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.programme import Programme
from fosdembot.conference.read_ahead import ReadAhead
from fosdembot.conference.room_settings import set_for
from fosdembot.conference.told_notices import told_at
from fosdembot.matrix.rooms_at import rooms_at
from fosdembot.settings import Settings
from fosdembot.talks.messages import Message, tell
from fosdembot.talks.notices import Kind, Notice, may_edit, plan
from fosdembot.talks.question_summary import QuestionSummary, without_texts
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
    bridged: bool
    """Whether people behind a bridge read there."""
    edits: bool
    """Whether messages are edited there."""
    slots: tuple[StageSlot, ...]
    notices: Sequence[Notice]
    page: str
    """The public address of its page; empty where there is none."""
    told: dict[str, str]
    """Key of a notice → key of the message that told it."""
    ahead: ReadAhead = field(default_factory=ReadAhead)
    """What was read of the room together with others."""

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
        self._pages = PageAddresses(programme, settings)

    async def of(self, session: AsyncSession, address: str) -> RoomPlan:
        """Of the Matrix room that `address` leads to, whatever other addresses it has: else
        what one of them tells, another would tell again, or take back."""
        [plan] = await self.of_all(session, [address])
        return plan

    async def of_all(self, session: AsyncSession, addresses: Collection[str]) -> list[RoomPlan]:
        """The same of several, each Matrix room once, in their order; read together."""
        rooms = await rooms_at(session, addresses)
        serving: dict[str, list[str]] = {}
        for address in addresses:
            names = [name for name in rooms[address].names if self._programme.talks_at(name)]
            serving.setdefault(min(names, default=address), names or [address])
            rooms.setdefault(min(names, default=address), rooms[address])
        named = {address: rooms[address].names for address in serving}
        every = [name for names in serving.values() for name in names]
        programmes = await self._programme.rooms(session, every)
        told = await told_at(session, named)
        zone, found = self._programme.zone, []
        for address, names in serving.items():
            room = rooms[address].talk_room(address)
            bridged = room is not None and rooms[address].bridged
            settings = set_for(self._settings, address, named[address], room)
            # A room with many talks takes a while, and others wait for their turn.
            await asyncio.sleep(0)
            slots = tuple(slot for name in names for slot in programmes[name].slots)
            found.append(
                RoomPlan(
                    address=address,
                    names=named[address],
                    room=room,
                    bridged=bridged,
                    edits=may_edit(settings, address, bridged),
                    slots=slots,
                    notices=plan(slots, settings, address, bridged, zone),
                    page=self._pages.of_room(names),
                    told=told[address],
                )
            )
        return found

    def messages(
        self, plan: RoomPlan, now: datetime, asked: Mapping[str, QuestionSummary]
    ) -> Iterator[Message]:
        """What is to be told; a board at first without the texts of questions."""
        zone, prefix, bridged = self._programme.zone, self._settings.command_prefix, not plan.edits
        bare = {talk: without_texts(these) for talk, these in asked.items()}

        def told(of: Mapping[str, QuestionSummary]) -> list[Message]:
            return tell(plan.notices, plan.told, now, zone, prefix, of, bridged, plan.page)

        full = told(asked)
        without = told(bare) if bare != asked else full
        for message, board in zip(full, without, strict=True):
            yield board if board.kind is Kind.NOW and plan.edits else message

    def again(
        self, plan: RoomPlan, notices: Iterable[Notice], asked: Mapping[str, QuestionSummary]
    ) -> Message:
        """The message in which these notices were told, as it would be told now: in the
        moment when all of it was due."""
        notices = list(notices)
        moment = max(notice.due for notice in notices)
        zone, prefix = self._programme.zone, self._settings.command_prefix
        return tell(notices, {}, moment, zone, prefix, asked, not plan.edits, plan.page)[0]
