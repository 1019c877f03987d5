"""Why something is not done on a talk's pages, in words."""

from __future__ import annotations

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.questions.refusals import Refusal
from fosdembot.talks import delays
from fosdembot.texts import page_talk as texts
from fosdembot.texts import questions as question_texts
from fosdembot.texts.render import Text, say

_SAID = {
    Denial.NOT_ALLOWED: texts.ONLY_MODERATORS,
    Denial.NOT_IN_ROOM: texts.NOT_HERE,
    Denial.NOTHING_WAITS: texts.NOTHING_WAITS,
    Denial.NONE_ANSWERING: texts.NONE_ANSWERING,
    Denial.ASKER_FORGOTTEN: texts.ASKER_FORGOTTEN,
    Denial.ASKED_BY_RELAY: texts.ASKED_BY_RELAY,
    Denial.ANSWER_EMPTY: texts.ANSWER_EMPTY,
    Denial.NOT_PUBLISHED: texts.TALK_GONE,
    Refusal.ITSELF: texts.ITSELF,
    Refusal.OTHER_TALK: texts.OTHER_TALK,
    delays.Refusal.UNKNOWN: texts.TALK_GONE,
    delays.Refusal.MINUTES: texts.TOO_MANY_MINUTES,
    delays.Refusal.WOULD_BE_OVER: texts.TOO_MANY_MINUTES,
    delays.Refusal.OVER: texts.TALK_OVER,
    delays.Refusal.NOT_STARTED: texts.TALK_NOT_STARTED,
    delays.Refusal.CANCELLED: texts.TALK_CANCELLED,
}
_OF_ROOM = (
    Permission.MOVE,
    Permission.MUTE,
    Permission.MODERATE_QA,
    Permission.CHANGE_TALK,
    Permission.UNDO,
)
"""What concerns more than one talk: no link is enough."""


def of_talk(refused: Refused) -> Text | None:
    """None where it is refused on other pages only."""
    match refused.why:
        case Denial.NOT_ALLOWED if refused.permission in _OF_ROOM:
            return say(texts.ONLY_ROOM)
        case Denial.ANSWERS_FULL:
            return say(texts.ANSWERS_FULL, number=refused.number)
        case Refusal.STATE if refused.question is not None:
            state = question_texts.STATES[refused.question.state]
            return say(texts.CANNOT, number=str(refused.question.number), state=state)
    template = _SAID.get(refused.why)
    return say(template) if template is not None else None
