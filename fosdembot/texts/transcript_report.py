"""What stands in the report to organisers and speakers."""

from __future__ import annotations

TITLE = "Report"
TITLE_OF = "{conference}: report"
SPEAKER_TITLE = "“{title}”: what was asked"
ABOUT = (
    "People are counted by talk: who wrote in two talks counts twice in the sums of a track. "
    "“Took part” is the least number of people who can have taken part: the largest of those who "
    "wrote, asked and voted."
)
NOTHING = "There is no transcript yet."
TRACKS = "Tracks"
MOST = "Talks that drew most"
TALKS = "All talks"
BACK = "All talks"
NO_TRACK = "no track"
FIGURES = "Figures"
QUESTIONS = "Questions"
NO_QUESTIONS = "Nobody asked anything."
BY_MINUTE = "When they were asked"
BEFORE = "before the talk"
AFTER = "after the talk"
MINUTES = "minutes {first} to {last}"
FROM_TO = "{day}, {start} to {end}"
NEVER = "–"
"""Where nothing was to wait for."""
IN_ROOM = "in the room"
IN_WRITING = "in writing"
BOTH = "in the room and in writing"
UNANSWERED = "not answered"

DRAWN = "took part"
TALK_COLUMNS = (
    "Talk",
    "Track",
    "Room",
    "Start",
    "Took part",
    "Wrote",
    "Asked",
    "Voted",
    "Messages",
    "Questions",
    "Answered",
    "Answered in the room",
    "Answered in writing",
    "Votes",
    "Median wait in minutes",
)
TRACK_COLUMNS = ("Track", "Talks", *TALK_COLUMNS[4:])
QUESTION_COLUMNS = ("Number", "Question", "Votes", "Asked", "Wait in minutes", "Answered")
MINUTE = "minute {minute}"
