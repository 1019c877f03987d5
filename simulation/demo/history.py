"""What the bot did in a room, as it stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fosdembot.clock import Clock
from fosdembot.texts.render import clean
from simulation.events import Json

from .acts import Room
from .sample import ZONE


@dataclass(frozen=True, slots=True)
class Message:
    """A message, an edit or a reaction."""

    event_id: str
    at: float
    """Real time, in seconds since 1970."""
    local: datetime
    """Conference time."""
    text: str
    """Of a reaction its key."""
    to: str | None
    """The event that it is a reply or a reaction to."""
    edit_of: str | None = None
    mentions: frozenset[str] = frozenset()

    @property
    def shown(self) -> str:
        """For people: conference time and text."""
        return f"{self.local:%H:%M:%S} {clean(self.text, 80)}"


class History:
    def __init__(self, room: Room, events: Iterable[Json], bot: str, clock: Clock) -> None:
        self.room = room
        self.sent_at: dict[str, float] = {
            event["event_id"]: event["origin_server_ts"] / 1000 for event in events
        }
        self.said: list[Message] = []
        """Messages of their own accord: no replies, no edits."""
        self.edits: defaultdict[str, list[Message]] = defaultdict(list)
        """By the message that they edit."""
        self.replies: defaultdict[str, list[Message]] = defaultdict(list)
        """By the event that they answer, which reactions do as well."""
        self.pinned: list[Any] = []
        self._clock = clock
        for event in events:
            if event["sender"] == bot:
                self._add(event)

    def now_says(self, message: Message) -> str:
        """The text after its last edit."""
        return (
            self.edits[message.event_id][-1].text
            if message.event_id in self.edits
            else (message.text)
        )

    def _add(self, event: Json) -> None:
        content = event["content"]
        relation = content.get("m.relates_to", {})
        if event["type"] == "m.room.pinned_events":
            self.pinned.append(content.get("pinned"))
        elif event["type"] == "m.reaction" and "key" in relation:
            reaction = self._message(event, relation["key"], to=relation["event_id"])
            self.replies[relation["event_id"]].append(reaction)
        elif event["type"] == "m.room.message" and "body" in content:
            self._add_message(event, content, relation)

    def _add_message(self, event: Json, content: Json, relation: Json) -> None:
        edit_of = relation.get("event_id") if relation.get("rel_type") == "m.replace" else None
        reply_to = relation.get("m.in_reply_to", {}).get("event_id")
        text = content.get("m.new_content", content)["body"]
        mentions = frozenset(content.get("m.mentions", {}).get("user_ids", ()))
        message = self._message(event, text, reply_to, edit_of, mentions)
        if edit_of is not None:
            self.edits[edit_of].append(message)
        elif reply_to is not None:
            self.replies[reply_to].append(message)
        else:
            self.said.append(message)

    def _message(
        self,
        event: Json,
        text: str,
        to: str | None,
        edit_of: str | None = None,
        mentions: frozenset[str] = frozenset(),
    ) -> Message:
        at = event["origin_server_ts"] / 1000
        local = self._clock.from_wall(datetime.fromtimestamp(at, UTC)).astimezone(ZONE)
        return Message(event["event_id"], at, local, text, to, edit_of, mentions)
