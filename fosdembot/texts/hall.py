"""What is said of guests in the hall, who have no account; to them, and to moderators. `{p}` is
the command prefix."""

from __future__ import annotations

# --- `!qa guests` -----------------------------------------------------------------

GUESTS = {
    "off": "People in the hall who have no account can only read.",
    "ask": (
        "People in the hall can ask without an account, by the code on the stage's page. A "
        "moderator looks at each question first."
    ),
    "ask_and_vote": (
        "People in the hall can ask and vote without an account, by the code on the stage's page. "
        "A moderator looks at each question first, and their votes are counted apart."
    ),
}
USAGE = (
    "What may people in the hall do who have no account? Type <code>{p}qa guests off</code>, "
    "<code>{p}qa guests ask</code> or <code>{p}qa guests vote</code>."
)

# --- cards ------------------------------------------------------------------------

FROM_HALL = "from the hall"

# --- refusals ---------------------------------------------------------------------

NO_GUESTS = "Here only people with a Matrix account can take part. You can go on reading."
ONLY_ASK = "Guests can ask here, but not vote."
OTHER_TALK = "You came in for another talk. Scan the code on the stage once more."
TOO_LONG = "That has {number} characters. Shorten it to 200, and send it again."
NOT_AS_GUEST = "Guests cannot do that."
ONLY_GUESTS = "Only guests in the hall do that."
