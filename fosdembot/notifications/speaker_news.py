"""What rooms are told of speakers: moderators are asked whether somebody is one, and who is one
is told so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.addresses import short_name
from fosdembot.conference.events import ClaimDropped, SpeakerClaimed, SpeakerNamed
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Speaker
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.content import notice, to_persons
from fosdembot.matrix.members import display_name
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.room_addresses import room_of
from fosdembot.questions.emoji import Tap
from fosdembot.schedule.model import Talk
from fosdembot.talks.naming import title_of
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say

_ASKED_THERE = "answer/"
"""Begins the key of the question in the talk room, as that of any answer to a command."""


@dataclass(frozen=True, slots=True)
class SpeakerNews:
    outbox: Outbox
    programme: Programme
    prefix: str

    async def named(self, session: WriteSession, named: SpeakerNamed) -> None:
        """Tell the speaker what they may, in the talk room."""
        talk, person = named.talk, named.person
        address = self.programme.address_for(talk)
        room = await room_of(session, address) if address is not None else None
        if room is None:
            return
        name = await display_name(session, room, person)
        text = say(texts.SPEAKER, p=self.prefix, name=name, title=title_of(talk))
        key, content = f"speaker/{talk.guid}/{person}/{named.cause}", to_persons(text, [person])
        await self.outbox.message(session, key, room, content, Urgency.CHANGE)

    async def claimed(self, session: WriteSession, claimed: SpeakerClaimed) -> None:
        """Ask the moderators in the hosts' rooms."""
        command = f"{self.prefix}talk {short_name(claimed.address)} speaker"
        for room in claimed.hosts_rooms:
            key = f"claim/{claimed.cause}/{room}"
            await self._ask(session, key, room, claimed.talk, claimed.person, command)

    async def ask_there(
        self, session: WriteSession, room: str, talk: Talk, person: str, event: str
    ) -> None:
        """Ask the moderators in the talk room, in answer to the event that claims it."""
        key, command = f"{_ASKED_THERE}{event}", f"{self.prefix}talk speaker"
        await self._ask(session, key, room, talk, person, command, reply_to=event)

    async def _ask(
        self,
        session: WriteSession,
        key: str,
        room: str,
        talk: Talk,
        person: str,
        command: str,
        reply_to: str | None = None,
    ) -> None:
        """Ask moderators in the bot's own words, which nobody else can edit; nor does a name
        stand there that anybody may give themselves."""
        text = say(texts.CLAIM, user=person, title=title_of(talk), command=command)
        await self.outbox.message(session, key, room, notice(text, reply_to), Urgency.ANSWER)
        await self.outbox.react(
            session, f"{key}/0", room, Tap.CHECK, target=key, urgency=Urgency.BUTTON
        )

    async def dropped(self, session: WriteSession, dropped: ClaimDropped) -> None:
        """What was asked about a claim goes."""
        lines = Outgoing.key.startswith(f"claim/{dropped.cause}/", autoescape=True)
        keys = await session.scalars(
            select(Outgoing.key).where(
                or_(Outgoing.key == f"{_ASKED_THERE}{dropped.cause}", lines),
                Outgoing.event_type == "m.room.message",
            )
        )
        for key in keys.all():
            await self.outbox.redact(session, f"redact/{key}", target=key)


async def claim_asked_at(session: AsyncSession, event: str) -> Speaker | None:
    """The claim that a message of ours is about."""
    about = or_(
        Outgoing.key == literal(_ASKED_THERE) + Speaker.claim,
        Outgoing.key == literal("claim/") + Speaker.claim + "/" + Outgoing.room_id,
    )
    ours = select(Speaker.claim).join(Outgoing, about).where(Outgoing.event_id == event)
    return (await session.scalars(select(Speaker).where(Speaker.claim.in_(ours)))).one_or_none()
