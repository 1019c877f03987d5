"""The demo's conference: who is there, what they do, and what the rooms must be told.

`TOLD` is written by hand from the programme, and not by what decides in the bot: a
check by the very rules under test would not notice their faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

SERVER_NAME = "conference.localhost"
"""The links in the schedule name it."""
ZONE = ZoneInfo("Europe/Brussels")
BOT = "fosdembot"
MODERATOR = "sanne"
ORGANISER = "imre"
ATTENDEES = ("lena", "tomas", "yuki")

_SCHEDULE = Path(__file__).with_name("conference.xml")
_CHANGES = {
    ("4", "persons/person"): "Hanne Villads",
    ("8", "date"): "2026-05-09T12:15:00+02:00",
    ("8", "start"): "12:15",
}
"""Talk's id and element: what it says in the newer version of the schedule."""


@dataclass(frozen=True, slots=True)
class Room:
    name: str
    alias: str | None
    """The local part; None: a private room."""
    topic: str


LOFT = Room("Sail Loft", "sail-loft", "Systems")
BOATHOUSE = Room("Boathouse", "boathouse", "Community")
CONTROL = Room("Control", None, "For the organisers")
ROOMS = (LOFT, BOATHOUSE, CONTROL)


@dataclass(frozen=True, slots=True)
class Join:
    at: str
    who: str
    room: Room


@dataclass(frozen=True, slots=True)
class Say:
    """`answer` is a part of what the bot must answer; None: it must not answer."""

    at: str
    who: str
    room: Room
    text: str
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """The newer version of the schedule is published."""

    at: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a room must be told: it begins with `words`, is due at `at` (None:
    when the bot starts) and true for so many minutes."""

    at: str | None
    room: Room
    kind: str
    holds: float
    words: str


def moment(clock: str) -> datetime:
    """The time on the day of the conference: `10:25`, `10:25:30`."""
    return datetime.fromisoformat(f"2026-05-09T{clock}").replace(tzinfo=ZONE)


def write_schedule(path: Path, *, changed: bool = False) -> None:
    """Publish the schedule as the file `path`, all at once."""
    tree = ElementTree.parse(_SCHEDULE)
    for (talk, element), text in _CHANGES.items() if changed else ():
        found = tree.find(f".//event[@id='{talk}']/{element}")
        assert found is not None
        found.text = text
    new = path.with_suffix(".new")
    tree.write(new, encoding="utf-8", xml_declaration=True)
    new.replace(path)


OPENING = "09:48"
CLOSE = "12:46"

SCRIPT: Sequence[Join | Say | Publish] = (
    Join("09:48", "lena", LOFT),
    Join("09:48", "tomas", LOFT),
    Say("09:49", "lena", LOFT, "Good morning! Is this where the teacup is?"),
    Say("09:51", "tomas", LOFT, "!schedule", '10:25 "Undo for the file system"'),
    Say("09:53", "tomas", LOFT, "It is. I have brought my own tea."),
    Join("09:56", "yuki", BOATHOUSE),
    Say("09:57", "imre", CONTROL, "!conf status", "All 2 rooms joined."),
    Say("10:01", "sanne", BOATHOUSE, "Welcome to the Boathouse! We start in a few minutes."),
    Say("10:02", "yuki", BOATHOUSE, "!next", '"Reviews that people are glad to get"'),
    Say("10:03", "lena", LOFT, "A whole scheduler in 640 bytes?"),
    Say("10:06", "tomas", LOFT, "!talk", '"A kernel that fits in a teacup" with Mira'),
    Join("10:08", "lena", BOATHOUSE),
    Say("10:12", "yuki", BOATHOUSE, "!help", "!schedule"),
    Say("10:14", "tomas", LOFT, "And does it boot from a saucer?"),
    Say("10:17", "lena", BOATHOUSE, "Third slide, and I owe a colleague an apology."),
    Say("10:22", "tomas", LOFT, "!shedule", "!schedule"),
    Say("10:27", "lena", LOFT, "I could have used this one last Friday."),
    Say("10:29", "sanne", BOATHOUSE, "Samuel's train is late, so we start five minutes later."),
    Say("10:30", "sanne", BOATHOUSE, "!talk delay 5 6", "11:20"),
    Say("10:31", "sanne", BOATHOUSE, "He calls again. Fifteen?"),
    Say("10:32", "sanne", BOATHOUSE, "!talk delay 15 6", "11:00"),
    Say("10:33", "sanne", BOATHOUSE, "Fifteen metres from here, he says. As before, then."),
    Say("10:34", "sanne", BOATHOUSE, "!undo", "10:50"),
    Say("10:37", "yuki", BOATHOUSE, "!coffee"),
    Say("10:38", "yuki", BOATHOUSE, "Worth a try."),
    Say("10:42", "yuki", BOATHOUSE, "!next", "at 10:50"),
    Say("10:48", "lena", LOFT, "Does undo work on itself?"),
    Say("10:53", "lena", BOATHOUSE, "He made it!"),
    Say("10:58", "tomas", LOFT, "!talk cancel", "moderators"),
    Say("10:59", "tomas", LOFT, "Just checking that somebody tests these things."),
    Say("11:03", "imre", CONTROL, "Clocks gets another speaker, and the closing moves to 12:15."),
    Publish("11:05"),
    Say("11:16", "imre", CONTROL, "!conf talk 8", "12:15 to 12:45"),
    Say("11:17", "tomas", LOFT, "Tonight I restore one. Promised."),
    Say("11:23", "yuki", BOATHOUSE, "!schedule", '12:15 "Closing: what we build until next year"'),
    Say("11:27", "lena", BOATHOUSE, "Forty-one: mine is missing."),
    Say("11:30", "imre", CONTROL, "!announce all: Soup in the galley until 12:15!", "2 rooms"),
    Say("11:32", "yuki", BOATHOUSE, "Soup!"),
    Say("11:43", "tomas", LOFT, "!next", "with Hanne Villads"),
    Say("11:53", "yuki", BOATHOUSE, f"{BOT}: next", "at 12:15"),
    Say("11:57", "lena", LOFT, "So it is ten, or it was."),
    Say("12:18", "lena", LOFT, "Thank you! See you at the closing."),
    Say("12:25", "tomas", LOFT, "!talk", "no more talks"),
    Say("12:33", "imre", CONTROL, "!conf rooms", "All 2 rooms joined"),
    Say("12:44", "yuki", BOATHOUSE, "What a day. See you next year!"),
)

TOLD: Sequence[Told] = (
    Told(None, CONTROL, "start", 999, "Schedule read: Harbour Days 2026, 8 talks in 2 rooms."),
    Told("11:05", CONTROL, "change", 999, "The schedule has changed: "),
    #
    Told("09:50", LOFT, "heads_up", 4, 'Starting at 10:00: "A kernel that fits in a teacup"'),
    Told("09:55", LOFT, "countdown", 4, "Starting in 5 minutes, at 10:00: "),
    Told("09:59", LOFT, "countdown", 1, "Starting in 1 minute, at 10:00: "),
    Told("10:00", LOFT, "now", 25, 'Now, until 10:25: "A kernel that fits in a teacup" with Mira'),
    Told("10:20", LOFT, "qa", 5, "Q&A until 10:25."),
    Told("10:25", LOFT, "now", 25, 'Now, until 10:50: "Undo for the file system" with Pavel'),
    Told("10:45", LOFT, "qa", 5, "Q&A until 10:50."),
    Told("10:55", LOFT, "now", 25, 'Now, until 11:20: "Backups that somebody has restored"'),
    Told("11:15", LOFT, "qa", 5, "Q&A until 11:20."),
    Told("11:30", LOFT, "announcement", 999, "Soup in the galley"),
    Told("11:40", LOFT, "heads_up", 4, 'Starting at 11:50: "Clocks lie: what time is it, and says'),
    Told("11:45", LOFT, "countdown", 4, "Starting in 5 minutes, at 11:50: "),
    Told("11:49", LOFT, "countdown", 1, "Starting in 1 minute, at 11:50: "),
    Told(
        "11:50", LOFT, "now", 30, 'Now, until 12:20: "Clocks lie: what time is it, and says who?"'
    ),
    Told("12:15", LOFT, "qa", 5, "Q&A until 12:20."),
    Told("11:05", LOFT, "change", 999, 'Schedule change: "Clocks lie: what time is it, and says'),
    #
    Told("10:00", BOATHOUSE, "heads_up", 4, 'Starting at 10:10: "Reviews that people are glad'),
    Told("10:05", BOATHOUSE, "countdown", 4, "Starting in 5 minutes, at 10:10: "),
    Told("10:09", BOATHOUSE, "countdown", 1, "Starting in 1 minute, at 10:10: "),
    Told("10:10", BOATHOUSE, "now", 30, 'Now, until 10:40: "Reviews that people are glad to get"'),
    Told("10:35", BOATHOUSE, "qa", 5, "Q&A until 10:40."),
    Told("10:50", BOATHOUSE, "now", 30, 'Now, until 11:20: "How a project outlives its only'),
    Told("11:15", BOATHOUSE, "qa", 5, "Q&A until 11:20."),
    Told("11:20", BOATHOUSE, "now", 30, 'Now, until 11:50: "One programme in forty languages"'),
    Told("11:30", BOATHOUSE, "announcement", 999, "Soup in the galley"),
    Told("11:45", BOATHOUSE, "qa", 5, "Q&A until 11:50."),
    Told("12:05", BOATHOUSE, "heads_up", 4, 'Starting at 12:15: "Closing: what we build until'),
    Told("12:10", BOATHOUSE, "countdown", 4, "Starting in 5 minutes, at 12:15: "),
    Told("12:14", BOATHOUSE, "countdown", 1, "Starting in 1 minute, at 12:15: "),
    Told("12:15", BOATHOUSE, "now", 30, 'Now, until 12:45: "Closing: what we build until next'),
    Told("12:40", BOATHOUSE, "qa", 5, "Q&A until 12:45."),
    Told("11:05", BOATHOUSE, "change", 999, 'Schedule change: "Closing: what we build until'),
)
