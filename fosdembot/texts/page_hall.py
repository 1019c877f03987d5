"""What stands on the pages of the hall: the stage, the overlay, and where guests come in."""

from __future__ import annotations

# --- the stage --------------------------------------------------------------------

STAGE = "Questions"
ANSWERING = "Being answered"
NEXT = "Next"
TOP = "Most votes"
NOTHING_YET = "Ask your question now."
CLOSED = "No more questions are taken; you can still vote."
PAUSED = "The organisers have paused the announcements. Listen to what they say."
NOTHING_ON = "Nothing is on here now."
COMES = "{time} {title}"
SCAN_GUEST = "Ask from your phone, without an account"
SCAN_GUEST_VOTE = "Ask and vote from your phone, without an account"
SCAN = "Ask and vote"
SCAN_GUEST_CLOSED = "Vote from your phone, without an account"
SCAN_CLOSED = "Vote"
SCAN_READ = "See the questions on your phone"
CODE = "QR code: {address}"
VOTES = "{votes}"
VOTES_HALL = "{votes} + {hall} in the hall"

# --- the overlay ------------------------------------------------------------------

OVERLAY = "The question that is being answered"

# --- coming in --------------------------------------------------------------------

ASK_CODE = "Take part in the hall"
YOUR_CODE = "The code that is on the screen in the hall"
GO_ON = "Go on"
COME_IN = "Take part"
WELCOME = "You are in {room}"
MAY_ASK = (
    "You can ask without an account, and nobody sees who you are. A moderator reads each question "
    "first. You can have two open at a time, of {most} characters at most."
)
MAY_VOTE = "You can vote as well."
NO_MORE = "No more questions are taken. You can read what others ask."
COOKIE = "A cookie remembers that for this talk. Besides your questions and votes, nothing is kept \
of you."
WHICH = "Several talks are on here. In which one are you?"
TOO_OLD = "This code is too old, or mistyped. Scan or type the one that is on the screen now."
NO_TALK = "No talk is on here now. Come back when it starts, and scan the code then."
HALL_FULL = "As many guests take part in this talk as there can be. You can go on reading."

# --- posters ----------------------------------------------------------------------

POSTERS = "Posters"
POSTER_ASK = "Scan this, and see which questions are asked here."
POSTER_CHAT = "With a Matrix account, ask yours and vote for those of others."
