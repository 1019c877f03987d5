"""What rooms are told about speakers' meetings. `{p}` is the command prefix, `{room}` a talk room.

The address of a meeting is the way into the broadcast: it is told only who asks for it where hosts
are among themselves."""

from __future__ import annotations

# --- `!jitsi` ------------------------------------------------------------------------

USAGE = (
    "Type <code>{p}jitsi{room} https://…</code> (the speakers' meeting), <code>status</code>, "
    "<code>off</code> (no meeting), <code>reset</code> (as in the schedule) or "
    "<code>test https://…</code>"
)
OF_ROOM = " {room}"
ELSEWHERE = "Please type that in the hosts' room, or write it to me alone."
ELSEWHERE_SAID = (
    "That is the way into the broadcast: please delete your message, and type it in the hosts' "
    "room, or write it to me alone."
)
SECRET = (
    "That address holds a password or token: please delete your message, and type the address "
    "without it. Tokens belong in my settings, under <code>jitsi.servers</code>."
)
NO_URL = "A meeting is an address like <code>{p}jitsi{room} https://meet.example.org/kernel</code>"
TOO_LONG = "That address is too long: take a shorter name for the meeting, say of 50 letters."
NOT_HTTPS = "A meeting's address begins with https://, and only there I go."
NO_ROOM = "That address names no meeting: it ends in a name, like https://meet.example.org/kernel"
TEST_USAGE = "Which meeting? Type <code>{p}jitsi test https://meet.example.org/kernel</code>"
UNKNOWN_SERVER = (
    "I may not connect to {room}: an organiser has to name it in my settings, under "
    "<code>jitsi.servers</code>."
)
REHEARSAL = "In a rehearsal I go into no meeting."
NAMED = (
    "{room}: noted. I am there from {minutes} before each talk on. As in the schedule again: "
    "<code>{p}jitsi {name} reset</code>"
)
OFF = (
    "{room}: I go into no meeting any more. As in the schedule again: "
    "<code>{p}jitsi {name} reset</code>"
)
RESET = "{room}: the meeting is the one of schedule and settings again."
RESET_NONE = "{room}: schedule and settings name no meeting, so there is none."
RESET_ALREADY = "{room}: nobody had named another meeting than the schedule."
TESTING = "I am trying that meeting. What comes of it, I say here in a moment."
TOO_MANY_TESTS = "I am trying other meetings already. Please type that again in a minute."
TEST_WELL = "That meeting: it is on, and seems to let me in."
TEST_NOT_STARTED = (
    "That meeting: its server lets me in. Nobody is there yet, and I am never the first."
)
TEST_NOT = "That meeting: {why}"

# --- how a meeting is ------------------------------------------------------------------

LINE = "<b>{room}</b>: {how}"
ADDRESS = "The meeting: {url}"
THERE = "{count} people are there: {names}."
ONE_THERE = "1 person is there: {names}."
NOBODY_THERE = "nobody is there but me and those who watch."
COMES = "I come at {time}."
COMES_NOW = "I am on my way in."
NO_MORE = "no more talks there."
TURNED_OFF = "no meeting, as somebody decided."
NO_MEETING = "no meeting is known."
NONE_AT_ALL = "No talk here has a meeting that I know."
AND_MORE = "And {rooms}: <code>{p}jitsi ROOM</code>"
NOT_TRIED = "I am not there now."
OF_TALK = "Meeting: {how}"

TROUBLES = {
    "not configured": (
        "I stay out, as its server is none of <code>jitsi.servers</code> in my settings."
    ),
    "unknown host": "nobody knows its server, so I cannot come in: is the address right?",
    "away": "its server does not answer.{again}",
    "untrusted": (
        "I stay out, as its server's certificate is not valid. Whoever runs the server can "
        "mend it.{again}"
    ),
    "no WebSocket": (
        "its server has no WebSocket where I look, so I cannot come in. An organiser can set "
        "<code>websocket</code> for it in my settings, under <code>jitsi.servers</code>."
    ),
    "not started": "nobody is there yet.",
    "token needed": (
        "its server wants a token of me. An organiser can set <code>token</code>, or "
        "<code>app_id</code> and <code>app_secret</code>, in my settings, under "
        "<code>jitsi.servers</code>."
    ),
    "token refused": (
        "its server refuses my token{detail}. An organiser has to correct it in my settings, under "
        "<code>jitsi.servers</code>."
    ),
    "no guests": (
        "its server lets in only people with accounts{detail}. An organiser can let guests in "
        "there, or set a token in my settings, under <code>jitsi.servers</code>."
    ),
    "password needed": "it has a password, and I know none. Please take it off the meeting.",
    "wrong names": (
        "inside, its server is not called as I believe{detail}. An organiser can set "
        "<code>domain</code> and <code>muc</code> for it in my settings, under "
        "<code>jitsi.servers</code>."
    ),
    "waits in the lobby": "I wait in its lobby. Please let me in.",
    "members only": "it is for members only. Please open it, or turn its lobby on and let me in.",
    "kicked": (
        "somebody removed me, so I stay out. To let me back: <code>{p}jitsi {room} https://…</code>"
    ),
    "refused": "its server does not let me in{detail}.{again}",
    "unreadable": "its server sends what I cannot read{detail}.{again}",
}
"""Why the bot is not in a meeting, by the word in its state; `{detail}`: what the server said;
`{again}`: that the bot goes on, where it does."""
DETAIL = " ({detail})"
AGAIN = " I keep trying."

# --- who is missing ------------------------------------------------------------------------

NOBODY_CAME = (
    '"{title}" starts at {start}, and nobody is in its meeting yet. If the speaker does not come: '
    "<code>{p}talk {room} noshow {id}</code>. To hear no more of this talk: tap 🔕"
)
CANNOT_SEE = '"{title}" starts at {start}, and I cannot see who is in its meeting: {why}'
KICKED = "{room}: I am not in the speaker's meeting any more: {why}"

# --- cards -----------------------------------------------------------------------------------

IN_THE_MEETING = " by {name} in the meeting"
