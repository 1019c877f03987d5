"""What is said in the chat of speakers' meetings. `{p}` is the command prefix.

The speaker reads it out of the corner of an eye: the number of minutes or the question comes first.
"""

from __future__ import annotations

# --- before the talk ---------------------------------------------------------------

READY = "You are on at {start}."
READY_WITH = 'You are on at {start} with "{title}".'
BEGUN = "You are on now."
BEGUN_WITH = 'You are on now with "{title}".'
READY_QUESTIONS = "Questions from {qa}, cut at {end}."
READY_END = "Cut at {end}."
READY_TYPE = "I will show the top question here: type {p}next."
READY_SHOWN = "I will show the questions here."
TIMES_QUESTIONS = "New times: questions from {qa}, cut at {end}."
TIMES_END = "New times: cut at {end}."
STREAM_BEHIND = "The stream runs {seconds} s behind, do not wait for it."

# --- while it is on ------------------------------------------------------------------

SOON = "{minutes} to questions."
LEFT = "{minutes} left."
OVER = "Time is over."
QA = "Questions now, until {end}."
QA_NONE = "No question waits yet. I will show the first one here."
WAITING = "{questions} wait."
WAITS = "1 question waits."

# --- questions -----------------------------------------------------------------------

QUESTION = "{number} ({votes}): {text} – {asker}"
QUESTION_NAMELESS = "{number} ({votes}): {text}"
FIRST = "First: {question}"
NEXT = "Next: {question}"
NOW_FIRST = "Now on top: {question}"
TAKEN = "Now: {question}"
AGAIN = "Again: {question}"
TAKEN_ALREADY = "Being answered: {question}"
NO_MORE = "No more questions wait."
NO_OTHER = "No other question waits."
MORE = "{questions} wait."
TOP_NONE = "No question waits."
DONE = "{number} is answered."
SKIPPED = "{number} is skipped."
STARRED = "{number} comes next."
ALREADY = "{number} is {state} already."
ANSWERED = "Your answer to {number} is in the talk room."
LATE = "{minutes} late: until {end} now."
ON_TIME = "On time again: until {end}."
LATE_NOT = "The talk stays as it is."

# --- refusals ------------------------------------------------------------------------

HELP = (
    "{p}next: done with this one, show the next · {p}done · {p}skip · {p}star 12 · {p}top · "
    "{p}late 5 (minutes) · {p}answer TEXT, or reply to a question: a written answer"
)
NOT_YOU_OWNERS = "Only moderators of this meeting can do that here. Ask one of them."
NOT_YOU_IDENTIFIED = "Only people who are logged in can do that here."
NOT_YOU_OFF = "Nobody commands me here. Questions are managed in the talk room."
NO_TALK = "No talk is on. Questions are shown here during the next one."
WHICH_TALK = (
    "Several talks of this meeting are on, so I cannot know which you mean. Ask the hosts to do it "
    "in its talk room."
)
NO_NUMBER = "Which question? Type {p}{word} 12, with its number."
LATE_MINUTES = "The talk can begin 0 to {most} minutes late."
LATE_OVER = "It is too late for that: the talk would be over already."
NO_SUCH_NUMBER = "There is no question {number} for this talk. To see the top one: {p}top"
NONE_ANSWERING = "No question is being answered. To take the top one: {p}next"
NO_MINUTES = "How many minutes? Type {p}late 5"
NO_TEXT = "What is the answer? Type {p}answer and your answer."
ANSWERS_FULL = "Question {number} has {most} answers already."
CANNOT = "That cannot be done here now. In the talk room hosts can."
SOMEBODY = "the speaker"
