"""What is wrong in a room, and what helps. `{room}` is its address, `{me}` the bot's id."""

from __future__ import annotations

MISLED = (
    "{room}: the schedule leads {talks} there, but it is {role}, and stays that: nothing is told "
    "there. Correct the schedule, or give {them} a room in my settings."
)
THE_CONTROL_ROOM = "the control room"
A_HOSTS_ROOM = "a hosts' room"
THEM = "the talks"
IT = "the talk"

REMOVED = "{room}: {who} removed me. I come back at {back}, or at once if somebody invites me, {me}"
BANNED = "{room}: {who} banned me. Lift the ban and invite me, {me}"
SOMEBODY = "somebody"

MUTED = "{room}: I may not speak there. Give me, {me}, power level 50."

ENCRYPTED_TALKS = (
    "{room}: it is encrypted, so I cannot read what is asked there, and that cannot be undone. "
    "Make a room without encryption, and put its address into the schedule or my settings."
)
ENCRYPTED_HOSTS = (
    "{room}: this hosts' room is encrypted, so I cannot read what hosts type there. Make one "
    "without encryption, invite me, {me}, and type <code>{p}conf hosts TRACK #room:server</code>"
)
ENCRYPTED_CONTROL = (
    "{room}: the control room is encrypted, so I cannot read commands there. Make one without "
    "encryption, invite me, {me}, and call <code>fosdembot init --control-room ROOM</code>"
)
NO_PIN = "{room}: I cannot pin. Give me power level 50 there."
ALL_OF_THEM = "And {count} more: <code>{p}conf rooms</code>, or <code>fosdembot rooms</code>"
