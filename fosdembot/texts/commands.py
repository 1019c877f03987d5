"""Answers to commands. `{p}` is the command prefix."""

from __future__ import annotations

# --- help -------------------------------------------------------------------

HELP = "<b>{name}</b> collects questions for the speakers, and tells what is on in this room."
HELP_ATTENDEE = (
    "<code>{p}ask your question</code> asks the speaker<br>"
    "<code>{p}vote 12</code> votes for a question, and so does 👍 on it<br>"
    "<code>{p}questions</code> lists them<br>"
    "<code>{p}talk</code> what is on now, <code>{p}next</code> what comes next, "
    "<code>{p}schedule</code> the rest of the day"
)
HELP_OWN = (
    "<code>{p}withdraw 12</code> takes yours back, <code>{p}mod</code> calls a moderator, "
    "<code>{p}privacy</code> tells what I keep"
)
HELP_SPEAKER = (
    "For the speaker: <code>{p}take 12</code> (it is being answered), <code>done</code>, "
    "<code>skip</code>, <code>star 12</code>. What is not reached, I send you afterwards."
)
HELP_QUESTIONS = (
    "For moderators: <code>{p}take 12</code> (it is being answered), <code>done</code>, "
    "<code>skip</code>, <code>star</code>, <code>dismiss</code>, <code>approve</code>, "
    "<code>merge 12 14</code>, <code>move 12 ID</code>, <code>qa close</code>"
)
HELP_MODERATOR = (
    "For moderators: <code>{p}talk{room} delay 10</code> (minutes late), <code>start</code>, "
    "<code>end</code>, <code>cancel</code>, <code>noshow</code>, <code>now ID</code>, "
    "<code>reset</code>. Take the last decision back: <code>{p}undo{room}</code>. Post the "
    "pinned message: <code>{p}board{room}</code>"
)
HELP_TRANSCRIPT = "Have the transcript of a talk made now: <code>{p}transcript{room}</code>"
HELP_ORGANISER = (
    "For organisers, in the control room: <code>{p}conf status</code>, <code>rooms</code>, "
    "<code>talk ID</code>, <code>reload</code>, <code>schedule accept</code>, "
    "<code>pause</code>, <code>resume</code>, <code>hosts</code>; "
    "<code>{p}announce all: TEXT</code>"
)
HELP_DIRECT = (
    "<code>{p}ask ROOM: your question</code> asks the speaker, <code>{p}anon ROOM: your "
    "question</code> without your name<br>"
    "<code>{p}vote ROOM 12</code> votes for a question, <code>{p}questions ROOM</code> lists them"
)
HELP_DIRECT_OWN = (
    "<code>{p}mine</code> lists your own, <code>{p}withdraw 12</code> takes one back, "
    "<code>{p}privacy</code> tells what I keep"
)
HELP_ELSEWHERE = (
    "Ask me about a room: <code>{p}talk ROOM</code>, <code>{p}next ROOM</code> or "
    "<code>{p}schedule ROOM</code>, with a part of the room's or the track's name."
)
ROOM = " ROOM"
TO_NAMED = "{name}: {answer}"
DID_YOU_MEAN = "Did you mean <code>{p}{word}</code>?"
DID_YOU_MEAN_EITHER = "Did you mean <code>{p}{word}</code> or <code>{p}{other}</code>?"
NOT_A_COMMAND = (
    "I know only commands: <code>{p}help</code>. To ask a speaker, put <code>{p}ask</code> in "
    "front of your question."
)
ANSWERED_ABOVE = "That is answered just above."
TOO_MANY = "That was a lot at once: please wait a minute, then ask again."
WENT_WRONG = "Something went wrong with that, on my side. Please try once more."

# --- who may, and where -----------------------------------------------------

ONLY_MODERATORS = (
    "Only this room's moderators can do that. If you are one, ask a room admin for power level 50."
)
ONLY_ORGANISERS = "Only the organisers can do that. They are listed in my settings."
IN_CONTROL_ROOM = "Please type that in the control room."
ENCRYPTED = (
    "I cannot read encrypted messages. Please ask in the talk room, or start a chat with me "
    "that is not encrypted."
)
ENCRYPTED_TALKS = (
    "I cannot read encrypted messages: what is asked in this room does not reach the speaker. "
    "The organisers know."
)
ENCRYPTED_HOSTS = (
    "I cannot read encrypted messages. Taps on cards work, commands do not: please make a hosts' "
    "room without encryption, and let an organiser name it with <code>{p}conf hosts</code>."
)
ENCRYPTED_CONTROL = (
    "I cannot read encrypted messages, so no commands here. Please make a control room without "
    "encryption, and call <code>fosdembot init --control-room</code> with its address."
)
INVITED_TO_PLAIN = (
    "I cannot read encrypted messages. I have invited you to a chat without encryption: please "
    "write to me there."
)

# --- which room -------------------------------------------------------------

NO_SCHEDULE = "I have no schedule yet. The organisers know."
NO_TALKS_HERE = "No talks are planned in this room. If you expect one, ask an organiser."
WHICH_ROOM = "Which room? Add a part of its name, like <code>{p}{command} {example}</code>"
NO_SUCH_ROOM = (
    'No room or track is called "{word}". The room comes first, like '
    "<code>{p}{command} {example}</code>"
)
MANY_ROOMS = 'More than one room fits "{word}": {rooms}. Type more of its name.'

# --- moderators: talks ------------------------------------------------------

TALK_USAGE = (
    "<code>{talk}</code> alone tells what is on. Moderators may add <code>delay 10</code> "
    "(minutes late), <code>start</code>, <code>end</code>, <code>cancel</code>, "
    "<code>noshow</code>, <code>now ID</code> or <code>reset</code>."
)
DELAY_USAGE = "How many minutes late? Type <code>{talk} delay 10</code>"
NOW_USAGE = "Which talk is on now? Type <code>{talk} now ID</code>: {choices}"
WHICH_TALK = "Which talk? Add its ID, like <code>{talk} {example}</code>: {choices}"
CHOICE = '{id} "{title}"'
NO_SUCH_TALK = "No talk of this room has that ID. These are here: {choices}"
NO_TALK_TO_CHANGE = (
    "No talk is on here, and none is to come. For one that is over: <code>{talk} now ID</code>"
)
NOT_PUBLISHED = (
    '"{title}" is not in the published schedule any more, so it counts as cancelled. '
    "Only a corrected schedule brings it back."
)

LATE = '"{title}" is {late} late: {start} to {end}.'
ON_TIME = '"{title}" is on as planned: {start} to {end}.'
FROM_TO = '"{title}" is on from {start} to {end}.'
STARTED = '"{title}" has started. It ends at {end}.'
ENDED = '"{title}" is over.'
CANCELLED = '"{title}" is cancelled.'
NOSHOW = '"{title}" does not take place: the speaker is not here.'
ON_NOW = '"{title}" is on now, until {end}.'
UNDONE = "Taken back."
ALSO_MOVED = '"{title}" starts at {start} now.'
MORE_MOVED = "And {talks}: <code>{p}schedule</code>"
NEXT_IS = 'Next, at {start}: "{title}".'
WRONG = "Wrong? <code>{undo}</code>"
ALREADY_SO = "That is so already."
TAKEN_OFF_ALREADY = (
    'That is so already of "{title}". For another talk: <code>{talk} {action} ID</code>'
)
UNDO_USAGE = (
    "<code>{undo}</code> alone takes the last decision back; with the number of a question, like "
    "<code>{undo} 12</code>, the last about that one."
)
NOTHING_TO_UNDO = "Nothing to take back here."

REFUSED_MINUTES = "Between 0 and {most} minutes, please: <code>{talk} delay 10</code>"
REFUSED_OVER = '"{title}" is over. If it is on after all: <code>{talk} now {id}</code>'
REFUSED_WOULD_BE_OVER = (
    'With that, "{title}" would be over already. To end it: <code>{talk} end {id}</code>'
)
REFUSED_NOT_STARTED = '"{title}" has not started. To take it off: <code>{talk} cancel {id}</code>'
REFUSED_CANCELLED = '"{title}" is cancelled. To bring it back: <code>{talk} reset {id}</code>'

BOARD_POSTED = "Posted in {room}."
NO_BOARD = "No talk is on here. When one begins, its message comes by itself."

# --- organisers -------------------------------------------------------------

CONF_USAGE = (
    "Type <code>{p}conf</code> with <code>status</code>, <code>rooms</code>, "
    "<code>talk ID</code>, <code>reload</code>, <code>schedule accept</code>, "
    "<code>pause [ROOM|TRACK|all] [TEXT]</code>, <code>resume [ROOM|TRACK|all]</code> or "
    "<code>hosts TRACK ROOM</code>. Explained: <code>{p}conf help</code>"
)
CONF_HELP = "For organisers, in the control room or in a chat with me:"
CONF_HELP_LOOK = (
    "<code>{p}conf status</code> how all stands, and what is in trouble<br>"
    "<code>{p}conf rooms</code> which rooms need help; <code>{p}conf rooms 2</code> is the next "
    "page<br>"
    "<code>{p}conf talk ID</code> when and where I think that a talk is"
)
CONF_HELP_MEETINGS = (
    "<code>{p}jitsi status</code> who is in which Jitsi meeting, and what keeps me out; "
    "<code>{p}jitsi help</code> what else there is"
)
CONF_HELP_SCHEDULE = (
    "<code>{p}conf reload</code> reads the schedule again, and tries again to join rooms<br>"
    "<code>{p}conf schedule accept</code> lets in a schedule that I held back"
)
CONF_HELP_PAUSE = (
    "<code>{p}conf pause ROOM</code> (a track, <code>all</code>) announces no talk there; with a "
    "text, I say that there and notify everybody<br>"
    "<code>{p}conf resume ROOM</code> goes on; what is still true is told"
)
CONF_HELP_HOSTS = (
    "<code>{p}conf hosts TRACK #room:server</code> makes it the room of the track's moderators, "
    "<code>{p}conf hosts TRACK off</code> ends that, <code>{p}conf hosts</code> lists them"
)
CONF_HELP_ANNOUNCE = (
    "<code>{p}announce all: TEXT</code> (a room, a track) says something there; "
    "<code>{p}announce! all: TEXT</code> also notifies everybody"
)
STATUS = "<b>{title}</b>: {talks} in {rooms}."
STATUS_ROOMS = "Joined {joined} of {rooms}. <code>{p}conf rooms</code> names the others."
STATUS_ALL_JOINED = "All {rooms} joined."
STATUS_ON = "On now: {on}. Next start: {next}."
STATUS_QUESTIONS = "Questions: {open} open, {pending} waiting for a moderator."
STATUS_QUEUE = "Waiting to be sent: {waiting}. Refused: {failed}. Failed commands: {errors}."
STATUS_PAUSED = "Paused: {scopes}."
STATUS_SCHEDULE = "Schedule of {at}."
STATUS_NONE = "No schedule yet."
STATUS_HELD = "A newer one waits: {why} To let it in: <code>{p}conf schedule accept</code>"
STATUS_REFUSED = "The newest could not be read: {note}"
NOBODY_NEXT = "none"

ROOMS_ALL_WELL = "All {rooms} joined, nothing is missing."
ROOMS_HEADER = "{rooms} I cannot join:"
PROBLEMS_HEADER = "{problems}:"
PROBLEMS_PAGE = "{problems}, page {page} of {pages}:"
MORE_PROBLEMS = "And {count} more: <code>{p}conf rooms {page}</code>"
ROOM_NOT_JOINED = "{room}: not joined. {why}"
ROOM_REFUSED = "{room}: a message was refused. {why}"
AND_OTHERS = "And {count} more."
AND_OTHER_ROOMS = "And {count} more: <code>fosdembot rooms --missing</code> lists all."

NOT_THERE = "No such room: check the address, or create it."
PRIVATE = "It is private: invite me, {me}"
BANNED = "I may not enter: invite me, {me}, or lift the ban."
NO_ANSWER = "Its server does not answer. I keep trying."
NOT_ITS_SUCCESSOR = (
    "The room it was replaced by does not say so. Invite me there, or correct the address."
)
HAS_A_ROLE = (
    "The schedule leads talks there, but it is the control room or a hosts' room, and stays that. "
    "Correct the schedule, or give the talks a room in my settings."
)
NOT_TRIED = "I am on my way."
OTHER_PROBLEM = "The server says {code}. I keep trying."

TALK_CARD = "{id} {talk}<br>{day} {start} to {end}, {place} ({phase})"
TALK_USAGE_CONF = "Which talk? Type <code>{p}conf talk ID</code>"
NO_TALK_ANYWHERE = 'No talk has the ID "{id}".'
RELOADING = "Looking at the schedule again. What comes of it, I say in the control room."
NOTHING_HELD = "No schedule waits to be accepted."
ACCEPTED = "Taking the newer schedule over."
PAUSED = "Paused: {scope}. No talk is announced until <code>{p}conf resume {scope}</code>"
RESUMED = "Resumed: {scope}."
STILL_PAUSED = "Still paused: {scopes}. To go on there: <code>{p}conf resume {first}</code>"
NOT_PAUSED = "{scope} was not paused. Paused now: {scopes}."
NO_SUCH_SCOPE = (
    'No room or track is called "{word}". Type <code>{p}{command} all</code>, or a name.'
)
NONE = "none"

ANNOUNCE_USAGE = (
    "Type <code>{p}announce TRACK: TEXT</code> or <code>{p}announce all: TEXT</code>. "
    "With <code>{p}announce!</code> everybody there is notified."
)
ANNOUNCE_CONFIRM = (
    "That goes to {rooms}. To send it, type within five minutes: <code>{p}announce yes</code>"
)
ANNOUNCE_CONFIRM_PING = (
    "That notifies everybody in {rooms}. To send it, type within five minutes: "
    "<code>{p}announce yes</code>"
)
ANNOUNCE_NOTHING = "There is nothing to confirm. <code>{p}announce all: TEXT</code>"
ANNOUNCED = "Sent to {rooms}."
ANNOUNCED_OF = "Sent to {told} of {rooms}"
ANNOUNCED_MUTE = "{before}; not to {rooms}: give me, {me}, power level 50 there, and I say it."
ANNOUNCED_MISSING = "{before}; I am not in {rooms}: <code>{p}conf rooms</code>"
ANNOUNCED_UNHEARD = "Nobody is notified in {rooms}: give me, {me}, power level 50 there."
TOO_LONG = "That is too long: {most} characters at the most, please."
ANNOUNCEMENT = "<b>{text}</b>"

# --- the control room is told -----------------------------------------------

OTHER_BOT = (
    "Another fosdembot uses my account, on {host}: {place}. We both answer, so stop one of us, or "
    "give it an account of its own. If you have just moved me, and the old one is stopped, all is "
    "well."
)
SETTINGS_PROBLEMS = "Some settings cannot be used:"
SETTINGS_REFUSED = "The new settings cannot be used, so the old ones stay:"
SETTINGS_PROBLEM = "{problem}"
FIRST_SCHEDULE = "Schedule read: <b>{title}</b>, {talks} in {rooms}."
WITHOUT_ROOM = (
    "I know no room for {talks}: name one under <code>rooms</code> in my settings. "
    "<code>fosdembot rooms --no-room</code> lists them."
)
FIRST_SCHEDULE_REFUSED = "The published schedule cannot be used: {why} I try again every {minutes}."
FIRST_SCHEDULE_AWAY = (
    "The schedule cannot be fetched: {why} I keep trying. Is <code>schedule.source</code> right "
    "in my settings?"
)
SCHEDULE_REFUSED = (
    "The published schedule cannot be used: {why} The last good one stays. I try again every "
    "{minutes}."
)
SCHEDULE_UNCHANGED = "The schedule has not changed."
NO_SOURCE = "I do not know where the schedule is: set <code>schedule.source</code> in my settings."
SCHEDULE_AWAY = "The schedule cannot be fetched: {why} The last good one stays; I keep trying."
SCHEDULE_HELD = (
    "The published schedule looks wrong: {why} The last one stays in force. If it is right: "
    "<code>{p}conf schedule accept</code>"
)

CHAT_MAKES_PLACE = (
    "I leave this chat, which was quiet, to make place for another one. "
    "Invite me again whenever you like."
)
