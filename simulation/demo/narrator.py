"""What happens in the rooms, as lines for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable
from datetime import datetime

import click

from fosdembot.matrix.relations import annotation, new_content, redacts, replaced, replied_to
from fosdembot.texts.render import clean
from simulation.events import Json

from .acts import Room
from .sample import BOATHOUSE, BOT, CONTROL, HOSTS, LOFT, ZONE
from .sample_meeting import MEETING

LONGEST_LINE = 1000
_COLOURS = {
    LOFT: "cyan",
    BOATHOUSE: "yellow",
    HOSTS: "green",
    CONTROL: "magenta",
    MEETING: "bright_blue",
}
_LONGEST_NAME = 9
_LONGEST_QUOTE = 36
_CHIP = re.compile(r"Q[0-9]+")
_NUMBERED = re.compile(r"(?:[\w-]+ )?[0-9]+\b")


class Narrator:
    """`write` takes a line, with colours; lines are broken at `width` characters if given."""

    def __init__(self, write: Callable[[str], None], width: int | None) -> None:
        self._write = write
        self._width = width
        self._said: dict[str, list[str]] = {}
        """Event → the lines that it says now."""
        self._by_bot: set[str] = set()
        self._chips: dict[str, str] = {}
        """Event → the number that the bot put to it, by which it is called from then on."""
        self._reactions: dict[str, str] = {}
        """Event → what it is and to what."""

    def direction(self, at: datetime, text: str) -> None:
        """Something that happens outside of the rooms."""
        self._entry(at, None, "", [text], dim=True)

    def event(self, at: datetime, room: Room, event: Json) -> None:
        """An event of a room, at its conference time; most kinds pass in silence."""
        dim = True
        match event["type"]:
            case "m.room.message":
                said, dim = self._message(event), replaced(event["content"]) is not None
            case "m.reaction":
                said, dim = self._reaction(event), _who(event) == BOT
            case "m.room.redaction":
                said = self._redaction(event)
            case "m.room.member" if _comes_in(event):
                said = ["comes in"]
            case "m.room.member" if room is MEETING and event["content"]["membership"] == "leave":
                said = ["leaves"]
            case _:
                said = []
        if said:
            self._entry(at, room, _who(event), said, dim)

    def _message(self, event: Json) -> list[str]:
        content, event_id = event["content"], event["event_id"]
        body = new_content(content).get("body")
        if not isinstance(body, str):
            return []
        lines = [clean(line, LONGEST_LINE) for line in body.split("\n")]
        original = replaced(content)
        if original is not None:
            return self._edit(original, lines)
        self._said[event_id] = lines
        if _who(event) == BOT:
            self._by_bot.add(event_id)
        elif (to := replied_to(content)) is not None:
            lines = [f"{lines[0]}  (to {self._named(to)})", *lines[1:]]
        return lines

    def _edit(self, original: str, lines: list[str]) -> list[str]:
        """Of a long message only what is another now: that is what people notice."""
        before, self._said[original] = self._said.get(original, []), lines
        new = [line for line in lines if line not in before and line.strip()]
        gone = [line for line in before if line not in lines]
        first, *rest = new or [f"gone: {line}" for line in gone] or lines[:1]
        return [f"(edited) {first}", *rest]

    def _reaction(self, event: Json) -> list[str]:
        found = annotation(event)
        if found is None:
            return []
        to, key = found[0], clean(found[1], _LONGEST_QUOTE)
        by_bot = _who(event) == BOT
        if by_bot and to in self._by_bot:
            return []  # For others to tap on.
        self._reactions[event["event_id"]] = said = f"{key}  {self._named(to)}"
        if by_bot and _CHIP.fullmatch(key):
            self._chips[to] = key
        return [said]

    def _redaction(self, event: Json) -> list[str]:
        target = redacts(event) or ""
        if target in self._reactions:
            return [f"takes back {self._reactions[target]}"]
        return [f"deletes {self._named(target)}"] if target in self._said else []

    def _named(self, event_id: str) -> str:
        """A message as people would call it."""
        if event_id in self._chips:
            return self._chips[event_id]
        first, *_ = self._said.get(event_id, ["an earlier message"])
        numbered = _NUMBERED.match(first) if event_id in self._by_bot else None
        return numbered[0] if numbered else f'"{clean(first, _LONGEST_QUOTE)}"'

    def _entry(
        self, at: datetime, room: Room | None, who: str, said: list[str], dim: bool = False
    ) -> None:
        place = f"{room.name if room else '':<9}"
        indent = 5 + 2 + len(place) + 2 + _LONGEST_NAME + 2
        first, *rest = self._wrapped(said, indent)
        self._write(
            click.style(f"{at.astimezone(ZONE):%H:%M}", dim=True)
            + "  "
            + click.style(place, fg=_COLOURS.get(room, "blue") if room else None)
            + "  "
            + click.style(f"{who:<{_LONGEST_NAME}}", bold=who == BOT or None)
            + "  "
            + click.style(first, dim=dim or None)
        )
        for line in rest:
            self._write(" " * indent + click.style(line, dim=dim or None))

    def _wrapped(self, said: Iterable[str], indent: int) -> list[str]:
        if self._width is None:
            return list(said)
        width = max(self._width - indent, 20)
        return [part for line in said for part in textwrap.wrap(line, width) or [""]]


def _who(event: Json) -> str:
    return clean(event["sender"][1:].partition(":")[0], _LONGEST_NAME)


def _comes_in(event: Json) -> bool:
    before = event.get("unsigned", {}).get("prev_content", {}).get("membership")
    return bool(event["content"].get("membership") == "join" and before != "join")
