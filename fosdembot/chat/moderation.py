"""What moderators decide about talks: `!talk delay 10` and so on, and `!undo`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from fosdembot.chat.attendee import AttendeeCommands
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.finder import Finder
from fosdembot.chat.roles import Role, role_of
from fosdembot.conference.programme import Programme, RoomProgramme
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.rooms import room_of
from fosdembot.settings import Settings
from fosdembot.talks import delays
from fosdembot.talks.delays import MOST_MINUTES, Refusal, Refused, moved
from fosdembot.talks.naming import title_of
from fosdembot.talks.phases import next_up, on_now
from fosdembot.talks.slots import Override, Slot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, clean, say, sentences
from fosdembot.texts.words import clock_time, count, duration

_Decision = Callable[
    [Sequence[Slot], Mapping[str, Override], str, datetime], Mapping[str, Override]
]
_DECISIONS: dict[str, tuple[_Decision, str]] = {
    "start": (delays.start, texts.STARTED),
    "end": (delays.end, texts.ENDED),
    "cancel": (delays.cancel, texts.CANCELLED),
    "noshow": (delays.noshow, texts.NOSHOW),
    "now": (delays.on_instead, texts.ON_NOW),
    "reset": (delays.reset, texts.RESET),
}
MOST_MOVED = 2
"""Talks that are named, of those that have to move as well."""


class ModerationCommands:
    def __init__(
        self,
        programme: Programme,
        finder: Finder,
        attendee: AttendeeCommands,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._programme = programme
        self._finder = finder
        self._attendee = attendee
        self._outbox = outbox
        self._settings = settings

    def table(self) -> Commands:
        return {
            "talk": Entry(self._talk, question=True),
            "undo": Entry(self._undo),
        }

    async def _talk(self, command: Command) -> Text | None:
        found = await self._finder.room(command)
        if not found.rest:
            return await self._attendee.talk(command)
        action, _, rest = found.rest.partition(" ")
        action = action.lower()
        if action != "delay" and action not in _DECISIONS:
            return self._say(texts.TALK_USAGE)
        await self._must_moderate(command, found.address)
        room = await self._programme.room(command.session, found.address)
        if action == "delay":
            return await self._delay(command, room, rest.split())
        return await self._simple(command, room, action, rest.strip())

    async def _delay(
        self, command: Command, room: RoomProgramme, arguments: list[str]
    ) -> Text | None:
        if not arguments or not arguments[0].lstrip("+").isdecimal() or len(arguments[0]) > 6:
            return self._say(texts.DELAY_USAGE)
        minutes = int(arguments[0].lstrip("+"))
        slot = self._slot(room, "delay", " ".join(arguments[1:]), command.at)
        changes = self._checked(
            slot,
            lambda: delays.delay(
                room.neighbours, room.overrides, slot.talk.guid, minutes, command.at
            ),
        )
        template = texts.DELAYED if minutes else texts.ON_TIME
        return await self._put(command, room, slot, f"delay {minutes}", changes, template)

    async def _simple(
        self, command: Command, room: RoomProgramme, action: str, name: str
    ) -> Text | None:
        if action == "now" and not name:
            return self._say(texts.NOW_USAGE, choices=self._choices(room, command.at))
        decision, template = _DECISIONS[action]
        slot = self._slot(room, action, name, command.at)
        changes = self._checked(
            slot,
            lambda: decision(room.neighbours, room.overrides, slot.talk.guid, command.at),
        )
        return await self._put(command, room, slot, action, changes, template)

    async def _undo(self, command: Command) -> Text | None:
        found = await self._finder.room(command)
        await self._must_moderate(command, found.address)
        before = await self._programme.room(command.session, found.address)
        entry = await self._programme.undo(command.session, found.address)
        if entry is None:
            return self._say(texts.NOTHING_TO_UNDO)
        after = await self._programme.room(command.session, found.address)
        guids = [change["guid"] for change in entry.changes]
        slots = [slot for slot in after.neighbours if slot.talk.guid in guids]
        state = sentences(self._state(slot, command.at) for slot in slots)
        told = say(texts.UNDONE, state=state)
        rest = self._moved(before, after, guids, command.at)
        return await self._answer(command, found.address, sentences([told, *rest]))

    def _state(self, slot: Slot, now: datetime) -> Text:
        if slot.takes_place:
            return self._about(texts.RESET, slot, now)
        return self._about(texts.CANCELLED if slot.cancelled else texts.NOSHOW, slot, now)

    async def _put(
        self,
        command: Command,
        room: RoomProgramme,
        slot: Slot,
        action: str,
        changes: Mapping[str, Override],
        template: str,
    ) -> Text | None:
        """Put the decision in force and tell the talk room, with what follows from it."""
        if not changes:
            return self._say(texts.ALREADY_SO)
        session, now = command.session, command.at
        await self._programme.decide(session, room.address, command.sender, action, changes)
        after = await self._programme.room(session, room.address)
        current = next(s for s in after.neighbours if s.talk.guid == slot.talk.guid)
        said = [self._about(template, current, now)]
        said += self._moved(room, after, [*changes, slot.talk.guid], now)
        following = () if on_now(after.slots, now) else next_up(after.slots, now)
        if following and following[0].talk.guid != slot.talk.guid:
            said.append(self._about(texts.NEXT_IS, following[0], now))
        return await self._answer(command, room.address, sentences(said))

    async def _answer(self, command: Command, address: str, told: Text) -> Text | None:
        """The talk room is told in any case; the moderator sees it there, or gets the
        same words where the command came from."""
        if command.place is not Place.TALK_ROOM:
            room = await room_of(command.session, address)
            if room is not None:
                key = f"decision/{command.event_id}"
                content = notice(told)
                await self._outbox.message(command.session, key, room, content, Urgency.CHANGE)
        return sentences([told, self._say(texts.WRONG)])

    def _moved(
        self, before: RoomProgramme, after: RoomProgramme, but: Sequence[str], now: datetime
    ) -> list[Text]:
        here = {slot.talk.guid for slot in after.slots} - set(but)
        others = [
            new
            for old, new in moved(before.slots, after.slots)
            if new.talk.guid in here and new.takes_place and old.start != new.start
        ]
        said = [self._about(texts.ALSO_MOVED, slot, now) for slot in others[:MOST_MOVED]]
        if len(others) > MOST_MOVED:
            more = count(len(others) - MOST_MOVED, "talk")
            said.append(self._say(texts.MORE_MOVED, talks=more))
        return said

    def _slot(self, room: RoomProgramme, action: str, name: str, now: datetime) -> Slot:
        """The talk that is meant: by id, else the one that is on, else the next."""
        if name:
            wanted = name.lstrip("#").casefold()
            for slot in room.slots:
                if wanted in (slot.talk.id.casefold(), slot.talk.guid.casefold()):
                    return slot
            raise Declined(self._say(texts.NO_SUCH_TALK, choices=self._choices(room, now)))
        if action == "reset":
            candidates = tuple(
                slot for slot in room.slots if slot.talk.guid in room.overrides and slot.end > now
            )[:1]
        elif action == "start":
            candidates = next_up(room.slots, now) or on_now(room.slots, now)
        else:
            candidates = on_now(room.slots, now) or next_up(room.slots, now)
        if not candidates:
            raise Declined(self._say(texts.NO_TALK_TO_CHANGE))
        if len(candidates) > 1:
            choices = self._finder.choices(candidates)
            example = clean(candidates[0].talk.id, 40)
            text = self._say(texts.WHICH_TALK, action=action, example=example, choices=choices)
            raise Declined(text)
        return candidates[0]

    def _choices(self, room: RoomProgramme, now: datetime) -> str:
        return self._finder.choices(slot for slot in room.slots if slot.end > now)

    def _checked(
        self, slot: Slot, decide: Callable[[], Mapping[str, Override]]
    ) -> Mapping[str, Override]:
        try:
            return decide()
        except Refused as refused:
            template = {
                Refusal.UNKNOWN: texts.NO_TALK_TO_CHANGE,
                Refusal.MINUTES: texts.REFUSED_MINUTES,
                Refusal.OVER: texts.REFUSED_OVER,
                Refusal.WOULD_BE_OVER: texts.REFUSED_WOULD_BE_OVER,
                Refusal.NOT_STARTED: texts.REFUSED_NOT_STARTED,
                Refusal.CANCELLED: texts.REFUSED_CANCELLED,
            }[refused.why]
            title, id_ = title_of(slot.talk), clean(slot.talk.id, 40)
            text = self._say(template, title=title, id=id_, most=MOST_MINUTES)
            raise Declined(text) from None

    async def _must_moderate(self, command: Command, address: str) -> None:
        room = await room_of(command.session, address)
        role = await role_of(command.session, self._settings, command.sender, room, command.relayed)
        if role < Role.MODERATOR:
            raise Declined(self._say(texts.ONLY_MODERATORS))

    def _about(self, template: str, slot: Slot, now: datetime) -> Text:
        zone = self._programme.zone
        return self._say(
            template,
            title=title_of(slot.talk),
            start=clock_time(slot.start, zone, now),
            end=clock_time(slot.end, zone, now),
            late=duration(slot.start - slot.talk.start),
        )

    def _say(self, template: str, **values: str | int) -> Text:
        return say(template, p=self._settings.command_prefix, **values)
