"""The demo's conference: who is there, what they do, and what the rooms must be told.

`TOLD` is written by hand from the programme, and not by what decides in the bot: a
check by the very rules under test would not notice their faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from simulation.conference import Planned, publish, schedule_xml

from .acts import (
    Act,
    Ask,
    Decide,
    Delete,
    Edit,
    Join,
    Publish,
    Room,
    Say,
    Scan,
    Told,
    Unvote,
    Vote,
    Write,
)

SERVER_NAME = "conference.localhost"
"""The links in the schedule name it."""
ZONE = ZoneInfo("Europe/Brussels")
BOT = "fosdembot"
MODERATOR = "sanne"
ORGANISER = "imre"
SPEAKERS = {"mira": "1"}
"""Name → id of the talk; of the others the bot knows nothing but what the schedule says."""
LETTER_MINUTES = 5
"""So long after a talk its speaker is written what was not reached."""
TRANSCRIPTS_MINUTES = 3
"""So long after a talk its transcript is made;"""
LAST_TRANSCRIPT = "12:48"
"""so the last one's is, soon after the play."""
CONTACT = "privacy@harbour.example"
ATTENDEES = ("lena", "tomas", "ravi", "emil", "noa", "yuki")

LOFT = Room("Sail Loft", "sail-loft", "Systems", public=True)
BOATHOUSE = Room("Boathouse", "boathouse", "Community", public=True)
HOSTS = Room("Hosts", "hosts", "For the moderators")
CONTROL = Room("Control", topic="For the organisers")
ROOMS = (LOFT, BOATHOUSE, HOSTS, CONTROL)
WITH_NOA = Room("with noa", person="noa")
WITH_MIRA = Room("with mira", person="mira")
DIRECT_CHATS = (WITH_NOA, WITH_MIRA)


def moment(clock: str) -> datetime:
    """The time on the day of the conference: `10:25`, `10:25:30`."""
    return datetime.fromisoformat(f"2026-05-09T{clock}").replace(tzinfo=ZONE)


def _talk(id: int, title: str, clock: str, minutes: float, room: Room, speaker: str) -> Planned:
    at = (moment(clock) - moment("00:00")) / timedelta(minutes=1)
    address = f"#{room.alias}:{SERVER_NAME}"
    return Planned(id, title, at, minutes, room.name, address, room.topic, speaker)


TALKS = (
    _talk(1, "A kernel that fits in a teacup", "10:00", 25, LOFT, "Mira Oduya"),
    _talk(2, "Undo for the file system", "10:25", 25, LOFT, "Pavel Lindqvist, Noor Haddadi"),
    _talk(3, "Backups that somebody has restored", "10:55", 25, LOFT, "Tove Marchetti"),
    _talk(4, "Clocks lie: what time is it, and says who?", "11:50", 30, LOFT, "Ruben Achterberg"),
    _talk(5, "Reviews that people are glad to get", "10:10", 30, BOATHOUSE, "Ilse Okafor"),
    _talk(6, "How a project outlives its only maintainer", "10:45", 30, BOATHOUSE, "Samuel Brandt"),
    _talk(7, "One programme in forty languages", "11:15", 30, BOATHOUSE, "Yara Nilsen, Kofi D."),
    _talk(8, "Closing: what we build until next year", "12:00", 30, BOATHOUSE, "Anneke Solberg"),
)
"""As they are published in the morning."""


def talks(version: int = 1, recording: Sequence[tuple[str, str]] = ()) -> Sequence[Planned]:
    """As they are published in the `version` of the schedule; the third one links a `recording`
    (label, address)."""
    found = list(TALKS)
    if version >= 2:
        found[3] = replace(found[3], speaker="Hanne Villads")
        found[7] = replace(found[7], at=found[7].at + 15)
    if version >= 3:
        found[0] = replace(found[0], links=recording)
    return found


def write_schedule(path: Path, version: int = 1, recording: Sequence[tuple[str, str]] = ()) -> None:
    """Publish that as the file `path`."""
    day = moment("00:00")
    published = talks(version, recording)
    publish(path, schedule_xml(published, ZONE.key, title="Harbour Days 2026", start=day))


OPENING = "09:48"
CLOSE = "12:46"
APOLOGY = "Third slide, and I owe a colleague an apology."
"""What somebody says, and deletes when the transcript of the talk is out."""

ANSWERED_ON_PAGE = "On three, as soon as somebody lends me the third."
"""What the speaker writes on the page to which the letter leads."""

SCRIPT: Sequence[Act] = (
    Join("09:48", "lena", LOFT),
    Join("09:48", "tomas", LOFT),
    Say("09:49", "lena", LOFT, "Good morning! Is this where the teacup is?"),
    Join("09:52", "ravi", LOFT),
    Say("09:53", "tomas", LOFT, "It is. I have brought my own tea."),
    Join("09:54", "emil", LOFT),
    Join("09:54", "mira", LOFT),
    # Not sooner: on a busy machine the bot takes some seconds, which are minutes here, to start.
    Say("09:55", "tomas", LOFT, "!schedule", '10:25 "Undo for the file system"'),
    Join("09:56", "yuki", BOATHOUSE),
    Join("09:56", "emil", BOATHOUSE),
    Say("09:57", "imre", CONTROL, "!conf status", "All 2 rooms joined."),
    Say("09:58", "imre", CONTROL, f"!conf hosts all #hosts:{SERVER_NAME}", "Questions come there"),
    Join("09:59", "noa", LOFT),
    Join("09:59", "noa", BOATHOUSE),
    Say("10:01", "sanne", BOATHOUSE, "Welcome to the Boathouse! We start in a few minutes."),
    Say("10:02", "yuki", BOATHOUSE, "!next", '"Reviews that people are glad to get"'),
    # A kernel that fits in a teacup; Reviews that people are glad to get
    Ask("10:03", "lena", LOFT, 1, "Is that a whole scheduler in 640 bytes?"),
    Vote("10:04", "tomas", LOFT, 1),
    Vote("10:04:30", "ravi", LOFT, 1, "👍🏽"),
    Vote("10:05", "ravi", LOFT, 1, "!vote 1"),
    Ask("10:05:30", "tomas", LOFT, 2, "Does it boot from a wet saucer?", "Q:"),
    Say("10:06", "tomas", LOFT, "!talk", '"A kernel that fits in a teacup" with Mira'),
    Join("10:06:30", "noa", WITH_NOA),
    Ask("10:07", "noa", LOFT, 3, "Who pays for tea?", "!anon loft:", WITH_NOA, answer="number 3"),
    Join("10:08", "lena", BOATHOUSE),
    Vote("10:08:30", "lena", LOFT, 3, "👍🏿"),
    Ask("10:09", "emil", LOFT, 4, "How many cups fit on one tray?", "❓"),
    Vote("10:10", "emil", LOFT, 1, "Q1"),
    Vote("10:10:20", "noa", LOFT, 1, "+1"),
    Vote("10:10:40", "lena", LOFT, 1),  # Her own.
    Ask("10:11", "ravi", LOFT, 5, "Could it boot from a saucer too?", answer="asks much the same"),
    Say("10:12", "yuki", BOATHOUSE, "!help", "!schedule"),
    Vote("10:12:20", "noa", LOFT, 5),
    Vote("10:12:40", "lena", LOFT, 5),
    Vote("10:13", "lena", LOFT, 2),
    Decide("10:13:30", "sanne", LOFT, 5, "merged", "loft merge 5 2", "part of 2 now", into=2),
    Ask("10:14", "yuki", BOATHOUSE, 1, "How do you say no to a large change?"),
    Edit("10:14:30", "emil", LOFT, 4, "How many cups fit on one board?"),
    Unvote("10:15", "tomas", LOFT, 1),
    Vote("10:15:20", "tomas", LOFT, 4),
    Vote("10:15:40", "emil", BOATHOUSE, 1, "👍🏾"),
    Decide("10:16", "sanne", LOFT, 2, "starred", "⭐"),
    Ask("10:16:20", "lena", BOATHOUSE, 2, "Do you review your own code?", "!q"),
    Decide("10:16:40", "sanne", LOFT, 1, "answering", "loft take 1", "is being answered now"),
    Say("10:17", "lena", BOATHOUSE, APOLOGY),
    Vote("10:17:20", "lena", BOATHOUSE, 1),
    Say("10:17:40", "sanne", HOSTS, "loft questions all", 'Questions for "A kernel', LOFT),
    Ask("10:18", "noa", BOATHOUSE, 3, "Is there a bot for that?"),
    Decide("10:18:30", "sanne", LOFT, 1, "answered", "done", "is answered now", to_card=True),
    Vote("10:19", "yuki", BOATHOUSE, 2),
    Decide("10:19:30", "noa", BOATHOUSE, 3, "withdrawn", "!withdraw 3", "✅", BOATHOUSE),
    Decide("10:21", "sanne", LOFT, 2, "answering", "loft take", "2 is being answered now"),
    Ask("10:21", "noa", BOATHOUSE, 4, "When is lunch?"),
    Say("10:21:30", "tomas", LOFT, "!shedule", "!schedule"),
    Decide("10:22", "sanne", LOFT, 2, "answered", "loft done 2", "is answered now"),
    Decide("10:22:30", "sanne", BOATHOUSE, 2, "dismissed", "boat dismiss 2", "dismissed now"),
    Decide("10:23", "sanne", BOATHOUSE, 2, "open", "boat undo", "is open again"),
    Decide(
        "10:24", "sanne", BOATHOUSE, 4, "dismissed", "boat dismiss 4 Soup is on at noon.", "why"
    ),
    # Undo for the file system
    Ask("10:26", "lena", LOFT, 6, "And on two boards?", to=4),
    Vote("10:26:30", "ravi", LOFT, 4, "!vote 4"),  # Late, and still for that talk.
    Say("10:27", "lena", LOFT, "I could have used this one last Friday."),
    Say("10:29", "sanne", BOATHOUSE, "Samuel's train is late, so we start five minutes later."),
    Say("10:30", "sanne", BOATHOUSE, "!talk delay 5 6", "11:20"),
    Say("10:31", "sanne", BOATHOUSE, "He calls again. Fifteen?"),
    Join("10:31:30", "mira", WITH_MIRA, invited=True),
    Say("10:32", "sanne", BOATHOUSE, "!talk delay 15 6", "11:00"),
    Say("10:33", "sanne", BOATHOUSE, "Fifteen metres from here, he says. As before, then."),
    Say("10:34", "sanne", BOATHOUSE, "!undo", "10:50"),
    Write("10:34:30", "mira", LOFT, 4, "Eleven. Twelve, if you dare.", WITH_MIRA),
    Write("10:35:30", "mira", LOFT, 3, "The university: it costs less than coffee.", WITH_MIRA),
    Ask("10:36", "lena", LOFT, 7, "Does undo work on itself?"),
    Decide("10:36:20", "sanne", BOATHOUSE, 1, "answering", "▶️"),
    Say("10:37", "yuki", BOATHOUSE, "!coffee"),
    Decide("10:37:30", "sanne", BOATHOUSE, 2, "answering", "▶️"),
    Say("10:38", "yuki", BOATHOUSE, "Worth a try."),
    Decide("10:38:20", "sanne", BOATHOUSE, 2, "answered", "✅"),
    Say("10:38:40", "sanne", HOSTS, "boat questions all", 'Questions for "Reviews', BOATHOUSE),
    Vote("10:39", "tomas", LOFT, 7),
    Vote("10:39:30", "emil", LOFT, 7, "Q7"),
    Ask("10:40", "noa", LOFT, 8, "How far back does it go?"),
    Vote("10:40:30", "lena", LOFT, 8, "👍🏼"),
    Vote("10:41", "tomas", LOFT, 8),
    Vote("10:41:30", "ravi", LOFT, 8, "!vote 8"),
    Say("10:42", "yuki", BOATHOUSE, "!next", "at 10:50"),
    Decide("10:42:30", "sanne", LOFT, 8, "answering", "▶️"),
    Unvote("10:43", "tomas", LOFT, 8, "!unvote 8"),
    Say("10:44", "sanne", HOSTS, "loft questions all", 'Questions for "Undo', LOFT),
    Decide("10:45", "sanne", LOFT, 7, "answering", "▶️"),
    Decide("10:47", "sanne", LOFT, 7, "answered", "✅"),
    Say("10:48", "emil", LOFT, "It does. It has undone his last slide."),
    # How a project outlives its only maintainer; Backups that somebody has restored
    Say("10:53", "lena", BOATHOUSE, "He made it!"),
    Ask("10:56", "yuki", BOATHOUSE, 5, "Who has the password?"),
    Vote("10:57", "lena", BOATHOUSE, 5),
    Vote("10:57:30", "noa", BOATHOUSE, 5, "Q5"),
    Say("10:58", "tomas", LOFT, "!talk cancel", "moderators"),
    Say("10:59", "tomas", LOFT, "Just checking that somebody tests these things."),
    Ask("11:00", "emil", LOFT, 9, "Does a backup of a backup count?"),
    Vote("11:00:30", "emil", BOATHOUSE, 5, "+1"),
    Ask("11:01", "tomas", LOFT, 10, "When did you last restore one?"),
    Vote("11:02", "lena", LOFT, 9),
    Vote("11:02:30", "ravi", LOFT, 10, "!vote 10"),
    Say("11:03", "imre", CONTROL, "Clocks gets another speaker, and the closing moves to 12:15."),
    Vote("11:03:30", "noa", LOFT, 10, "👍🏻"),
    Publish("11:05", 2, "A newer schedule is published."),
    Decide("11:08", "sanne", LOFT, 10, "answering", "!take", "✅", LOFT),
    Decide("11:09", "sanne", BOATHOUSE, 5, "answering", "▶️"),
    Decide("11:11", "sanne", LOFT, 9, "answering", "!take 9", "✅", LOFT),
    Say("11:11:30", "sanne", HOSTS, "boat questions all", 'Questions for "How a', BOATHOUSE),
    Decide("11:13", "sanne", BOATHOUSE, 5, "answered", "✅"),
    Decide("11:14", "sanne", LOFT, 9, "answered", "!done", "✅", LOFT),
    Say("11:16", "imre", CONTROL, "!conf talk 8", "12:15 to 12:45"),
    Say("11:17", "tomas", LOFT, "Tonight I restore one. Promised."),
    Say("11:18", "sanne", HOSTS, "loft questions all", 'Questions for "Backups', LOFT),
    # One programme in forty languages: moderators see its questions first
    Say("11:21", "sanne", HOSTS, "boat qa moderated", "looks at each question"),
    Delete("11:22", "lena", BOATHOUSE, APOLOGY),
    Say("11:23", "yuki", BOATHOUSE, "!schedule", '12:15 "Closing: what we build until next year"'),
    Ask("11:25", "emil", BOATHOUSE, 6, "Which language has the longest words?", pending=True),
    Say("11:27", "lena", BOATHOUSE, "Forty-one: mine is missing."),
    Decide("11:28", "sanne", BOATHOUSE, 6, "open", "✅"),
    Say("11:30", "imre", CONTROL, "!announce all: Soup in the galley until 12:15!", "2 rooms"),
    Vote("11:31", "lena", BOATHOUSE, 6),
    Say("11:32", "yuki", BOATHOUSE, "Soup!"),
    Vote("11:33", "yuki", BOATHOUSE, 6, "!vote 6"),
    Decide("11:38", "sanne", BOATHOUSE, 6, "answering", "▶️"),
    Say("11:40", "sanne", HOSTS, "boat questions all", 'Questions for "One', BOATHOUSE),
    Decide("11:42", "sanne", BOATHOUSE, 6, "answered", "done", "is answered now", to_card=True),
    Say("11:43", "tomas", LOFT, "!next", "with Hanne Villads"),
    Say("11:46", "sanne", HOSTS, "boat qa unmoderated", "counts at once"),
    # Clocks lie: what time is it, and says who?
    Say("11:53", "yuki", BOATHOUSE, f"{BOT}: next", "at 12:15"),
    Ask("11:54", "tomas", LOFT, 11, "Which clock do you trust?"),
    Vote("11:55", "lena", LOFT, 11, "👍🏿"),
    Vote("11:56", "emil", LOFT, 11, "Q11"),
    Say("11:57", "lena", LOFT, "So it is ten, or it was."),
    Vote("11:58", "ravi", LOFT, 11, "+1"),
    Say("12:00", "sanne", HOSTS, "loft qa close", "No more questions"),
    Say("12:02", "ravi", LOFT, "!ask And which calendar?", "No more questions are taken"),
    Publish("12:05", 3, "The first recording is out, with subtitles."),
    Decide("12:11", "sanne", LOFT, 11, "answering", "▶️"),
    Say("12:13", "sanne", HOSTS, "loft questions all", 'Questions for "Clocks', LOFT),
    Decide("12:14", "sanne", LOFT, 11, "answered", "✅"),
    # Closing: what we build until next year
    Say("12:18", "lena", LOFT, "Thank you! See you at the closing."),
    Ask("12:22", "yuki", BOATHOUSE, 7, "May we build a bridge?"),
    Vote("12:23", "emil", BOATHOUSE, 7),
    Vote("12:24", "lena", BOATHOUSE, 7, "+1"),
    Say("12:25", "tomas", LOFT, "!talk", "No more talks"),
    Say("12:27", "ravi", LOFT, "!transcript 1", 'What was asked and answered in "A kernel'),
    Scan("12:28", BOATHOUSE, 7, "Somebody in the hall scans the code on the stage, and votes."),
    Decide("12:31", "sanne", BOATHOUSE, 7, "answering", "▶️"),
    Say("12:33", "imre", CONTROL, "!conf rooms", "All 2 rooms joined"),
    Say("12:36", "sanne", HOSTS, "boat questions all", 'Questions for "Closing', BOATHOUSE),
    Decide("12:38", "sanne", BOATHOUSE, 7, "answered", "✅"),
    Say("12:44", "yuki", BOATHOUSE, "What a day. See you next year!"),
)

TRANSCRIPTS = "What was asked and answered will be at http://127.0.0.1:"
"""The last notice of a session ends so."""
RECORDING = 'The recording of "A kernel that fits in a teacup" is out: http://127.0.0.1:'
TOLD: Sequence[Told] = (
    Told(None, CONTROL, "start", 999, "Schedule read: Harbour Days 2026, 8 talks in 2 rooms."),
    Told("11:05", CONTROL, "change", 999, "The schedule has changed: "),
    #
    Told("10:11", HOSTS, "hint", 999, "sail-loft: question 5 asks much the same as 2."),
    Told("10:30", WITH_MIRA, "letter", 999, 'Not reached in "A kernel that fits in a', LOFT),
    #
    Told("09:50", LOFT, "heads_up", 4, 'Starting at 10:00: "A kernel that fits in a teacup"'),
    Told("09:55", LOFT, "countdown", 4, "Starting in 5 minutes, at 10:00: "),
    Told("09:59", LOFT, "countdown", 1, "Starting in 1 minute, at 10:00: "),
    Told("10:00", LOFT, "now", 25, 'Now, until 10:25: "A kernel that fits in a teacup" with Mira'),
    Told("10:20", LOFT, "qa", 5, "Q&A until 10:25."),
    Told("10:25", LOFT, "now", 25, 'Now, until 10:50: "Undo for the file system" with Pavel'),
    Told("10:45", LOFT, "qa", 5, "Q&A until 10:50."),
    Told("10:55", LOFT, "now", 25, 'Now, until 11:20: "Backups that somebody has restored"'),
    Told("11:15", LOFT, "qa", 5, "Q&A until 11:20.", also=TRANSCRIPTS),
    Told("11:30", LOFT, "announcement", 999, "Soup in the galley"),
    Told("11:40", LOFT, "heads_up", 4, 'Starting at 11:50: "Clocks lie: what time is it, and says'),
    Told("11:45", LOFT, "countdown", 4, "Starting in 5 minutes, at 11:50: "),
    Told("11:49", LOFT, "countdown", 1, "Starting in 1 minute, at 11:50: "),
    Told(
        "11:50", LOFT, "now", 30, 'Now, until 12:20: "Clocks lie: what time is it, and says who?"'
    ),
    Told("12:00", LOFT, "qa_closed", 999, 'No more questions for "Clocks lie'),
    Told("12:15", LOFT, "qa", 5, "Q&A until 12:20", also=TRANSCRIPTS),
    Told("12:05", LOFT, "recording", 999, RECORDING, also="Its questions: http://127.0.0.1:"),
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
    Told("11:21", BOATHOUSE, "moderated", 999, "From now on a moderator looks at each question"),
    Told("11:46", BOATHOUSE, "moderated", 999, "From now on each question counts at once."),
    Told("11:30", BOATHOUSE, "announcement", 999, "Soup in the galley"),
    Told("11:45", BOATHOUSE, "qa", 5, "Q&A until 11:50.", also=TRANSCRIPTS),
    Told("12:05", BOATHOUSE, "heads_up", 4, 'Starting at 12:15: "Closing: what we build until'),
    Told("12:10", BOATHOUSE, "countdown", 4, "Starting in 5 minutes, at 12:15: "),
    Told("12:14", BOATHOUSE, "countdown", 1, "Starting in 1 minute, at 12:15: "),
    Told("12:15", BOATHOUSE, "now", 30, 'Now, until 12:45: "Closing: what we build until next'),
    Told("12:40", BOATHOUSE, "qa", 5, "Q&A until 12:45.", also=TRANSCRIPTS),
    Told("11:05", BOATHOUSE, "change", 999, 'Schedule change: "Closing: what we build until'),
)
