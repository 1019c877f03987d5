"""Which talk of a room a moderator's command means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fosdembot.chat.command import Command, Declined
from fosdembot.chat.finder import Finder, Found
from fosdembot.conference.programme import Programme, RoomProgramme
from fosdembot.talks.naming import is_called, title_of
from fosdembot.talks.phases import coming, next_up, on_now, programme_day
from fosdembot.talks.slots import S, StageSlot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, say


@dataclass(frozen=True, slots=True)
class Case:
    """What a moderator wants changed, and where."""

    command: Command
    found: Found
    room: RoomProgramme
    """As it was before."""

    @property
    def at(self) -> datetime:
        return self.command.at


class TalkChoice:
    def __init__(self, programme: Programme, finder: Finder, prefix: str) -> None:
        self._programme = programme
        self._finder = finder
        self._prefix = prefix

    async def case(self, command: Command, then: str = "") -> Case:
        """Which room a command is about; `then` as in `Finder.room`. Raises `Declined`."""
        found = await self._finder.room(command, then)
        return Case(command, found, await self._programme.room(command.session, found.address))

    def meant(self, case: Case, name: str, action: str = "") -> StageSlot:
        """The talk with this id; without a name the one that is on, else today's next.
        Raises `Declined`."""
        if name:
            return self.named(case, name)
        slots, now, zone = case.room.slots, case.at, self._programme.zone
        if action == "reset":
            decided = case.room.overrides.keys() - case.room.vanished
            candidates = tuple(s for s in slots if s.talk.guid in decided and s.end > now)[:1]
            if not candidates:
                raise Declined(self.say(texts.ALREADY_SO, case))
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
            raise Declined(self.say(texts.NO_TALK_TO_CHANGE, case))
        raise self.which(case, possible)

    def named(self, case: Case, name: str) -> StageSlot:
        """The talk with this id. Raises `Declined`."""
        if (slot := with_id(case.room.slots, name)) is None:
            raise Declined(self.say(texts.NO_SUCH_TALK, case, choices=self.choices(case)))
        if slot.talk.guid in case.room.vanished:
            raise Declined(self.say(texts.NOT_PUBLISHED, case, title=title_of(slot.talk)))
        return slot

    def which(self, case: Case, possible: Sequence[StageSlot]) -> Declined:
        """It must be said which of these is meant."""
        choices = self._finder.choices(possible)
        example = f"{case.found.rest} {possible[0].talk.id}"
        return Declined(self.say(texts.WHICH_TALK, case, example=example, choices=choices))

    def choices(self, case: Case) -> str:
        """The talks that are not over, by id; after the end of all, the last one."""
        slots = [s for s in case.room.slots if s.talk.guid not in case.room.vanished]
        left = [slot for slot in slots if slot.end > case.at]
        return self._finder.choices(left or slots[-1:])

    def say(self, template: str, case: Case, **values: str | int | Text) -> Text:
        """`{talk}` and `{undo}` in a template: how to type this command, and `!undo`, where
        it came from."""
        found, prefix = case.found, self._prefix
        typed = {
            "talk": prefix + found.typed(case.command.word),
            "undo": prefix + found.typed("undo"),
        }
        return say(template, p=prefix, **typed, **values)


def with_id(slots: Iterable[S], name: str) -> S | None:
    """The talk with this id (`12`, `#12`), or guid."""
    return next((slot for slot in slots if is_called(slot.talk, name)), None)


def _about_to_start(slots: Sequence[StageSlot], now: datetime) -> tuple[StageSlot, ...]:
    """Of each place the talk whose start is nearest: speakers begin early and late. Also
    one whose speaker did not come, as long as its time is not over."""
    nearest: dict[str, StageSlot] = {}
    late = (slot for slot in slots if slot.noshow and slot.start <= now < slot.end)
    for slot in (*on_now(slots, now), *late, *next_up(slots, now)):
        other = nearest.setdefault(slot.place, slot)
        if abs(slot.start - now) < abs(other.start - now):
            nearest[slot.place] = slot
    return tuple(nearest.values())
