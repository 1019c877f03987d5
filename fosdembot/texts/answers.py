"""Answers to !talk, !next and !schedule. `{p}` is the command prefix."""

from __future__ import annotations

ON = "<b>Now, until {end} ({left} left):</b> {talk}"
ON_AT = "<b>Now in {place}, until {end} ({left} left):</b> {talk}"
QA_LATER = "Q&A at {qa}"
QA_ON = "Q&A is on"
NOTHING_ON = "Nothing is on right now."

NEXT = "<b>Next, at {start} (in {wait}):</b> {talk}"
NEXT_AT = "<b>Next in {place}, at {start} (in {wait}):</b> {talk}"

DAY = "<b>Still to come on {day}:</b>"
TODAY = "<b>Still to come today:</b>"
NOTHING_TODAY = "Nothing more today."
ENTRY = "{start} {talk}"
ENTRY_ON = "{start} {talk} (on now)"
ENTRY_CANCELLED = "{start} {talk} (cancelled)"
ENTRY_AT = "{start} {place}: {talk}"
ENTRY_ON_AT = "{start} {place}: {talk} (on now)"
ENTRY_CANCELLED_AT = "{start} {place}: {talk} (cancelled)"
AND_MORE = "… and {talks} after that. What is on and next: <code>{p}talk</code>"
ALSO = "… and {talks}: <code>{p}schedule</code>"

SEE_SCHEDULE = "The whole day: <code>{p}schedule</code>"
NO_MORE = "No more talks are planned. What was said stays to read."
NO_TALKS = "I know of no talks in this room. If you expect one, ask an organiser."
