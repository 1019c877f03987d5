"""The border: reads the JSON of a room's events, once, as far as it concerns the chat.

Whatever JSON somebody sends is read without an error. What stands around the content (ids, types,
the date) was looked at by `matrix/answers.py`; what the content says is read once it is known
that it is shown (`chat_lines.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple

from fosdembot.matrix.answers import is_id
from fosdembot.matrix.api import Json
from fosdembot.matrix.relations import annotation, newest_edit, redacts, replaced, thread_root
from fosdembot.matrix.timeline import MEMBER
from fosdembot.texts.render import clean

LONGEST_NAME = 100
LONGEST_KEY = 40
"""Characters of a reaction that are shown."""
MOST_ANSWERS = 20
"""Of a poll, as the specification has it."""
_MOST_NAMES = 20_000
"""People whose names are remembered from one page of history to the next."""

POLLS = ("m.poll.start", "org.matrix.msc3381.poll.start")
_VOTES = ("m.poll.response", "org.matrix.msc3381.poll.response")
_ENDS = ("m.poll.end", "org.matrix.msc3381.poll.end")
_VARIANTS = str.maketrans("", "", "\ufe0e\ufe0f")


class Kind(IntEnum):
    """What becomes of an event."""

    SAID = 1
    """A line of the chat."""
    REDACTED = 2
    STATE = 3
    EDIT = 4
    REACTION = 5
    VOTE = 6
    POLL_END = 7
    REDACTION = 8
    GAP = 9
    """No event: something between two others that could not be read."""
    KEPT = 10
    """A line of the chat as it was before: the homeserver has its event no more."""


class Event(NamedTuple):
    """What is kept of an event until the whole chat is read."""

    id: str
    sent: int
    """Milliseconds since 1970, as its sender's homeserver says."""
    sender: str
    kind: Kind
    type: str
    is_anchor: bool = False
    """Whether we can trust the date."""
    about: str | None = None
    """The event that it edits, reacts to, votes in, ends or redacts; of what was said, the one
    that it answers."""
    thread: str | None = None
    """The event with which the thread began in which it was said."""
    name: str = ""
    """What its sender was called then."""
    nick: str | None = None
    """Who said it, where a relay speaks for many."""
    content: str = ""
    """JSON. Of what was said the content; of an edit, the new content; of a vote, the answers; of
    a reaction what is shown of it; of a gap, the reason."""


Read = tuple[Event, Event | None]
"""An event, and its last edit, where the homeserver gives that with it."""
Nick = Callable[[str, str, Json], str | None]
"""Who says a message (type, sender, content) of an account that speaks for many."""


class ChatReader:
    """Reads events in the room's order, and with them what people are called."""

    def __init__(self, me: str, is_bridged: Callable[[str], bool], nick: Nick) -> None:
        """`is_bridged`: whether an account is one of a bridge. Those of our own homeserver may
        date what they send as they like, as no other account there can."""
        self._me = me
        self._server = me.partition(":")[2]
        self._is_bridged = is_bridged
        self._nick = nick
        self._names: dict[str, str] = {}
        self._ours: dict[str, bool] = {}

    def read(self, events: Iterable[Json], members: Iterable[Json]) -> Iterator[Read]:
        """A page of history; `members` are the member events of its senders, as they were at its
        beginning."""
        if len(self._names) > _MOST_NAMES:
            self._names.clear()
            self._ours.clear()
        for member in members:
            self._note_name(member)
        for event in events:
            if event["type"] == MEMBER:
                self._note_name(event)
            yield self._event(event), _bundled(event)

    def is_ours(self, sender: str) -> bool:
        """Whether the dates of what `sender` sends are those of our own homeserver's clock."""
        known = self._ours.get(sender)
        if known is None:
            at_home = sender.partition(":")[2] == self._server and not self._is_bridged(sender)
            known = self._ours[sender] = sender == self._me or at_home
        return known

    def _note_name(self, event: Json) -> None:
        user, name = event.get("state_key"), event["content"].get("displayname")
        if event["type"] == MEMBER and isinstance(user, str):
            self._names[user] = clean(name, LONGEST_NAME) if isinstance(name, str) else ""

    def _name(self, user: str) -> str:
        """Never empty."""
        localpart = user.removeprefix("@").partition(":")[0]
        return self._names.get(user) or clean(localpart, LONGEST_NAME) or clean(user, LONGEST_NAME)

    def _event(self, event: Json) -> Event:
        sender, kind, content = event["sender"], _kind(event), event["content"]
        read = Event(
            event["event_id"],
            event["origin_server_ts"],
            sender,
            kind,
            event["type"],
            self.is_ours(sender),
        )
        if kind is Kind.SAID:
            return read._replace(
                about=_answered(content),
                thread=thread_root(content),
                name=self._name(sender),
                nick=None if sender == self._me else self._nick(event["type"], sender, content),
                content=json.dumps(content),
            )
        return _about(read, event)


def _kind(event: Json) -> Kind:
    if "state_key" in event:
        return Kind.STATE
    if isinstance(event["unsigned"].get("redacted_because"), dict):
        return Kind.REDACTED
    kind = event["type"]
    if kind == "m.reaction":
        return Kind.REACTION
    if kind == "m.room.redaction":
        return Kind.REDACTION
    if kind in _VOTES:
        return Kind.VOTE
    if kind in _ENDS:
        return Kind.POLL_END
    return Kind.EDIT if replaced(event["content"]) is not None else Kind.SAID


def _about(read: Event, event: Json) -> Event:
    """With what the event does to another; nothing, where it has not the right shape."""
    content = event["content"]
    match read.kind:
        case Kind.EDIT:
            new = content.get("m.new_content")
            if isinstance(new, dict):
                return read._replace(about=replaced(content), content=json.dumps(new))
        case Kind.REACTION:
            found = annotation(event)
            key = _key(found[1], content) if found is not None else ""
            if found is not None and key:
                return read._replace(about=found[0], content=key)
        case Kind.VOTE:
            answers = _selected(content)
            if answers is not None:
                return read._replace(about=_referred(content), content=json.dumps(answers))
        case Kind.POLL_END:
            return read._replace(about=_referred(content))
        case Kind.REDACTION:
            return read._replace(about=redacts(event))
    return read


def _bundled(event: Json) -> Event | None:
    """The last edit of an event, which the homeserver puts with it, however much later it was
    sent ("Server-side aggregation of m.replace relationships")."""
    edit = newest_edit(event) if "m.relations" in event["unsigned"] else None
    if edit is None:
        return None
    sent, content, unsigned = (edit.get(k) for k in ("origin_server_ts", "content", "unsigned"))
    is_whole = is_id(edit.get("event_id")) and isinstance(sent, int) and isinstance(content, dict)
    if not is_whole or "state_key" in event or edit.get("type") != event["type"]:
        return None
    if isinstance(unsigned, dict) and "redacted_because" in unsigned:
        return None
    read = Event(
        edit["event_id"], edit["origin_server_ts"], edit["sender"], Kind.EDIT, edit["type"]
    )
    read = _about(read, edit)
    return read if read.about == event["event_id"] else None


def reaction_group(key: str) -> str:
    """What of a reaction counts: not whether a client asks for the coloured form."""
    return key.translate(_VARIANTS) or key


def _key(key: str, content: Json) -> str:
    if key.startswith("mxc://"):
        # An image of the sender's own; some clients say what it is called.
        named = content.get("shortcode", content.get("com.beeper.reaction.shortcode"))
        name = clean(named, LONGEST_KEY - 2).strip(": ") if isinstance(named, str) else ""
        return f":{name or 'image'}:"
    return clean(key, LONGEST_KEY)


def _answered(content: Json) -> str | None:
    """The event that a message answers ("Rich replies"); none, where only clients that know no
    threads take the last one of its thread for that."""
    relation = content.get("m.relates_to")
    if not isinstance(relation, dict):
        return None
    if relation.get("is_falling_back") is True and thread_root(content) is not None:
        return None
    reply = relation.get("m.in_reply_to")
    return _event_id(reply.get("event_id")) if isinstance(reply, dict) else None


def _referred(content: Json) -> str | None:
    relation = content.get("m.relates_to")
    if not isinstance(relation, dict) or relation.get("rel_type") != "m.reference":
        return None
    return _event_id(relation.get("event_id"))


def _selected(content: Json) -> list[str] | None:
    """The ids of the answers for which somebody votes."""
    found: Any = content.get("m.selections")
    if not isinstance(found, list):
        older = content.get("org.matrix.msc3381.poll.response")
        found = older.get("answers") if isinstance(older, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        return None
    return found[: MOST_ANSWERS + 1]


def _event_id(value: Any) -> str | None:
    return value if is_id(value) and value.startswith("$") else None
