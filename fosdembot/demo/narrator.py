"""What happens in the rooms, as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import datetime

import click

from fosdembot.texts.render import clean

from .person import Json
from .sample import BOATHOUSE, BOT, CONTROL, LOFT, ZONE, Room

LONGEST_LINE = 1000
_COLOURS = {LOFT: "cyan", BOATHOUSE: "yellow", CONTROL: "magenta"}
_LONGEST_NAME = 9


class Narrator:
    """`write` takes a line, with colours; lines are broken at `width` characters if given."""

    def __init__(self, write: Callable[[str], None], width: int | None) -> None:
        self._write = write
        self._width = width

    def direction(self, at: datetime, text: str) -> None:
        """Something that happens outside of the rooms."""
        self._entry(at, None, "", [text], dim=True)

    def event(self, at: datetime, room: Room, event: Json) -> None:
        """An event of a room, at its conference time; most kinds pass in silence."""
        who = clean(event["sender"][1:].partition(":")[0], _LONGEST_NAME)
        content = event["content"]
        new = content.get("m.new_content")
        edited = isinstance(new, dict)
        body = new.get("body") if isinstance(new, dict) else content.get("body")
        if event["type"] == "m.room.message" and isinstance(body, str):
            lines = ("(edited) " * edited + body).split("\n")
            self._entry(at, room, who, [clean(line, LONGEST_LINE) for line in lines])
        elif event["type"] == "m.room.member" and _comes_in(event):
            self._entry(at, room, who, ["comes in"], dim=True)

    def _entry(
        self, at: datetime, room: Room | None, who: str, said: list[str], dim: bool = False
    ) -> None:
        place = f"{room.name if room else '':<9}"
        indent = 5 + 2 + len(place) + 2 + _LONGEST_NAME + 2
        first, *rest = self._wrapped(said, indent)
        self._write(
            click.style(f"{at.astimezone(ZONE):%H:%M}", dim=True)
            + "  "
            + click.style(place, fg=_COLOURS[room] if room else None)
            + "  "
            + click.style(f"{who:<{_LONGEST_NAME}}", bold=who == BOT or None)
            + "  "
            + click.style(first, dim=dim or None)
        )
        for line in rest:
            self._write(" " * indent + click.style(line, dim=dim or None))

    def _wrapped(self, said: list[str], indent: int) -> list[str]:
        if self._width is None:
            return said
        width = max(self._width - indent, 20)
        return [part for line in said for part in textwrap.wrap(line, width) or [""]]


def _comes_in(event: Json) -> bool:
    before = event.get("unsigned", {}).get("prev_content", {}).get("membership")
    return bool(event["content"].get("membership") == "join" and before != "join")
