"""Reads what a talk room looks like: the one read model that every face shows rooms from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.programme import Programme
from fosdembot.conference.room_settings import settings_for
from fosdembot.db.question_tables import Question
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.matrix.rooms_at import rooms_at
from fosdembot.questions import board
from fosdembot.questions.lookup import by_number
from fosdembot.questions.scopes import is_moderated
from fosdembot.questions.states import State
from fosdembot.questions.views import (
    Part,
    QuestionsView,
    QuestionView,
    Wanted,
    questions_to,
    view_of,
)
from fosdembot.settings import Settings
from fosdembot.talks.phases import Phase
from fosdembot.talks.room_talks import AudienceTalks, RoomTalks, StageTalks
from fosdembot.talks.slots import S, StageSlot, as_streamed

MOST_TALKS = 50
"""Talks of a room that are read at a time: no more are on at once, unless somebody means harm."""


@dataclass(frozen=True, slots=True)
class TalkView(Generic[S]):
    """One of the talks that questions are for now."""

    slot: S
    phase: Phase
    questions: QuestionsView


@dataclass(frozen=True, slots=True)
class RoomView(Generic[S]):
    """A talk room at one moment, in the time that `S` says."""

    talks: RoomTalks[S]
    current: Part[TalkView[S]]
    """The talks that questions are for: mostly one, several where they are on at once."""
    moderated: bool
    """Whether a moderator sees each question first."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All talk rooms at one moment, in the time of the stage."""

    rooms: int
    joined: int
    """Those that the bot is in."""
    on: int
    """Talks and breaks that are on."""
    next_start: datetime | None
    """When the next one of all starts."""
    asked: int
    """Questions to all talks, whatever became of them."""
    waiting: int
    """Those that wait for their answer."""
    pending: int
    """Those that wait for a moderator."""


class RoomViews:
    """Reads in the session that it is given, and returns values."""

    def __init__(self, programme: Programme, settings: Settings) -> None:
        self._programme = programme
        self._settings = settings

    async def address_of(self, session: AsyncSession, room: str) -> str | None:
        """The address at which a Matrix room (its id) has talks; None where it has none."""
        for address in await addresses_of(session, room):
            if self._programme.talks_at(address):
                return address
        return None

    async def stage(self, session: AsyncSession, address: str, at: datetime) -> StageTalks:
        """The talks of the Matrix room at `address`, in the time of the stage."""
        room = await self._programme.room(session, address)
        return RoomTalks(room.slots, at, self._programme.zone)

    async def audience(self, session: AsyncSession, address: str, at: datetime) -> AudienceTalks:
        """The same, in the time of the room's audience."""
        room = await self._programme.room(session, address)
        settings = await settings_for(session, self._settings, address)
        streamed = as_streamed(room.slots, settings, address)
        return RoomTalks(streamed, at, self._programme.zone)

    async def audiences_of(
        self, session: AsyncSession, talks: Collection[str], at: datetime
    ) -> Mapping[str, AudienceTalks]:
        """The rooms in which some talks (their guids) take place, each by its address, in the
        time of their audience."""
        addresses = {self._programme.address_by_guid(talk) for talk in talks} - {None}
        return {
            address: await self.audience(session, address, at)
            for address in addresses
            if address is not None
        }

    async def stage_of_room(self, session: AsyncSession, room: str, at: datetime) -> StageTalks:
        """The talks of a Matrix room (its id), whichever of its addresses they name, in the
        time of the stage."""
        slots: dict[str, StageSlot] = {}
        for address in await addresses_of(session, room):
            found = await self._programme.room(session, address)
            slots |= {slot.talk.guid: slot for slot in found.slots}
        return RoomTalks(tuple(slots.values()), at, self._programme.zone)

    async def numbered(self, session: AsyncSession, room: str, number: int) -> Question | None:
        """The question that people know by this number in a Matrix room (its id)."""
        return await by_number(session, room, number)

    async def questions(self, session: AsyncSession, talk: str, wanted: Wanted) -> QuestionsView:
        """The questions to one talk (its guid), on or not."""
        return await questions_to(session, talk, wanted)

    async def room(
        self,
        session: AsyncSession,
        talks: RoomTalks[S],
        room: str | None,
        wanted: Wanted,
        most_talks: int = MOST_TALKS,
    ) -> RoomView[S]:
        """What stands in the Matrix room (its id; None: the bot is not there) with these
        talks."""
        current = talks.current
        default = self._settings.questions.moderated
        views = [
            TalkView(slot, talks.phase(slot), await questions_to(session, slot.talk.guid, wanted))
            for slot in current[:most_talks]
        ]
        return RoomView(
            talks=talks,
            current=Part(tuple(views), len(current) - len(views)),
            moderated=default if room is None else await is_moderated(session, room, default),
        )

    async def still_answering(
        self, session: AsyncSession, talks: RoomTalks[S], nameless: Collection[str] = ()
    ) -> QuestionView | None:
        """The question that the speaker of a talk just over is answering, though the next talk
        has begun; None once a question to that one was taken. `nameless`: see `Wanted`."""
        if not talks.overrunning:
            return None
        over = [slot.talk.guid for slot in talks.overrunning]
        question = await board.answering_last(session, over)
        if question is None:
            return None
        now_on = [slot.talk.guid for slot in talks.current]
        if await board.is_any_taken_since(session, now_on, question.state_at):
            return None
        view = view_of(question)
        return replace(view, asker="") if question.asker in nameless else view

    async def overview(self, session: AsyncSession, at: datetime) -> Overview:
        """All talk rooms, read together: a few statements, however many there are."""
        addresses = self._programme.addresses()
        leads_to = await rooms_at(session, addresses)
        rooms = [
            RoomTalks(room.slots, at, self._programme.zone)
            for room in (await self._programme.rooms(session, addresses)).values()
        ]
        counts = await board.counts(session)
        return Overview(
            rooms=len(addresses),
            joined=sum(leads_to[each].talk_room(each) is not None for each in addresses),
            on=sum(len(talks.on) for talks in rooms),
            next_start=min((slot.start for talks in rooms for slot in talks.next), default=None),
            asked=sum(counts.values()),
            waiting=board.waiting(counts),
            pending=counts.get(State.PENDING, 0),
        )
