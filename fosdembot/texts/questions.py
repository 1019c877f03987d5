"""What people are told about questions and votes. `{p}` is the command prefix."""

from __future__ import annotations

# --- asked -------------------------------------------------------------------

ASKED = "Your question is number {number}."
POST = "<b>{number}</b> {text} – {name}"
POST_NAMELESS = "<b>{number}</b> {text}"

# --- to the asker ----------------------------------------------------------------

TAKEN = "{name}: your question {number} is being answered now."
TAKEN_DIRECT = "Your question {number} in {room} is being answered now."
DISMISSED = "{name}: your question {number} was not taken up: {reason}"
DISMISSED_DIRECT = "Your question {number} in {room} was not taken up: {reason}"

# --- refusals ------------------------------------------------------------------

NOT_YOURS = "Only its asker can take back a question. Moderators: <code>{p}dismiss {number}</code>"
NOT_YOURS_RELAYED = (
    "I cannot tell who you are behind the bridge. Ask a moderator to take it back: "
    "<code>{p}mod question {number}</code>"
)
ONLY_SPEAKERS = "Only the talk's speaker or a moderator can do that."
STATE = "Question {number} is {state}: that cannot be done."
STATE_CLOSED = (
    "Question {number} is {state}: that cannot be done. Moderators can open it again: "
    "<code>{p}restore {number}</code>"
)
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

# --- one question, shown ---------------------------------------------------------

SHOWN = "It is {state}."
SHOWN_MERGED = "It is part of question {number}."
SHOWN_HIDDEN = "Question {number} is {state}."

# --- decisions -------------------------------------------------------------------

NOW = "Question {number} is {state} now."
ALREADY = "Question {number} is {state} already."
TAKEN_JUST_NOW = (
    "Question {number} was taken a moment ago. For the one after it, type that again in a few "
    "seconds."
)
SKIPPED = "open, behind the others"
APPROVED = "Approved: {numbers}."
NONE_WAITS = "No question of this talk waits for a moderator."
REASON_TOLD = "Its asker is told why."
REASON_NOT_TOLD = "Its asker cannot be told why."
REASON_ASK = (
    "The asker has no direct chat with me. Post the reason in the talk room? ✅ on this message "
    "does that: “{reason}”"
)
REASON_GONE = "There is no reason to post any more."
REASON_ELSEWHERE = (
    "A reason is told to the asker only from the hosts' room or a direct chat with me."
)
MERGED = "Question {number} is part of {into} now, which has {votes}."
MERGE_USAGE = "Which two? <code>{p}merge 12 14</code> makes 12 a part of 14."
MOVED = 'Question {number} is for "{title}" now.'
MOVED_ALREADY = 'Question {number} is for "{title}" already.'
MOVE_USAGE = (
    "To which talk? Type <code>{p}move {number} next</code>, or the talk's ID in place of "
    "<code>next</code>."
)
NO_NEXT = "No talk comes after it today. Type the talk's ID instead."
NOTHING_TO_TAKE = "No question waits for an answer."
NONE_ANSWERING = "No question is being answered. With its number: <code>{p}done 12</code>"
NO_TALK_ON = "No talk is on. With the question's number: <code>{p}{command} 12</code>"
AGAIN = "Question {number} is {state} again."
AGAIN_FOR = 'Question {number} is for "{title}" again.'
MANY_AGAIN = "That is for questions {numbers}."
NOTHING_TO_UNDO = "Question {number} is {state}: there is no decision to take back."
NOT_UNDONE = "Question {number} is {state} since then: there is nothing to take back."

# --- !qa --------------------------------------------------------------------------

QA_USAGE = (
    "To ask, type <code>{p}ask</code> and your question. Moderators: <code>{p}qa</code> with "
    "<code>open</code>, <code>close</code>, <code>moderated</code>, <code>unmoderated</code>, "
    "<code>guests</code>, <code>mute</code> or <code>unmute</code>."
)
NO_TALK = (
    "Which talk? None is on, and none comes today. Add its ID, like <code>{p}qa close 12</code>"
)
OPEN = 'Questions for "{title}" are open.'
CLOSED = 'Questions for "{title}" are closed.'
MODERATED = "A moderator looks at each question first."
UNMODERATED = "No moderator has to look at questions first."
WAITING = "Waiting for a moderator: {number}. All of them: <code>{approve}</code>"
NOW_OPEN = 'Questions for "{title}" are open: <code>{p}ask</code> yours.'
NOW_CLOSED = 'No more questions for "{title}", please. Votes for those asked still count.'
NOW_MODERATED = "From now on a moderator looks at each question before it counts."
NOW_UNMODERATED = "From now on each question counts at once."
MUTE_ELSEWHERE = "Please type that in the hosts' room or in a direct chat with me, not in public."
MUTE_USAGE = (
    "Whom? Type <code>{p}{command} @name:server</code>, or <code>{p}{command} 12</code> for who "
    "asked question 12."
)
MUTE_RELAY = (
    "Question {number} came over a bridge whose account speaks for many: all of them would be "
    "muted. To take the question away: <code>{p}dismiss {number}</code>"
)
ASKER_FORGOTTEN = "Who asked question {number} is not known any more."
ASKER = "Who asked question {number}"
MUTED = "{person} can neither ask nor vote there any more. What was asked stays."
UNMUTED = "{person} can ask and vote there."

# --- speakers ----------------------------------------------------------------------

SPEAKER = (
    '{name}: you are a speaker of "{title}" now. You may take its questions and close them: '
    "<code>{p}take 12</code>, <code>{p}done</code>. What is not reached, I send you afterwards."
)
SPEAKER_NAMED = '{user} is a speaker of "{title}" now.'
SPEAKER_ALREADY = '{user} is a speaker of "{title}" already.'
SPEAKER_REMOVED = '{user} is no speaker of "{title}" any more.'
SPEAKER_UNKNOWN = '{user} is no speaker of "{title}".'
SPEAKER_LISTED = "{user} is listed in my settings: an organiser can take that out."
SPEAKER_USAGE = "Who? Type <code>{p}talk speaker @name:server</code>"
SPEAKER_BY_MODERATORS = (
    "Only this room's moderators can name a speaker. Is it you? Then type "
    "<code>{p}talk speaker</code>"
)
SPEAKERS_FULL = '"{title}" has {number} of those already. Moderators can remove some.'
CLAIM = (
    'Is {user} the speaker of "{title}"? Moderators, if that is so: ✅ on this message, or '
    "<code>{command} {user}</code>"
)
CLAIM_SENT = "The moderators are asked. When one confirms it, I tell you in the talk room."
CLAIM_WAITS = "That waits for a moderator already."
CLAIM_IN_ROOM = "Please type <code>{p}talk speaker</code> in the talk room: moderators confirm it."
NO_ACCOUNT = "A speaker needs a Matrix account. Name it in full, like @ada:example.org."
CLAIM_NOT_RELAYED = "I cannot tell who you are behind the bridge. Ask a moderator."

# --- which question --------------------------------------------------------------

NO_SUCH_QUESTION = "There is no question {number} here. All of them: <code>{p}questions</code>"
GONE_WITH_TALK = (
    "Question {number} went with its talk to {room}. Type there: <code>{p}{command} {new}</code>"
)
WHICH_QUESTION = "Which question? Add its number, like <code>{p}{command} 12</code>"
WHICH_ROOMS_QUESTION = (
    "More than one room has that number: {rooms}. Add the room, like <code>{p}{example}</code>"
)
ONE_AT_A_TIME = (
    "Only question {number}: one at a time, please. For the other, type <code>{p}{example}</code>"
)
NOT_IN_ROOM = "I am not in {room} yet."

# --- asking ----------------------------------------------------------------------

ASKED_BY = "{name}: your question is number {number}."
ASKED_DIRECT = 'Your question is number {number} in {room}, for "{title}".'
EDITED_BY = "{name}: your question {number} is changed."
PENDING = "A moderator looks at it first."
FOR_TALK = 'It is for "{title}".'
FOR_NEXT_TALK = "If you meant the talk after it: <code>{p}move {number} next</code>"
ALIKE = (
    "Question {other} asks much the same. To vote for it: <code>{p}vote {other}</code>, to take "
    "yours back: <code>{p}withdraw {number}</code>"
)
ALIKE_RELAYED = "Question {other} asks much the same."
ALIKE_FOR_HOSTS = (
    "{room}: question {number} asks much the same as {other}. To put them together: "
    "<code>{p}merge {room} {number} {other}</code>"
)
POSTED_NAMELESS = (
    "It is posted without your name. Moderators do not see it either; I keep it until {days} "
    "after the conference, so that misuse can be stopped."
)
CONFIRM_ON = "From now on I answer each of your questions with its number."
CONFIRM_OFF = "From now on I only react to your questions, with their number."
CONFIRM_USAGE = "Type <code>{p}confirm on</code> or <code>{p}confirm off</code>"
CONFIRM_ALWAYS = "Over a bridge I always answer with the number."
WITHDRAWN = "Question {number} is taken back."
WITHDRAWN_DIRECT = "Question {number} in {room} is taken back."

ASK_USAGE = (
    "What is your question? Type it like this: <code>{p}{command} How small can it get?</code>"
)
ASK_NUMBER = (
    "To see question {number}, type <code>{p}question {number}</code>; to vote for it, "
    "<code>{p}vote {number}</code>. To ask something, write it in words."
)
ASK_ELSEWHERE = "Please ask in the talk room, or write to me directly."
ASK_WHICH_TALK = (
    "More than one talk is on here. Name yours, like <code>{p}ask {example}: How small can it "
    "get?</code> They are: {choices}"
)
ASK_NO_TALK = "No talk is on here, and none comes today. When one is: <code>{p}schedule</code>"
ASK_NO_SUCH_TALK = (
    "That talk does not take place here. <code>{p}schedule</code> lists those that do; or ask "
    "without naming one."
)
ASK_TOO_LONG = (
    "That is {length} characters; {most} at the most, please. Edit your message to shorten it."
)
ASK_TOO_LONG_BRIDGED = "That is {length} characters; {most} at the most, please. Ask it shorter."
ASK_TOO_MANY = (
    "You have {questions} waiting for this talk. Ask again when one is answered, or take one back: "
    "<code>{p}withdraw 12</code>"
)
ASK_RELAY_FULL = (
    "Many questions from your side of the bridge wait for this talk already. Ask again when some "
    "are answered."
)
ASKED_ALREADY = "You have asked that: it is question {number}."
ASK_CLOSED = (
    "No more questions are taken for this talk. You can vote for one that is there: "
    "<code>{p}questions</code>"
)
ASK_BARRED = "You cannot ask here. If that is a mistake, please write to an organiser."

OWN_MOVE_ONLY = "Only its asker or a moderator can do that."
OWN_NO_NEXT = "No talk comes after that one today."
OWN_MOVE_LATE = (
    "You can do that for ten minutes after asking, between two talks. Later, moderators can: "
    "<code>{p}mod</code>"
)

# --- direct chat -----------------------------------------------------------------

ASK_WHICH_ROOM = (
    "For which room? Write its name: {rooms}. Or drop your question: <code>{p}cancel</code>"
)
ASK_MANY_ROOMS = 'More than one room fits "{word}": {rooms}. Write more of its name.'
ANON_ELSEWHERE = (
    "That would not be nameless: your message shows your name. Write to me directly, there: "
    "<code>{p}anon How small can it get?</code>"
)
MINE_ELSEWHERE = "That is for you alone: write <code>{p}mine</code> to me directly."
MINE = "<b>{room} {number}</b> {state}: {text}"
MINE_GONE = "<b>{room} {number}</b> {state}"
MINE_NONE = "You have not asked anything yet. <code>{p}ask</code> and your question asks it."

# --- voting ----------------------------------------------------------------------

VOTED = "Your vote for question {number} in {room} counts."
UNVOTED = "Your vote for question {number} in {room} is taken back."
NOT_VOTED = "You have not voted for question {number}."
OWN_VOTE = "That is your own question: only others can vote for it."
RELAY_VOTE = (
    "Many people share one account over this bridge, so it cannot vote. With a Matrix account "
    "you can: "
    "<code>{p}vote {number}</code>"
)
VOTE_ELSEWHERE = "Please vote in the talk room, or write to me directly."
VOTE_BARRED = "You cannot vote here. If that is a mistake, please write to an organiser."
NO_VOTES = "Question {number} is {state}: it takes no votes."
VOTES_FINAL = "The conference is over: the votes for question {number} are final."

# --- calling a moderator ---------------------------------------------------------

MOD_CALL = "<b>{name}</b> ({person}) calls a moderator in {room}: {text}"
MOD_CALL_BARE = "<b>{name}</b> ({person}) calls a moderator in {room}"
DIRECT_CHAT = "a direct chat"
MOD_CALLED = "The moderators know."
MOD_CALLED_ALREADY = "They have been called. You can call again in two minutes."
MOD_NOBODY = "I cannot reach a moderator from here. Please write to an organiser."

# --- written answers, letters -----------------------------------------------------

ANSWER_KEPT = "That is kept as an answer to question {number}."
ANSWER_USAGE = "Reply to the question: <code>{p}answer It is 4 kB</code>"
ANSWER_IN_ROOM = "Please answer in the talk room, in reply to the question."

ANSWER = "{name}: {speaker} answers your question <b>{number}</b>:<br>{text}"
ANSWER_NAMELESS = "{speaker} answers question <b>{number}</b>:<br>{text}"
ANSWER_DIRECT = "{speaker} answers your question <b>{number}</b> in {room}:<br>{text}"

LETTER = 'Not reached in "{title}" in {room}: <b>{questions}</b>.'
LETTER_BEGUN = 'Not reached, or only begun, in "{title}" in {room}: <b>{questions}</b>.'
LETTER_REMINDER = 'Still without an answer from "{title}" in {room}: <b>{questions}</b>.'
LETTER_HOW = (
    "Your answer is posted there and reaches whoever asked. Begin it with the question's number, "
    "like <code>{number}: It is 4 kB</code>. There is time until {closes}."
)
LETTER_HOW_ONE = (
    "Reply to this message: your answer is posted there and reaches whoever asked. There is time "
    "until {closes}."
)
LETTER_PAGE = "Or answer on your own page, and pass its address on to nobody: {page}"
LETTER_ENTRY = "<b>{number}</b> ({votes}) {text} – {name}"
LETTER_ENTRY_NAMELESS = "<b>{number}</b> ({votes}) {text}"
LETTER_ENTRY_BEGUN = "{entry} ▶ begun when the time was up"
LETTER_MORE = "And {count} more in the room: <code>{p}questions all</code>"

NO_SPEAKER = (
    'Not reached in "{title}": {questions}. I know no speaker to write to. When I do, I will: '
    "<code>{p}talk {room} speaker @name:server {id}</code>"
)
LETTER_BLOCKED = (
    '{person}, who speaks in "{title}", takes no invitations, so I cannot write to them. Waiting '
    "for an answer: {questions}. Give them the link: {room}"
)
LETTER_REFUSED = (
    'I cannot write to {person}, who speaks in "{title}". Waiting for an answer: {questions}. Is '
    "the name right?"
)

POSTED = "Posted in {room}."
POSTED_EDIT = "Posted in {room}. Edit your message to correct it."
ANSWER_CUT = "Only the first {most} characters fitted."
ANSWERS_FULL = "Question {number} has {most} answers already."
ANSWER_WHICH = (
    "Which question do you answer? Begin with its number, like <code>{number}: It is 4 kB</code>"
)
ANSWER_WHICH_ROOM = (
    "There is a question {number} in {rooms}. Begin with the room, like "
    "<code>{room} {number}: It is 4 kB</code>"
)
ANSWER_NO_SUCH = "There is no question {number} in what I sent you: {numbers}."
ANSWER_EMPTY = "Write your answer behind the number, like <code>{number}: It is 4 kB</code>"
ANSWER_OTHER = (
    "That message answers question {number}. For another question, please write another message."
)
ANSWER_NONE_LEFT = "Thank you! All questions that I sent you have an answer."
LETTER_CLOSED = (
    'Thank you! The time for answers to "{title}" by way of me is over; in its room you can still '
    "reply to a question yourself."
)
