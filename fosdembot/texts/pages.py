"""What stands on the pages that are for everybody."""

from __future__ import annotations

# The frame
MADE_BY = "Made by fosdembot"
SKIP = "Skip to the questions"
ROOMS = "Rooms"

AWAY = "The chat cannot be reached since {since}. Votes and questions here still count."

# For monitors (/healthz, /readyz)
NOT_RECEIVING = "Not ready: nothing comes in from the homeserver."
NOT_SENDING = "Not ready: nothing can be sent to the homeserver."
CATCHING_UP = "Not ready: the bot reads what happened while it was away."
READY = "Ready."
ALIVE = "Alive."

# What went wrong
STARTING = "The bot is starting. This page comes by itself in a moment."
STARTING_SEND = (
    "The bot is starting. Reload this page in a moment: what you wrote is sent again then."
)
STARTING_SCRIPT = "The bot is starting. Try once more in a moment."
PAGES_OFF = "There are no pages here: pages.public_url is not set."
TOO_SLOW = "This took too long to arrive. Send it again."
NOT_FOUND = "There is no such page. The address may have been cut off: look at it once more."
NOT_ALLOWED_METHOD = (
    "This address does not take that kind of request. Open the page itself, and try again."
)
TOO_LARGE = "That is too long. Shorten it, and send it again."
NOT_READABLE = "This could not be read. Open the page again, and try once more."
PAUSED = (
    "The organisers have paused the announcements in this room: times may be others than here. You "
    "can ask and vote as before."
)
WENT_WRONG = (
    "Something went wrong here. Nothing was changed: open the page again, and try once more."
)
TOO_OFTEN = "That was too often in too little time. Wait a moment, and try again."
TOO_MANY_OPEN = "Too many pages are open. This one shows what there was: reload it in a while."
TOO_MANY_OPEN_HERE = (
    "Too many pages are open where you are. Close those that you do not need, and reload this one."
)
LOG_IN = "Log in"
BACK = "Back to the page"
OTHER_SITE = "Another site sent this. Open the page itself, and try again there."
NOT_KNOWN = "The page must know who you are. Log in on the page of the room, and try again."
LINK_INVALID = "This link is not valid. Ask for a new one."
LINK_OVER = "This link is not valid any more. Ask for a new one."
SESSION_OVER = "You are not logged in any more. Log in again."
