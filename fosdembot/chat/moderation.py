"""What moderators decide about talks: `!talk delay 10` and so on, and `!undo`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fosdembot.chat.attendee import AttendeeCommands
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.finder import Finder, Found
from fosdembot.chat.outcome import Outcome
from fosdembot.chat.parser import first_word
from fosdembot.chat.roles import Roles
from fosdembot.conference.programme import Programme, RoomProgramme
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.rooms import room_of
from fosdembot.questions.permissions import Role
from fosdembot.settings import Settings
from fosdembot.talks import delays
from fosdembot.talks.delays import MOST_MINUTES, Refusal, Refused
from fosdembot.talks.naming import title_of
from fosdembot.talks.phases import coming, next_up, on_now, programme_day
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
_REFUSALS = {
    Refusal.UNKNOWN: texts.NO_TALK_TO_CHANGE,
    Refusal.MINUTES: texts.REFUSED_MINUTES,
    Refusal.OVER: texts.REFUSED_OVER,
    Refusal.WOULD_BE_OVER: texts.REFUSED_WOULD_BE_OVER,
    Refusal.NOT_STARTED: texts.REFUSED_NOT_STARTED,
    Refusal.CANCELLED: texts.REFUSED_CANCELLED,
}
_MINUTES = re.compile(r"\+?(\d{1,5})(?:\s*(?:m|min|mins|minutes?)\b\.?)?(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Case:
    """What a moderator wants changed, and where."""

    command: Command
    found: Found
    room: RoomProgramme
    """As it was before."""

    @property
    def at(self) -> datetime:
        return self.command.at


class ModerationCommands:
    def __init__(
        self,
        programme: Programme,
        finder: Finder,
        attendee: AttendeeCommands,
        roles: Roles,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._programme = programme
        self._finder = finder
        self._attendee = attendee
        self._roles = roles
        self._outbox = outbox
        self._settings = settings

    def table(self) -> Commands:
        return {
            "talk": Entry(self._talk, question=True),
            "undo": Entry(self._undo),
        }

    async def _talk(self, command: Command) -> Text:
        found = await self._finder.room(command)
        action, rest = first_word(found.rest)
        if not action:
            return await self._attendee.talk(command)
        action = action.lower()
        if action != "delay" and action not in _DECISIONS:
            return self._say(texts.TALK_USAGE, found)
        case = await self._case(command, found)
        return await (
            self._delay(case, rest) if action == "delay" else self._do(case, action, rest)
        )

    async def _delay(self, case: _Case, arguments: str) -> Text:
        typed = _MINUTES.fullmatch(arguments)
        if typed is None:
            return self._say(texts.DELAY_USAGE, case.found)
        minutes, slot = int(typed[1]), self._slot(case, "delay", typed[2] or "")
        room = case.room
        changes = self._checked(
            case,
            slot,
            lambda: delays.delay(room.neighbours, room.overrides, slot.talk.guid, minutes, case.at),
        )
        return await self._put(case, slot, f"delay {minutes}", changes, None)

    async def _do(self, case: _Case, action: str, name: str) -> Text:
        if action == "now" and not name:
            return self._say(texts.NOW_USAGE, case.found, choices=self._choices(case))
        decide, template = _DECISIONS[action]
        slot = self._slot(case, action, name)
        room = case.room
        changes = self._checked(
            case,
            slot,
            lambda: decide(room.neighbours, room.overrides, slot.talk.guid, case.at),
        )
        return await self._put(case, slot, action, changes, template)

    async def _undo(self, command: Command) -> Text:
        case = await self._case(command, await self._finder.room(command))
        entry = await self._programme.undo(command.session, case.room.address)
        if entry is None:
            return self._say(texts.NOTHING_TO_UNDO, case.found)
        outcome = await self._outcome(case)
        said, guid = [say(texts.UNDONE)], entry.changes[0]["guid"]
        if outcome.knows(guid):
            said.append(outcome.state(guid))
        return await self._tell(case, outcome, said)

    async def _put(
        self,
        case: _Case,
        slot: Slot,
        action: str,
        changes: Mapping[str, Override],
        template: str | None,
    ) -> Text:
        """Put the decision in force and tell the talk room, with what follows from it."""
        if not changes:
            return self._say(texts.ALREADY_SO, case.found)
        guid, command = slot.talk.guid, case.command
        # The talk that was meant comes first in the log.
        ordered = {guid: changes[guid]} if guid in changes else {}
        await self._programme.decide(
            command.session, case.room.address, command.sender, action, {**ordered, **changes}
        )
        outcome = await self._outcome(case)
        said = [outcome.about(template, guid) if template else outcome.state(guid)]
        told = await self._tell(case, outcome, said)
        return sentences([told, self._say(texts.WRONG, case.found)])

    async def _tell(self, case: _Case, outcome: Outcome, said: list[Text]) -> Text:
        """The talk room is told in any case; the moderator sees it there, or gets the
        same words where the command came from. So are others whose talks had to move."""
        told = sentences([*said, *outcome.moved_here(), *outcome.next()])
        if case.command.place is not Place.TALK_ROOM:
            await self._tell_room(case, case.room.address, told)
        for address, text in outcome.moved_elsewhere().items():
            await self._tell_room(case, address, text)
        return told

    async def _tell_room(self, case: _Case, address: str, text: Text) -> None:
        session = case.command.session
        room = await room_of(session, address)
        if room is not None:
            key = f"decision/{case.command.event_id}/{room}"
            await self._outbox.message(session, key, room, notice(text), Urgency.CHANGE)

    async def _case(self, command: Command, found: Found) -> _Case:
        """Raises `Declined` where somebody has no power."""
        session = command.session
        room = await room_of(session, found.address)
        role = await self._roles.of(session, command.sender, room, command.relayed)
        if role < Role.MODERATOR:
            raise Declined(self._say(texts.ONLY_MODERATORS, found))
        return _Case(command, found, await self._programme.room(session, found.address))

    async def _outcome(self, case: _Case) -> Outcome:
        after = await self._programme.room(case.command.session, case.room.address)
        return Outcome(case.room, after, case.at, self._programme, self._settings.command_prefix)

    def _slot(self, case: _Case, action: str, name: str) -> Slot:
        """The talk that is meant: by id, else the one that is on, else today's next."""
        if name:
            return self._named(case, name)
        slots, now, zone = case.room.slots, case.at, self._programme.zone
        if action == "reset":
            decided = case.room.overrides.keys() - case.room.vanished
            candidates = tuple(s for s in slots if s.talk.guid in decided and s.end > now)[:1]
            if not candidates:
                raise Declined(self._say(texts.ALREADY_SO, case.found))
        else:
            day = programme_day(now, zone)
            today = [slot for slot in slots if programme_day(slot.start, zone) <= day]
            if action == "start":
                candidates = _about_to_start(today, now)
            else:
                candidates = on_now(today, now) or next_up(today, now)
        if len(candidates) == 1:
            return candidates[0]
        # Nobody means tomorrow's talk without saying so.
        possible = candidates or coming(slots, now)
        if not possible:
            raise Declined(self._say(texts.NO_TALK_TO_CHANGE, case.found))
        choices, example = (
            self._finder.choices(possible),
            f"{case.found.rest} {possible[0].talk.id}",
        )
        raise Declined(self._say(texts.WHICH_TALK, case.found, example=example, choices=choices))

    def _named(self, case: _Case, name: str) -> Slot:
        wanted = name.lstrip("#").casefold()
        for slot in case.room.slots:
            if wanted in (slot.talk.id.casefold(), slot.talk.guid.casefold()):
                return self._published(case, slot)
        raise Declined(self._say(texts.NO_SUCH_TALK, case.found, choices=self._choices(case)))

    def _published(self, case: _Case, slot: Slot) -> Slot:
        if slot.talk.guid in case.room.vanished:
            title = title_of(slot.talk)
            raise Declined(self._say(texts.NOT_PUBLISHED, case.found, title=title))
        return slot

    def _choices(self, case: _Case) -> str:
        """The talks that are not over, by id; after the end of all, the last one."""
        slots = [s for s in case.room.slots if s.talk.guid not in case.room.vanished]
        left = [slot for slot in slots if slot.end > case.at]
        return self._finder.choices(left or slots[-1:])

    def _checked(
        self, case: _Case, slot: Slot, decide: Callable[[], Mapping[str, Override]]
    ) -> Mapping[str, Override]:
        try:
            return decide()
        except Refused as refused:
            title, id_ = title_of(slot.talk), clean(slot.talk.id, 40)
            text = self._say(
                _REFUSALS[refused.why], case.found, title=title, id=id_, most=MOST_MINUTES
            )
            raise Declined(text) from None

    def _say(self, template: str, found: Found, **values: str | int | Text) -> Text:
        """`{talk}` and `{undo}` in a template: how to type them where the command came from."""
        prefix = self._settings.command_prefix
        typed = {"talk": prefix + found.typed("talk"), "undo": prefix + found.typed("undo")}
        return say(template, p=prefix, **typed, **values)


def _about_to_start(slots: Sequence[Slot], now: datetime) -> tuple[Slot, ...]:
    """Of each place the talk whose start is nearest: speakers begin early and late. Also
    one whose speaker did not come, as long as its time is not over."""
    nearest: dict[str, Slot] = {}
    late = (slot for slot in slots if slot.noshow and slot.start <= now < slot.end)
    for slot in (*on_now(slots, now), *late, *next_up(slots, now)):
        other = nearest.setdefault(slot.place, slot)
        if abs(slot.start - now) < abs(other.start - now):
            nearest[slot.place] = slot
    return tuple(nearest.values())
