"""What is in trouble as a whole, in `!conf status`: since when, and what to do."""

from __future__ import annotations

SINCE = "Trouble since {since}: {what}"

HOMESERVER_IN = (
    "the homeserver does not answer, so nothing comes in. I keep trying; what was said meanwhile "
    "is not lost. Is it up?"
)
HOMESERVER_OUT = (
    "the homeserver takes no messages, so nothing goes out. I keep trying; what is still true then "
    "is said. Is it up?"
)
LOGIN = "the homeserver does not know my log-in any more: call <code>fosdembot init</code>"
ACCOUNT = "the homeserver has locked or limited my account ({why}): ask its administrator."
DATABASE = "the database cannot be used ({why}). I keep trying; is it up, is the disk full?"
IN = "nothing comes in ({why}). I keep trying; the log has more."
OUT = "nothing goes out ({why}). I keep trying; the log has more."
SCHEDULE = (
    "the schedule cannot be fetched: {why} The last good one stays, and I keep trying. Is "
    "<code>schedule.source</code> right in my settings?"
)
ROOMS_IN = "{rooms} cannot be read. I keep trying; the log names them."
ROOMS_OUT = "{rooms} cannot be written to. I keep trying; the log names them."
CLOCK = (
    "this machine's clock is {seconds} {which} the homeserver's, so everything is told that much "
    "{when}. Set the clock (NTP)."
)
BEHIND, AHEAD = "behind", "ahead of"
LATE, EARLY = "too late", "too early"
CLOCK_RIGHT = "This machine's clock is right again."
TRANSCRIPTS = (
    "transcripts cannot be written: {why} I keep trying. Is <code>transcripts.folder</code> right "
    "in my settings, may I write there, is the disk full?"
)
UNMADE = (
    'the transcript of "{title}" lacks something, or is older than it should be ({why}). I keep '
    "trying; the log has more."
)
UNMADE_ONES = (
    "{transcripts} lack something, or are older than they should be ({why}). I keep trying; the "
    "log has more."
)
