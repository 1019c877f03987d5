"""What is on: `!talk`, `!next`, `!schedule`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fosdembot.chat.command import Command, Commands, Entry
from fosdembot.chat.meant.room import Finder
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.room_view import RoomViews
from fosdembot.talks.answers import rest_of_day, whats_next, whats_on
from fosdembot.talks.room_talks import AudienceTalks
from fosdembot.texts import page_addresses as page_texts
from fosdembot.texts.render import Text, lines, link, say

_Answer = Callable[[AudienceTalks, str], Text]


@dataclass(frozen=True, slots=True)
class ScheduleCommands:
    _views: RoomViews
    _finder: Finder
    _pages: PageAddresses
    _prefix: str

    def table(self) -> Commands:
        return {
            "next": Entry(self._next, question=True),
            "schedule": Entry(self._schedule, question=True),
        }

    async def talk(self, command: Command) -> Text:
        """`!talk` alone; with more it is `talk.py`'s."""
        answer = await self._answer(command, whats_on)
        found = await self._finder.room(command)
        page = link(self._pages.of_room([found.address]))
        return lines([answer, say(page_texts.PAGE, url=page)]) if page is not None else answer

    async def _next(self, command: Command) -> Text:
        return await self._answer(command, whats_next)

    async def _schedule(self, command: Command) -> Text:
        return await self._answer(command, rest_of_day)

    async def _answer(self, command: Command, answer: _Answer) -> Text:
        found = await self._finder.room(command)
        talks = await self._views.audience(command.session, found.address, command.now)
        return answer(talks, self._prefix)
