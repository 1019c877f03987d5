"""The words of a message in which notices are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from fosdembot.texts import notices as texts
from fosdembot.texts import page_addresses as page_texts
from fosdembot.texts.render import Text, items, lines, link, say, sentences
from fosdembot.texts.words import clock_time, count, duration

from .naming import hallway_of, place_named, talk_named
from .notices import Kind, Notice
from .question_summary import (
    NO_QUESTIONS,
    Entry,
    QuestionSummary,
    before_line,
    entry_line,
    in_qa,
    left_over,
)

MOST_LINES = 10
"""Talks named in one message."""
_MOST_IN_DETAIL = 3
"""Of so many in one message speakers and questions are told."""
_MOST_QUESTIONS = 5
_MOST_QUESTIONS_EACH = 2
_BRIDGED_LINES = 3


class Wording:
    """The words of notices that are told together at `now`, at least one. `page`: the address of
    the room's page; empty where there is none."""

    def __init__(
        self,
        notices: Sequence[Notice],
        now: datetime,
        zone: tzinfo,
        prefix: str,
        asked: Mapping[str, QuestionSummary],
        bridged: bool,
        page: str = "",
    ) -> None:
        self._notices = notices
        self._now = now
        self._zone = zone
        self._prefix = prefix
        self._asked = asked
        self._bridged = bridged
        self._page = page
        self._on = [notice for notice in notices if notice.kind is Kind.NOW]
        self._in_detail = len(notices) <= _MOST_IN_DETAIL

    def text(self) -> Text:
        if len(self._notices) > 1:
            return lines(self._several())
        if self._on:
            return lines(self._now_alone(*self._on))
        if self._notices[0].kind is Kind.QA:
            return lines(self._qa_alone(*self._notices))
        return sentences([*self._one(self._notices[0]), *self._later()])

    def questions(self) -> tuple[int, ...]:
        """The numbers of the questions that stand in it."""
        named = self._notices[:MOST_LINES]
        return tuple(entry.number for notice in named for entry in self._shown(notice))

    def _now_alone(self, notice: Notice) -> Iterator[Text]:
        slot = notice.slot
        said = self._ask()
        if slot.qa_start is not None and not notice.name_place:
            said.append(say(texts.QA_LATER, qa=self._time(slot.qa_start)))
        yield self._head(notice)
        if said := [*said, *self._afterwards(notice), *self._kept()]:
            yield sentences(said)
        yield from self._list(notice)
        yield from self._other_questions()
        yield from before_line(self._of(notice))

    def _qa_alone(self, notice: Notice) -> Iterator[Text]:
        shown = self._shown(notice)
        yield sentences([self._head(notice), *in_qa(self._of(notice), shown, self._prefix)])
        yield from map(entry_line, shown[1:])
        if (then := self._then(notice)) and len(shown) < _BRIDGED_LINES:
            yield sentences(then)

    def _several(self) -> Iterator[Text]:
        for notice in self._notices[:MOST_LINES]:
            if notice.kind is Kind.NOW:
                yield from [self._head(notice), *self._afterwards(notice)]
                yield from self._list(notice)
                if self._in_detail:
                    yield from before_line(self._of(notice))
            else:
                yield sentences(self._one(notice))
        if left_out := self._notices[MOST_LINES:]:
            more = count(len(left_out), "more talk")
            yield say(texts.AND_MORE, talks=more, p=self._prefix)
        else:
            yield from self._later()
        if self._on:
            if said := [*self._ask(), *self._kept()]:
                yield sentences(said)
            yield from self._other_questions()

    def _list(self, notice: Notice) -> list[Text]:
        """The best questions to a talk that is on; over a bridge there are none."""
        shown = self._shown(notice)
        return [items(map(entry_line, shown))] if shown else []

    def _one(self, notice: Notice) -> list[Text]:
        """The sentences about a talk, where they stand on one line."""
        said = [self._head(notice)]
        if notice.kind is Kind.QA:
            said += in_qa(self._of(notice), self._shown(notice), self._prefix)
        return [*said, *self._then(notice)]

    def _head(self, notice: Notice) -> Text:
        slot = notice.slot
        template, template_at = _TEMPLATES[notice.kind]
        return say(
            template_at if notice.name_place else template,
            talk=talk_named(
                slot.talk, with_speakers=self._in_detail and notice.kind in _WITH_SPEAKERS
            ),
            place=place_named(slot.talk),
            start=self._time(slot.start),
            end=self._time(slot.end),
            wait=duration(slot.start - self._now),
            left=duration(slot.end - self._now),
        )

    def _ask(self) -> list[Text]:
        """How to ask, where somebody can be asked."""
        talks = [notice for notice in self._on if not notice.slot.is_break]
        if not talks:
            return []
        if all(self._of(notice).closed for notice in talks):
            return [say(texts.ASK_CLOSED if len(talks) == 1 else texts.ASK_ALL_CLOSED)]
        return [say(texts.ASK_BRIDGED if self._bridged else texts.ASK, p=self._prefix)]

    def _kept(self) -> list[Text]:
        """Where else it is to be seen, now and afterwards."""
        address = link(self._page) if self._page else None
        on_phone = [say(page_texts.ON_PHONE, url=address)] if address is not None else []
        return [*on_phone, *self._archived()]

    def _archived(self) -> list[Text]:
        """That what is asked and said is kept, where it is."""
        if not any(notice.archived for notice in self._on):
            return []
        return [say(texts.ARCHIVED, p=self._prefix)]

    def _other_questions(self) -> list[Text]:
        """That there are more questions to the talks that are on than can be seen."""
        if self._bridged:
            return []  # It would not stay true, and is told when their time comes.
        shown = sum(len(self._shown(notice)) for notice in self._on)
        return left_over(sum(self._of(notice).open for notice in self._on), shown, self._prefix)

    def _later(self) -> list[Text]:
        """Before a session: how much comes behind its beginning."""
        later = min(notice.more for notice in self._notices)
        if not later or self._notices[0].kind not in _BEFORE:
            return []
        return [say(texts.THEN_MORE, talks=count(later, "more talk"), p=self._prefix)]

    def _then(self, notice: Notice) -> list[Text]:
        """What comes after the talk."""
        said: list[Text] = []
        if notice.kind in (Kind.QA, Kind.OVER):
            if notice.following:
                talk = talk_named(notice.following.talk, with_speakers=True)
                said.append(say(texts.THEN, start=self._time(notice.following.start), talk=talk))
            elif not notice.name_place:
                said.append(say(texts.NO_MORE))
        return [*said, *self._afterwards(notice)]

    def _afterwards(self, notice: Notice) -> list[Text]:
        hallway = hallway_of(notice.slot.talk) if notice.closing else None
        said = [say(texts.AFTERWARDS, hallway=hallway)] if hallway else []
        last = next((n for n in reversed(self._notices) if n.transcripts), None)
        if notice is last and (address := link(notice.transcripts)) is not None:
            said.append(say(texts.TRANSCRIPTS, url=address))
        return said

    def _shown(self, notice: Notice) -> tuple[Entry, ...]:
        """The questions that are told with a notice."""
        alone = len(self._notices) == 1
        most = 0
        if notice.kind is Kind.QA and self._in_detail:
            most = _BRIDGED_LINES if self._bridged and alone else 1
        elif notice.kind is Kind.NOW and self._in_detail and not self._bridged:
            most = _MOST_QUESTIONS if alone else self._each()
        return self._of(notice).entries[:most]

    def _each(self) -> int:
        before = sum(self._of(notice).before is not None for notice in self._on)
        left = MOST_LINES - len(self._notices) - before
        return min(_MOST_QUESTIONS_EACH, left // len(self._on))

    def _of(self, notice: Notice) -> QuestionSummary:
        return self._asked.get(notice.slot.talk.guid, NO_QUESTIONS)

    def _time(self, moment: datetime) -> str:
        return clock_time(moment, self._zone, self._now)


_TEMPLATES = {
    Kind.HEADS_UP: (texts.HEADS_UP, texts.HEADS_UP_AT),
    Kind.COUNTDOWN: (texts.COUNTDOWN, texts.COUNTDOWN_AT),
    Kind.NOW: (texts.NOW, texts.NOW_AT),
    Kind.QA: (texts.QA, texts.QA_AT),
    Kind.TIME_LEFT: (texts.TIME_LEFT, texts.TIME_LEFT_AT),
    Kind.OVER: (texts.OVER, texts.OVER_AT),
}
_WITH_SPEAKERS = (Kind.HEADS_UP, Kind.COUNTDOWN, Kind.NOW)
_BEFORE = (Kind.HEADS_UP, Kind.COUNTDOWN)
