"""What is said in hosts' rooms, and about them. `{p}` is the command prefix."""

from __future__ import annotations

# --- `!conf hosts` --------------------------------------------------------------

USAGE = (
    "Type <code>{p}conf hosts TRACK #room:server</code>, "
    "<code>{p}conf hosts all #room:server</code> or <code>{p}conf hosts TRACK off</code>."
)
NO_ADDRESS = '"{word}" is no room: <code>{p}conf hosts TRACK #room:server</code>'
NO_SUCH_TRACK = (
    'No track is called "{word}". There are: {tracks}. For every track: <code>all</code>'
)
MANY_TRACKS = 'More than one track fits "{word}": {tracks}. Type more of its name.'
NO_TRACKS = "none yet"
ALL_TRACKS = "all"
PUT = (
    "{track}: the hosts' room is {room} now. Questions come there as cards, and whoever is in it "
    "is a moderator of these talks."
)
REMOVED = "{track}: no hosts' room any more."
NONE_THERE = "{track} has no hosts' room."
NONE_AT_ALL = (
    "There are no hosts' rooms. To name one: <code>{p}conf hosts TRACK #room:server</code>"
)
LINE = "<b>{track}</b>: {state}"
IS_CONTROL_ROOM = "That is the control room: hosts need a room of their own."
IS_OPEN_TO_ALL = (
    "Anybody can enter that room, perhaps by way of its space, and would be a moderator. Let only "
    "those in who are invited."
)
IS_TALK_ROOM = "That is a talk room: everybody in the audience would be a moderator."

# --- cards ------------------------------------------------------------------------

CARD = "<b>{room} {number}{state}{by}</b>: {text} – {name}{talk}"
CARD_TALK = ' (for "{title}")'
CARD_STATES = {
    "pending": " ⏳ waits for you",
    "open": "",
    "starred": " ⭐ next",
    "answering": " ▶ being answered",
    "answered": " ✅ answered",
    "dismissed": " 🚫 dismissed",
    "merged": " is one with {number}",
    "withdrawn": " taken back",
}
CARD_SKIPPED = " skipped"
NAMELESS = "without a name"
MORE_ASKED = "And {questions} without a card yet. To see them: <code>{p}questions</code>"

# --- commands there ------------------------------------------------------------

HELP = (
    "Each question is a card here. Tap on it: ✅ let in, or answered · ⭐ next · "
    "▶️ being answered · 🚫 dismissed. Tap once more to take that back.<br>"
    "Or reply to it: <code>take</code>, <code>done</code>, <code>skip</code>, "
    "<code>dismiss why</code>"
)
HELP_WORDS = (
    "Or type <code>take 12</code>, <code>merge 12 14</code>, <code>{room} take</code>, "
    "<code>{room} questions</code>, <code>{room} undo</code>, <code>{room} qa close</code>, "
    "<code>{room} talk delay 10</code>, <code>{room} jitsi</code>"
)
WHICH_ROOM = "Which room: {rooms}? Type <code>{p}{command} {example}</code>"
NOT_OURS = (
    'No talk room of these hosts is called "{word}". There are: {rooms}. The room comes first, '
    "like <code>{p}{command} {example}</code>"
)
NO_ROOMS = (
    "The schedule has no talks for these hosts. An organiser can look: <code>{p}conf hosts</code>"
)
