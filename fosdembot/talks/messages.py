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

from fosdembot.texts.render import Text

from .notices import Kind, Notice
from .question_summary import QuestionSummary
from .wording import Wording

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
    questions: tuple[int, ...]
    """The numbers of the questions whose text stands in it."""


def tell(
    notices: Iterable[Notice],
    told: Mapping[str, str],
    now: datetime,
    zone: tzinfo,
    prefix: str,
    asked: Mapping[str, QuestionSummary] = {},
    bridged: bool = False,
    page: str = "",
) -> list[Message]:
    """What to send now of one room's plan, most urgent first.

    `told` has, for each notice's key that was told before, the key of its message.
    Whoever calls it keeps that: `told |= {key: message.key for key in message.keys}`
    in the transaction that queues the message.

    `asked`, by guid, are the questions to its talks; `bridged`: whether people read
    there over a bridge, to whom no edit and no reaction is of use; `page`: the address of the
    room's page, if it has one.
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
    messages = []
    for group in groups.values():
        keys = [notice.key for notice in group]
        said = set(keys)
        keys += [key for key, by in covered.items() if by in said]
        wording = Wording(group, now, zone, prefix, asked, bridged, page)
        messages.append(_message(group, tuple(keys), told, wording))
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


def most_urgent(notices: Iterable[Notice], told: Mapping[str, str], now: datetime) -> int:
    """The urgency of what is to be told now; of an edit, where that is nothing."""
    due = (
        _URGENCY[notice.kind]
        for notice in notices
        if notice.due <= now < notice.expires and notice.key not in told
    )
    return min(due, default=_URGENCY[Kind.COUNTDOWN])


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
    group: Sequence[Notice], keys: tuple[str, ...], told: Mapping[str, str], wording: Wording
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
        text=wording.text(),
        questions=wording.questions(),
    )
