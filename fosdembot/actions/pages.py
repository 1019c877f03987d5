"""Somebody logs in on a page by way of the chat, or wants a secret link to pass on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access, TalkIn
from fosdembot.actions.actor import Actor, Who
from fosdembot.actions.once import once
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.changes import AccessEnded, Changes
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import MOST, LinkFor, LinkKind, PageLinks, TooManyLinks
from fosdembot.conference.page_logins import Claim, PageLogins
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.relays import is_named_relay
from fosdembot.conference.speakers import is_account
from fosdembot.db.engine import WriteSession
from fosdembot.settings import Settings


@dataclass(frozen=True, slots=True)
class LoginActions:
    """Everybody may, for themselves; nobody for whom a relay speaks, as nobody knows who they
    are. Each method raises `Refused` before it changes anything."""

    logins: PageLogins
    sessions: PageSessions
    addresses: PageAddresses
    settings: Settings
    changes: Changes

    @once
    async def claim(self, session: WriteSession, actor: Actor, code: str, name: str) -> Claim:
        """The actor typed the code that a page shows: the page asks whether it is them."""
        self._check(actor)
        return await self.logins.claim(session, code, actor.person, name)

    @once
    async def invite(self, session: WriteSession, actor: Actor, name: str) -> str:
        """The actor gets a personal link. Returns its secret."""
        self._check(actor)
        return await self.logins.invite(session, actor.person, name)

    @once
    async def leave(self, session: WriteSession, actor: Actor) -> None:
        """The actor is logged out on all pages, and whoever is about to log in as them is not."""
        self._check(actor)
        await self.logins.end_all(session, actor.person)
        await self.sessions.end_all(session, actor.person)
        self.changes.publish(session, AccessEnded())

    def _check(self, actor: Actor) -> None:
        if not self.addresses.are_on:
            raise Refused(Denial.NO_PAGES)
        if not is_account(actor.person):
            raise Refused(Denial.NO_ACCOUNT)
        if actor.relayed or is_named_relay(actor.person, self.settings):
            raise Refused(Denial.LOGIN_RELAYED)


@dataclass(frozen=True, slots=True)
class LinkActions:
    """`address` is that of the talk room. Each method raises `Refused` before it changes
    anything."""

    access: Access
    links: PageLinks
    addresses: PageAddresses
    changes: Changes

    async def check(
        self, session: AsyncSession, actor: Who, address: str, for_what: LinkFor
    ) -> None:
        """Raises `Refused` where the actor may not have such a link."""
        is_speaker_s = for_what.kind is LinkKind.SPEAKER
        needed = Permission.GET_SPEAKER_LINK if is_speaker_s else Permission.GET_LINKS
        await self._demand(session, actor, needed, address, for_what.talk)

    @once
    async def make(
        self, session: WriteSession, actor: Actor, address: str, for_what: LinkFor, name: str
    ) -> str:
        """A secret link. Returns its secret; `name`: what others see of who comes by it."""
        await self.check(session, actor, address, for_what)
        try:
            return await self.links.make(session, for_what, name, actor.now, actor.person)
        except TooManyLinks:
            raise Refused(Denial.LINKS_FULL, number=MOST) from None

    @once
    async def revoke(
        self, session: WriteSession, actor: Actor, address: str, talk: str | None = None
    ) -> int:
        """All links for a talk (its guid), else for the overlay of the room, open nothing any
        more. Returns how many that are."""
        await self._demand(session, actor, Permission.GET_LINKS, address, talk)
        of_room = address if talk is None else None
        self.changes.publish(session, AccessEnded())
        return await self.links.revoke(session, actor.now, talk=talk, address=of_room)

    async def _demand(
        self,
        session: AsyncSession,
        actor: Who,
        needed: Permission,
        address: str,
        talk: str | None,
    ) -> None:
        if not self.addresses.are_on:
            raise Refused(Denial.NO_PAGES)
        room = await room_at(session, address)
        about = TalkIn(talk, room) if talk is not None and room is not None else room
        await self.access.demand(session, actor, needed, about)
