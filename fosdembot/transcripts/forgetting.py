"""Who and what is not to be read (any more) is taken out of a transcript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from fosdembot.texts.invisible import without_idle
from fosdembot.texts.transcripts import AN_ATTENDEE

from .forgotten import question_id
from .mentioned import Hides, Mentions
from .model import Gap, Line, Merged, Message, Question, Quote, Reaction, Transcript, Unread
from .repeated import SURELY_TOLD, Told, begin_of

_NAMES = 1000
"""Most names that are looked for: somebody may change theirs with each message."""


def _nobody(_: str | None) -> bool:
    return False


def _without_mark(_: str) -> None:
    return None


class Named(NamedTuple):
    """What people were called, by which the bot may name them."""

    removed: frozenset[str] = frozenset()
    nameless: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hidden:
    removed: Hides = _nobody
    """People, events and questions (`question_id`) that are gone, with all that they said."""
    nameless: Hides = _nobody
    """People whose words stay, without their name."""
    mark: Callable[[str], str | None] = _without_mark
    """What stands for the id of somebody nameless."""
    texts: tuple[str, ...] = ()
    """Questions and answers that are gone and that the bot may have repeated; those of the
    transcript itself are known."""
    names: Named = field(default_factory=Named)
    """Of people who are hidden, wherever in the room they said something; those that stand in the
    transcript itself are known."""


def without(
    transcript: Transcript, lines: Iterable[Line], hidden: Hidden
) -> tuple[Transcript, Iterator[Line]]:
    """The transcript and its chat as they may be kept, line by line.

    Gone: what hidden people wrote, asked and answered, quotes of it, what the bot repeated of it,
    their reactions by event. A question that was merged into a removed one takes its place. The
    first reply of a thread that lost its beginning is its beginning now. Other people's own words
    stay, but for links and ids in them; a name that they typed by hand stays.
    """
    rest = Without(hidden)
    return rest.transcript(transcript), rest.lines(lines)


class Without:
    """As `without`, and says whether it made a difference, once all lines were taken."""

    def __init__(self, hidden: Hidden) -> None:
        removed, nameless = hidden.removed, hidden.nameless
        self.changed = False
        self.messages = 0
        """Lines that people wrote, of those that are left so far."""
        self._hidden = hidden
        self._mentions = Mentions(lambda id_: removed(id_) or nameless(id_))
        self._seen = Seen(hidden)
        self._name = ""
        """That of the transcript."""

    def transcript(self, transcript: Transcript) -> Transcript:
        """All but the chat; before the lines, in which the bot repeats what is here."""
        self._name = transcript.name
        for question in transcript.questions:
            self._learn(question)
        left = (self._question(question) for question in transcript.questions)
        questions = tuple(question for question in left if question is not None)
        self.changed |= questions != transcript.questions
        unread = self._unread(transcript)
        return transcript.model_copy(update={"questions": questions, "unread": unread})

    def _unread(self, transcript: Transcript) -> tuple[Unread, ...]:
        found = {one.number: one for one in transcript.unread}
        for one in transcript.questions:
            if one.taken_at is not None and self._how_asked(one)[0]:
                found[one.number] = Unread(number=one.number, taken_at=one.taken_at)
        return tuple(found[number] for number in sorted(found))

    def lines(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            left = self._gap(line) if isinstance(line, Gap) else self._message(line)
            self.changed |= left != line
            if left is not None:
                self.messages += isinstance(left, Message) and not left.is_bot
                yield left

    # ------------------------------------------------------------------------ questions, answers

    def _learn(self, question: Question) -> None:
        self._seen.learn(question.text, question.asker, *self._how_asked(question))
        for one in question.merged:
            self._seen.learn(one.text, one.asker, *self._how_asked(one))
        for answer in question.answers:
            self._seen.learn(answer.text, answer.author, *self._how(answer.by, answer.event))

    def _how(self, by: str | None, event: str | None) -> tuple[bool, bool]:
        """Whether what somebody said is gone, and whether its author is not to be named."""
        removed = self._hidden.removed(by) or self._hidden.removed(event)
        return removed, removed or self._hidden.nameless(by)

    def _how_asked(self, one: Question | Merged) -> tuple[bool, bool]:
        if self._hidden.removed(question_id(self._name, one.number)):
            return True, True
        return self._how(one.by, one.event)

    def _question(self, question: Question) -> Question | None:
        merged = tuple(one for one in question.merged if not self._how_asked(one)[0])
        if self._how_asked(question)[0]:
            if not merged:
                return None
            # What others asked as well was answered with it.
            asked = merged[0].model_dump()
            return self._question(question.model_copy(update=asked | {"merged": merged[1:]}))
        answers = (one for one in question.answers if not self._how(one.by, one.event)[0])
        spoken = question.spoken
        if spoken is not None and spoken.quote is not None:
            spoken = spoken.model_copy(update={"quote": self._mentions.in_text(spoken.quote)})
        return question.model_copy(
            update={
                **self._said(question.by, "asker", question.asker, question.text),
                "merged": tuple(
                    one.model_copy(update=self._said(one.by, "asker", one.asker, one.text))
                    for one in merged
                ),
                "answers": tuple(
                    one.model_copy(update=self._said(one.by, "author", one.author, one.text))
                    for one in answers
                ),
                "spoken": spoken,
            }
        )

    def _said(self, by: str | None, author: str, name: str, text: str) -> dict[str, object]:
        """What changes of what somebody said."""
        changes: dict[str, object] = {"text": self._mentions.in_text(text)}
        if self._hidden.nameless(by):
            # A page links to the room, where the name stands, only where it names the asker.
            unnamed = "" if author == "asker" else AN_ATTENDEE
            return changes | {author: unnamed, "by": by and self._hidden.mark(by)}
        return changes | {author: self._mentions.in_text(name)}

    # ------------------------------------------------------------------------------------- chat

    def _gap(self, gap: Gap) -> Gap:
        return gap.model_copy(update={"why": self._mentions.in_text(gap.why)})

    def _message(self, message: Message) -> Message | None:
        removed, hidden = self._how(message.by, message.id)
        if removed or self._hidden.removed(message.edited):
            self._seen.removed(message)
            return None
        if hidden:
            self._seen.nameless(message)
        if message.is_bot and message.by is not None:
            self._seen.bots.add(message.by)
        html, pills = self._mentions.in_html(message.html or "")
        text = self._mentions.in_text(self._seen.unpilled(message.text, pills))
        if message.is_bot and (untold := self._seen.untold(text, by_bot=True)) != text:
            text, html = untold, ""
            if not text:
                self._seen.removed(message)
                return None
        return message.model_copy(
            update={
                **self._said(message.by, "name", message.name, text),
                "html": html or None,
                "thread": self._thread(message),
                "reply_to": message.reply_to and self._quote(message.reply_to),
                "reactions": tuple(self._reactions(message)),
                "poll": tuple(
                    one.model_copy(update={"text": self._mentions.in_text(one.text)})
                    for one in message.poll
                ),
                "file": message.file
                and message.file.model_copy(
                    update={"name": self._mentions.in_text(message.file.name)}
                ),
            }
        )

    def _thread(self, message: Message) -> str | None:
        root = message.thread
        if root is None or not (self._hidden.removed(root) or root in self._seen.gone):
            return root
        begins = self._seen.roots.setdefault(root, message.id)
        return None if begins == message.id else begins

    def _quote(self, quote: Quote) -> Quote:
        removed, hidden = self._how(quote.by, quote.id)
        if removed or quote.id in self._seen.gone:
            return Quote(id="")
        told = self._seen.untold(quote.text, by_bot=quote.by in self._seen.bots)
        text = self._mentions.in_text(told)
        if hidden or quote.id in self._seen.unnamed:
            by = quote.by and self._hidden.mark(quote.by)
            return Quote(id=quote.id, name=AN_ATTENDEE, by=by, text=text)
        name = self._mentions.in_text(quote.name)
        return quote.model_copy(update={"name": name, "text": text})

    def _reactions(self, message: Message) -> Iterator[Reaction]:
        for one in message.reactions:
            events = tuple(event for event in one.events if not self._hidden.removed(event))
            if not events:
                continue
            key = self._mentions.in_text(one.key)
            is_same = key == one.key and len(events) == len(one.events)
            yield one if is_same else Reaction(key=key, events=events)


class Seen:
    """What was seen of those who are hidden, by which it is found where others repeat it."""

    def __init__(self, hidden: Hidden) -> None:
        self.gone: set[str] = set()
        """Messages that are gone,"""
        self.unnamed: set[str] = set()
        """and those whose sender is not named."""
        self.roots: dict[str, str] = {}
        """Of a thread whose beginning is gone, the message with which it begins now."""
        self.bots: set[str] = set()
        self._told = Told()
        for text in hidden.texts:
            self._told.add(begin_of(text))
        self._names = Names()
        """Of people who are gone or not named,"""
        self._gone = Names()
        """and of those who are gone."""
        for name in sorted(hidden.names.removed):
            self._know(name, True)
        for name in sorted(hidden.names.nameless):
            self._know(name, False)

    def learn(self, text: str, name: str, removed: bool, hidden: bool) -> None:
        if removed:
            self._told.add(begin_of(text))
        if hidden:
            self._know(name, removed)

    def removed(self, message: Message) -> None:
        self.gone.add(message.id)
        if not message.is_bot:
            self._know(message.name, True)
            # "!ask How small?" is retold without its first word.
            for text in (message.text, message.text.partition(" ")[2]):
                begin = begin_of(text)
                if message.is_question or len(begin) >= SURELY_TOLD:
                    self._told.add(begin)

    def nameless(self, message: Message) -> None:
        self.unnamed.add(message.id)
        self._know(message.name, False)

    def unpilled(self, text: str, pills: set[str]) -> str:
        """A message's plain text without the words of its pills that are gone."""
        if not pills:
            return text
        for word in pills:
            self._know(word, False)
        return _words(pills).sub(AN_ATTENDEE, text)

    def untold(self, text: str, by_bot: bool) -> str:
        """Without the lines that repeat what is gone, nor the names. The bot names somebody to
        repeat what they said: such a line of its goes as a whole."""
        lines = [line for line in text.split("\n") if not self._told.is_in(line, by_bot)]
        if by_bot:
            lines = [line for line in lines if not self._gone.are_in(line)]
        return self._names.hidden("\n".join(lines))

    def _know(self, name: str, removed: bool) -> None:
        self._names.add(name)
        if removed:
            self._gone.add(name)


class Names:
    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, name: str) -> None:
        # Where the bot breaks "@room", the chat has it whole.
        name = without_idle(name).removeprefix("@")
        if name and name != AN_ATTENDEE and name not in self._known and len(self._known) < _NAMES:
            self._known.add(name)
            self._pattern = None

    def are_in(self, text: str) -> bool:
        return bool(self._known) and self._compiled().search(text) is not None

    def hidden(self, text: str) -> str:
        return self._compiled().sub(AN_ATTENDEE, text) if self._known else text

    def _compiled(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = _words(self._known)
        return self._pattern


def _words(words: Iterable[str]) -> re.Pattern[str]:
    """The longest first, as one may begin with another."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)@?(?:{'|'.join(map(re.escape, ordered))})(?!\w)")
