"""`!talk speaker`: who speaks in a talk is named by a moderator, or claimed by oneself and
confirmed with a tap."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.actor import Actor
from fosdembot.actions.refused import Refused
from fosdembot.actions.speakers import Claimed, Removed, SpeakerActions
from fosdembot.chat.command import Declined, Place, Quietly
from fosdembot.chat.meant.talk import Case, TalkChoice, with_id
from fosdembot.chat.reading.parser import first_word
from fosdembot.conference.speakers import claimed_by
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.mentions import typed
from fosdembot.matrix.power import may_redact
from fosdembot.notifications.speaker_news import SpeakerNews, claim_asked_at
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Slot
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say

_REMOVED = {
    Removed.GONE: texts.SPEAKER_REMOVED,
    Removed.UNKNOWN: texts.SPEAKER_UNKNOWN,
    Removed.LISTED: texts.SPEAKER_LISTED,
}


@dataclass(frozen=True)
class SpeakerCommands:
    _speakers: SpeakerActions
    _news: SpeakerNews
    _choice: TalkChoice
    _prefix: str

    async def command(self, case: Case, arguments: str) -> Text | Quietly | None:
        """`!talk speaker …`, with what follows that."""
        command, address = case.command, case.room.address
        word, rest = first_word(arguments)
        remove = word.lower() == "remove"
        user, name = _named(case, rest if remove else arguments)
        if user is None and not remove and (not name or with_id(case.room.slots, name)):
            return await self._claim(case, name)
        if user != command.sender or remove:
            await self._speakers.check(command.session, command.actor, address)
        elif not await self._speakers.may_name(command.session, command.actor, address):
            return await self._claim(case, name)
        if user is None:
            raise Declined(say(texts.SPEAKER_USAGE, p=self._prefix))
        slot = self._choice.meant(case, name)
        return await (self._remove if remove else self._name)(case, slot, user)

    async def _name(self, case: Case, slot: Slot, user: str) -> Quietly:
        command, talk = case.command, slot.talk
        is_new = await self._speakers.name(
            command.session, command.actor, case.room.address, talk.guid, user
        )
        said = texts.SPEAKER_NAMED if is_new else texts.SPEAKER_ALREADY
        return Quietly(say(said, user=user, title=title_of(talk)))

    async def _remove(self, case: Case, slot: Slot, user: str) -> Quietly:
        command, talk = case.command, slot.talk
        removed = await self._speakers.remove(
            command.session, command.actor, case.room.address, talk.guid, user
        )
        return Quietly(say(_REMOVED[removed], user=user, title=title_of(talk)))

    async def _claim(self, case: Case, name: str) -> Text | Quietly | None:
        command, here = case.command, case.command.place is Place.TALK_ROOM
        self._speakers.check_claim(command.actor)
        talk = self._choice.meant(case, name).talk
        claimed = await self._speakers.claim(
            command.session, command.actor, case.room.address, talk.guid, asked_there=here
        )
        match claimed:
            case Claimed.ALREADY | Claimed.NAMED:
                is_new = claimed is Claimed.NAMED
                said = texts.SPEAKER_NAMED if is_new else texts.SPEAKER_ALREADY
                return Quietly(say(said, user=command.sender, title=title_of(talk)))
            case Claimed.WAITS:
                return Quietly(say(texts.CLAIM_WAITS))
            case Claimed.ASKED if not here:
                return say(texts.CLAIM_SENT)
        await self._news.ask_there(
            command.session, command.room, talk, command.sender, command.event_id
        )
        return None

    async def tapped(self, session: WriteSession, event: str, actor: Actor) -> bool:
        """A ✅ on an event: whether the bot asks there about a claim, and the actor may confirm
        that."""
        claim = await claim_asked_at(session, event)
        if claim is None:
            return False
        try:
            return await self._speakers.confirm(session, actor, claim)
        except Refused:
            return False

    async def redacted(self, session: WriteSession, room: str, event: str, sender: str) -> bool:
        """An event was redacted: whether it was a claim that nobody had confirmed."""
        claim = await claimed_by(session, event)
        if claim is None:
            return False
        if sender != claim.person and not await may_redact(session, room, sender):
            return False
        return await self._speakers.retract(session, event)


def _named(case: Case, arguments: str) -> tuple[str | None, str]:
    """Whom a command names, and the id of the talk after that."""
    if not case.command.linked:
        return typed(arguments)
    # What stands for a link in the plain text, no client does like another.
    last = arguments.split()[-1:]
    named = bool(last) and with_id(case.room.slots, last[0]) is not None
    return case.command.linked[0], last[0] if named else ""
