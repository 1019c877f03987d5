"""The border: reads the JSON of events, once, into the values of `chat/incoming.py`.

Whatever JSON somebody sends is read without an error: what has not the right shape says nothing.
What stands around the content (ids, types, the date) was looked at by `matrix/answers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fosdembot.chat.incoming import (
    Content,
    Edit,
    Encrypted,
    Fetched,
    Incoming,
    MemberChange,
    Membership,
    Message,
    Reaction,
    Redaction,
    RightsChange,
    Tap,
    Upgrade,
)
from fosdembot.chat.reading.message import MessageReader
from fosdembot.clock import Clock, from_server_ts
from fosdembot.matrix.api import Json
from fosdembot.matrix.arrived import arrival
from fosdembot.matrix.relations import (
    acts_on,
    annotation,
    mentioned_in_relation,
    new_content,
    newest_content,
    newest_edit,
    redacts,
    replaced,
    replacement_in,
    replied_to,
    thread_root,
    without_relation,
)
from fosdembot.matrix.timeline import membership


@dataclass(frozen=True, slots=True)
class Related:
    """The events that an event names."""

    acts_on: Sequence[str]
    """By a reaction, an edit or a redaction."""
    mentions: Sequence[str]
    """As what it answers, or belongs to."""


@dataclass(frozen=True, slots=True)
class EventReader:
    messages: MessageReader
    clock: Clock

    def read(self, room: str, event: Json) -> Incoming:
        sent = self._sent(room, event)
        match event["type"]:
            case "m.room.message":
                return self._message(sent, event["content"])
            case "m.reaction" if (about := annotation(event)) is not None:
                return Reaction(*sent, *about)
            case "m.room.redaction" if (target := redacts(event)) is not None:
                return Redaction(*sent, target)
            case "m.room.encrypted":
                return Encrypted(*sent, from_now_on=False)
            case _ if "state_key" in event:
                return self._state(sent, event)
        return Incoming(*sent)

    def related(self, event: Json) -> Related:
        return Related(acts_on(event), mentioned_in_relation(event["content"]))

    def alone(self, event: Json) -> Json:
        """The same event, as if it answered nothing."""
        return without_relation(event)

    def fetched(self, room: str, event_id: str, at: datetime, event: Json) -> Fetched | None:
        """A message that was asked for; None for anything else: what is redacted, or an edit
        itself, or stands in another room."""
        sender, newest = event.get("sender"), newest_content(event)
        if newest is None or not isinstance(sender, str) or event.get("room_id", room) != room:
            return None
        said = content_of(newest)
        first, edit = event["content"], newest_edit(event)
        message = Message(
            room,
            event_id,
            sender,
            at,
            arrived=None,
            content=said,
            said=self.messages.message(sender, said),
            reply_to=replied_to(first),
            thread=thread_root(first),
        )
        by = edit.get("event_id") if edit is not None else None
        mentions = tuple(mentioned_in_relation(first))
        return Fetched(message, content_of(first), by if isinstance(by, str) else None, mentions)

    # Of runs of events, of which little is read.

    def tap(self, room: str, event: Json) -> Tap | None:
        about = annotation(event)
        if about is None:
            return None
        return Tap(room, event["event_id"], event["sender"], *about)

    def member_change(self, room: str, event: Json) -> MemberChange | None:
        now, person = membership(event), event.get("state_key")
        if now is None or person is None:
            return None
        return MemberChange(room, event["sender"], person, now)

    def chat(self, event: Json) -> Content | None:
        """What a message says that relates to nothing; None for other messages."""
        content = event["content"]
        if "state_key" in event or "m.relates_to" in content:
            return None
        return content_of(content)

    def _sent(self, room: str, event: Json) -> tuple[str, str, str, datetime, datetime | None]:
        at = from_server_ts(self.clock, event["origin_server_ts"])
        return room, event["event_id"], event["sender"], at, arrival(event)

    def _message(
        self, sent: tuple[str, str, str, datetime, datetime | None], content: Json
    ) -> Message:
        said = content_of(new_content(content))
        read = (said, self.messages.message(sent[2], said))
        related, original = (replied_to(content), thread_root(content)), replaced(content)
        if original is None:
            return Message(*sent, *read, *related)
        return Edit(*sent, *read, *related, original)

    def _state(
        self, sent: tuple[str, str, str, datetime, datetime | None], event: Json
    ) -> Incoming:
        match event["type"]:
            case "m.room.member" if (change := self.member_change(sent[0], event)) is not None:
                return Membership(*sent, change)
            case "m.room.power_levels":
                return RightsChange(*sent)
            case "m.room.encryption":
                return Encrypted(*sent, from_now_on=True)
            case "m.room.tombstone" if event["state_key"] == "":
                replacement = replacement_in(event["content"])
                if replacement is not None:
                    return Upgrade(*sent, replacement)
        return Incoming(*sent)


def content_of(content: Json) -> Content:
    kind, body, html = content.get("msgtype"), content.get("body"), content.get("formatted_body")
    form, filename = content.get("format"), content.get("filename")
    relates = "m.relates_to" in content
    return Content(
        kind if isinstance(kind, str) else None,
        body if isinstance(body, str) else None,
        html if isinstance(html, str) else None,
        form if isinstance(form, str) else None,
        filename if isinstance(filename, str) else None,
        replied_to(content) if relates else None,
        thread_root(content) if relates else None,
    )


def to_json(content: Content) -> Json:
    """As `content_of` reads it."""
    said = {
        "msgtype": content.kind,
        "body": content.body,
        "format": content.format,
        "formatted_body": content.html,
        "filename": content.filename,
    }
    relation: Json = {}
    if content.reply_to is not None:
        relation["m.in_reply_to"] = {"event_id": content.reply_to}
    if content.thread is not None:
        relation |= {"rel_type": "m.thread", "event_id": content.thread}
    kept: Json = {key: value for key, value in said.items() if value is not None}
    return {**kept, "m.relates_to": relation} if relation else kept


def body_of(content: Json) -> str:
    """The words of a message of ours, as the outbox keeps it."""
    return content_of(content).body or ""


def thread_of(content: Json) -> str | None:
    """The thread in which a message of ours stands."""
    return thread_root(content)
