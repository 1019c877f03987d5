"""`!talk page`: secret links to the pages of a talk, and to the overlay of its room.

A link is never told where the audience reads: there it goes into the direct chat with whoever
asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fosdembot.actions.pages import LinkActions
from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.chat.command import PRIVATE, Declined, Quietly
from fosdembot.chat.meant.talk import Case, TalkChoice
from fosdembot.chat.reading.parser import first_word
from fosdembot.conference.addresses import short_name
from fosdembot.conference.page_links import LinkFor, LinkKind
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import room_at
from fosdembot.conference.speakers import speakers_of
from fosdembot.matrix.content import to_persons
from fosdembot.matrix.direct import readable_chat
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import page_login as texts
from fosdembot.texts.render import Text, clean, lines, link
from fosdembot.texts.words import count, names

_MODERATORS = ("moderator", "moderators")
_OVERLAY, _REVOKE, _HELP = "overlay", "revoke", "help"


@dataclass(frozen=True, slots=True)
class TalkPageCommand:
    _actions: LinkActions
    _programme: Programme
    _choice: TalkChoice
    _outbox: Outbox
    _settings: Settings

    async def command(self, case: Case, arguments: str) -> Text | Quietly:
        """`!talk page …`, with what follows that."""
        word, rest = first_word(arguments)
        word = word.lower()
        if word == _OVERLAY:
            return await self._overlay(case)
        if word == _REVOKE:
            return await self._revoke(case, rest)
        if word == _HELP:
            return self._choice.say(texts.LINK_USAGE_TALK, case)
        is_moderators = word in _MODERATORS
        kind = LinkKind.MODERATOR if is_moderators else LinkKind.SPEAKER
        slot = await self._slot(case, rest if is_moderators else arguments.strip())
        return await self._of_talk(case, kind, slot)

    # What is asked for.

    async def _of_talk(self, case: Case, kind: LinkKind, slot: StageSlot) -> Text | Quietly:
        talk, for_what = slot.talk, LinkFor(kind, talk=slot.talk.guid)
        chat = await self._chat(case, for_what)
        if kind is LinkKind.SPEAKER:
            name = names(talk.persons) or texts.SPEAKER_NAME
        else:
            name = texts.MODERATOR_NAME
        secret = await self._make(case, for_what, name, talk.id)
        may_revoke = await self._is_moderator(case)
        told = _told(case, chat)
        said = [
            self._choice.say(
                _template(kind, may_revoke=may_revoke),
                told,
                title=title_of(talk),
                url=_shown(self._actions.addresses.link(secret)),
                days=self._days,
            )
        ]
        if may_revoke:
            # In another room the talk may be another one that is on.
            said.append(self._choice.say(texts.REVOKE_HINT, told, id=talk.id))
        return await self._tell(case, lines(said), chat)

    async def _overlay(self, case: Case) -> Text | Quietly:
        address = case.room.address
        for_what = LinkFor(LinkKind.OVERLAY, address=address)
        chat = await self._chat(case, for_what)
        secret = await self._make(case, for_what, "", _OVERLAY)
        told = _told(case, chat)
        said = [
            self._choice.say(
                texts.OVERLAY_LINK,
                told,
                room=short_name(address),
                url=_shown(self._actions.addresses.overlay(secret)),
                days=self._days,
            ),
            self._choice.say(texts.REVOKE_OVERLAY_HINT, told),
        ]
        return await self._tell(case, lines(said), chat)

    async def _revoke(self, case: Case, rest: str) -> Text | Quietly:
        session, actor, address = case.command.session, case.command.actor, case.room.address
        if rest.strip().lower() == _OVERLAY:
            number = await self._actions.revoke(session, actor, address)
            said = texts.REVOKED_OVERLAY if number else texts.NONE_TO_REVOKE
            return self._choice.say(
                said, case, links=count(number, "link"), room=short_name(address)
            )
        slot = await self._slot(case, rest.strip())
        number = await self._actions.revoke(session, actor, address, slot.talk.guid)
        said = texts.REVOKED if number else texts.NONE_TO_REVOKE
        return self._choice.say(said, case, links=count(number, "link"), title=title_of(slot.talk))

    # Where it is told.

    async def _chat(self, case: Case, for_what: LinkFor) -> str | None:
        """The direct chat into which a link goes; None where it may be told right here. Raises
        `Refused`, and `Declined` where there is none."""
        command = case.command
        await self._actions.check(command.session, command.actor, case.room.address, for_what)
        if command.place in PRIVATE:
            return None
        chat = await readable_chat(command.session, command.sender)
        if chat is None:
            room, typed = short_name(case.room.address), clean(case.found.rest, 80)
            raise Declined(self._choice.say(texts.ASK_DIRECTLY, case, room=room, typed=typed))
        return chat

    async def _tell(self, case: Case, said: Text, chat: str | None) -> Text | Quietly:
        if chat is None:
            return said
        command = case.command
        content = to_persons(said, [command.sender])
        await self._outbox.message(
            command.session, f"link/{command.answers}", chat, content, Urgency.ANSWER
        )
        return Quietly(self._choice.say(texts.SENT_DIRECTLY, case))

    # What is meant.

    async def _slot(self, case: Case, name: str) -> StageSlot:
        """The talk with this id; without one the own talk of a speaker, else the one that a
        moderator means who names none. Raises `Declined`."""
        if not name and not await self._is_moderator(case):
            own = await self._own(case)
            if own:
                return next((slot for slot in own if slot.end > case.at), own[-1])
        return self._choice.meant(case, name)

    async def _own(self, case: Case) -> list[StageSlot]:
        """The talks in the room in which whoever asks speaks."""
        command, slots = case.command, case.room.slots
        talks = [slot.talk.guid for slot in slots]
        speakers = await speakers_of(command.session, self._programme, self._settings, talks)
        return [slot for slot in slots if command.sender in speakers[slot.talk.guid]]

    async def _is_moderator(self, case: Case) -> bool:
        session, actor = case.command.session, case.command.actor
        room = await room_at(session, case.room.address)
        return await self._actions.access.allows(session, actor, Permission.GET_LINKS, room)

    async def _make(self, case: Case, for_what: LinkFor, name: str, what: str) -> str:
        """A link's secret. `what`: how those like it are revoked. Raises `Declined`."""
        session, actor = case.command.session, case.command.actor
        try:
            return await self._actions.make(session, actor, case.room.address, for_what, name)
        except Refused as refused:
            if refused.why is not Denial.LINKS_FULL:
                raise
            full = self._choice.say(texts.LINKS_FULL, case, number=refused.number, id=what)
            raise Declined(full) from None

    @property
    def _days(self) -> str:
        return count(self._settings.pages.link_days, "day")


def _told(case: Case, chat: str | None) -> Case:
    """As if it had been typed where it is told: in a direct chat the room has to be named."""
    if chat is None:
        return case
    return replace(case, found=replace(case.found, named=short_name(case.room.address)))


def _template(kind: LinkKind, *, may_revoke: bool) -> str:
    if kind is LinkKind.MODERATOR:
        return texts.MODERATOR_LINK
    return texts.SPEAKER_LINK if may_revoke else texts.OWN_LINK


def _shown(url: str) -> Text:
    return link(url) or Text(url, url)
