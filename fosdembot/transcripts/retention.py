"""What of a transcript is forgotten, and when. Pure.

Once the conference is long over, who wrote what goes from the model as it does from the database
(`db/retention.py`): ids of people. The names stay that others saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from fosdembot.settings import Settings

from .model import Answer, Line, Merged, Message, Question, Transcript

T = TypeVar("T", Question, Merged, Answer)

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


def as_before(transcript: Transcript, old: Transcript | None) -> Transcript:
    """The same, made when it is forgotten who asked and answered, and of what is in the one that is
    there (`old`): what was taken out or made nameless while somebody could tell whose it is does
    not come back. A question that was not published until then never is."""
    if old is None:
        return transcript
    known = {question.number: question for question in old.questions}
    found = (_question_before(question, known) for question in transcript.questions)
    questions = tuple(question for question in found if question is not None)
    return transcript.model_copy(update={"questions": questions})


def with_ids(transcript: Transcript, said_by: Mapping[str, str]) -> Transcript:
    """The same with who asked and answered by these messages, where that is forgotten: until their
    names are taken out."""

    def known(one: T) -> T:
        by = said_by.get(one.event or "") if one.by is None else None
        return one if by is None else one.model_copy(update={"by": by})

    questions = (
        known(question).model_copy(
            update={
                "merged": tuple(map(known, question.merged)),
                "answers": tuple(map(known, question.answers)),
            }
        )
        for question in transcript.questions
    )
    return transcript.model_copy(update={"questions": tuple(questions)})


def said(transcript: Transcript) -> set[str]:
    """What was asked and answered in writing: the bot may have repeated it in the room."""
    found = set[str]()
    for question in transcript.questions:
        found |= {question.text, *(each.text for each in question.merged)}
        found |= {answer.text for answer in question.answers}
    return found


def _question_before(question: Question, known: Mapping[int, Question]) -> Question | None:
    if question.by is not None:
        return question
    before = known.get(question.number)
    if before is None:
        # One that was merged into it has taken its place.
        return next((known[each.number] for each in question.merged if each.number in known), None)
    names = {each.number: each.asker for each in before.merged}
    answers = (_answer_before(answer, before) for answer in question.answers)
    return question.model_copy(
        update={
            "asker": before.asker,
            "answers": tuple(answer for answer in answers if answer is not None),
            "merged": tuple(
                each.model_copy(update={"asker": names[each.number]})
                for each in question.merged
                if each.number in names
            ),
        }
    )


def _answer_before(answer: Answer, question: Question) -> Answer | None:
    if answer.by is not None:
        return answer
    for before in question.answers:
        if (before.event, before.at) == (answer.event, answer.at):
            return answer.model_copy(update={"author": before.author})
    return None


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
