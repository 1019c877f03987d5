"""What a transcript has of one person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fosdembot.db.personal import is_named, without_others

from .model import Line, Message, Question, Transcript

Kept = dict[str, list[dict[str, Any]]]


def kept_in(transcript: Transcript, lines: Iterable[Line], person: str) -> Kept:
    """As it can be written as JSON, without the ids of others; nothing where they are in none of
    it. Also where it is not published, or not with a name."""
    kept: Kept = {"questions": [], "answers": [], "messages": [], "mentioned_in": []}
    for question in transcript.questions:
        _add_question(kept, question, person)
    for line in lines:
        if not isinstance(line, Message):
            continue
        if line.by == person:
            kept["messages"].append(line.model_dump(mode="json", exclude_defaults=True))
        elif _is_mentioned(line, person):
            # What others wrote is theirs.
            kept["mentioned_in"].append({"id": line.id, "at": line.at.isoformat()})
    return {what: without_others(found, person) for what, found in kept.items() if found}


def _is_mentioned(line: Message, person: str) -> bool:
    if line.reply_to is not None and line.reply_to.by == person:
        return True
    return is_named(f"{line.text} {line.html or ''}", person)


def _add_question(kept: Kept, question: Question, person: str) -> None:
    if question.by == person:
        asked = question.model_dump(mode="json", exclude={"answers", "merged", "spoken"})
        kept["questions"].append(asked)
    for merged in question.merged:
        if merged.by == person:
            kept["questions"].append(merged.model_dump(mode="json"))
    for answer in question.answers:
        if answer.by == person:
            kept["answers"].append({"question": question.number} | answer.model_dump(mode="json"))
