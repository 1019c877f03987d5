"""What a transcript has of one person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fosdembot.db.personal import is_named, without_others

from .model import Line, Message, Question, Transcript

Kept = dict[str, list[dict[str, Any]]]
_Them = tuple[str, str]
"""Somebody's id, and the mark that stands for it (`Forgotten.mark`)."""


def kept_in(transcript: Transcript, lines: Iterable[Line], person: str, mark: str) -> Kept:
    """As it can be written as JSON, without the ids of others; nothing where they are in none of
    it. Also where it is not published, or not with a name: then a `mark` stands for their id."""
    kept: Kept = {"questions": [], "answers": [], "messages": [], "mentioned_in": []}
    them = (person, mark)
    for question in transcript.questions:
        _add_question(kept, question, them)
    for line in lines:
        if not isinstance(line, Message):
            continue
        if line.by in them:
            kept["messages"].append(_message(line, them))
        elif _is_mentioned(line, them):
            # What others wrote is theirs.
            kept["mentioned_in"].append({"id": line.id, "at": line.at.isoformat()})
    return {what: without_others(found, person) for what, found in kept.items() if found}


def _message(line: Message, them: _Them) -> dict[str, Any]:
    quote = line.reply_to
    if quote is not None:
        # The mark of somebody else is no less theirs than an id.
        quote = quote.model_copy(update={"by": them[0] if quote.by in them else None})
    said = line.model_copy(update={"by": them[0], "reply_to": quote})
    return said.model_dump(mode="json", exclude_defaults=True)


def _is_mentioned(line: Message, them: _Them) -> bool:
    if line.reply_to is not None and line.reply_to.by in them:
        return True
    return is_named(f"{line.text} {line.html or ''}", them[0])


def _add_question(kept: Kept, question: Question, them: _Them) -> None:
    by = {"by": them[0]}
    if question.by in them:
        asked = question.model_dump(mode="json", exclude={"answers", "merged", "spoken"})
        kept["questions"].append(asked | by)
    for merged in question.merged:
        if merged.by in them:
            kept["questions"].append(merged.model_dump(mode="json") | by)
    for answer in question.answers:
        if answer.by in them:
            said = {"question": question.number} | answer.model_dump(mode="json")
            kept["answers"].append(said | by)
