"""A transcript as plain text, of 72 columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from fosdembot.texts import transcript_pages as words
from fosdembot.texts.harmless import harmless

from .facts import Facts, caption, kind, reaction, seconds
from .model import Line, Message, Question, Quote

WIDTH = 72
_ADDRESS = "://"
_INDENT = "    "


def head(facts: Facts) -> Iterator[str]:
    """All but the chat, line by line, each with its end."""
    transcript, talk = facts.transcript, facts.talk
    yield from _wrapped(transcript.conference)
    yield from _heading(talk.title, "=")
    if talk.subtitle:
        yield from _wrapped(talk.subtitle)
    if talk.persons:
        yield from _wrapped(", ".join(talk.persons))
    if facts.outcome:
        yield from _wrapped(facts.outcome)
    yield "\n"
    for label, text, _ in facts.head:
        yield from _wrapped(f"{label}: {text}", hang="  ")
    for label, address in facts.links:
        yield from _wrapped(f"{label}: {address}" if address else label, hang="  ")
    yield from _wrapped("; ".join(facts.counts))
    yield from _wrapped(words.REMOVAL.format(contact=transcript.privacy.contact))
    yield "\n\n"
    yield from _heading(words.QUESTIONS, "-")
    for question in transcript.questions:
        yield "\n"
        yield from _question(facts, question)
    if not transcript.questions:
        yield f"\n{words.NO_QUESTIONS}\n"
    yield "\n\n"
    yield from _heading(words.CHAT, "-")
    if not facts.shows_chat:
        yield f"\n{words.CHAT_NOT_PUBLISHED}\n"


class Chat:
    """The lines of the chat, one by one, as text."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._questions = {question.event: question for question in facts.transcript.questions}
        self._day: date | None = None
        self._thread: str | None = None

    def line(self, line: Line) -> Iterator[str]:
        if not isinstance(line, Message):
            yield "\n"
            yield from _wrapped(f"[{self._facts.gap(line)}]")
            return
        day = line.at.astimezone(self._facts.zone).date()
        if day != self._day and line.thread is None:
            self._day = day
            yield f"\n{self._facts.day(line.at)}\n"
        before = "" if line.thread is None else "  | "
        if line.thread is not None and line.thread != self._thread:
            yield f"  [{words.THREAD_GOES_ON}]\n"
        self._thread = line.thread or line.id
        hang = before + _INDENT
        if line.reply_to is not None:
            yield from _wrapped(f"> {_quoted(line.reply_to)}", before, f"{before}> ")
        marks = "".join(f" [{mark}]" for mark in self._marks(line))
        who = f"{self._facts.clock(line.at)} {line.name or words.ATTENDEE}{marks}"
        label = kind(line)
        if label is None:
            emote = line.type == "emote"
            text = f"* {line.name} {line.text}" if emote else line.text
            label = f"[{words.POLL}] {text}" if line.type == "poll" else text
        elif text := caption(line):
            label = f"[{label}] {text}"
        else:
            label = f"[{label}]"
        yield from _wrapped(f"{who}: {label}", before, hang)
        for option in line.poll:
            yield from _wrapped(f"- {option.text}: {option.votes}", hang, f"{hang}  ")
        if line.reactions:
            told = "  ".join(f"{reaction(one.key)} {len(one.events)}" for one in line.reactions)
            yield from _wrapped(f"({told})", hang, hang)

    def _marks(self, message: Message) -> Iterator[str]:
        if message.is_bot:
            yield words.BOT
        if message.edited:
            yield words.EDITED
        if (question := self._questions.get(message.id)) is not None:
            yield words.ASKED_QUESTION.format(number=question.number)


def _question(facts: Facts, question: Question) -> Iterator[str]:
    votes = words.VOTE if question.votes == 1 else words.VOTES
    yield from _wrapped(
        f"{question.number}. {question.text} ({question.votes:,} {votes})", hang=_INDENT
    )
    asked = f"{words.ASKED_BY} {facts.asker(question)} {words.AT} {facts.when(question.asked_at)}"
    if question.taken_at is not None:
        asked = f"{asked}, {words.TAKEN_AT} {words.AT} {facts.when(question.taken_at)}"
    yield from _wrapped(f"[{facts.state(question)}] {asked}", _INDENT, _INDENT)
    if (address := facts.in_recording(question)) and question.spoken is not None:
        told = words.IN_RECORDING.format(time=seconds(question.spoken.second))
        yield from _wrapped(f"{told}: {address}", _INDENT, _INDENT)
    deeper = f"{_INDENT}  "
    for answer in question.answers:
        who = f"{answer.author or words.ATTENDEE}, {facts.written(answer)}"
        yield from _wrapped(f"{who}: {answer.text}", _INDENT, deeper)
    if quote := facts.quote(question):
        yield from _wrapped(f"{words.SPOKEN} ({facts.score(question)}): {quote}", _INDENT, deeper)
    for other in question.merged:
        told = f"{words.MERGED}: {other.number}. {other.text} ({other.asker or words.ATTENDEE})"
        yield from _wrapped(told, _INDENT, deeper)


def _quoted(quote: Quote) -> str:
    if not quote.text:
        return quote.name or words.REPLY_TO_GONE
    return f"{quote.name or words.ATTENDEE}: {quote.text}"


def _heading(text: str, sign: str) -> Iterator[str]:
    lines = list(_wrapped(text))
    yield from lines
    yield f"{sign * max(len(line.rstrip()) for line in lines)}\n"


def _wrapped(text: str, first: str = "", hang: str = "") -> Iterator[str]:
    """`text` in lines: the first begins with `first`, the others with `hang`. Addresses stay
    whole."""
    begin = first
    for line in harmless(text).split("\n"):
        while len(begin) + len(line) > WIDTH:
            end = _end(line, WIDTH - len(begin))
            yield f"{begin}{line[:end]}".rstrip() + "\n"
            line = line[end:].lstrip()
            begin = hang
            if not line:
                break
        else:
            yield f"{begin}{line}".rstrip() + "\n"
        begin = hang


def _end(line: str, room: int) -> int:
    """Where to break a line that is too long: before a word, or in one that is longer itself."""
    end = line.rfind(" ", 0, room + 1)
    if end > 0:
        return end
    word = line.find(" ", 1) if " " in line[1:] else len(line)
    return word if _ADDRESS in line[:word] else room
