"""What moderators do on a talk's pages to the talk itself, and to its room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fosdembot.actions.talks import TalkActions
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.talks.decisions import Decision
from fosdembot.texts import page_talk as texts
from fosdembot.texts.render import Text, say

from .refusals import Declined
from .talk_deeds import Case, Do
from .talk_offers import Deed
from .talk_tools import TalkTools

_DECISIONS = {Deed.DELAY: Decision.DELAY, Deed.START: Decision.START, Deed.END: Decision.END}
_MOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class RoomDeeds:
    tools: TalkTools
    programme: Programme

    def table(self) -> Mapping[Deed, Do]:
        return {
            Deed.CLOSE: self._close,
            Deed.OPEN: self._close,
            Deed.MODERATE: self._moderate,
            Deed.UNMODERATE: self._moderate,
            **dict.fromkeys(_DECISIONS, self._change),
        }

    async def _close(self, session: WriteSession, case: Case) -> Text:
        closes, address = case.deed is Deed.CLOSE, self._address(case.about)
        rooms = self.tools.rooms
        event = await rooms.set_closed(session, case.actor, address, case.about, closes)
        return _said(event, texts.QA["closed" if closes else "open"])

    async def _moderate(self, session: WriteSession, case: Case) -> Text:
        """All questions of the room."""
        moderates, address = case.deed is Deed.MODERATE, self._address(case.about)
        event = await self.tools.rooms.set_moderated(session, case.actor, address, moderates)
        return _said(event, texts.QA["moderated" if moderates else "unmoderated"])

    async def _change(self, session: WriteSession, case: Case) -> Text:
        """`15 guid`: of a delay so many minutes later than planned."""
        decision, guid, minutes = _DECISIONS[case.deed], case.about, 0
        if decision is Decision.DELAY:
            digits, _, guid = guid.partition(" ")
            if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
                raise Declined(say(texts.TOO_MANY_MINUTES), 400)
            minutes = int(digits)
        talks: TalkActions = self.tools.talks
        address = self._address(guid)
        event = await talks.change(session, case.actor, address, decision, guid, minutes=minutes)
        return _said(event, texts.TALK_CHANGED)

    def _address(self, talk: str) -> str:
        address = self.programme.address_by_guid(talk)
        if address is None:
            raise Declined(say(texts.TALK_GONE), 404)
        return address


def _said(event: object, words: str) -> Text:
    return say(texts.AS_IT_WAS if event is None else words)
