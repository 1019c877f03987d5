"""The page as a widget of a room. `{p}` is the command prefix."""

from __future__ import annotations

NAME = "Questions"
TITLE = "What is asked here, live"
"""Beside the name, in clients."""

PUT = (
    "The page is a widget of {room} now, for all whose client shows widgets; the others find it at "
    "{url} To take it out: <code>{p}{command} off</code>"
)
TAKEN_OUT = "The widget is out of {room}."
STAYS = "The page stays at {url}"
USAGE = (
    "Type <code>{p}{command}</code> to have the page in the room, or <code>{p}{command} off</code>"
)
HELP = "Have the page as a widget of the room: <code>{p}widget{room}</code>"
LACKS_POWER = "I may not do that in {room}: give me power level {number} there."
NO_PAGES = "There are no pages: organisers switch them on with <code>pages.public_url</code>."
NO_POWER = (
    "I may not change the widgets of {room}: give me, {me}, power level {power} there. Without "
    "that, the page is at {url}"
)

# What stands on the page.
JOIN = "Take part"
BLOCKED = "Your client did not tell who you are, so you can read, and not vote. Try again any time."
LOST = "No answer came. Try again."
