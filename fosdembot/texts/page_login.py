"""How one becomes known on the pages, and gets secret links. `{p}` is the command prefix."""

from __future__ import annotations

# What the page says.
TITLE = "Log in"
LOGIN = "Who are you?"
WRITE_TO = "Write this to {bot}, in a direct chat:"
COMMAND = "{p}link {code}"
OPEN_CHAT = "Open a chat with the bot"
COPY = "Copy"
COPIED = "Copied. Send it to the bot."
WAITING = "This page notices by itself. The code is valid for ten minutes."
RELOAD = "Then reload this page. The code is valid for ten minutes. Is there another code at once? \
Allow cookies for this page first."
NO_COOKIE = "This browser keeps no cookie of ours, so no page can know you. Allow cookies for this \
site, and try again."
OR_PAGE = "On the same phone it is quicker to write {p}page there: you get a link to tap."
ASK = "Are you {name}?"
ASK_PERSON = "Your Matrix account is {person}."
ASK_WHY = "If you are somebody else, say no: what you do here would be done in their name."
YES = "Yes, log in"
NO = "No, that is not me"
LOGGED_IN = "You are {name}."
LOGGED_IN_PERSON = "What you do here counts as {person}, as in the chat."
NOT_ME = "Not you?"
LOG_OUT = "Log out"
ON = "Go on"
USED = "This link is not valid any more: each logs in one browser, within ten minutes. Write \
{p}page to the bot again."
REFUSED = "Good that you looked: nobody was logged in. Write {p}page to the bot for a link of your \
own."
CODE_OVER = "The code is not valid any more. Here is a new one."

# What the chat says.
LINKED = "The page that shows {code} now asks whether it is you, and is logged in as {person} as \
soon as somebody there says yes. <b>Is that page not in front of you? Type {p}link off now.</b>"
LINK_UNKNOWN = "No page shows this code, or no more. Reload the page, and type {p}link with the \
code that it shows then."
LINK_TAKEN = "Somebody else typed this code first. Say no on the page, and type {p}link with the \
code that it shows then."
LINK_USAGE = "{p}link CODE: with the code that the page in front of you shows. Type nobody else's \
code: their page would be logged in as you. {p}link off logs you out everywhere."
LINK_OFF = "You are logged out on all pages."
TOO_MANY_CODES = "These were many wrong codes. Wait ten minutes, or type {p}page: you get a link."
PAGE = "Your personal link, for one browser and ten minutes: {url} Give it to nobody: whoever \
opens it is logged in as you. {p}link off logs you out everywhere."
IN_DIRECT_CHAT = "That is between you and me: type it in a direct chat with me."
LOGIN_RELAYED = "Many people write by this account, so no page can know who you are. Log in with a \
Matrix account of your own."

# Secret links.
LINKS_FULL = "There are {number} such links already. Make all of them invalid, then ask again: \
{talk} page revoke {id}"
SPEAKER_LINK = "The speaker's page of {title}: {url} Whoever has the link can take questions and \
answer them there, until {days} after the talk. Give it to the speakers, and to nobody else."
OWN_LINK = "Your page for {title}: {url} Whoever has the link can take questions and answer them \
there, until {days} after the talk: give it to nobody else."
MODERATOR_LINK = "The moderators' page of {title}: {url} Whoever has the link can moderate this \
talk, until {days} after it. Give it to people you trust."
OVERLAY_LINK = "The overlay of {room}, for a browser source of 1920 × 1080: {url} It shows the \
question that is being answered, until {days} after the last talk."
REVOKE_HINT = "To make all links of this talk invalid: {talk} page revoke {id}"
REVOKE_OVERLAY_HINT = "To make all of them invalid: {talk} page revoke overlay"
REVOKED = "Revoked: {links} for {title}."
REVOKED_OVERLAY = "Revoked: {links} for the overlay of {room}."
NONE_TO_REVOKE = "There was none to revoke."
SENT_DIRECTLY = "The link is in our direct chat."
ASK_DIRECTLY = "Links are not for all to read. Open a direct chat with me, without encryption, and \
type {p}talk {room} {typed} there."
LINK_USAGE_TALK = "{talk} page [ID]: a secret link to the speaker's page of a talk. \
{talk} page moderator [ID]: to the moderators' page. {talk} page overlay: to the overlay for the \
stream. {talk} page revoke [ID]: makes the links of a talk invalid."
MODERATOR_NAME = "a moderator"
SPEAKER_NAME = "the speaker"

# In a client's frame.
NO_ROOM = "There is no such talk room here. Close the widget, and open it again."
NOT_CONFIRMED = "Your homeserver did not confirm who you are. Try again, or open this page in a \
browser and log in there."
HOMESERVER_BUSY = (
    "Your homeserver cannot be asked who you are at the moment. Try again in a minute."
)
NOT_IN_THE_ROOM = "You are not in this room. Join it, and try again."
