"""Who decided something about a question in the speaker's meeting."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.db.question_tables import Question
from fosdembot.questions import log
from fosdembot.texts import jitsi as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import LONGEST_NAME

_PERSON = "jitsi:"
"""With which the ids of people begin who are known only by what they call themselves there."""
_NOTHING = Text("", "")


async def decided_there(session: AsyncSession, question: Question) -> Text:
    """` by Ada in the meeting`, where that is how a question came to stand as it does; else
    nothing."""
    entry = await log.last_turn(session, question)
    if entry is None or not (entry.actor or "").startswith(_PERSON):
        return _NOTHING
    name = clean((entry.actor or "").removeprefix(_PERSON), LONGEST_NAME)
    return say(texts.IN_THE_MEETING, name=name)
