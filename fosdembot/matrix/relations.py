"""How events refer to one another (Client-Server API, "Relationship types").

Whatever JSON somebody sends is read without an error: what has not the right shape
says nothing.
"""

from __future__ import annotations

from typing import Any

from .api import Json

LONGEST_KEY = 100
"""Characters of a reaction that are looked at."""
_LONGEST_ID = 255


def replaced(content: Json) -> str | None:
    """The event that a message is an edit of ("Event replacements")."""
    return _related(content, "m.replace")


def new_content(content: Json) -> Json:
    """What a message says: for an edit what it turns the other one into."""
    new = content.get("m.new_content")
    return new if isinstance(new, dict) and replaced(content) is not None else content


def newest_content(event: Json) -> Json | None:
    """What a message, read on its own, says after its last edit, which the homeserver puts
    with it ("Server-side aggregation of m.replace relationships"); None for anything else:
    what is redacted, or an edit itself."""
    content, unsigned = _dict(event.get("content")), _dict(event.get("unsigned"))
    if event.get("type") != "m.room.message" or not content:
        return None
    if "redacted_because" in unsigned or replaced(content) is not None:
        return None
    edit = newest_edit(event)
    return content if edit is None else new_content(_dict(edit.get("content"))) or content


def newest_edit(event: Json) -> Json | None:
    """The last edit of a message, read on its own, by its sender."""
    relations = _dict(_dict(event.get("unsigned")).get("m.relations"))
    edit = _dict(relations.get("m.replace"))
    return edit if edit and edit.get("sender") == event.get("sender") else None


def annotation(event: Json) -> tuple[str, str] | None:
    """Of a reaction the event it is to, and its key ("Event annotations and reactions")."""
    content = event.get("content")
    if event.get("type") != "m.reaction" or not isinstance(content, dict):
        return None
    to = _related(content, "m.annotation")
    key = _dict(content.get("m.relates_to")).get("key")
    return (to, key[:LONGEST_KEY]) if to is not None and isinstance(key, str) else None


def redacts(event: Json) -> str | None:
    """The event that a redaction empties; from room version 11 on its content names it."""
    if event.get("type") != "m.room.redaction":
        return None
    named = _event_id(event.get("redacts"))
    return named or _event_id(_dict(event.get("content")).get("redacts"))


def replied_to(content: Json) -> str | None:
    """The event that a message answers ("Rich replies"). In a thread, what old clients take
    for that is only the message before: there it is the thread's root."""
    relation = _dict(content.get("m.relates_to"))
    if relation.get("is_falling_back") is True and (root := thread_root(content)) is not None:
        return root
    return _event_id(_dict(relation.get("m.in_reply_to")).get("event_id"))


def thread_root(content: Json) -> str | None:
    """The event that began the thread in which a message stands ("Threading")."""
    return _related(content, "m.thread")


def acts_on(event: Json) -> list[str]:
    """The events that a reaction, an edit or a redaction is about."""
    reaction = annotation(event)
    found = (reaction[0] if reaction is not None else None, redacts(event))
    return [event_id for event_id in (*found, replaced(event["content"])) if event_id is not None]


def mentioned_in_relation(content: Json) -> list[str]:
    """The events that a message says it answers, or belongs to."""
    relation = _dict(content.get("m.relates_to"))
    named = (relation.get("event_id"), _dict(relation.get("m.in_reply_to")).get("event_id"))
    return [found for each in named if (found := _event_id(each)) is not None]


def without_relation(event: Json) -> Json:
    """The same message, as if it answered nothing."""
    content = {key: value for key, value in event["content"].items() if key != "m.relates_to"}
    return {**event, "content": content}


def replacement_in(tombstone: Json) -> str | None:
    """The room by which another was replaced, as its tombstone says."""
    room = tombstone.get("replacement_room")
    return room if isinstance(room, str) and room.startswith("!") and len(room) < 256 else None


def _related(content: Json, kind: str) -> str | None:
    relation = _dict(content.get("m.relates_to"))
    return _event_id(relation.get("event_id")) if relation.get("rel_type") == kind else None


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _event_id(value: Any) -> str | None:
    # Other ids are those of what was done elsewhere than in Matrix, which nobody's event names.
    # One with control characters is nobody's, and PostgreSQL refuses to look for it.
    known = isinstance(value, str) and value.startswith("$") and len(value) <= _LONGEST_ID
    return value if known and value.isprintable() else None
