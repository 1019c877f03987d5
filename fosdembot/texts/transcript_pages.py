"""What stands on the pages, in the text and in the table of one talk's transcript."""

from __future__ import annotations

from .transcripts import AN_ATTENDEE

# The frame
SKIP = "Skip to the questions"
SKIP_TO_CHAT = "Skip to the chat"
TITLE = "{title}: transcript"
TITLE_OF_PAGE = "{title}: chat, page {number}"
MADE_BY = "Made by fosdembot"
REMOVAL = "To have something removed, write to {contact}."
CANCELLED = "This talk was cancelled."
NO_SHOW = "This talk did not take place: its speaker was not there."

# The head
TRACK = "Track"
ROOM = "Room"
CHAT_ROOM = "Chat room"
PLANNED = "Planned"
ACTUAL = "Held"
TALK_PAGE = "The talk in the programme"
RECORDING = "Recording"
SUBTITLES = "Subtitles"
SLIDES = "Slides"
TIMES = "Time zone"
SPAN = "{start} to {end}"
OF_THEM_ANSWERED = "{questions}, {number} of them answered"
WROTE = "people wrote"
WROTE_ONE = "person wrote"
ASKED = "asked"
VOTED = "voted"

# Questions
QUESTIONS = "Questions"
ATTENDEE = AN_ATTENDEE
NO_QUESTIONS = "Nobody asked anything."
VOTE = "vote"
VOTES = "votes"
ASKED_BY = "Asked by"
AT = "at"
TAKEN_AT = "taken up"
MINUTE = "minute {minute}"
BEFORE = "before the talk"
AFTER = "after the talk"
ANSWERED = "Answered in the talk"
ANSWERED_IN_WRITING = "Answered in writing"
TAKEN_UP = "Taken up in the talk"
UNANSWERED = "Not answered yet"
IN_CHAT = "In the chat"
IN_ROOM = "In the chat room"
IN_RECORDING = "In the recording at {time}"
IN_WRITING = "in writing, {time}"
IN_WRITING_AFTER = "in writing after the talk, {time}"
SPOKEN = "Automatic transcript of the answer"
SPOKEN_SCORE = "match {score} of 100"
SPOKEN_PLACED = "placed by other questions"
MERGED = "Also asked"

# The chat
CHAT = "Chat"
CHAT_NOT_PUBLISHED = "The chat of this talk is not published."
CHAT_EMPTY = "Nobody wrote anything."
TIMES_IN = "Times are in {zone}."
EDITED = "edited"
BOT = "bot"
ASKED_QUESTION = "question {number}"
REPLY_TO = "in reply to"
REPLY_TO_GONE = "a message that is not here"
THREAD_GOES_ON = "A thread goes on"
REACTIONS = "Reactions"
CUSTOM_EMOJI = "a custom emoji"
POLL = "Poll"
GAP = "Here a part of the chat is missing: {why}"
GAP_AFTER = "After {time} a part of the chat is missing: {why}"
KINDS = {
    "image": "Image",
    "video": "Video",
    "audio": "Audio",
    "file": "File",
    "sticker": "Sticker",
    "location": "Place",
}
OTHER = "Another kind of message"
UNREADABLE = "A message that cannot be read"
REDACTED = "A message that was removed"

# From page to page
PAGES = "Pages of the chat"
PAGES_ABOVE = "Pages of the chat, above it"
ALL_PAGES = "All pages of the chat"
PAGE = "Page {number}"
CHAT_PAGE = "Chat, page {number}"
PREVIOUS = "Previous page"
NEXT = "Next page"
TO_QUESTIONS = "To the questions"
ON_THIS_PAGE = "On this page"
AS_TEXT = "As plain text"
AS_TABLE = "Questions as a table"
CHAPTERS = "Chapters of the recording"
FROM = "from {time}"

# Columns of the table
COLUMNS = (
    "Number",
    "Question",
    "Asked by",
    "Votes",
    "State",
    "Asked at",
    "Asked in minute",
    "Taken up at",
    "Taken up in minute",
    "Answered at",
    "Second of the recording",
    "Link to the recording",
    "Answers in writing",
    "Automatic transcript of the answer",
    "Match of 100",
    "Merged numbers",
    "Merged questions",
    "Link to the chat",
)
