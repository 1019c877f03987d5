"""The meeting of one talk in the demo: what its speaker does there, and what it must be told.

Where no server for meetings is installed, moderators do that in the hosts' room, and all else is
the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import sample
from .acts import Act, Decide, Leave, Room, Told
from .sample import LOFT

MEETING = Room("Meeting")
SPEAKER = "mira"
NAME = "teacup"
"""What it is called on its server."""
_HOST = "meet.conference.localhost"

TALK_AT = "10:00"
"""When its talk begins."""

_DECIDES: Mapping[str, Act] = {
    "10:21": Decide(
        "10:21", SPEAKER, LOFT, 2, "answering", "!next", "Now: 2 (", by=MEETING, sees=": 2 ("
    ),
    "10:22": Decide(
        "10:22", SPEAKER, LOFT, 2, "answered", "!done", "2 is answered", by=MEETING, sees="Now: 2 ("
    ),
}
"""What a moderator decides else."""
_LEAVES = Leave("10:28", SPEAKER, MEETING)

_READY = """You are on at 10:00. Questions from 10:20, cut at 10:25. \
I will show the top question here: type !next."""
TOLD: Sequence[Told] = (
    Told(None, MEETING, "meeting", 999, _READY),
    Told("10:15", MEETING, "meeting", 4, "5 minutes to questions."),
    Told("10:20", MEETING, "meeting", 5, "Questions now, until 10:25."),
    Told("10:23", MEETING, "meeting", 1, "2 minutes left."),
    Told("10:25", MEETING, "meeting", 2, "Time is over."),
)


def script() -> Sequence[Act]:
    """What people do where there is a meeting, until the play ends."""
    acts = [
        _DECIDES.get(act.at, act)
        if isinstance(act, Decide) and (act.room, act.number) == (LOFT, 2)
        else act
        for act in sample.SCRIPT
    ]
    in_order = sorted([*acts, _LEAVES], key=lambda act: act.at)
    return [act for act in in_order if act.at < sample.CLOSE]


def told() -> Sequence[Told]:
    """All that the rooms and the meeting must be told until the play ends."""
    meeting = [item for item in TOLD if item.at is None or item.at < sample.CLOSE]
    return [*sample.TOLD, *meeting]


def settings(websocket: str, domain: str, muc: str) -> dict[str, Any]:
    """Those of a bot that goes into the meeting, on a server with these names."""
    names = {"websocket": websocket, "domain": domain, "muc": muc}
    return {
        "servers": {_HOST: names},
        "table": {sample.SPEAKERS[SPEAKER]: f"https://{_HOST}/{NAME}"},
        # Minutes are seconds here: whether the bot has seen the speaker by then is chance,
        "check_in_minutes": [],
        # and so is which of two votes a line shows.
        "top_seconds": 3600,
    }
