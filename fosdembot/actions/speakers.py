"""Who speaks in a talk: named by a moderator, or claimed by oneself and confirmed by one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.talks import talk_in
from fosdembot.conference import speakers
from fosdembot.conference.events import ClaimDropped, Hears, SpeakerClaimed, SpeakerNamed
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.people import People
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import room_at
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Speaker
from fosdembot.talks.slots import Slot


class Claimed(Enum):
    """What came of somebody's word that they speak in a talk."""

    ALREADY = auto()
    """That is known."""
    NAMED = auto()
    """They may name speakers, and did so."""
    WAITS = auto()
    """They said so before; a moderator has not confirmed it yet."""
    ASKED = auto()
    """Moderators are asked to confirm it."""


class Removed(Enum):
    """What came of taking a speaker out."""

    GONE = auto()
    UNKNOWN = auto()
    """They were none."""
    LISTED = auto()
    """They still are one: the settings say so."""


@dataclass(frozen=True, slots=True)
class SpeakerActions:
    """`address` is that of the talk room, `talk` the guid of one of its talks. Each method raises
    `Refused` before it changes anything."""

    programme: Programme
    access: Access
    people: People
    hosts: Hosts
    hears: Hears

    async def check(self, session: AsyncSession, actor: Who, address: str) -> None:
        """Raises `Refused` where the actor may not name speakers of the room's talks."""
        room = await room_at(session, address)
        await self.access.demand(session, actor, Permission.NAME_SPEAKER, room)

    async def may_name(self, session: AsyncSession, actor: Who, address: str) -> bool:
        room = await room_at(session, address)
        return await self.access.allows(session, actor, Permission.NAME_SPEAKER, room)

    @once
    async def name(
        self, session: WriteSession, actor: Actor, address: str, talk: str, person: str
    ) -> bool:
        """Somebody is a speaker of a talk, and told so; returns whether that is new."""
        await self.check(session, actor, address)
        slot = talk_in(await self.programme.room(session, address), talk)
        if not speakers.is_account(person):
            raise Refused(Denial.NO_ACCOUNT, slot=slot)
        if await self.people.speaks(session, person, talk):
            return False
        await self._appoint(session, actor, slot, person)
        return True

    @once
    async def remove(
        self, session: WriteSession, actor: Actor, address: str, talk: str, person: str
    ) -> Removed:
        """Somebody is no speaker of a talk any more, and no claim of theirs waits."""
        await self.check(session, actor, address)
        talk_in(await self.programme.room(session, address), talk)
        row = await speakers.find(session, talk, person)
        if row is not None:
            await speakers.remove(session, row)
        if await self.people.speaks(session, person, talk):
            return Removed.LISTED
        return Removed.UNKNOWN if row is None else Removed.GONE

    @once
    async def claim(
        self,
        session: WriteSession,
        actor: Actor,
        address: str,
        talk: str,
        *,
        asked_there: bool = False,
    ) -> Claimed:
        """The actor says that they speak in a talk. `asked_there`: whether the face asks the
        moderators in the talk room, in answer to that."""
        self.check_claim(actor)
        slot = talk_in(await self.programme.room(session, address), talk)
        if await self.people.speaks(session, actor.person, talk):
            return Claimed.ALREADY
        if await self.may_name(session, actor, address):
            await self._appoint(session, actor, slot, actor.person)
            return Claimed.NAMED
        if await speakers.find(session, talk, actor.person) is not None:
            return Claimed.WAITS
        hosts_rooms = await self.hosts.rooms_of(session, address)
        if not asked_there and not hosts_rooms:
            raise Refused(Denial.NOBODY_CONFIRMS, slot=slot)
        await self._check_number(session, slot, confirmed=False)
        speakers.claim(session, talk, actor.person, actor.cause, actor.now)
        event = SpeakerClaimed(slot.talk, actor.person, actor.cause, address, tuple(hosts_rooms))
        await self.hears(session, event)
        return Claimed.ASKED

    def check_claim(self, actor: Who) -> None:
        """Raises `Refused` where nobody knows who the actor is."""
        if actor.relayed:
            raise Refused(Denial.CLAIM_RELAYED)
        if not speakers.is_account(actor.person):
            raise Refused(Denial.NO_ACCOUNT)

    @once
    async def confirm(self, session: WriteSession, actor: Actor, claim: Speaker) -> bool:
        """A moderator says that a claim is true; returns whether that is new."""
        talk = self.programme.talks.get(claim.talk)
        if talk is None or claim.confirmed:
            return False
        address = self.programme.address_for(talk)
        room = await room_at(session, address) if address is not None else None
        await self.access.demand(session, actor, Permission.CONFIRM_SPEAKER, room)
        slot = Slot(talk, talk.start, talk.end)
        await self._appoint(session, actor, slot, claim.person)
        return True

    async def retract(self, session: WriteSession, cause: str) -> bool:
        """What claimed something, perhaps, says so no more: it was edited by its author, or
        redacted by somebody who may, which the face has seen to. A claim that nobody had confirmed
        is void; returns whether there was one."""
        claim = await speakers.claimed_by(session, cause)
        if claim is None:
            return False
        await speakers.remove(session, claim)
        await self.hears(session, ClaimDropped(cause))
        return True

    async def _appoint(self, session: WriteSession, actor: Actor, slot: Slot, person: str) -> None:
        await self._check_number(session, slot, confirmed=True)
        await speakers.appoint(session, slot.talk.guid, person, actor.now)
        await self.hears(session, SpeakerNamed(slot.talk, person, actor.cause))

    async def _check_number(self, session: AsyncSession, slot: Slot, *, confirmed: bool) -> None:
        if await speakers.count(session, slot.talk.guid, confirmed=confirmed) >= speakers.MOST:
            raise Refused(Denial.SPEAKERS_FULL, slot=slot, number=speakers.MOST)
