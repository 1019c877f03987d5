"""What people read in transcripts, besides what they wrote themselves."""

from __future__ import annotations

# ---------------------------------------------------------------------- who is not to be named
AN_ATTENDEE = "an attendee"
"""In place of a name."""
REMOVED = "removed"
"""In place of a link to something that is gone."""

# ---------------------------------------------------------------------- chapters of recordings
CHAPTER = "Question {number}: {question}"

# ---------------------------------------------------------------------------------- !transcript
HERE = "What was asked and answered in {talk}: {url}"
LATER = "What is asked and answered in {talk} will be at {url} some minutes after its end."
MAKING = "The transcript of {talk} is being made. In a minute it is at {url}"
MAKING_PRIVATELY = (
    "The transcript of {talk} is being made. It lies in the folder of the bot and is not public."
)
NOT_PUBLIC = "There is no public transcript of {talk}. Who needs it may ask the organisers."
NONE_AT_ALL = "There are no transcripts of this conference."
NO_TALKS = "No talk takes place here. Please ask in the room of the talk."

# ---------------------------------------------------------------------- recordings that are out
RECORDING_OUT = "The recording of {talk} is out: {recording}. Its questions: {url}"
ONLY_RECORDING = "The recording of {talk} is out: {recording}"
RECORDINGS_OUT = "Recordings of talks are out:"
RECORDING = "{talk}: {url}"
MORE_RECORDINGS = "And {more} more: {url}"

# --------------------------------------------------------------------------- posted in the room
FILE = "Transcript of {title}"
