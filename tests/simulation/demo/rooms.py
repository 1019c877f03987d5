"""The rooms of the demo in which all went well, until a test spoils something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from fosdembot.clock import ScaledClock
from simulation.demo import sample, sample_meeting
from simulation.demo.acts import (
    Act,
    Ask,
    Decide,
    Deed,
    Edit,
    Join,
    Leave,
    Publish,
    Room,
    Say,
    Scan,
    Told,
    Vote,
    Write,
)
from simulation.demo.judge import judge
from simulation.demo.sample import DIRECT_CHATS, HOSTS, LOFT, moment
from simulation.demo.sample_meeting import MEETING
from simulation.demo.tally import Question, Standing, ranking, tally
from simulation.demo.verdict import LATE_AFTER, Verdict

BOT = "@bot:conference.localhost"
SPEED = 60
POLL = 1.0
CLOCK = ScaledClock(moment(sample.OPENING), SPEED, datetime(2026, 1, 1, tzinfo=UTC))
SOON = 0.1
"""Seconds after its cause comes what the bot does."""
_STATES = {
    "open": "",
    "pending": " ⏳ waits for you",
    "starred": " ⭐ next",
    "answering": " ▶ being answered",
    "answered": " ✅ answered",
    "dismissed": " 🚫 dismissed",
    "withdrawn": " taken back",
}

Event = dict[str, Any]


class Played:
    """The script was played. `meeting`: whether there is one."""

    def __init__(self, *, meeting: bool) -> None:
        self.events: dict[Room, list[Event]] = {}
        self.deeds: list[Deed] = []
        self.pinned: dict[int, str] = {}
        """By the place of the talk's notice in `sample.TOLD`."""
        self._ids = count(1)
        self._done: list[Act] = []
        self._answers: dict[int, str | None] = {}
        """By the place of what is answered in `_done`."""
        self._told = sample_meeting.told() if meeting else sample.TOLD
        for act in sample_meeting.script() if meeting else sample.SCRIPT:
            if not isinstance(act, Join | Leave | Publish | Scan):
                self.do(act)
        for place, item in enumerate(self._told):
            self.pinned[place] = self.tell(item)
        for place, item in enumerate(sample.TOLD):
            if item.kind == "now":
                self.show_board(place, self._ranking(place))

    # What people do, and the bot in answer to it.

    def do(self, act: Act) -> str:
        """Somebody does it, at its time."""
        at = wall(act.at)
        place = self._place(act)
        event_id = self.send(place, "@somebody:x", "x", at)
        self.deeds.append(Deed(act, place, event_id, f"somebody: {act.at}"))
        self._done.append(act)
        self._answers[len(self._done) - 1] = self.answer(act)
        match act:
            case Ask():
                self._asked(act, event_id, at + SOON)
            case Edit():
                self.show_card(act.room, act.number, at + SOON)
            case Decide():
                self._decided(act, at + SOON)
            case Write():
                self._written(act, at + SOON)
        return event_id

    def answer(self, act: Act, after: float = SOON, text: str | None = None) -> str | None:
        """The bot answers it, if it does: rightly, unless with this `text`."""
        deed = next(deed for deed in self.deeds if deed.act is act)
        said = text if text is not None else self._answer_to(act)
        if said is not None and deed.room is MEETING:
            return self.send(MEETING, BOT, said, wall(act.at) + after)
        if said is not None:
            return self.reply(deed.room, deed.event_id, said, wall(act.at) + after)
        return None

    def _answer_to(self, act: Act) -> str | None:
        if isinstance(act, Write):
            return "Posted in sail-loft."
        if isinstance(act, Say) and act.lists is not None:
            questions = self.of_talk(on_at(act.lists, act.at), self.standing)
            return "\n".join([f"{act.answer} …:", *map(entry, questions)])
        said = act.answer if isinstance(act, Say | Ask | Decide) else None
        if isinstance(act, Decide) and act.by is MEETING:
            shown = self.shown()
            return f"Now: {shown}" if act.state == "answering" else f"{said}. Next: {shown}"
        return f"It is so: {said}!" if said is not None and said != "✅" else said

    def shown(self) -> str:
        """The best question of the talk that has a meeting, as it is shown there."""
        item = on_at(LOFT, sample_meeting.TALK_AT)
        [best, *_] = ranking(self.of_talk(item, self.standing))
        question = self.standing[LOFT, best]
        count = f"{question.votes} vote{'s' if question.votes != 1 else ''}"
        return f"{best} ({count}): {question.text}"

    @property
    def standing(self) -> Standing:
        return tally(self._done)

    def _place(self, act: Act) -> Room:
        match act:
            case Say() | Vote():
                return act.room
            case Ask() | Write():
                return act.by or act.room
            case Decide():
                return act.by or HOSTS
        room: Room = getattr(act, "room")  # noqa: B009
        return room

    def _asked(self, act: Ask, event_id: str, at: float) -> None:
        if act.by is not None:
            self.send(act.room, BOT, f"{act.number} {act.text}", at)
        elif not act.pending:
            self.react(act.room, event_id, f"Q{act.number}", at)
        card = self.send(HOSTS, BOT, self.card(act.room, act.number), at)
        for button in ("✅", "⭐", "▶️", "🚫"):
            self.react(HOSTS, card, button, at)

    def _decided(self, act: Decide, at: float) -> None:
        question = self.standing[act.room, act.number]
        self.show_card(act.room, act.number, at)
        people = [f"@{name}:conference.localhost" for name in question.askers]
        if question.ask.pending and act.state == "open":
            deed = next(deed for deed in self.deeds if deed.act is question.ask)
            self.react(act.room, deed.event_id, f"Q{act.number}", at)
        if act.state == "answering":
            for other in self.standing.values():
                if other.ask.room is act.room and other.state == "answered":
                    self.show_card(act.room, other.ask.number, at)
            self.mention(
                act.room, f"Hello: your question {act.number} is being answered", people, at
            )
        if act.reason:
            [chat] = [chat for chat in DIRECT_CHATS if chat.person in question.askers]
            self.mention(chat, f"Hello: not taken up: {act.reason}", people, at)

    def _written(self, act: Write, at: float) -> None:
        question = self.standing[act.room, act.number]
        self.show_card(act.room, act.number, at)
        people = [f"@{name}:conference.localhost" for name in question.askers]
        self.mention(act.room, f"Hello: {act.who} answers:\n{act.text}", people, at)
        if question.ask.nameless and question.ask.by is not None:
            person = f"@{question.ask.who}:conference.localhost"
            self.mention(question.ask.by, f"The answer:\n{act.text}", [person], at)

    def card(self, room: Room, number: int) -> str:
        question = self.standing[room, number]
        into = question.into
        state = f" is one with {into.ask.number}" if into else _STATES[question.state]
        by = f" by {question.decided_by} in the meeting" if question.decided_by else ""
        return f"{room.alias} {number}{state}{by}: {question.text} – somebody"

    def show_card(self, room: Room, number: int, at: float, text: str | None = None) -> None:
        card = self.find(HOSTS, f"{room.alias} {number}")
        self.edit(HOSTS, card["event_id"], text or self.card(room, number), at)

    # What is told, and the boards.

    def tell(self, item: Told, after: float = SOON, *, pin: bool = True) -> str:
        """So many seconds after its time."""
        late = POLL if item.kind in ("change", "letter", "recording") else 0
        at = wall(item.at or sample.OPENING) + after + late
        words = f"{item.words} and so on {item.also}"
        if item.kind == "countdown":
            return self.edit(item.room, "$any", words, at)
        if item.lists is not None:
            before = on_at(item.lists, item.at or "", ago=1)
            questions = [q for q in self.of_talk(before, self.at(item.at)) if q.state == "open"]
            words = "\n".join([words, *map(entry, questions)])
        event_id = self.send(item.room, BOT, words, at)
        if item.kind == "now" and pin:
            self.send_event(item.room, BOT, "m.room.pinned_events", {"pinned": [event_id]}, at)
        return event_id

    def show_board(self, place: int, numbers: Sequence[int]) -> None:
        """The pinned message shows these questions at last."""
        item, later = sample.TOLD[place], next_on(place)
        at = wall(later.at if later and later.at else sample.CLOSE) - SOON
        lines = [f"{n} (2 votes) Why? – somebody" for n in numbers]
        if item.at == "10:25":
            lines.append('Before: "A kernel that fits", 3 questions went to the speaker for …')
        self.edit(item.room, self.pinned[place], "\n".join([item.words, "Ask!", *lines]), at)

    def _ranking(self, place: int) -> list[int]:
        item, later = sample.TOLD[place], next_on(place)
        standing = self.at(later.at if later else None)
        return ranking(self.of_talk(item, standing))[:5]

    def of_talk(self, item: Told, standing: Standing) -> list[Question]:
        """The questions for the talk that was told to be on by `item`."""

        def talk(ask: Ask) -> Told:
            if ask.to is not None:
                return talk(standing[ask.room, ask.to].ask)
            return on_at(ask.room, ask.at)

        return [question for question in standing.values() if talk(question.ask) is item]

    def at(self, clock: str | None) -> Standing:
        return tally(act for act in self._done if clock is None or wall(act.at) <= wall(clock))

    # Events.

    def reply(self, room: Room, to: str, text: str, at: float) -> str:
        if text == "✅":
            return self.react(room, to, text, at)
        return self.send(room, BOT, text, at, {"m.in_reply_to": {"event_id": to}})

    def react(self, room: Room, to: str, key: str, at: float) -> str:
        relation = {"rel_type": "m.annotation", "event_id": to, "key": key}
        return self.send_event(room, BOT, "m.reaction", {"m.relates_to": relation}, at)

    def mention(self, room: Room, text: str, people: Sequence[str], at: float) -> str:
        event_id = self.send(room, BOT, text, at)
        self.events[room][-1]["content"]["m.mentions"] = {"user_ids": list(people)}
        return event_id

    def edit(self, room: Room, event_id: str, text: str, at: float) -> str:
        relation = {"rel_type": "m.replace", "event_id": event_id}
        edited = self.send(room, BOT, f"* {text}", at, relation)
        self.events[room][-1]["content"]["m.new_content"] = {"body": text}
        return edited

    def send(
        self, room: Room, sender: str, body: str, at: float, relation: Event | None = None
    ) -> str:
        content: Event = {"msgtype": "m.text", "body": body}
        if relation is not None:
            content["m.relates_to"] = relation
        return self.send_event(room, sender, "m.room.message", content, at)

    def send_event(self, room: Room, sender: str, kind: str, content: Event, at: float) -> str:
        event_id = f"${next(self._ids)}"
        self.events.setdefault(room, []).append(
            {
                "event_id": event_id,
                "sender": sender,
                "type": kind,
                "origin_server_ts": round(at * 1000),
                "content": content,
            }
        )
        return event_id

    def find(self, room: Room, words: str) -> Event:
        """The bot's first message there with these words, not followed by a digit."""
        for event in self.events[room]:
            _, found, after = str(event["content"].get("body", "")).partition(words)
            if event["sender"] == BOT and found and not after[:1].isdigit():
                return event
        raise AssertionError(f"nothing says {words!r}")

    def spoil(self, room: Room, words: str) -> None:
        """The bot never said that."""
        self.events[room].remove(self.find(room, words))

    def judged(self, speed: float = SPEED) -> Verdict:
        return judge(self.events, self.deeds, self._told, BOT, CLOCK, speed, POLL, LATE_AFTER)


class Rooms(Played):
    """`without`: what the bot did not tell, or answer."""

    def __init__(self, *, without: Told | Act | None = None, meeting: bool = False) -> None:
        played = _played(meeting)
        # As JSON they are copied ten times as fast as by deepcopy().
        self.events = {r: json.loads(json.dumps(sent)) for r, sent in played.events.items()}
        self.deeds = list(played.deeds)
        self.pinned = dict(played.pinned)
        self._ids = copy(played._ids)
        self._done = list(played._done)
        self._answers = dict(played._answers)
        self._told = played._told
        if isinstance(without, Told):
            [place] = [place for place, item in enumerate(self._told) if item is without]
            self._untell(self.pinned.pop(place))
        elif without is not None:
            [place] = [place for place, act in enumerate(self._done) if act is without]
            self._untell(self._answers.pop(place))

    def _untell(self, event_id: str | None) -> None:
        """The bot never said that, and nor did it edit or pin it."""
        assert event_id is not None
        for room, events in self.events.items():
            self.events[room] = [event for event in events if not _is_of(event, event_id)]


@cache
def _played(meeting: bool) -> Played:
    return Played(meeting=meeting)


def _is_of(event: Event, event_id: str) -> bool:
    """Whether it is that one, edits it or pins it."""
    content = event["content"]
    edited = content.get("m.relates_to", {}).get("event_id")
    return event_id in (event["event_id"], edited, *content.get("pinned", ()))


def entry(question: Question) -> str:
    """A line of a list."""
    return f"✓ {question.ask.number} ({question.votes} votes) {question.text} – somebody"


def on_at(room: Room, clock: str, ago: int = 0) -> Told:
    """The notice of the talk that was on last at that time, or of one so many before."""
    on = [item for item in sample.TOLD if item.kind == "now" and item.room is room]
    return [item for item in on if (item.at or "") <= clock][-1 - ago]


def next_on(place: int) -> Told | None:
    """The notice of the talk after that with this place in `sample.TOLD`."""
    here = sample.TOLD[place].room
    on = [item for item in sample.TOLD[place + 1 :] if item.kind == "now" and item.room is here]
    return on[0] if on else None


@cache
def wall(clock: str) -> float:
    return CLOCK.to_wall(moment(clock)).timestamp()


def wrong(verdict: Verdict) -> dict[str, int]:
    """The counts that are not 0."""
    kinds = ("lost", "doubled", "late", "unexpected", "overtaken")
    return {kind: number for kind in kinds if (number := getattr(verdict, kind))}


def told(kind: str, room: Room = LOFT) -> Told:
    return next(item for item in sample.TOLD if item.kind == kind and item.room is room)
