"""Runs of events that mean nothing or vote, and people who come and go: handled together, in few
statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from fosdembot.chat.incoming import MemberChange, Tap
from fosdembot.chat.reading.events import EventReader
from fosdembot.chat.reading.parser import question_in
from fosdembot.db.engine import WriteSession
from fosdembot.matrix.api import Json
from fosdembot.matrix.known import KnownRoom

T_contra = TypeVar("T_contra", contravariant=True)
Done = Callable[[], None]
"""What is to be done after the commit."""


class Together(Protocol[T_contra]):
    """What knows of runs of events of one kind, as `matrix.items.Handler`."""

    def may_go_together(self, event: T_contra) -> bool: ...

    def take_together(
        self, connection: Connection, events: Sequence[T_contra]
    ) -> Callable[[], None]: ...

    async def handle_together(self, session: WriteSession, events: Sequence[T_contra]) -> None: ...


@dataclass(frozen=True, slots=True)
class Runs:
    """No other listener need be asked for what goes together. Chat is given to nobody."""

    reader: EventReader
    taps: Together[Tap]
    members: Together[MemberChange]

    def may_go_together(self, room: KnownRoom, event: Json) -> bool:
        match event["type"]:
            case "m.room.message":
                return room.is_talk_room and self._is_chat(event)
            case "m.reaction":
                tap = self.reader.tap(room.room_id, event)
                return tap is not None and self.taps.may_go_together(tap)
            case "m.room.member":
                change = self.reader.member_change(room.room_id, event)
                return change is not None and self.members.may_go_together(change)
        return False

    def take_together(
        self, connection: Connection, events: Sequence[tuple[str, Json]]
    ) -> Callable[[], None]:
        """Returns what is to be done after the commit."""
        after: list[Callable[[], None]] = []
        if taps := self._taps(events):
            after.append(self.taps.take_together(connection, taps))
        if changes := self._member_changes(events):
            after.append(self.members.take_together(connection, changes))

        def do() -> None:
            for each in after:
                each()

        return do

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        if taps := self._taps(events):
            await self.taps.handle_together(session, taps)
        if changes := self._member_changes(events):
            await self.members.handle_together(session, changes)

    def _is_chat(self, event: Json) -> bool:
        """Whether a message in a talk room means nothing to anybody here."""
        content, messages = self.reader.chat(event), self.reader.messages
        if content is None:
            return False
        said = messages.message(event["sender"], content)
        return said is None or not (
            said.nick is not None or messages.call(said) or question_in(said.text)
        )

    def _taps(self, events: Sequence[tuple[str, Json]]) -> Sequence[Tap]:
        found = (self.reader.tap(room, event) for room, event in events)
        return [tap for tap in found if tap is not None]

    def _member_changes(self, events: Sequence[tuple[str, Json]]) -> Sequence[MemberChange]:
        these = [each for each in events if each[1]["type"] == "m.room.member"]
        found = (self.reader.member_change(room, event) for room, event in these)
        return [change for change in found if change is not None]
