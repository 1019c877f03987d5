"""The lines of a chat as HTML, page by page, as they come: memory does not grow with the chat."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from markupsafe import Markup

from fosdembot.texts import transcript_pages as words
from fosdembot.texts.harmless import harmless

from .facts import Facts
from .model import Gap, Line, Message

LINES = 1000
"""Lines of a page; half as many more where a thread would have to be parted."""

_END, _THREAD, _END_THREAD = Markup("</li>\n"), Markup('<ol class="thread">\n'), Markup("</ol>\n")
_GOES_ON = Markup('<li class="goes-on"><p>{}</p>\n').format(words.THREAD_GOES_ON)


@dataclass(frozen=True, slots=True)
class Row:
    """A message, with what its page makes of it."""

    message: Message
    anchor: str | None
    """Unless a line with the same id is on the page already."""
    reply: str | None
    """Address of the message that it answers, where that is in the chat."""
    question: str | None
    """Address of the question that it asked, above."""
    number: int | None


def page_name(number: int) -> str:
    return "index.html" if number == 1 else f"page-{number}.html"


class ChatPages:
    """`page()` is the next page; `more` says whether there is one."""

    def __init__(
        self,
        lines: Iterable[Line],
        facts: Facts,
        questions: Mapping[str, int],
        render: Callable[[Row], str],
        length: int = LINES,
    ) -> None:
        self.number = 0
        """Of the page that was made last."""
        self.starts: list[datetime | None] = []
        """When each page begins."""
        self.asked: dict[str, str] = {}
        """By the id of a message that asked a question: where it is, seen from the first page."""
        self._lines = iter(lines)
        self._next = next(self._lines, None)
        self._facts = facts
        self._questions = questions
        self._render = render
        self._length = length
        self._places = _Places()
        self._thread: str | None = None
        """That to which the line before belongs, or may begin."""
        self._day: date | None = None

    @property
    def more(self) -> bool:
        return self._next is not None

    def page(self) -> Iterator[Markup]:
        """The items of its list, as long as it lasts."""
        self.number += 1
        self._places.begin_page()
        self.starts.append(getattr(self._next, "at", None) or getattr(self._next, "after", None))
        self._day = None
        in_item = in_thread = False
        written = 0
        while (line := self._next) is not None:
            thread = line.thread if isinstance(line, Message) else None
            goes_on = thread is not None and thread == self._thread
            if written >= self._length * (1.5 if goes_on else 1):
                break
            if not (goes_on and in_item):
                yield from _closing(in_item, in_thread)
                yield from self._day_of(line)
                in_thread = False
                in_item = thread is not None
                if in_item:
                    yield _GOES_ON
            if thread is not None and not in_thread:
                in_thread = True
                yield _THREAD
            yield self._item(line)
            if in_thread:
                yield _END
            in_item = True
            self._thread = thread or (line.id if isinstance(line, Message) else None)
            self._next = next(self._lines, None)
            written += 1
        yield from _closing(in_item, in_thread)

    def _day_of(self, line: Line) -> Iterator[Markup]:
        at = line.at if isinstance(line, Message) else line.after
        if at is None:
            return
        day = at.astimezone(self._facts.zone).date()
        if day != self._day:
            self._day = day
            yield Markup('<li class="day"><h3>{}</h3></li>\n').format(self._facts.day(at))

    def _item(self, line: Line) -> Markup:
        """An item of the list; its end follows, where no thread does."""
        if isinstance(line, Gap):
            return Markup('<li class="gap"><p>{}</p>').format(harmless(self._facts.gap(line)))
        anchor = self._places.add(line.id)
        number = self._questions.get(line.id)
        if number is not None and anchor is not None:
            page = "" if self.number == 1 else page_name(self.number)
            self.asked.setdefault(line.id, f"{page}#{anchor}")
        replies_to = None if line.reply_to is None else self._places.find(line.reply_to.id)
        question = None
        if number is not None:
            question = f"{'' if self.number == 1 else page_name(1)}#question-{number}"
        return Markup(self._render(Row(line, anchor, replies_to, question, number)))


def _closing(in_item: bool, in_thread: bool) -> Iterator[Markup]:
    if in_thread:
        yield _END_THREAD
    if in_item:
        yield _END


class _Places:
    """On which page each message is: eight bytes for each."""

    def __init__(self) -> None:
        self._before: list[array[int]] = []
        self._here: set[int] = set()

    def begin_page(self) -> None:
        if self._here:
            self._before.append(array("Q", sorted(self._here)))
        self._here = set()

    def add(self, id_: str) -> str | None:
        """The anchor of a message on this page; None if it is there already."""
        digest = _digest(id_)
        if digest in self._here:
            return None
        self._here.add(digest)
        return f"m{digest:016x}"

    def find(self, id_: str) -> str | None:
        digest = _digest(id_)
        if digest in self._here:
            return f"#m{digest:016x}"
        for number in range(len(self._before), 0, -1):
            page = self._before[number - 1]
            place = bisect_left(page, digest)
            if place < len(page) and page[place] == digest:
                return f"{page_name(number)}#m{digest:016x}"
        return None


def _digest(id_: str) -> int:
    """Event ids hold characters that addresses do not; links to a message last as long as it."""
    return int.from_bytes(blake2b(id_.encode(errors="surrogatepass"), digest_size=8).digest())
