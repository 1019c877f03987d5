"""How the questions to a talk are listed in one message. Pure: the room view brings them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fosdembot.conference.question_summaries import entry
from fosdembot.notifications.lists import Section
from fosdembot.questions.views import QuestionsView, QuestionView, Wanted
from fosdembot.talks.question_summary import entry_line
from fosdembot.texts import listing as texts
from fosdembot.texts.render import Text, say, sentences
from fosdembot.texts.words import count

TOP = 10
MOST = 50
BRIDGED = 3
"""Lines of a message that an IRC bridge does not turn into a link."""
LONGEST = 8000
"""Bytes of the questions in one message, as HTML: an event may have 65,536 (Client-Server
API, "Size limits"), and holds them twice."""


@dataclass
class QuestionList:
    """One message about `talks` talks."""

    prefix: str
    typed: str
    """How to ask for all questions from the same place."""
    talks: int = 1
    all: bool = False
    bridged: bool = False
    pending: bool = False
    """Whether it is for somebody who lets questions through."""
    may_ask: bool = True
    """Whether questions are asked where it is read."""
    bytes_left: int = LONGEST

    @property
    def most(self) -> int:
        """Questions of one talk."""
        most = BRIDGED if self.bridged else MOST if self.all else TOP
        return max(1, most // self.talks)

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            waiting=self.most,
            answered=self.most if self.all and not self.bridged else 0,
            pending=self.most if self.pending else None,
        )

    def section(self, title: str, questions: QuestionsView) -> Section:
        """What is said of one talk. What one takes of the message is left to no other."""
        said = self._take(questions.pending.entries, texts.PENDING)
        said += (best := self._take(questions.waiting.entries))
        left, done = questions.waiting.total - len(best), questions.answered.total
        empty = [*self._nothing(title, done), *self._asking(questions.closed)]
        if self.all and not self.bridged:
            newest = questions.answered.entries[: self.most - len(best)]
            said += (ticked := self._take(newest, texts.ANSWERED))
            left, done = left + done - len(ticked), 0
        rest = self._rest(left, done)
        if questions.closed:
            rest.append(say(texts.CLOSED))
        return Section(
            heading=say(texts.HEADING, title=title),
            entries=tuple(said),
            rest=sentences(rest) if rest else None,
            empty=sentences(empty),
            bridged=self.bridged,
        )

    def _take(
        self, questions: Iterable[QuestionView], template: str = "{entry}"
    ) -> list[tuple[int, Text]]:
        """The lines of those questions for which there is room, with their ids."""
        taken = []
        for question in questions:
            line = say(template, entry=entry_line(entry(question)))
            self.bytes_left -= len(line.html.encode(errors="replace"))
            if self.bytes_left < 0:
                break
            taken.append((question.id, line))
        return taken

    def _rest(self, left: int, done: int) -> list[Text]:
        """How many more there are, and how to see them."""
        if self.all or self.bridged:
            return [say(texts.MORE, number=left)] if left else []
        if not left + done:
            return []
        return [say(texts.MORE_WITH, number=left + done, p=self.prefix, command=self.typed)]

    def _nothing(self, title: str, done: int) -> list[Text]:
        if not done:
            return [say(texts.NONE_YET, title=title)]
        questions = count(done, "question")
        answered = say(texts.ANSWERED_WITH, p=self.prefix, questions=questions, command=self.typed)
        return [say(texts.NONE_LEFT, title=title), answered]

    def _asking(self, closed: bool) -> list[Text]:
        if closed:
            return [say(texts.CLOSED)]
        return [say(texts.ASK, p=self.prefix)] if self.may_ask else []
