"""What stands on a talk's own pages: the speaker's, the moderators', and what is read aloud."""

from __future__ import annotations

SPEAKER = "Questions to you"
MODERATOR = "Moderate the questions"

# The clock
STARTS = "Starts in"
QA_BEGINS = "Questions begin in"
ENDS = "Ends in"
OVERTIME = "Over time by"
IS_OVER = "This talk is over."
IS_CANCELLED = "This talk is cancelled."
IS_AWAY = "This talk does not take place: its speaker is not there."
TIMES = "{start} to {end}"
TIMES_QA = "{start} to {end}, questions from {qa}"
LATER = "{minutes} later than planned"
EARLIER = "{minutes} earlier than planned"
NOTHING_ON = "Nothing is on here now, and nothing comes today."
SEVERAL = "Several talks are on here. Choose one:"

# What a screen reader says
SAY_ANSWERING = "Being answered: {number}. {text}"
SAY_START = "Next: the talk starts at {time}."
SAY_QA = "Next: questions begin at {time}."
SAY_END = "Next: the talk ends at {time}."
SAY_OVERTIME = "The time is up."

# The questions
STATES = {
    "answering": "Being answered",
    "starred": "To be taken next",
    "open": "Waits",
    "skipped": "Put behind the others",
    "answered": "Answered",
    "pending": "Waits for a moderator",
}
NO_NAME = "asked without a name"
VOTES = "{votes}"
NO_QUESTIONS = "No question yet."
MORE = "And {count} more."
WRITTEN = "Answer by {name}:"
CLOSED = "No more questions are taken."
NOT_HERE = "The bot is not in the room of this talk: nothing can be decided here."

# What is done
NEXT = "Next question"
UNDO = "Undo"
TAKE = "Take"
DONE = "Done"
SKIP = "Skip"
STAR = "Star"
UNSTAR = "Unstar"
REOPEN = "Open again"
NOTHING_LEFT = "No question waits any more."
NOTHING_TO_UNDO = "There is nothing to take back."
IS_DONE = "That is done."
DECIDED = {
    "take": "{number} is being answered.",
    "done": "{number} is answered.",
    "skip": "{number} is behind the others now.",
    "star": "{number} is to be taken next.",
    "unstar": "{number} is among the others again.",
    "approve": "{number} is let in.",
    "dismiss": "{number} is dismissed.",
    "restore": "{number} is open again.",
}
UNDONE = "{number} stands as before."
UNDONE_TOO_LATE = "Something else became of {number} since. It stays as it is."
QUESTION_GONE = "This question is not there any more."
NO_SUCH_ACTION = "There is no such thing to do here. Reload the page, and try again."
NO_TALK = "The talk of this link is not on the programme any more."
