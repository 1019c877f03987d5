"""How a question stands, in a sentence."""

from __future__ import annotations

from fosdembot.actions.refused import About
from fosdembot.db.question_tables import Question
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say


def with_status(template: str, question: Question | About, **values: str) -> Text:
    """A sentence that may name a question's number and state."""
    state = texts.SKIPPED if question.skipped else texts.STATES[question.state]
    return say(template, number=str(question.number), state=state, **values)
