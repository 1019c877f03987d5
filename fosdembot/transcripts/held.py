"""Where and when a talk took place, once its chat is over: schedules go on changing, and what they
say of a talk then may be where it is to be repeated, or next year's. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .model import Transcript
from .window import Window

NEAR = timedelta(days=7)
"""A talk is put off by less. What comes later under the same id is another event."""


def stays(old: Transcript, made_at: datetime, room: str | None, window: Window | None) -> bool:
    """Whether the chat of a talk stays the one of `old`, which was made at `made_at`, though the
    schedule has it in this room (its id) and at this time now (None: it is cancelled).

    Not so where the chat was not over yet, nor where the time is only corrected.
    """
    was = old.window
    if not was.start < was.end <= made_at:
        return False
    if window is None:
        return True
    is_there = old.room_id in (None, room)
    return not (is_there and window.start < was.end and was.start < window.end)


def comes_again(old: Transcript, window: Window) -> bool:
    """Whether a talk that took place as `old` says was put off: then its chat is the one of the
    later time, once that is over."""
    ended = old.window.end
    return window.start < window.end and ended <= window.start < ended + NEAR


def as_held(new: Transcript, old: Transcript, *, is_off: bool) -> Transcript:
    """`new`, made by the schedule of now, of a talk that took place as `old` says. `is_off`: it
    does not by that schedule, which may be the one of another conference."""
    held, is_far = old.talk, abs(new.talk.planned.start - old.talk.planned.start) >= NEAR
    if is_off or is_far:
        new = new.model_copy(update={"conference": old.conference, "zone": old.zone})
    if is_far:
        return new.model_copy(update={"talk": held, "links": old.links})
    there = {"planned": held.planned, "actual": held.actual, "place": held.place}
    return new.model_copy(update={"talk": new.talk.model_copy(update=there)})
