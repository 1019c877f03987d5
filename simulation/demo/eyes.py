"""What people see in the rooms: told by the narrator, and remembered, to be found again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from fosdembot.clock import Clock
from simulation.client import Client
from simulation.events import Json
from simulation.waiting import NotSeen, wait_for

from .acts import Room
from .narrator import Narrator

_SYNC_SECONDS = 10.0


class Eyes:
    """`rooms` has their ids; a direct chat is added when it is first seen.

    What people look for does not come any more after `patience` (seconds, on the wall).
    """

    def __init__(
        self, rooms: dict[Room, str], clock: Clock, narrator: Narrator, patience: float
    ) -> None:
        self.rooms = rooms
        self.patience = patience
        self._clock = clock
        self._narrator = narrator
        self._seen: list[tuple[Room, Json]] = []
        self._invited: dict[str, str] = {}

    async def look_on(self, person: Client, since: str, chat: Room | None) -> None:
        """See through the eyes of `person`, until cancelled: all rooms, or only the direct
        `chat` of that person."""
        while True:
            answer = await person.sync(since, _SYNC_SECONDS)
            since, rooms = answer["next_batch"], answer.get("rooms", {})
            events = []
            for room_id, update in rooms.get("join", {}).items():
                room = self._room(room_id, chat)
                if room is not None and room.person == (chat.person if chat else None):
                    events += [(room, event) for event in update["timeline"]["events"]]
            for room_id in rooms.get("invite", {}):
                self._invited[person.user_id] = room_id
            self._see(events)

    async def find(self, room: Room, fits: Callable[[Json], bool]) -> str | None:
        """The id of the first event there that fits; None: there is none, and none comes."""

        def found() -> str | None:
            seen = (event for where, event in self._seen if where is room and fits(event))
            return next((str(event["event_id"]) for event in seen), None)

        return await self._wait(found)

    async def invitation(self, person: Client) -> str | None:
        """The room to which somebody is invited; None: no invitation comes."""
        return await self._wait(lambda: self._invited.get(person.user_id))

    async def _wait(self, found: Callable[[], str | None]) -> str | None:
        async def seen() -> str | None:
            return found()

        try:
            return await wait_for(seen, self.patience)
        except NotSeen:
            return None

    def _room(self, room_id: str, chat: Room | None) -> Room | None:
        for room, known in self.rooms.items():
            if known == room_id:
                return room
        if chat is not None:
            self.rooms[chat] = room_id
        return chat

    def _see(self, events: list[tuple[Room, Json]]) -> None:
        for room, event in sorted(events, key=lambda entry: int(entry[1]["origin_server_ts"])):
            self.see(room, event)

    def see(self, room: Room, event: Json) -> None:
        self._seen.append((room, event))
        at = datetime.fromtimestamp(event["origin_server_ts"] / 1000, UTC)
        self._narrator.event(self._clock.from_wall(at), room, event)
