"""What people are told about questions and votes. `{p}` is the command prefix."""

from __future__ import annotations

# --- asked -------------------------------------------------------------------

ASKED = "Your question is number {number}."
ASKED_PENDING = "Your question is number {number}. A moderator looks at it first."
POST = "<b>{number}</b> {text} <i>{name}</i>"
POST_NAMELESS = "<b>{number}</b> {text}"

# --- to the asker ----------------------------------------------------------------

TAKEN = "{name}: your question {number} is being answered now."
TAKEN_DIRECT = "Your question {number} in {room} is being answered now."
DISMISSED = "{name}: your question {number} was not taken up: {reason}"
DISMISSED_DIRECT = "Your question {number} in {room} was not taken up: {reason}"

# --- refusals ------------------------------------------------------------------

NOT_YOURS = "Only its asker can take back a question. Moderators: <code>{p}dismiss {number}</code>"
ONLY_SPEAKERS = "Only the talk's speaker or a moderator can do that."
STATE = "Question {number} is {state}: that cannot be done."
OTHER_TALK = "These are questions for different talks: <code>{p}move</code> one of them first."
ITSELF = "These two are one question already."
STATES = {
    "pending": "waiting for a moderator",
    "open": "open",
    "starred": "starred",
    "answering": "being answered",
    "answered": "answered",
    "dismissed": "dismissed",
    "merged": "merged into another",
    "withdrawn": "withdrawn",
}

# --- which question --------------------------------------------------------------

NO_SUCH_QUESTION = "There is no question {number} here. All of them: <code>{p}questions</code>"
WHICH_QUESTION = "Which question? Add its number, like <code>{p}{command} 12</code>"
WHICH_ROOMS_QUESTION = (
    "More than one room has that number: {rooms}. Add the room, like <code>{p}{example}</code>"
)
NOT_IN_ROOM = "I am not in {room} yet."
