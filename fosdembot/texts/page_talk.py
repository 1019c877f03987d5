"""What stands on a talk's own pages: the speaker's, the moderators', and what is read aloud."""

from __future__ import annotations

SPEAKER = "Questions to you"
MODERATOR = "Moderate the questions"
BACKSTAGE = "Backstage"
ALOUD = "Read aloud"
CARD = "Before the talk"

# The clock
STARTS = "Starts in"
QA_BEGINS = "Questions begin in"
ENDS = "Ends in"
ENDS_SOON = "Come to the end. It ends in"
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
CHOOSE = "Choose one of its talks:"
TALKS_OF_DAY = "Talks of the day"
WHAT_IS_ON = "Follow what is on"

# What a screen reader says
SAY_ANSWERING = "Being answered: {number}. {text}"
SAY_START = "Next: the talk starts at {time}."
SAY_QA = "Next: questions begin at {time}."
SAY_END = "Next: the talk ends at {time}."
SAY_OVERTIME = "The time is up."

# The questions
LIST = "Questions"
SKIP_LINK = "Skip to the questions"
NOW = "Being answered now"
NONE_NOW = "No question is being answered."
STATES = {
    "answering": "Being answered",
    "starred": "To be taken next",
    "open": "Waits",
    "skipped": "Behind the others",
    "answered": "Answered",
    "pending": "Waits for a moderator",
    "dismissed": "Dismissed",
}
VOTES_HALL = "{votes} + {hall} in the hall"
NO_NAME = "Asked without a name"
MORE = "And {count} more."
WRITTEN = "Answer by {name}"
NO_QUESTIONS = "No question yet."
CLOSED = "No more questions are taken."
MODERATED = "A moderator sees each question first."
NOT_HERE = "The bot is not in the room of this talk, so nothing can be decided here."
NEW_ONE = "1 new"
NEW_MANY = "{n} new"
NEW_ORDER = "New order"
OFFLINE = "No connection: this is what was known last. It goes on by itself."
LOST = "No answer came. Try again."

# Keys
KEYS = "Keys"
KEYS_HELP = (
    "While the list has the focus: n or Page Down takes the next question, d is done, s skips, "
    "u undoes, arrows go from question to question."
)

# What is done
NEXT = "Next question"
UNDO = "Undo"
TAKE = "Take"
DONE = "Done"
SKIP = "Skip"
STAR = "Star"
UNSTAR = "Unstar"
APPROVE = "Approve"
DISMISS = "Dismiss"
REOPEN = "Open again"
FURTHER = "More"
ANSWER = "Answer in writing"
REASON = "Dismiss with a reason"
MERGE = "Merge"
MOVE = "Move to another talk"
MUTE = "Mute who asked"
CLOSE_QA = "Take no more questions"
OPEN_QA = "Take questions again"
SOMEBODY = "Somebody on the stage"
MODERATE = "See each question first"
UNMODERATE = "Let questions in at once"
LATER_BY = "5 minutes later"
EARLIER_BY = "5 minutes earlier"
STARTS_NOW = "Starts now"
ENDS_NOW = "Ends now"

# What came of it
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
TAKEN_JUST_NOW = (
    "Question {number} was taken a moment ago. For the one after it, press again in a few seconds."
)
UNDONE = "{number} stands as before."
UNDONE_TOO_LATE = "Something else became of {number} since. It stays as it is."
UNDONE_TALK = "What was decided about the talk is taken back."
ANSWERED = "Your answer to {number} is posted in the room, and reaches whoever asked."
REWORDED = "Your answer is changed."
REMOVED = "Your answer is taken back."
DISMISSED_WHY = "{number} is dismissed. Whoever asked it is told why, in their direct chat."
DISMISSED_UNTOLD = (
    "{number} is dismissed. Whoever asked it cannot be told why: they have no direct chat with the "
    "bot. Tell them in the room, if they should know."
)
MERGED = "{number} counts for {into} now."
MOVED = "{number} is for another talk now."
MUTED = "Whoever asked {number} can neither ask nor vote here."
UNMUTED = "Whoever asked {number} may ask and vote again."
QA = {
    "closed": "No more questions are taken.",
    "open": "Questions are taken again.",
    "moderated": "A moderator sees each question first now.",
    "unmoderated": "Questions are let in at once now.",
}
TALK_CHANGED = "The times of the talk are changed."
AS_IT_WAS = "It is so already."

# Forms of their own
BACK = "Back to the questions"
SEND = "Send"
SAVE = "Save"
TAKE_BACK = "Take it back"
YOUR_ANSWER = "Your answer"
YOUR_ANSWERS = "What you have answered"
ANSWER_HOW = "It is posted in the room of the talk, closes the question, and reaches whoever asked."
YOUR_REASON = "The reason"
REASON_HOW = (
    "Only whoever asked reads it, in their direct chat with the bot; without one, nobody does."
)
MERGE_INTO = "Into which question?"
MERGE_HOW = "Its votes count for that one, and whoever asked it hears of the answer."
MERGE_NONE = "No other question waits."
MOVE_TO = "To which talk?"
MOVE_NONE = "There is no other talk in this room."
MUTE_HOW = "Whoever asked this can neither ask nor vote in this room, until a moderator allows it."
MUTE_NOW = "Mute"
UNMUTE = "Allow again"

# Read aloud
READ_THIS = "Read this aloud"
ASKED = "Asked"
NONE_TO_READ = "No question waits."
ANOTHER_IS_AHEAD = "Another question is ahead now: show it"
IS_ANSWERING = "Being answered: {number}."
WAITING = "Waiting besides: {count}."

# Backstage
NO_MEETING = "No meeting is known for this talk."
MEETING_ELSEWHERE = "The meeting of this talk cannot be shown here. Its address: {url}"
MEETING = "The meeting of the speakers"

# The herald's card
WHO = "Who speaks"
WHERE = "Where"
RECORDING = "Recording"
RECORDED = "The talk may be recorded."
NOT_RECORDED = "The talk must not be recorded. Say so, and see that nobody does."
TO_SAY = "What to do and say"
ASK_IN = "{time}: ask {speakers} in. Is the microphone on, is the picture there?"
ASK_IN_NAMELESS = "{time}: ask the speaker in. Is the microphone on, is the picture there?"
INTRODUCE = '{time}: "Welcome {speakers} with {title}!"'
INTRODUCE_NAMELESS = '{time}: "Welcome to {title}!"'
SAY_UNRECORDED = '"Please make no recording of this talk."'
INVITE = "How to ask and to vote for the questions of others: in the chat of this room, or at {url}"
WORK_DOWN = "{time}: questions, from the top of the list."
THANK = "{time}: the time is nearly up. Thank {speakers} at the end!"
THANK_NAMELESS = "{time}: come to the end, and say thank you."
GO_ON = "Talk goes on in {hallway}."
GO_ON_HERE = "Talk goes on in the chat of this room. What was not reached is answered there."

# What is not done
NO_SUCH_ACTION = "There is no such thing to do here. Open the page again, and try once more."
NO_TALK = (
    "The talk of this link is not on the programme any more. Ask a moderator for another link."
)
NO_ROOM = "There is no such room. Look at the address once more."
LOG_IN_FIRST = "Log in first: moderators of this room see this page."
NOT_MODERATOR = "Only moderators of this room see this page. Ask an organiser if you should be one."
QUESTION_GONE = "This question is not there any more. Open the page again to see those that are."
ANSWER_GONE = "This answer is not there any more. Open the page again to see those that are."
TALK_GONE = "This talk is not there any more. Open the page again to see what is on."
"""Where it does not take place any more."""
ONLY_MODERATORS = "Only a moderator may do that. Ask one in the room."
ONLY_ROOM = "That concerns more than this talk: only moderators who are logged in may do it."
CANNOT = "{number} is {state}: that cannot be done. Open the page again to see how all stands."
NOTHING_WAITS = "There is no question to take. What is asked next appears here by itself."
NONE_ANSWERING = "No question is being answered. Take one first."
ITSELF = "These two are one question already. Choose another number."
OTHER_TALK = "Questions of different talks cannot be merged. Move one of them first."
ANSWER_EMPTY = "Write an answer first."
ANSWERS_FULL = "This question has {number} answers already: no more are kept."
REASON_EMPTY = "Write a reason first."
ASKER_FORGOTTEN = "Who asked it is not known any more."
ASKED_BY_RELAY = "It came over a bridge: all who are there would be muted."
TALK_OVER = "The talk is over."
TALK_NOT_STARTED = "The talk has not begun."
TALK_CANCELLED = "The talk is cancelled. Undo that first."
TOO_MANY_MINUTES = "That is too early, or too late. Choose fewer minutes."
