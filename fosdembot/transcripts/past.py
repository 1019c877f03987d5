"""What of a chat stays though the homeserver has it no more: purged by a retention policy or by an
administrator, lost with a restored database. What was redacted is there still, emptied."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from .model import Gap, Line, Message, Transcript
from .model_file import BadModel, lines
from .times import LAST_SEQ
from .window import Window

AT_ONCE = 100
"""Missing lines of which each is asked for. Of more as many are asked for, evenly spread, and then
where the answers change: a purge takes all that is older than some moment."""
MOST_ASKED = 500
_EDITABLE = frozenset({"text", "notice", "emote", "image", "video", "audio", "file"})
_log = logging.getLogger(__name__)

Past = Callable[[], Iterator[Line]]
"""Reads the lines of the chat that is there, as far as they may stay."""
IsLost = Callable[[str], Awaitable[bool]]


class Kept(NamedTuple):
    """A line that stays."""

    id: str
    moment: int
    """Milliseconds since 1970, on the wall."""
    line: Line


class Placed(NamedTuple):
    """Where it stands among what was read: the lines are by `place`, then by `seq`."""

    kept: Kept
    seq: int
    place: float
    thread: str | None


def nothing() -> Iterator[Line]:
    return iter(())


def past(old: Transcript | None, path: Path, room: str, window: Window, follow: timedelta) -> Past:
    """The chat of `old`, whose model is at `path`; nothing where it is of another room (its id) or
    time. `follow` is so long after its window as a reply may belong to it."""
    if old is None or old.room_id != room:
        return nothing
    if not (window.start < old.window.end and old.window.start < window.end):
        return nothing

    def read() -> Iterator[Line]:
        try:
            yield from (line for line in lines(path) if may_stay(line, window, follow))
        except BadModel as err:
            _log.warning("What the homeserver has no more is lost: %s", err)

    return read


def may_stay(line: Line, window: Window, follow: timedelta) -> bool:
    """Whether a line belongs to the talk by its time, which may have been corrected since."""
    if isinstance(line, Gap):
        return True
    if window.start <= line.at < window.end:
        return True
    answers = line.reply_to is not None or line.thread is not None
    return answers and window.end <= line.at < window.end + follow


async def lost(missing: Sequence[str], is_lost: IsLost) -> set[str]:
    """Those of the `missing` events, in their order, that the homeserver has no more; bounded in
    requests."""
    known: dict[int, bool] = {}

    async def ask(place: int) -> bool:
        if place not in known:
            known[place] = await is_lost(missing[place])
        return known[place]

    last = len(missing) - 1
    step = max(1, -(-last // AT_ONCE))
    places = sorted({*range(0, last + 1, step), last}) if missing else []
    for place in places:
        await ask(place)
    for low, high in pairwise(places):
        while high - low > 1 and known[low] != known[high] and len(known) < MOST_ASKED:
            middle = (low + high) // 2
            if await ask(middle) == known[low]:
                low = middle
            else:
                high = middle
    found = set[str]()
    answer = False
    for place, event in enumerate(missing):
        answer = known.get(place, answer)
        if answer:
            found.add(event)
    return found


def kept(
    past: Iterator[Line], events: Collection[str], moment: Callable[[datetime], int]
) -> Iterator[Kept]:
    """The lines of these events, in order, and the gaps beside them: those cannot be read again
    either."""
    gap: Kept | None = None
    was_kept, last = False, 0
    for number, line in enumerate(past):
        if isinstance(line, Gap):
            at = moment(line.after) if line.after is not None else last
            gap = Kept(f"gap of before {number}", at, line)
            if was_kept:
                yield gap
                gap = None
            continue
        was_kept, last = line.id in events, moment(line.at)
        if was_kept:
            if gap is not None:
                yield gap
            yield Kept(line.id, last, line)
        gap = None


def placed(
    lines: Iterable[Kept],
    dates: Iterator[tuple[int, int]],
    root_of: Callable[[str], int | None],
    messages: int,
) -> Iterator[Placed]:
    """So many messages, and gaps, each behind what is older, in their order. `dates` are the places
    and dates of what was read; `root_of` says where a thread's beginning is that was read."""
    after, later = 0, next(dates, None)
    root, place, was_read = "", 0.0, False
    for number, kept in enumerate(lines, start=1):
        thread = kept.line.thread if isinstance(kept.line, Message) else None
        if thread is not None and thread != root:
            found = root_of(thread)
            if found is None:
                thread = None
            else:
                root, place, was_read = thread, found, True
        if thread is None:
            while later is not None and later[1] <= kept.moment:
                after, later = later[0], next(dates, None)
            root, place, was_read = kept.id, after + number / (3 * messages + 2), False
        # In a thread before what was read of it; but behind its beginning.
        seq = LAST_SEQ + number if was_read else number - LAST_SEQ
        yield Placed(kept, seq, place, thread)


def event_type(line: Message) -> str:
    """That of its event, as far as an edit may change it; "" where we do not know."""
    return "m.room.message" if line.type in _EDITABLE else ""
