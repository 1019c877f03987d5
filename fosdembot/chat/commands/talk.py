"""What moderators decide about talks: `!talk delay 10` and so on."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from fosdembot.actions.talks import TalkActions
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place, Quietly
from fosdembot.chat.commands.schedule import ScheduleCommands
from fosdembot.chat.meant.talk import Case, TalkChoice
from fosdembot.chat.reading.parser import first_word
from fosdembot.conference.events import TalkDecided
from fosdembot.conference.programme import Programme
from fosdembot.notifications.talk_news import Outcome
from fosdembot.talks.decisions import Decision
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as texts
from fosdembot.texts.render import Text, sentences

TalkWord = Callable[[Case, str], Awaitable[Text | Quietly | None]]
"""What `!talk WORD …` does, given what follows the word; it sees to who may."""

_DECISIONS = {str(decision): decision for decision in Decision}
_MINUTES = re.compile(r"\+?(\d{1,5})(?:\s*(?:m|min|mins|minutes?)\b\.?)?(?:\s+(.*))?", re.DOTALL)


class ModerationCommands:
    def __init__(
        self,
        talks: TalkActions,
        programme: Programme,
        choice: TalkChoice,
        schedule: ScheduleCommands,
        prefix: str,
    ) -> None:
        self._talks = talks
        self._programme = programme
        self._choice = choice
        self._schedule = schedule
        self._prefix = prefix
        self._others: dict[str, TalkWord] = {}

    def table(self) -> Commands:
        return {"talk": Entry(self._talk, question=True)}

    def add_action(self, word: str, action: TalkWord) -> None:
        """Let `action` see to `!talk WORD …`."""
        self._others[word] = action

    async def _talk(self, command: Command) -> Text | Quietly | None:
        case = await self._choice.case(command)
        word, rest = first_word(case.found.rest)
        if not word:
            return await self._schedule.talk(command)
        word = word.lower()
        if word in self._others:
            return await self._others[word](case, rest)
        decision = _DECISIONS.get(word)
        if decision is None:
            raise Declined(self._choice.say(texts.TALK_USAGE, case))
        await self._talks.check(command.session, command.actor, case.room.address)
        minutes = 0
        if decision is Decision.DELAY:
            delay = minutes_in(rest)
            if delay is None:
                raise Declined(self._choice.say(texts.DELAY_USAGE, case))
            minutes, rest = delay
        if decision is Decision.NOW and not rest:
            choices = self._choice.choices(case)
            raise Declined(self._choice.say(texts.NOW_USAGE, case, choices=choices))
        if not rest and (again := await self._just_taken_off(case, decision)) is not None:
            return again
        slot = self._choice.meant(case, rest, decision)
        return await self._decide(case, decision, slot, minutes)

    async def _just_taken_off(self, case: Case, decision: Decision) -> Text | None:
        """What a second moderator is told, or one who typed twice: they mean no other talk."""
        session, room = case.command.session, case.room
        slot = await self._talks.taken_off_just_now(session, room, case.at, decision)
        if slot is None:
            return None
        title = title_of(slot.talk)
        return self._choice.say(texts.TAKEN_OFF_ALREADY, case, title=title, action=str(decision))

    async def _decide(self, case: Case, decision: Decision, slot: Slot, minutes: int) -> Text:
        command = case.command
        with self._choice.wording(case):
            decided = await self._talks.change(
                command.session,
                command.actor,
                case.room.address,
                decision,
                slot.talk.guid,
                minutes=minutes,
                answered_there=command.place is Place.TALK_ROOM,
            )
        if decided is None:
            return self._choice.say(texts.ALREADY_SO, case)
        return sentences([self.told(decided), self._choice.say(texts.WRONG, case)])

    def told(self, decided: TalkDecided) -> Text:
        """What the talk room is told: the moderator sees it there, or gets the same words where
        the command came from."""
        return Outcome(decided, self._programme, self._prefix).here()


def minutes_in(arguments: str) -> tuple[int, str] | None:
    """The minutes that a delay begins with (`10`, `+10 min`), and what follows them."""
    typed = _MINUTES.fullmatch(arguments)
    return (int(typed[1]), typed[2] or "") if typed is not None else None
