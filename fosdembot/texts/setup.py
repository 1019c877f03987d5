"""What `fosdembot init` and `doctor` say in the control room."""

from __future__ import annotations

CONTROL_ROOM_NAME = "{title}: control room"
CONTROL_ROOM_TOPIC = (
    "For the organisers: {p}conf status, {p}conf rooms, {p}announce; {p}help lists the rest."
)
OWN_ROOM_NAME = "{title}"

TRYING_SPEED = "Trying how fast I may speak here …"
SPEED_FREE = "I tried how fast I may speak: {messages} in a row, no limit."
SPEED_LIMITED = (
    "I tried how fast I may speak: after {messages} this homeserver made me wait. For a "
    "conference its admin must lift that limit; <code>fosdembot doctor --speed</code> prints how."
)
