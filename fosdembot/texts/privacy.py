"""What `!privacy` says. `{p}` is the command prefix."""

from __future__ import annotations

KEPT = (
    "I keep questions, who asked them, and who voted. {days} after the conference I forget the "
    "names. To take a question back, delete your message or type <code>{p}withdraw 12</code>. To "
    "ask without your name, write to me directly: <code>{p}anon</code>"
)

# --- where talks have transcripts ----------------------------------------------------

PUBLISHED = "Of each talk the questions and answers are published, with names."
PUBLISHED_CHAT = (
    "Of each talk the questions and answers, and what is said in the room, are published, with "
    "names."
)
NOT_NAMED = (
    "Not to be named there, from now on and backwards: <code>{p}privacy optout</code>, here or to "
    'me directly. You are "an attendee" then.'
)
LEFT_OUT = (
    "To be left out there, from now on and backwards: <code>{p}privacy optout</code>, here or to "
    "me directly."
)
REMOVED = "What you delete goes there, too. What you cannot delete: write to {contact}"
YOU_OPTED_OUT = "You have opted out. To be named again: <code>{p}privacy optin</code>"

# --- `optout`, `optin` ---------------------------------------------------------------

USAGE = (
    "<code>{p}privacy optout</code>: you are not named in what is published of talks. "
    "<code>{p}privacy optin</code>: you are again."
)
NOTED = "Noted."
OPTED_OUT = (
    "Noted. You are not named in what is published of talks, nor of earlier ones, within a few "
    "minutes. In the rooms nothing changes. To be named again: <code>{p}privacy optin</code>"
)
OPTED_IN = "Noted. You are named in what is published of talks, as others are."
RELAYED = (
    "I know you only by the bridge's account, which speaks for others as well. Not to be named in "
    "what is published of talks, please write to the organisers."
)
