"""From the notices that are due to the messages that are sent.

What is due at the same moment goes into one message, and what another notice says
better is not said. Both are decided when it is told, not when it is planned: a key
is used up whether its words were needed or not, so nothing is told twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from fosdembot.texts import notices as texts
from fosdembot.texts.render import Text, lines, say, sentences
from fosdembot.texts.words import clock_time, count, duration

from .naming import hallway_of, place_named, talk_named
from .notices import Kind, Notice

MOST_LINES = 10
"""Talks named in one message."""
_MOST_WITH_SPEAKERS = 3

# In this order they stand in one message, and go out where the server is slow.
_ORDER = (Kind.NOW, Kind.QA, Kind.TIME_LEFT, Kind.HEADS_UP, Kind.OVER, Kind.COUNTDOWN)
_URGENCY = {kind: 10 * (place + 1) for place, kind in enumerate(_ORDER)}
_TOGETHER = (Kind.NOW, Kind.QA, Kind.TIME_LEFT, Kind.OVER)

# Due at once (the bot was away), the first says it all.
_COVERS = {
    Kind.NOW: (Kind.QA, Kind.TIME_LEFT),
    Kind.QA: (Kind.TIME_LEFT,),
    Kind.HEADS_UP: (Kind.COUNTDOWN,),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a room, or the edit of one."""

    key: str
    """Of its most urgent notice."""
    keys: tuple[str, ...]
    """Every notice that is settled with it, `key` included."""
    kind: Kind
    expires: datetime
    """After this it would no longer be true."""
    edit_of: str | None
    """The `key` of the message that it edits."""
    pin: bool
    urgency: int
    """Smaller goes first: 10 (`now`) to 60 (an edit of the countdown)."""
    text: Text


def tell(
    notices: Iterable[Notice],
    told: Mapping[str, str],
    now: datetime,
    zone: tzinfo,
    prefix: str,
) -> list[Message]:
    """What to send now of one room's plan, most urgent first.

    `told` has, for each notice's key that was told before, the key of its message.
    Whoever calls it keeps that: `told |= {key: message.key for key in message.keys}`
    in the transaction that queues the message.
    """
    due = sorted(
        (
            notice
            for notice in notices
            if notice.due <= now < notice.expires and notice.key not in told
        ),
        key=lambda notice: (_URGENCY[notice.kind], notice.slot.start, notice.key),
    )
    covered = _covered(due)
    groups: defaultdict[str, list[Notice]] = defaultdict(list)
    for notice in due:
        if notice.key in covered:
            continue
        if notice.edit_of is None:
            groups["together" if notice.kind in _TOGETHER else notice.kind].append(notice)
        elif notice.edit_of in told:
            groups[f"edit of {told[notice.edit_of]}"].append(notice)
    words = _Words(now, zone, prefix)
    messages = []
    for group in groups.values():
        keys = [notice.key for notice in group]
        said = set(keys)
        keys += [key for key, by in covered.items() if by in said]
        messages.append(_message(group, tuple(keys), told, words))
    return sorted(messages, key=lambda message: message.urgency)


def wake_at(notices: Iterable[Notice], told: Mapping[str, str], now: datetime) -> datetime | None:
    """When `tell` next has something to say; None: never."""
    return min(
        (
            max(notice.due, now)
            for notice in notices
            if notice.expires > now
            and notice.key not in told
            and (notice.edit_of is None or notice.due > now or notice.edit_of in told)
        ),
        default=None,
    )


def run_through(
    notices: Sequence[Notice], zone: tzinfo, prefix: str
) -> Iterator[tuple[datetime, Message]]:
    """Everything that a room is told if nothing goes wrong, with its time."""
    told: dict[str, str] = {}
    for moment in sorted({notice.due for notice in notices}):
        for message in tell(notices, told, moment, zone, prefix):
            told |= dict.fromkeys(message.keys, message.key)
            yield moment, message


def _covered(due: Sequence[Notice]) -> dict[str, str]:
    """Key → key of the notice that says it better."""
    by_talk: defaultdict[tuple[str, datetime], list[Notice]] = defaultdict(list)
    for notice in due:
        by_talk[notice.slot.talk.guid, notice.slot.start].append(notice)
    covered: dict[str, str] = {}
    for notices in by_talk.values():
        for better in notices:
            for notice in notices:
                if notice.kind in _COVERS.get(better.kind, ()):
                    covered.setdefault(notice.key, better.key)
    return covered


def _message(
    group: Sequence[Notice], keys: tuple[str, ...], told: Mapping[str, str], words: _Words
) -> Message:
    first = group[0]
    return Message(
        key=first.key,
        keys=keys,
        kind=first.kind,
        expires=min(notice.expires for notice in group),
        edit_of=told[first.edit_of] if first.edit_of else None,
        pin=first.kind is Kind.NOW,
        urgency=_URGENCY[first.kind],
        text=words.message(group),
    )


class _Words:
    """The sentences of notices, told at `now`."""

    def __init__(self, now: datetime, zone: tzinfo, prefix: str) -> None:
        self._now = now
        self._zone = zone
        self._prefix = prefix

    def message(self, group: Sequence[Notice]) -> Text:
        speakers = len(group) <= _MOST_WITH_SPEAKERS
        said = [self._notice(notice, speakers) for notice in group[:MOST_LINES]]
        left_out = len(group) - len(said)
        if left_out:
            more = count(left_out, "more talk")
            said.append(say(texts.AND_MORE, talks=more, p=self._prefix))
        before = group[0].kind in (Kind.HEADS_UP, Kind.COUNTDOWN)
        if before and not left_out and (later := min(notice.more for notice in group)):
            then = say(texts.THEN_MORE, talks=count(later, "more talk"), p=self._prefix)
            said[-1:] = [sentences([said[-1], then])] if len(said) == 1 else [said[-1], then]
        return lines(said)

    def _notice(self, notice: Notice, speakers: bool) -> Text:
        slot = notice.slot
        speakers = speakers and notice.kind in _WITH_SPEAKERS
        template, template_at = _TEMPLATES[notice.kind]
        first = say(
            template_at if notice.name_place else template,
            talk=talk_named(slot.talk, with_speakers=speakers),
            place=place_named(slot.talk),
            start=self._time(slot.start),
            end=self._time(slot.end),
            wait=duration(slot.start - self._now),
            left=duration(slot.end - self._now),
        )
        second = self._second_line(notice)
        if not second:
            return first
        if notice.kind is Kind.NOW:
            return lines([first, second])
        return sentences([first, second])

    def _second_line(self, notice: Notice) -> Text | None:
        said: list[Text] = []
        slot = notice.slot
        if notice.kind is Kind.NOW and slot.qa_start is not None and not notice.name_place:
            said.append(say(texts.QA_LATER, qa=self._time(slot.qa_start)))
        if notice.kind in (Kind.QA, Kind.OVER):
            if notice.following:
                talk = talk_named(notice.following.talk, with_speakers=True)
                said.append(say(texts.THEN, start=self._time(notice.following.start), talk=talk))
            elif not notice.name_place:
                said.append(say(texts.NO_MORE))
        if notice.closing and (hallway := hallway_of(slot.talk)):
            said.append(say(texts.AFTERWARDS, hallway=hallway))
        return sentences(said) if said else None

    def _time(self, moment: datetime) -> str:
        return clock_time(moment, self._zone, self._now)


_TEMPLATES = {
    Kind.HEADS_UP: (texts.HEADS_UP, texts.HEADS_UP_AT),
    Kind.COUNTDOWN: (texts.COUNTDOWN, texts.COUNTDOWN_AT),
    Kind.NOW: (texts.NOW, texts.NOW_AT),
    Kind.QA: (texts.QA, texts.QA_AT),
    Kind.TIME_LEFT: (texts.TIME_LEFT, texts.TIME_LEFT_AT),
    Kind.OVER: (texts.OVER, texts.OVER_AT),
}
_WITH_SPEAKERS = (Kind.HEADS_UP, Kind.COUNTDOWN, Kind.NOW)
