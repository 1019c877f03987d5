"""Whether the rooms were told what they had to be: once, in time, and nothing else.

It knows the rooms' histories and what was to be told, and nothing of the bot.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any

from fosdembot.clock import Clock
from fosdembot.texts.render import clean

from .person import Json
from .sample import ZONE, Room, Say, Told, moment

LATE_SECONDS = 2.0
"""On the wall. A homeserver takes a message in a few hundredths of a second, and nobody
in a room would call two seconds late; what takes longer was held up somewhere."""
_CLOCKS_DIFFER = 0.05
"""Seconds: a homeserver's timestamps are cut to milliseconds."""


@dataclass(slots=True)
class Verdict:
    """`faults` says in a sentence each what was counted as wrong; times are in real seconds."""

    notices: Counter[str] = field(default_factory=Counter)
    """By kind."""
    pins: int = 0
    talks: int = 0
    """Which their room was told were on."""
    rooms: int = 0
    """Which were told so."""
    lateness: list[float] = field(default_factory=list)
    commands: int = 0
    answers: int = 0
    waits: list[float] = field(default_factory=list)
    """From a command to its answer."""
    lost: int = 0
    doubled: int = 0
    late: int = 0
    unexpected: int = 0
    """What the rooms should not have been told, or not yet."""
    overtaken: int = 0
    """What was rightly left out: it held for less time than a message may be late."""
    faults: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.faults

    def as_json(self) -> Json:
        return {
            "talks": self.talks,
            "rooms": self.rooms,
            "notices": dict(sorted(self.notices.items())),
            "pins": self.pins,
            "lateness_seconds": _spread(self.lateness),
            "commands": self.commands,
            "answers": self.answers,
            "answer_seconds": _spread(self.waits),
            "lost": self.lost,
            "doubled": self.doubled,
            "late": self.late,
            "late_after_seconds": LATE_SECONDS,
            "unexpected": self.unexpected,
            "overtaken": self.overtaken,
            "faults": self.faults,
        }


def judge(
    histories: Mapping[Room, Sequence[Json]],
    said: Iterable[tuple[Say, str]],
    told: Iterable[Told],
    bot: str,
    clock: Clock,
    speed: float,
    poll_seconds: float,
) -> Verdict:
    """Compare what stands in the rooms (events as the homeserver gives them) with what had
    to be `told`, and `said` (with the events' ids) with its answers."""
    verdict = Verdict()
    told, said = tuple(told), tuple(said)
    for room, events in histories.items():
        history = _History(room, events, bot, clock)
        here = [item for item in told if item.room is room]
        _Notices(history, verdict, clock, speed, poll_seconds).compare(here)
        _compare_answers(history, verdict, [pair for pair in said if pair[0].room is room])
    return verdict


@dataclass(frozen=True, slots=True)
class _Message:
    event_id: str
    at: float
    """Real time, in seconds since 1970."""
    shown: str
    """For people: conference time and text."""
    text: str
    edit: bool
    reply_to: str | None

    @classmethod
    def read(cls, event: Json, clock: Clock) -> _Message:
        content = event["content"]
        relation = content.get("m.relates_to", {})
        text = content.get("m.new_content", content)["body"]
        at = event["origin_server_ts"] / 1000
        local = clock.from_wall(datetime.fromtimestamp(at, UTC)).astimezone(ZONE)
        return cls(
            event_id=event["event_id"],
            at=at,
            shown=f"{local:%H:%M:%S} {clean(text, 80)}",
            text=text,
            edit=relation.get("rel_type") == "m.replace",
            reply_to=relation.get("m.in_reply_to", {}).get("event_id"),
        )


class _History:
    """What the bot did in one room, by what it did it for."""

    def __init__(self, room: Room, events: Iterable[Json], bot: str, clock: Clock) -> None:
        self.room = room
        self.sent_at = {event["event_id"]: event["origin_server_ts"] / 1000 for event in events}
        self.notices: list[_Message] = []
        self.answers: defaultdict[str, list[_Message]] = defaultdict(list)
        self.pinned: list[Any] = []
        for event in events:
            if event["sender"] != bot:
                continue
            if event["type"] == "m.room.pinned_events":
                self.pinned.append(event["content"].get("pinned"))
            elif event["type"] == "m.room.message" and "body" in event["content"]:
                message = _Message.read(event, clock)
                if message.reply_to is None:
                    self.notices.append(message)
                else:
                    self.answers[message.reply_to].append(message)


class _Notices:
    def __init__(
        self,
        history: _History,
        verdict: Verdict,
        clock: Clock,
        speed: float,
        poll_seconds: float,
    ) -> None:
        self._history = history
        self._verdict = verdict
        self._clock = clock
        self._speed = speed
        self._poll_seconds = poll_seconds

    def compare(self, told: Iterable[Told]) -> None:
        verdict, where = self._verdict, self._history.room.name
        expected: set[str] = set()
        talks = 0
        for item in told:
            found = [message for message in self._history.notices if self._fits(item, message)]
            expected |= {message.event_id for message in found}
            if found:
                verdict.notices[item.kind] += 1
                self._time(item, found[0])
                talks += item.kind == "now"
                if item.kind == "now":
                    self._pin(item, found[0])
            elif item.holds * 60 / self._speed < LATE_SECONDS:
                verdict.overtaken += 1
            else:
                verdict.lost += 1
                verdict.faults.append(f"{where} was not told: {_named(item)}")
            for message in found[1:]:
                verdict.doubled += 1
                verdict.faults.append(f"{where} was told twice: {message.shown}")
        for message in self._history.notices:
            if message.event_id not in expected:
                verdict.unexpected += 1
                verdict.faults.append(f"{where} should not have been told: {message.shown}")
        verdict.talks += talks
        verdict.rooms += talks > 0

    def _fits(self, item: Told, message: _Message) -> bool:
        due = self._due(item)
        return (
            message.text.startswith(item.words)
            and message.edit == (item.kind == "countdown")
            and (due is None or message.at >= due - _CLOCKS_DIFFER)
        )

    def _due(self, item: Told) -> float | None:
        if item.at is None:
            return None
        return self._clock.to_wall(moment(item.at).astimezone(UTC)).timestamp()

    def _time(self, item: Told, message: _Message) -> None:
        due = self._due(item)
        if due is None:
            return
        if item.kind == "change":
            # The bot cannot know before it looks at the schedule again.
            due += self._poll_seconds
        late = max(0.0, message.at - due)
        self._verdict.lateness.append(late)
        if late > LATE_SECONDS:
            self._verdict.late += 1
            where = self._history.room.name
            self._verdict.faults.append(f"{where} was told {late:.1f} s late: {_named(item)}")

    def _pin(self, item: Told, message: _Message) -> None:
        """It must have been the only one that was pinned."""
        if [message.event_id] in self._history.pinned:
            self._verdict.pins += 1
        else:
            self._verdict.lost += 1
            self._verdict.faults.append(f"{self._history.room.name}: not pinned: {_named(item)}")


def _compare_answers(history: _History, verdict: Verdict, said: Sequence[tuple[Say, str]]) -> None:
    where = history.room.name
    silent = {event_id for act, event_id in said if act.answer is None}
    for act, event_id in said:
        if act.answer is None:
            continue
        verdict.commands += 1
        right = [m for m in history.answers[event_id] if act.answer in m.text]
        if not right:
            verdict.lost += 1
            verdict.faults.append(f"{where}: no such answer to {act.who}: {act.text}")
            continue
        verdict.answers += 1
        wait = right[0].at - history.sent_at[event_id]
        verdict.waits.append(wait)
        if wait > LATE_SECONDS:
            verdict.late += 1
            verdict.faults.append(f"{where}: {act.who} waited {wait:.1f} s for: {act.text}")
    for event_id, answers in history.answers.items():
        for message in answers if event_id in silent else answers[1:]:
            verdict.doubled += event_id not in silent
            verdict.unexpected += event_id in silent
            verdict.faults.append(f"{where} was answered once too often: {message.shown}")


def _spread(seconds: Sequence[float]) -> dict[str, float | None]:
    return {
        "p50": round(median(seconds), 3) if seconds else None,
        "max": round(max(seconds), 3) if seconds else None,
    }


def _named(item: Told) -> str:
    return f"{item.at or 'at the start'} {item.kind}, {item.words}"
