"""How a speaker's meeting is, in words for rooms where the audience does not read."""

from __future__ import annotations

from fosdembot.conference.meetings import MeetingState
from fosdembot.texts import jitsi as texts
from fosdembot.texts.render import Text, clean, say
from fosdembot.texts.words import names

_NOTHING = Text("", "")
_LONGEST_DETAIL = 120


def trouble_words(
    trouble: str, detail: str, room: str, prefix: str, *, goes_on: bool = True
) -> Text:
    """Why the bot is not in the meeting of a talk room (as people call it), and what helps.
    `goes_on`: whether it tries again by itself."""
    shown = clean(detail, _LONGEST_DETAIL)
    said = say(texts.DETAIL, detail=shown) if shown else _NOTHING
    again = say(texts.AGAIN) if goes_on else _NOTHING
    template = texts.TROUBLES.get(trouble, texts.TROUBLES["refused"])
    return say(template, room=room, p=prefix, detail=said, again=again)


def state_words(state: MeetingState, room: str, prefix: str) -> Text | None:
    """Who is there, or why the bot does not know; None where it has not tried yet."""
    if state.is_in:
        if not state.people:
            return say(texts.NOBODY_THERE)
        if len(state.people) == 1:
            return say(texts.ONE_THERE, names=names(state.people))
        return say(texts.THERE, count=len(state.people), names=names(state.people))
    if state.trouble:
        return trouble_words(state.trouble, state.detail, room, prefix)
    return None
