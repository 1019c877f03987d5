"""Why a question is not taken in, or a vote not counted, on the page of a room, in words."""

from __future__ import annotations

from fosdembot.actions.permissions import Permission
from fosdembot.actions.refused import Denial, Refused
from fosdembot.questions.refusals import Refusal
from fosdembot.texts import page_room as texts
from fosdembot.texts import questions as question_texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import count

_SAID = {
    Denial.CAUSE_USED: texts.OTHER_DEED,
    Denial.NO_TALKS_HERE: texts.NO_TALKS_HERE,
    Denial.NO_TALK_TODAY: texts.NO_TALK_TODAY,
    Denial.NO_SUCH_TALK: texts.NO_SUCH_TALK,
    Denial.NAME_THE_TALK: texts.NAME_THE_TALK,
    Denial.RELAY: texts.RELAY,
    Denial.VOTE_BARRED: texts.VOTE_BARRED,
    Denial.OWN_VOTE: texts.OWN_VOTE,
    Refusal.EMPTY: texts.EMPTY,
    Refusal.CLOSED: texts.ASK_CLOSED,
    Refusal.BARRED: texts.ASK_BARRED,
    Refusal.RELAY_FULL: texts.RELAY,
}


def of_room(refused: Refused, longest: int) -> Text | None:
    """None where it is refused on other pages only. `longest`: characters of a question."""
    number = str(refused.question.number) if refused.question is not None else ""
    match refused.why:
        case Denial.NOT_ALLOWED if refused.permission is Permission.WITHDRAW:
            return say(texts.NOT_YOURS)
        case Denial.VOTES_FINAL:
            return say(texts.VOTES_FINAL, number=number)
        case Denial.NOT_VOTED:
            return say(texts.NOT_VOTED, number=number)
        case Denial.NO_VOTES if refused.state is not None:
            state = question_texts.STATES[refused.state]
            return say(texts.NO_VOTES, number=number, state=state)
        case Refusal.TOO_LONG:
            return say(texts.TOO_LONG, length=refused.number, most=longest)
        case Refusal.TOO_MANY:
            return say(texts.TOO_MANY, questions=count(refused.number, "question"))
        case Refusal.ASKED_ALREADY:
            return say(texts.ASKED_ALREADY, number=str(refused.number))
    template = _SAID.get(refused.why)
    return say(template) if template is not None else None
