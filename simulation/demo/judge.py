"""Whether the rooms were told what they had to be: once, in time, and nothing else.

It knows the rooms' histories, what people did and what was to be told, and nothing of the bot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC

from fosdembot.clock import Clock
from simulation.events import Json

from .acts import Act, Ask, Decide, Deed, Room, Say, Told, Write
from .history import History, Message
from .judge_meeting import compare_meeting
from .judge_questions import Questions
from .sample import moment
from .sample_meeting import MEETING
from .verdict import Verdict

_CLOCKS_DIFFER = 0.05
"""Seconds: a homeserver's timestamps are cut to milliseconds."""
_AT_NEXT_LOOK = ("change", "letter", "recording")
"""What the bot finds to do when it looks at the schedule, or at what is over."""


def judge(
    rooms: Mapping[Room, Sequence[Json]],
    deeds: Iterable[Deed],
    told: Iterable[Told],
    bot: str,
    clock: Clock,
    speed: float,
    poll_seconds: float,
    late_after: float,
) -> Verdict:
    """Compare what stands in the rooms (events as the homeserver gives them) with what had
    to be `told`, and with what people did. So often (on the wall) the bot looks for changes,
    and what comes more than `late_after` seconds after its time is late."""
    verdict = Verdict(late_after)
    told, deeds = tuple(told), tuple(deeds)
    rooms = {item.room: () for item in told} | dict(rooms)
    histories = {room: History(room, events, bot, clock) for room, events in rooms.items()}
    questions = Questions(histories, deeds, told, verdict)
    known = questions.compare()
    if MEETING in histories:
        known |= compare_meeting(histories[MEETING], deeds, told, questions, verdict)
    for room, history in histories.items():
        here = [item for item in told if item.room is room]
        notices = _Notices(history, known, verdict, clock, speed, poll_seconds)
        on = notices.compare(here)
        for place, (item, message) in enumerate(on):
            until = notices.due(on[place + 1][0]) if place + 1 < len(on) else None
            questions.compare_board(history, item, message, until)
        if room is not MEETING:
            _compare_answers(history, known, verdict, [deed for deed in deeds if deed.room is room])
    questions.compare_votes()
    return verdict


class _Notices:
    """`known`: what the bot said for another reason."""

    def __init__(
        self,
        history: History,
        known: Collection[str],
        verdict: Verdict,
        clock: Clock,
        speed: float,
        poll_seconds: float,
    ) -> None:
        self._history = history
        self._messages = [
            message
            for message in (*history.said, *(e for edits in history.edits.values() for e in edits))
            if message.event_id not in known
        ]
        self._verdict = verdict
        self._clock = clock
        self._speed = speed
        self._poll_seconds = poll_seconds

    def compare(self, told: Iterable[Told]) -> list[tuple[Told, Message]]:
        """Returns which talks were told to be on, and how, in their order."""
        verdict, where = self._verdict, self._history.room.name
        expected: set[str] = set()
        on: list[tuple[Told, Message]] = []
        for item in told:
            due = self.due(item)
            found = [message for message in self._messages if _fits(item, message, due)]
            expected |= {message.event_id for message in found}
            if found:
                verdict.notices[item.kind] += 1
                self._time(item, found[0])
                if item.kind == "now":
                    self._pin(item, found[0])
                    on.append((item, found[0]))
                    expected |= self._true_edits(item, found[0])
            elif item.holds * 60 / self._speed < verdict.late_after:
                verdict.overtaken += 1
            else:
                verdict.lost += 1
                verdict.faults.append(f"{where} was not told: {_named(item)}")
            for message in found[1:]:
                verdict.doubled += 1
                verdict.faults.append(f"{where} was told twice: {message.shown}")
        for message in self._messages:
            if message.event_id not in expected:
                verdict.unexpected += 1
                verdict.faults.append(f"{where} should not have been told: {message.shown}")
        verdict.talks += len(on)
        verdict.rooms += bool(on)
        return on

    def _true_edits(self, item: Told, message: Message) -> set[str]:
        """The edits of a pinned message after which its first line is still true."""
        edits = self._history.edits.get(message.event_id, [])
        return {edit.event_id for edit in edits if edit.text.startswith(item.words)}

    def due(self, item: Told) -> float | None:
        """In seconds since 1970, on the wall."""
        if item.at is None:
            return None
        return self._clock.to_wall(moment(item.at).astimezone(UTC)).timestamp()

    def _time(self, item: Told, message: Message) -> None:
        due = self.due(item)
        if due is None:
            return
        if item.kind in _AT_NEXT_LOOK:
            due += self._poll_seconds
        late = max(0.0, message.at - due)
        self._verdict.lateness.append(late)
        if late > self._verdict.late_after:
            self._verdict.late += 1
            where = self._history.room.name
            self._verdict.faults.append(f"{where} was told {late:.1f} s late: {_named(item)}")

    def _pin(self, item: Told, message: Message) -> None:
        """It must have been the only one that was pinned."""
        if [message.event_id] in self._history.pinned:
            self._verdict.pins += 1
        else:
            self._verdict.lost += 1
            self._verdict.faults.append(f"{self._history.room.name}: not pinned: {_named(item)}")


def _fits(item: Told, message: Message, due: float | None) -> bool:
    """Whether that is how it was told; `due`: when, in seconds since 1970."""
    return (
        message.text.startswith(item.words)
        and item.also in message.text
        and (message.edit_of is not None) == (item.kind == "countdown")
        and (due is None or message.at >= due - _CLOCKS_DIFFER)
    )


def _compare_answers(
    history: History, known: Collection[str], verdict: Verdict, deeds: Sequence[Deed]
) -> None:
    where = history.room.name
    answers = {
        event_id: [message for message in messages if message.event_id not in known]
        for event_id, messages in history.replies.items()
    }
    wanted = {deed.event_id: _answer(deed.act) for deed in deeds}
    for deed in deeds:
        answer = wanted[deed.event_id]
        if answer is None:
            continue
        verdict.commands += 1
        right = [m for m in answers.get(deed.event_id, ()) if answer in m.text]
        if not right:
            verdict.lost += 1
            verdict.faults.append(f"{where}: no such answer to {deed.said}")
            continue
        verdict.answers += 1
        wait = right[0].at - history.sent_at[deed.event_id]
        verdict.waits.append(wait)
        if wait > verdict.late_after:
            verdict.late += 1
            verdict.faults.append(f"{where}: waited {wait:.1f} s for an answer to {deed.said}")
    for event_id, messages in answers.items():
        silent = event_id in wanted and wanted[event_id] is None
        for message in messages if silent else messages[1:]:
            verdict.doubled += not silent
            verdict.unexpected += silent
            verdict.faults.append(f"{where} was answered once too often: {message.shown}")


def _answer(act: Act) -> str | None:
    """A part of what the bot must answer."""
    if isinstance(act, Write):
        return "Posted"
    return act.answer if isinstance(act, Say | Ask | Decide) else None


def _named(item: Told) -> str:
    return f"{item.at or 'at the start'} {item.kind}, {item.words}"
