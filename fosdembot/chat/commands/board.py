"""`!board`: the pinned message is posted anew."""

from __future__ import annotations

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.command import Command, Commands, Declined, Entry, Quietly
from fosdembot.chat.meant.room import Finder
from fosdembot.conference.addresses import short_name
from fosdembot.conference.board import Boards
from fosdembot.conference.plans import Plans
from fosdembot.texts import commands as texts
from fosdembot.texts import questions as question_texts
from fosdembot.texts.render import say


class BoardCommands:
    def __init__(self, finder: Finder, access: Access, plans: Plans, boards: Boards) -> None:
        self._finder = finder
        self._access = access
        self._plans = plans
        self._boards = boards

    def table(self) -> Commands:
        return {"board": Entry(self._board)}

    async def _board(self, command: Command) -> Quietly:
        session = command.session
        found = await self._finder.room(command)
        plan = await self._plans.of(session, found.address)
        reposts = Permission.REPOST_BOARD
        await self._access.demand(session, command.actor, reposts, plan.room)
        room = short_name(found.address)
        if plan.room is None:
            raise Declined(say(question_texts.NOT_IN_ROOM, room=room))
        if not await self._boards.post(session, plan):
            raise Declined(say(texts.NO_BOARD))
        return Quietly(say(texts.BOARD_POSTED, room=room))
