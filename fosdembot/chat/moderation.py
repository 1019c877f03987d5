"""What moderators decide about talks: `!talk delay 10` and so on."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.allowing import demand
from fosdembot.chat.attendee import AttendeeCommands
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place, Quietly
from fosdembot.chat.finder import Finder
from fosdembot.chat.outcome import Outcome
from fosdembot.chat.parser import first_word
from fosdembot.chat.talk_choice import Case, TalkChoice
from fosdembot.conference.programme import Programme
from fosdembot.db.tables import TalkLog
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.room_addresses import room_of
from fosdembot.settings import Settings
from fosdembot.talks import delays
from fosdembot.talks.delays import MOST_MINUTES, Refusal, Refused
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Override, Slot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, clean, say, sentences

_Decision = Callable[
    [Sequence[Slot], Mapping[str, Override], str, datetime], Mapping[str, Override]
]
_DECISIONS: dict[str, tuple[_Decision, str | None]] = {
    "start": (delays.start, texts.STARTED),
    "end": (delays.end, texts.ENDED),
    "cancel": (delays.cancel, texts.CANCELLED),
    "noshow": (delays.noshow, texts.NOSHOW),
    "now": (delays.on_instead, texts.ON_NOW),
    "reset": (delays.reset, None),
}
TalkAction = Callable[[Case, str], Awaitable[Text | Quietly | None]]
"""What `!talk WORD …` does, given what follows the word; it sees to who may."""

_REFUSALS = {
    Refusal.UNKNOWN: texts.NO_TALK_TO_CHANGE,
    Refusal.MINUTES: texts.REFUSED_MINUTES,
    Refusal.OVER: texts.REFUSED_OVER,
    Refusal.WOULD_BE_OVER: texts.REFUSED_WOULD_BE_OVER,
    Refusal.NOT_STARTED: texts.REFUSED_NOT_STARTED,
    Refusal.CANCELLED: texts.REFUSED_CANCELLED,
}
_MINUTES = re.compile(r"\+?(\d{1,5})(?:\s*(?:m|min|mins|minutes?)\b\.?)?(?:\s+(.*))?", re.DOTALL)


class ModerationCommands:
    def __init__(
        self,
        programme: Programme,
        finder: Finder,
        attendee: AttendeeCommands,
        access: Access,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._programme = programme
        self._attendee = attendee
        self._access = access
        self._outbox = outbox
        self._choice = TalkChoice(programme, finder, settings.command_prefix)
        self._prefix = settings.command_prefix
        self._others: dict[str, TalkAction] = {}

    def table(self) -> Commands:
        return {"talk": Entry(self._talk, question=True)}

    def add_action(self, word: str, action: TalkAction) -> None:
        """Let `action` see to `!talk WORD …`."""
        self._others[word] = action

    async def _talk(self, command: Command) -> Text | Quietly | None:
        case = await self._choice.case(command)
        action, rest = first_word(case.found.rest)
        if not action:
            return await self._attendee.talk(command)
        action = action.lower()
        if action in self._others:
            return await self._others[action](case, rest)
        if action != "delay" and action not in _DECISIONS:
            raise Declined(self._choice.say(texts.TALK_USAGE, case))
        await self.check(case, Permission.CHANGE_TALK)
        return await (
            self._delay(case, rest) if action == "delay" else self._do(case, action, rest)
        )

    async def _delay(self, case: Case, arguments: str) -> Text:
        typed = _MINUTES.fullmatch(arguments)
        if typed is None:
            raise Declined(self._choice.say(texts.DELAY_USAGE, case))
        minutes, slot = int(typed[1]), self._choice.meant(case, typed[2] or "")
        room = case.room
        changes = self._checked(
            case,
            slot,
            lambda: delays.delay(room.neighbours, room.overrides, slot.talk.guid, minutes, case.at),
        )
        return await self._put(case, slot, f"delay {minutes}", changes, None)

    async def _do(self, case: Case, action: str, name: str) -> Text:
        if action == "now" and not name:
            raise Declined(
                self._choice.say(texts.NOW_USAGE, case, choices=self._choice.choices(case))
            )
        decide, template = _DECISIONS[action]
        slot = self._choice.meant(case, name, action)
        room = case.room
        changes = self._checked(
            case,
            slot,
            lambda: decide(room.neighbours, room.overrides, slot.talk.guid, case.at),
        )
        return await self._put(case, slot, action, changes, template)

    async def undone(self, case: Case, entry: TalkLog) -> Text:
        """Tell of a decision about talks of the room that was taken back."""
        outcome = await self._outcome(case)
        said, guid = [say(texts.UNDONE)], entry.changes[0]["guid"]
        if outcome.knows(guid):
            said.append(outcome.state(guid))
        return await self._tell(case, outcome, said)

    async def _put(
        self,
        case: Case,
        slot: Slot,
        action: str,
        changes: Mapping[str, Override],
        template: str | None,
    ) -> Text:
        """Put the decision in force and tell the talk room, with what follows from it."""
        if not changes:
            return self._choice.say(texts.ALREADY_SO, case)
        guid, command = slot.talk.guid, case.command
        # The talk that was meant comes first in the log.
        ordered = {guid: changes[guid]} if guid in changes else {}
        await self._programme.decide(
            command.session, case.room.address, command.sender, action, {**ordered, **changes}
        )
        outcome = await self._outcome(case)
        said = [outcome.about(template, guid) if template else outcome.state(guid)]
        told = await self._tell(case, outcome, said)
        return sentences([told, self._choice.say(texts.WRONG, case)])

    async def _tell(self, case: Case, outcome: Outcome, said: list[Text]) -> Text:
        """The talk room is told in any case; the moderator sees it there, or gets the
        same words where the command came from. So are others whose talks had to move."""
        told = sentences([*said, *outcome.moved_here(), *outcome.next()])
        if case.command.place is not Place.TALK_ROOM:
            await self._tell_room(case, case.room.address, told)
        for address, text in outcome.moved_elsewhere().items():
            await self._tell_room(case, address, text)
        return told

    async def _tell_room(self, case: Case, address: str, text: Text) -> None:
        session = case.command.session
        room = await room_of(session, address)
        if room is not None:
            key = f"decision/{case.command.event_id}/{room}"
            await self._outbox.message(session, key, room, notice(text), Urgency.CHANGE)

    async def check(self, case: Case, permission: Permission) -> None:
        """Raises `Declined` if somebody may not do that in the room."""
        command, session = case.command, case.command.session
        room = await room_of(session, case.room.address)
        await demand(self._access, session, command.actor, permission, room)

    async def _outcome(self, case: Case) -> Outcome:
        after = await self._programme.room(case.command.session, case.room.address)
        return Outcome(case.room, after, case.at, self._programme, self._prefix)

    def _checked(
        self, case: Case, slot: Slot, decide: Callable[[], Mapping[str, Override]]
    ) -> Mapping[str, Override]:
        try:
            return decide()
        except Refused as refused:
            title, id_ = title_of(slot.talk), clean(slot.talk.id, 40)
            text = self._choice.say(
                _REFUSALS[refused.why], case, title=title, id=id_, most=MOST_MINUTES
            )
            raise Declined(text) from None
