"""What letters say."""

from __future__ import annotations

from collections.abc import Sequence

from fosdembot.clock import Clock
from fosdembot.conference.letter_links import LetterLinks
from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import Letter, Question
from fosdembot.questions.states import State
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.texts import notices
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, lines, literal, room_link, say
from fosdembot.texts.words import count, day_name

MOST = 20
"""Questions that one letter names."""
LONGEST_LIST = 5000
"""Characters of all of them: an event has 64 kB (Client-Server API, "Size limits"), in which
each may take eight bytes."""


class Writer:
    """`links`: by which letters lead to pages."""

    def __init__(
        self, programme: Programme, settings: Settings, clock: Clock, links: LetterLinks
    ) -> None:
        self.settings = settings
        self.links = links
        self._programme = programme
        self._prefix = settings.command_prefix
        self._clock = clock

    def letter(
        self,
        letter: Letter,
        questions: Sequence[Question],
        page: Text | None = None,
        *,
        reminder: bool,
    ) -> Text:
        """`questions`: those that wait, the best first; at least one was not reached. `page`: the
        address of the speaker's own."""
        named = questions[:MOST]
        longest = LONGEST_LIST // len(named)
        said = [self._first(letter.talk, questions, reminder), self._how(letter, questions)]
        if page is not None:
            said.append(say(texts.LETTER_PAGE, page=page))
        said += [_entry(question, longest) for question in named]
        if left := len(questions) - len(named):
            said.append(say(texts.LETTER_MORE, count=left, p=self._prefix))
        return lines(said)

    def no_speaker(self, talk: str, questions: Sequence[Question]) -> Text:
        """What hosts are told who may know a speaker."""
        published = self._programme.talks[talk]
        address = self._programme.address_for(published) or ""
        return say(
            texts.NO_SPEAKER,
            title=title_of(published),
            questions=count(len(questions), "question"),
            p=self._prefix,
            room=address,
            id=published.id,
        )

    def refused(self, letter: Letter, questions: Sequence[Question], blocked: bool) -> Text:
        """What they are told where somebody cannot be written to; `blocked`: for taking no
        invitations."""
        address = self._programme.address_by_guid(letter.talk)
        return say(
            texts.LETTER_BLOCKED if blocked else texts.LETTER_REFUSED,
            room=room_link(address) if address is not None else Text("", ""),
            title=self._title(letter.talk),
            questions=count(len(questions), "question"),
            person=letter.person,
        )

    def _first(self, talk: str, questions: Sequence[Question], reminder: bool) -> Text:
        address = self._programme.address_by_guid(talk)
        has_begun = len(unreached(questions)) < len(questions)
        first = texts.LETTER_BEGUN if has_begun else texts.LETTER
        return say(
            texts.LETTER_REMINDER if reminder else first,
            title=self._title(talk),
            room=room_link(address or questions[0].room_id),
            # As many as the list below has, with its "And more".
            questions=count(len(questions), "question"),
        )

    def _how(self, letter: Letter, questions: Sequence[Question]) -> Text:
        closes = day_name(letter.closes, self._programme.zone)
        template = texts.LETTER_HOW if len(questions) > 1 else texts.LETTER_HOW_ONE
        return say(template, number=str(questions[0].number), closes=closes)

    def _title(self, talk: str) -> str:
        published = self._programme.talks.get(talk)
        return title_of(published) if published is not None else notices.UNTITLED


def unreached(questions: Sequence[Question]) -> list[Question]:
    """Without the one that was being answered when the time was up."""
    return [question for question in questions if question.state != State.ANSWERING]


def _entry(question: Question, longest: int) -> Text:
    begun = question.state == State.ANSWERING
    template = texts.LETTER_ENTRY if question.asker_name else texts.LETTER_ENTRY_NAMELESS
    return say(
        texts.LETTER_ENTRY_BEGUN if begun else "{entry}",
        entry=say(
            template,
            number=str(question.number),
            votes=count(question.votes, "vote"),
            text=literal(question.text, longest),
            name=question.asker_name,
        ),
    )
