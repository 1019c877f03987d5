"""What `!questions` answers. `{p}` is the command prefix."""

from __future__ import annotations

HEADING = 'Questions for <b>"{title}"</b>:'
FIRST = "{heading} {entry}"
ANSWERED = "✓ {entry}"
PENDING = "⏳ {entry}"
MORE = "{number} more"
MORE_WITH = "{number} more: <code>{p}{command}</code>"

NONE_YET = 'No question for "{title}" yet'
NONE_LEFT = 'No question for "{title}" waits for an answer'
ANSWERED_WITH = "{questions} answered: <code>{p}{command}</code>"
ASK = "Ask yours: <code>{p}ask your question</code>"
CLOSED = "No more questions are taken"
NO_TALK = (
    "No talk is on here, and none comes today. When one is: <code>{p}schedule</code>. "
    "Then ask: <code>{p}ask your question</code>"
)
