"""The rooms of the fake homeserver, and what they look like from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from fosdembot.clock import Clock
from fosdembot.matrix.relations import replaced

from .events import Json

TIMELINE_AT_MOST = 100
"""Synapse's own limit, whatever a filter says."""


class Stream:
    """Numbers the events of all rooms, in the order in which they came."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self._clock = clock
        self.position = 0
        self.news = asyncio.Event()
        """Set at the next event; then there is another one to wait for."""

    def now(self) -> int:
        """In milliseconds since 1970, on the wall."""
        clock = self._clock()
        return int(clock.to_wall(clock.now()).timestamp() * 1000)

    def next(self) -> tuple[int, str]:
        """Position and id of a new event."""
        self.position += 1
        self.news.set()
        self.news = asyncio.Event()
        return self.position, f"$event{self.position}"


class FakeRoom:
    def __init__(self, room_id: str, stream: Stream, public: bool) -> None:
        self.room_id = room_id
        self.public = public
        self.events: list[Json] = []
        self.state: dict[tuple[str, str], Json] = {}
        self.hidden: set[str] = set()
        """Events that nobody is shown; they count when a page is filled, as in Synapse."""
        self.purged: dict[str, Json] = {}
        """What the homeserver has no more."""
        self._stream = stream
        self._positions: dict[str, int] = {}
        self._transactions: dict[str, tuple[str, str]] = {}
        self._members_sent: set[tuple[str, str]] = set()

    def add(
        self,
        sender: str,
        kind: str,
        content: Json,
        state_key: str | None = None,
        *,
        device: str = "",
        txn_id: str = "",
        ts: int | None = None,
    ) -> Json:
        """A new event, at `ts` milliseconds since 1970 (default: now); returns it."""
        position, event_id = self._stream.next()
        event: Json = {
            "event_id": event_id,
            "type": kind,
            "sender": sender,
            "origin_server_ts": ts if ts is not None else self._stream.now(),
            "content": content,
            "unsigned": {},
        }
        if state_key is not None:
            event["state_key"] = state_key
            before = self.state.get((kind, state_key))
            if before is not None:
                event["unsigned"] = {
                    "prev_content": before["content"],
                    "replaces_state": before["event_id"],
                }
            self.state[kind, state_key] = event
        self.events.append(event)
        self._positions[event_id] = position
        self._transactions[event_id] = (device, txn_id)
        return event

    def say(self, sender: str, body: str, **content: Any) -> str:
        """A plain message; returns its event id."""
        said = {"msgtype": "m.text", "body": body, **content}
        return str(self.add(sender, "m.room.message", said)["event_id"])

    def set_membership(self, by: str, user: str, membership: str, **content: Any) -> Json:
        return self.add(by, "m.room.member", {"membership": membership, **content}, user)

    def react(self, sender: str, event_id: str, key: str) -> str:
        """A reaction; returns its event id."""
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return str(self.add(sender, "m.reaction", {"m.relates_to": relation})["event_id"])

    def redact(
        self,
        sender: str,
        event_id: str,
        content: Json | None = None,
        *,
        device: str = "",
        txn_id: str = "",
    ) -> Json:
        """Empty an event; returns the redaction, whose own content may hold more."""
        named = {**(content or {}), "redacts": event_id}
        redaction = self.add(sender, "m.room.redaction", named, device=device, txn_id=txn_id)
        redaction["redacts"] = event_id
        event = self.event(event_id) or self.purged.get(event_id)
        assert event is not None, event_id
        kept = event["content"].get("membership")
        event["content"] = {} if kept is None else {"membership": kept}
        event["unsigned"] = {"redacted_because": redaction}
        return redaction

    def purge(self, before: str) -> None:
        """Forget what was said before an event, as Synapse's `purge_history` does (with
        `delete_local_events: false`: of what is redacted later, people still hear)."""
        said = [e for e in self._between(None, self._positions[before] - 1) if "state_key" not in e]
        self.purged |= {event["event_id"]: event for event in said}
        self.events = [event for event in self.events if event["event_id"] not in self.purged]

    def event(self, event_id: str) -> Json | None:
        return next((event for event in self.events if event["event_id"] == event_id), None)

    def related(self, event_id: str, kind: str) -> list[Json]:
        """The events that relate to another, newest first."""
        found = []
        for event in reversed(self.events):
            relation = event["content"].get("m.relates_to", {})
            if (relation.get("rel_type"), relation.get("event_id")) == (kind, event_id):
                found.append(event)
        return found

    def __repr__(self) -> str:
        """All that is known of it."""
        return repr({name: value for name, value in vars(self).items() if name != "_stream"})

    def has_reacted(self, user: str, content: Json) -> bool:
        """Whether `user` has sent such a reaction already."""
        relation = content["m.relates_to"]
        to = self.related(relation["event_id"], relation["rel_type"])
        return any(e["sender"] == user and e["content"]["m.relates_to"] == relation for e in to)

    def membership(self, user: str) -> str:
        return self.membership_at(user, None)

    def membership_at(self, user: str, position: int | None) -> str:
        """The membership after the event at `position` (None: now)."""
        newest = self.state.get(("m.room.member", user))
        if newest is None:
            return "leave"
        if position is None or self._positions[newest["event_id"]] <= position:
            return str(newest["content"]["membership"])
        found = "leave"
        for event in self.events:
            if self._positions[event["event_id"]] > position:
                break
            if event["type"] == "m.room.member" and event.get("state_key") == user:
                found = str(event["content"]["membership"])
        return found

    def members(self, membership: str) -> list[str]:
        return [
            user
            for (kind, user), event in self.state.items()
            if kind == "m.room.member" and event["content"]["membership"] == membership
        ]

    def by(self, sender: str) -> list[Json]:
        """The messages of one person, in order."""
        return [
            event
            for event in self.events
            if event["sender"] == sender and event["type"] == "m.room.message"
        ]

    # As clients see it.

    def page(
        self,
        device: str,
        direction: str,
        start: int | None,
        end: int | None,
        limit: int,
        event_filter: Json,
    ) -> Json:
        """An answer of `/messages`."""
        low, high = (start, end) if direction == "f" else (end, start)
        found = _keep(self._between(low, high), event_filter)
        if direction == "b":
            found.reverse()
        page = found[:limit]
        edits = self._last_edits()
        shown = (_with_edit(e, edits.get(e["event_id"])) for e in self._visible(page))
        answer: Json = {"chunk": [self._shown(event, device) for event in shown]}
        if page:
            last = self._positions[page[-1]["event_id"]]
            answer["end"] = f"s{last if direction == 'f' else last - 1}"
            # As Synapse: at the page's first event, which is the newest one backwards.
            answer["state"] = self._senders(page, self._positions[page[0]["event_id"]])
        return answer

    def near(self, moment: int, direction: str) -> Json | None:
        """The event whose date is nearest, as `/timestamp_to_event` finds it."""
        if direction == "b":
            found = [e for e in self.events if e["origin_server_ts"] <= moment]
            return max(reversed(found), key=lambda e: e["origin_server_ts"], default=None)
        found = [e for e in self.events if e["origin_server_ts"] >= moment]
        return min(found, key=lambda e: e["origin_server_ts"], default=None)

    def context(self, event: Json) -> Json:
        """An answer of `/context`, without the events around it."""
        position = self._positions[event["event_id"]]
        return {"event": event, "start": f"s{position - 1}", "end": f"s{position}"}

    def _last_edits(self) -> dict[str, Json]:
        """Those that the senders of messages made of them."""
        senders = {event["event_id"]: event["sender"] for event in self.events}
        edits: dict[str, Json] = {}
        for event in self.events:
            about = replaced(event["content"])
            if about is not None and senders.get(about) == event["sender"]:
                edits[about] = event
        return edits

    def joined(self, device: str, since: int | None, filters: Json) -> Json:
        """The room's part of `/sync`, under `join`: whole for who was not in it before."""
        found = _keep(self._visible(self._between(since, None)), filters["timeline"])
        limit = min(filters["timeline"].get("limit", 10), TIMELINE_AT_MOST)
        timeline = found[-limit:]
        limited = len(found) > len(timeline)
        first = self._positions[timeline[0]["event_id"]] if timeline else self._stream.position + 1
        state: list[Json] = []
        if since is None or limited:
            before = [e for e in self._between(since, first - 1) if "state_key" in e]
            state = list({(e["type"], e["state_key"]): e for e in before}.values())
        if filters["state"].get("lazy_load_members"):
            state = [e for e in state if e["type"] != "m.room.member"]
            state += self._news_of(device, self._senders(timeline, first - 1), filters["state"])
        return {
            "state": {"events": [self._shown(e, device) for e in _keep(state, filters["state"])]},
            "timeline": {
                "events": [self._shown(e, device) for e in timeline],
                "limited": limited,
                "prev_batch": f"s{first - 1}",
            },
        }

    def _senders(self, events: list[Json], position: int) -> list[Json]:
        """The member events of those who sent `events`, as they were at `position`."""
        senders = {event["sender"] for event in events}
        members = {
            e["state_key"]: e for e in self._between(None, position) if e["type"] == "m.room.member"
        }
        return [members[user] for user in members if user in senders]

    def _news_of(self, device: str, members: list[Json], event_filter: Json) -> list[Json]:
        """Those that were not sent to this device before, unless all are wanted."""
        if event_filter.get("include_redundant_members"):
            return members
        new = [e for e in members if (device, e["event_id"]) not in self._members_sent]
        self._members_sent |= {(device, e["event_id"]) for e in new}
        return new

    def left(self, user: str, device: str, since: int) -> Json:
        """The room's part of `/sync`, under `leave`."""
        found = self._between(since, None)
        parting = max(i for i, event in enumerate(found) if event.get("state_key") == user)
        shown = [self._shown(event, device) for event in found[: parting + 1]]
        return {"state": {"events": []}, "timeline": {"events": shown, "limited": False}}

    def stripped(self) -> list[Json]:
        """What those who are invited see."""
        types = ("m.room.create", "m.room.member", "m.room.canonical_alias", "m.room.encryption")
        return [
            {key: event[key] for key in ("type", "state_key", "sender", "content")}
            for event in self.state.values()
            if event["type"] in types
        ]

    def _between(self, low: int | None, high: int | None) -> list[Json]:
        """Events after `low`, down to and with `high`."""
        return [
            event
            for event in self.events
            if (low is None or self._positions[event["event_id"]] > low)
            and (high is None or self._positions[event["event_id"]] <= high)
        ]

    def _visible(self, events: Iterable[Json]) -> list[Json]:
        return [event for event in events if event["event_id"] not in self.hidden]

    def _shown(self, event: Json, device: str) -> Json:
        """The sender's own device sees its transaction id."""
        sent_from, txn_id = self._transactions[event["event_id"]]
        if not txn_id or sent_from != device:
            return event
        return {**event, "unsigned": {**event["unsigned"], "transaction_id": txn_id}}


def _keep(events: list[Json], event_filter: Json) -> list[Json]:
    """Those that a filter lets pass."""
    types, senders = event_filter.get("types"), event_filter.get("senders")
    kept = events if types is None else [e for e in events if e["type"] in types]
    return kept if senders is None else [e for e in kept if e["sender"] in senders]


def _with_edit(event: Json, edit: Json | None) -> Json:
    if edit is None:
        return event
    return {**event, "unsigned": {**event["unsigned"], "m.relations": {"m.replace": edit}}}
