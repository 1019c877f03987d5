"""What of a transcript is forgotten, and when. Pure.

Once the conference is long over, who wrote what goes from the model as it does from the database
(`db/retention.py`): ids of people. The names stay that others saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from fosdembot.settings import Settings

from .model import Answer, Line, Message, Question, Transcript

_PERSON = r"https?://matrix\.to/#/(?:@|%40)|matrix:u/"
_PILL = re.compile(rf'<a\s[^>]*href="(?:{_PERSON})[^"]*"[^>]*>(.*?)</a>', re.DOTALL | re.IGNORECASE)
"""A link to a person, as sanitised HTML has it; links do not stand in one another."""
_HAS_ID = re.compile(rf'(?<!\\)"by":\s*"|href=\\"(?:{_PERSON})', re.IGNORECASE)
"""In JSON, where a quotation mark that belongs to a text has a backslash before it."""


def expired(settings: Settings, ended: datetime, now: datetime) -> bool:
    """Whether the transcript of a talk is to be deleted that `ended` then."""
    days = settings.transcripts.keep_days
    return days > 0 and now - ended >= timedelta(days=days)


def without_ids(transcript: Transcript, lines: Iterable[Line]) -> tuple[Transcript, Iterator[Line]]:
    """The same without the Matrix ids of people, also where a message links to them. The lines are
    read as they are asked for."""
    questions = tuple(_question(question) for question in transcript.questions)
    return transcript.model_copy(update={"questions": questions}), map(_line, lines)


def may_have_ids(text: str) -> bool:
    """Whether a line of a stored model has the id of a person: where not, nothing is to be done
    about it."""
    return _HAS_ID.search(text) is not None


def _question(question: Question) -> Question:
    merged = tuple(each.model_copy(update={"by": None}) for each in question.merged)
    answers: tuple[Answer, ...] = tuple(
        each.model_copy(update={"by": None}) for each in question.answers
    )
    return question.model_copy(update={"by": None, "answers": answers, "merged": merged})


def _line(line: Line) -> Line:
    if not isinstance(line, Message):
        return line
    html = _PILL.sub(r"\1", line.html) if line.html is not None else None
    quote = line.reply_to and line.reply_to.model_copy(update={"by": None})
    return line.model_copy(update={"by": None, "html": html, "reply_to": quote})
