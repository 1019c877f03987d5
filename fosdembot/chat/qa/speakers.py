"""Who speaks in a talk: named by a moderator, or claimed by oneself and confirmed with a tap."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Declined, Place, Quietly
from fosdembot.chat.parser import first_word
from fosdembot.chat.replies import answer_key
from fosdembot.chat.talk_choice import Case, TalkChoice, with_id
from fosdembot.conference.addresses import short_name
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.people import People
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Speaker
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.api import Json
from fosdembot.matrix.content import notice, to_persons
from fosdembot.matrix.members import display_name
from fosdembot.matrix.mentions import typed
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import may_redact
from fosdembot.matrix.relations import replaced
from fosdembot.matrix.room_addresses import room_of
from fosdembot.questions.by import By
from fosdembot.questions.emoji import Tap
from fosdembot.schedule.model import Talk
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Slot
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say

MOST = 10
"""Speakers of one talk, and as many who claim to be."""


class SpeakerCommands:
    """The only writer of `speakers`."""

    def __init__(
        self,
        access: Access,
        people: People,
        programme: Programme,
        hosts: Hosts,
        outbox: Outbox,
        choice: TalkChoice,
        prefix: str,
    ) -> None:
        self._access = access
        self._people = people
        self._programme = programme
        self._hosts = hosts
        self._outbox = outbox
        self._choice = choice
        self._prefix = prefix

    async def command(self, case: Case, arguments: str) -> Text | Quietly | None:
        """`!talk speaker …`, with what follows that."""
        word, rest = first_word(arguments)
        remove = word.lower() == "remove"
        user, name = _named(case, rest if remove else arguments)
        if user is None and not remove and (not name or with_id(case.room.slots, name)):
            return await self._claim(case, name)
        may_name = await self._may_name(case)
        if not may_name and user == case.command.sender and not remove:
            return await self._claim(case, name)
        if not may_name:
            raise Declined(say(texts.SPEAKER_BY_MODERATORS, p=self._prefix))
        if user is None:
            raise Declined(say(texts.SPEAKER_USAGE, p=self._prefix))
        slot = self._choice.meant(case, name)
        return await (self._remove if remove else self._name)(case, slot, user)

    # By moderators.

    async def _name(self, case: Case, slot: Slot, user: str) -> Quietly:
        command, title = case.command, title_of(slot.talk)
        if await self._people.speaks(command.session, user, slot.talk.guid):
            return Quietly(say(texts.SPEAKER_ALREADY, user=user, title=title))
        if not await self._appoint(command.session, slot.talk, user, command.by):
            raise Declined(say(texts.SPEAKERS_FULL, title=title, number=MOST))
        return Quietly(say(texts.SPEAKER_NAMED, user=user, title=title))

    async def _remove(self, case: Case, slot: Slot, user: str) -> Quietly:
        session, guid, title = case.command.session, slot.talk.guid, title_of(slot.talk)
        row = await session.get(Speaker, (guid, user))
        if row is not None:
            await session.delete(row)
            await session.flush()
        if await self._people.speaks(session, user, guid):
            return Quietly(say(texts.SPEAKER_LISTED, user=user))
        said = texts.SPEAKER_UNKNOWN if row is None else texts.SPEAKER_REMOVED
        return Quietly(say(said, user=user, title=title))

    async def _appoint(self, session: WriteSession, talk: Talk, user: str, by: By) -> bool:
        """Make somebody a speaker, and tell them; False where there are too many."""
        if await _count(session, talk.guid, confirmed=True) >= MOST:
            return False
        row = await session.get(Speaker, (talk.guid, user))
        if row is None:
            row = Speaker(talk=talk.guid, person=user, claim=None, at=by.at)
            session.add(row)
        row.confirmed = True
        room = await self._room(session, talk.guid)
        if room is not None:
            name = await display_name(session, room, user)
            text = say(texts.SPEAKER, p=self._prefix, name=name, title=title_of(talk))
            key = f"speaker/{talk.guid}/{user}/{by.cause}"
            await self._outbox.message(session, key, room, to_persons(text, [user]), Urgency.CHANGE)
        return True

    # By those who say that they are.

    async def _claim(self, case: Case, name: str) -> Text | Quietly | None:
        command, session = case.command, case.command.session
        if command.relayed:
            raise Declined(say(texts.CLAIM_NOT_RELAYED))
        slot = self._choice.meant(case, name)
        guid, title, person = slot.talk.guid, title_of(slot.talk), command.sender
        if await self._people.speaks(session, person, guid):
            return Quietly(say(texts.SPEAKER_ALREADY, user=person, title=title))
        if await self._may_name(case):
            return await self._name(case, slot, person)
        if await session.get(Speaker, (guid, person)) is not None:
            return Quietly(say(texts.CLAIM_WAITS))
        hosts_rooms = await self._hosts.rooms_of(session, case.room.address)
        if command.place is not Place.TALK_ROOM and not hosts_rooms:
            raise Declined(say(texts.CLAIM_IN_ROOM, p=self._prefix))
        if await _count(session, guid, confirmed=False) >= MOST:
            raise Declined(say(texts.SPEAKERS_FULL, title=title, number=MOST))
        session.add(
            Speaker(
                talk=guid,
                person=person,
                confirmed=False,
                claim=command.event_id,
                at=command.now,
            )
        )
        await self._tell_hosts(case, slot, hosts_rooms)
        if command.place is not Place.TALK_ROOM:
            return say(texts.CLAIM_SENT)
        key, named = answer_key(command.event_id), f"{self._prefix}talk speaker"
        await self._ask(case, slot, key, command.room, named, reply_to=command.event_id)
        return None

    async def _tell_hosts(self, case: Case, slot: Slot, rooms: Sequence[str]) -> None:
        named = f"{self._prefix}talk {short_name(case.room.address)} speaker"
        for room in rooms:
            await self._ask(case, slot, f"claim/{case.command.event_id}/{room}", room, named)

    async def _ask(
        self,
        case: Case,
        slot: Slot,
        key: str,
        room: str,
        command: str,
        reply_to: str | None = None,
    ) -> None:
        """Ask moderators in the bot's own words, which nobody else can edit; nor does a name
        stand there that anybody may give themselves."""
        session, person = case.command.session, case.command.sender
        text = say(texts.CLAIM, user=person, title=title_of(slot.talk), command=command)
        await self._outbox.message(session, key, room, notice(text, reply_to), Urgency.ANSWER)
        await self._outbox.react(
            session, f"{key}/0", room, Tap.CHECK, target=key, urgency=Urgency.BUTTON
        )

    async def tapped(self, session: WriteSession, event: str, by: By) -> bool:
        """A ✅ on an event: whether the bot asks there about a claim, and `by` may confirm
        that."""
        claim = await _claim_asked_at(session, event)
        talk = self._programme.talks.get(claim.talk) if claim is not None else None
        if claim is None or talk is None or claim.confirmed:
            return False
        room = await self._room(session, talk.guid)
        actor, confirms = Who(by.person), Permission.CONFIRM_SPEAKER
        if not await self._access.allows(session, actor, confirms, room):
            return False
        return await self._appoint(session, talk, claim.person, by)

    async def redacted(self, session: WriteSession, room: str, event: str, sender: str) -> bool:
        """An event was redacted: whether it was a claim that nobody had confirmed."""
        claim = await _unconfirmed(session, event)
        if claim is None:
            return False
        if sender != claim.person and not await may_redact(session, room, sender):
            return False
        await self._drop(session, claim, event)
        return True

    async def edited(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message: whether it is an edit of a claim that nobody had confirmed, which is
        void then."""
        original = replaced(event["content"])
        claim = await _unconfirmed(session, original) if original is not None else None
        if claim is None or original is None:
            return False
        # Homeservers let anybody send one; it counts only from whoever wrote the message.
        if event["sender"] == claim.person:
            await self._drop(session, claim, original)
        return True

    async def _drop(self, session: WriteSession, claim: Speaker, event: str) -> None:
        """The claim is void, and what was asked about it goes."""
        await session.delete(claim)
        lines = Outgoing.key.startswith(f"claim/{event}/", autoescape=True)
        keys = await session.scalars(
            select(Outgoing.key).where(
                or_(Outgoing.key == answer_key(event), lines),
                Outgoing.event_type == "m.room.message",
            )
        )
        for key in keys.all():
            await self._outbox.redact(session, f"redact/{key}", target=key)

    # How it is known.

    async def _may_name(self, case: Case) -> bool:
        command = case.command
        room = await room_of(command.session, case.room.address)
        return await self._access.allows(
            command.session, command.actor, Permission.NAME_SPEAKER, room
        )

    async def _room(self, session: AsyncSession, talk: str) -> str | None:
        """The room in which a talk takes place."""
        address = self._programme.address_for(self._programme.talks[talk])
        return await room_of(session, address) if address is not None else None


def _named(case: Case, arguments: str) -> tuple[str | None, str]:
    """Whom a command names, and the id of the talk after that."""
    if not case.command.linked:
        return typed(arguments)
    # What stands for a link in the plain text, no client does like another.
    last = arguments.split()[-1:]
    named = bool(last) and with_id(case.room.slots, last[0]) is not None
    return case.command.linked[0], last[0] if named else ""


async def _claim_asked_at(session: AsyncSession, event: str) -> Speaker | None:
    """The claim that a message of ours is about."""
    about = or_(
        Outgoing.key == literal(answer_key("")) + Speaker.claim,
        Outgoing.key == literal("claim/") + Speaker.claim + "/" + Outgoing.room_id,
    )
    ours = select(Speaker.claim).join(Outgoing, about).where(Outgoing.event_id == event)
    return (await session.scalars(select(Speaker).where(Speaker.claim.in_(ours)))).one_or_none()


async def _unconfirmed(session: AsyncSession, event: str) -> Speaker | None:
    """The claim that an event makes, and that waits for a moderator."""
    found = select(Speaker).where(Speaker.claim == event, Speaker.confirmed.is_(False))
    return (await session.scalars(found)).one_or_none()


async def _count(session: AsyncSession, talk: str, *, confirmed: bool) -> int:
    query = select(func.count(Speaker.person)).where(
        Speaker.talk == talk, Speaker.confirmed.is_(confirmed)
    )
    return await session.scalar(query) or 0
