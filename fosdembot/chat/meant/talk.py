"""Which talk of a room a moderator's command means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from fosdembot.actions.refused import Refused
from fosdembot.actions.talks import talk_in, talk_meant
from fosdembot.chat.command import Command, Declined
from fosdembot.chat.meant.room import Finder, Found, choices
from fosdembot.chat.refusals import Refusals, Typed
from fosdembot.conference.programme import Programme, RoomProgramme
from fosdembot.talks.decisions import Decision
from fosdembot.talks.naming import is_called
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
    def __init__(self, programme: Programme, finder: Finder, refusals: Refusals) -> None:
        self._programme = programme
        self._finder = finder
        self._refusals = refusals
        self._prefix = refusals.prefix

    async def case(self, command: Command, then: str = "") -> Case:
        """Which room a command is about; `then` as in `Finder.room`. Raises `Declined`."""
        found = await self._finder.room(command, then)
        return Case(command, found, await self._programme.room(command.session, found.address))

    def meant(self, case: Case, name: str, decision: Decision | None = None) -> StageSlot:
        """The talk with this id; without a name the one that somebody means who names none.
        Raises `Declined`."""
        if name:
            return self.named(case, name)
        with self.wording(case):
            return talk_meant(case.room, case.at, self._programme.zone, decision)

    def named(self, case: Case, name: str) -> StageSlot:
        """The talk with this id. Raises `Declined`."""
        if (slot := with_id(case.room.slots, name)) is None:
            raise Declined(self.say(texts.NO_SUCH_TALK, case, choices=self.choices(case)))
        with self.wording(case):
            return talk_in(case.room, slot.talk.guid)

    @contextmanager
    def wording(self, case: Case) -> Iterator[None]:
        """Raises what is refused in this block as `Declined`, worded for what was typed."""
        try:
            yield
        except Refused as refused:
            raise self._declined(case, refused) from None

    def _declined(self, case: Case, refused: Refused) -> Declined:
        typed = Typed(case.command.word, case.found)
        relayed = case.command.relayed
        return Declined(self._refusals.say(refused, relayed=relayed, typed=typed))

    def choices(self, case: Case) -> str:
        """The talks that are not over, by id; after the end of all, the last one."""
        slots = [s for s in case.room.slots if s.talk.guid not in case.room.vanished]
        left = [slot for slot in slots if slot.end > case.at]
        return choices(left or slots[-1:])

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
