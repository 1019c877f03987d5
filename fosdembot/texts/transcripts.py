"""What people read in transcripts, besides what they wrote themselves."""

from __future__ import annotations

# ---------------------------------------------------------------------- who is not to be named
AN_ATTENDEE = "an attendee"
"""In place of a name."""
REMOVED = "removed"
"""In place of a link to something that is gone."""

# ---------------------------------------------------------------------- chapters of recordings
CHAPTER = "Question {number}: {question}"
