"""What stands on the pages of talk rooms."""

from __future__ import annotations

# What is on, and what is next
NOTHING_ON = "Nothing is on."
NOTHING_TODAY = "Nothing is on, and nothing comes today."
ON = "On now, until {time}"
ON_QA = "Q&A now, until {time}"
ON_BREAK = "Break, until {time}"
OVER = "Over since {time}"
AT = "{time}"
NEXT = "Next"
CANCELLED = "Cancelled: {title}, {time}"
NO_SPEAKER = "Without its speaker: {title}, {time}"
BEGINS = "Begins at {time}"
QA_BEGINS = "Q&A begins at {time}"
ENDS = "Ends at {time}"

# The list of questions
QUESTIONS = "Questions"
NONE_YET = "No question yet."
MORE_LEFT = "{count} more."
CLOSED = "No more questions are taken; votes still count."
CLOSED_FOR = "{title}: no more questions are taken; votes still count."
MODERATED = "Here a moderator looks at each question first."
ORDERS = "Order of the questions"
ORDER = {"votes": "Most votes", "newest": "Newest", "fair": "Fair to late ones"}
VOTE = "Vote"
VOTE_FOR = "Vote for question {number}"
VOTES = "{votes}"
VOTES_AND_HALL = "{votes} + {hall} in the hall"
VOTES_WORD = {True: "vote", False: "votes"}
YOURS = "yours"
GONE = "(taken back)"
STATE = {
    "answering": "being answered",
    "starred": "taken next",
    "answered": "answered",
    "skipped": "skipped",
    "open": "open",
}
ANSWERED = "Answered: {count}"
WRITTEN_BY = "{name} answers:"
WRITTEN = "Answer:"
HELD_ONE = "1 new"
HELD_MANY = "{n} new"
HELD_ORDER = "New order"

# Announced by screen readers
SAY_ANSWERING = "Being answered: question {number}, {text}"

# Where else to look
EARLIER = "Earlier talks"
BOARD_OF = "{title}, {time}"
TRANSCRIPT = "Transcript"
TRANSCRIPT_OF = "Transcript of {title}"
WHOLE_ROOM = "What is on in this room now"
OFFLINE = "The connection is lost. This is what was known last; the page tries again by itself."
RELOADS = "This page reloads itself."
STOP_RELOADING = "Stop that, to write in peace"
RELOAD_AGAIN = "Reload by itself again"

# Taking part
LOG_IN = "Log in to ask and to vote"
TAKE_PART = (
    "You can read everything. To ask and to vote, the page must know who you are: you need a "
    "Matrix account."
)
IN_THE_HALL = "In the hall you need none: scan the code that is on the screen there, or type it."
TYPE_CODE = "Type the code"
MODERATE = "Moderate this room"
YOU_ARE = "You take part as {name}."
YOU_ARE_GUEST = "You take part as a guest in the hall, without a name."
ELSEWHERE = "This talk is in another room now. Reload the page."
CAME_FOR_ANOTHER = "You came in for {title}. For another talk scan the code on the stage once more."
ASKS_ABOUT = 'Your question is for "{title}".'
ASK = "Ask a question"
YOUR_QUESTION = "Your question"
WHICH_TALK = "For which talk?"
WITHOUT_NAME = "Ask without my name"
WITHOUT_NAME_MEANS = "Moderators do not see it either."
SEND = "Ask"
MINE = "My questions"
MINE_LEFT = "And {count} earlier."
WITHDRAW = "Take back"
WITHDRAW_ONE = "Take back question {number}"
MINE_STATE = {
    "pending": "a moderator looks at it first",
    "open": "on the list",
    "starred": "taken next",
    "answering": "being answered now",
    "answered": "answered",
    "dismissed": "not taken by a moderator",
    "merged": "joined to question {number}, with your vote",
    "withdrawn": "taken back by you",
}
LOST = "No answer came. Try once more: it counts only once."

# What came of it
ASKED = "Your question is number {number}."
ASKED_FOR = 'Your question is number {number}, for "{title}".'
PENDING = "A moderator looks at it first."
NAMELESS = (
    "It is posted without your name. Moderators do not see it either; it is kept until {days} "
    "after the conference, so that misuse can be stopped."
)
ASKED_ALIKE = "Question {number} asks much the same: you can vote for it instead."
VOTED = "Your vote for question {number} counts."
UNVOTED = "Your vote for question {number} is taken back."
WITHDRAWN = "Question {number} is taken back."

# Refused
NO_TALKS_HERE = "No talk takes place in this room."
NOT_IN_ROOM = "The bot is not in this room yet. Try again in a while."
NO_TALK_TODAY = "No talk is on here, and none comes today. Come back when one is."
NO_SUCH_TALK = "That talk does not take place here. Open the page again to see those that do."
NAME_THE_TALK = "More than one talk is on here. Choose yours above the question."
EMPTY = "Write your question first."
TOO_LONG = "That is {length} characters; {most} at the most, please. Shorten it."
TOO_MANY = (
    "You have {questions} waiting for this talk. Ask again when one is answered, or take one back."
)
ASKED_ALREADY = "You have asked that: it is question {number}."
ASK_CLOSED = "No more questions are taken for this talk. You can vote for one that is there."
ASK_BARRED = "You cannot ask here. If that is a mistake, please write to an organiser."
RELAY = "Many people share one account over this bridge, so it cannot take part here."
VOTE_BARRED = "You cannot vote here. If that is a mistake, please write to an organiser."
VOTES_FINAL = "The conference is over: the votes for question {number} are final."
NO_VOTES = "Question {number} is {state}: it takes no votes."
OWN_VOTE = "That is your own question: only others can vote for it."
NOT_VOTED = "You have not voted for question {number}."
NO_SUCH_QUESTION = "There is no such question here. Open the page again to see those that are."
NOT_YOURS = "Only its asker can take a question back."
OTHER_DEED = "This was sent twice with different words. Open the page again, and try once more."

# The index of rooms
ROOMS_TITLE = "Talk rooms"
ROOMS_ON = "On now"
ROOMS_OTHER = "Other rooms"
ROOM_ON = '"{title}", until {time}'
ROOM_NEXT = 'Next: "{title}", {time}'
NO_ROOMS = "There are no talks yet."
