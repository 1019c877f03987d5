"""What is shown large: one question for the person with the microphone, and the herald's card
before the talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.questions.states import State
from fosdembot.questions.views import QuestionView, Wanted
from fosdembot.talks.naming import hallway_of, place_named, title_of
from fosdembot.texts import page_talk as texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import names

from .rendering import Rendering
from .screens import Screen, Topic
from .talk_clock import WARNING
from .talk_heads import Shown, TalkHeads

_ASKED_IN = timedelta(minutes=10)
"""Speakers are asked in so long before their talk (FOSDEM, guide for session hosts)."""
_MANY = Wanted(waiting=100)
"""What is being read is replaced once it is not among them."""


@dataclass(frozen=True, slots=True)
class Aloud:
    """What may be read, the best first."""

    rendering: Rendering
    questions: tuple[QuestionView, ...]
    around: Mapping[str, object]

    def reading(self, before: str) -> QuestionView | None:
        """What somebody reads who was reading this one (its id)."""
        kept = _kept(self.questions)
        stays = (each for each in self.questions if str(each.id) == before and each.id in kept)
        return next(stays, self.questions[0] if self.questions else None)

    def part(self, before: str = "") -> str:
        best = self.questions[0] if self.questions else None
        reading = self.reading(before)
        return self.rendering.page(
            "talk_aloud.html", words=texts, reading=reading, best=best, **self.around
        )


@dataclass(frozen=True, slots=True)
class AloudScreens:
    heads: TalkHeads
    addresses: PageAddresses
    rendering: Rendering

    async def draw_aloud(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        """The best question that is not being answered yet. What is being read stays, however
        the others move: `static/aloud.js`."""
        shown = await self.heads.shown(session, topic, now)
        if not isinstance(shown, Shown):
            return shown
        questions = await self.heads.views.questions(session, shown.guid, _MANY)
        waiting = [q for q in questions.waiting.entries if q.state is not State.ANSWERING]
        answering = questions.answering
        left = questions.waiting.total - len(waiting[:1]) - (answering is not None)
        words = {
            "talk": shown.guid,
            "waiting": _kept(waiting),
            "now": say(texts.IS_ANSWERING, number=str(answering.number)) if answering else None,
            "left": say(texts.WAITING, count=left) if left else None,
        }
        aloud = Aloud(self.rendering, tuple(waiting), words)
        parts = {**self.heads.parts(shown), "talk-aloud": aloud.part()}
        return replace(self.heads.screen(shown, parts, (), answering), facts=aloud)

    async def draw_card(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        """What a herald needs before the talk."""
        shown = await self.heads.shown(session, topic, now)
        if not isinstance(shown, Shown):
            return shown
        talk = shown.slot.talk
        card = self.rendering.page(
            "talk_card.html",
            words=texts,
            speakers=talk.persons,
            place=place_named(talk),
            is_recorded=not talk.recording_optout,
            steps=self._steps(shown),
        )
        parts = {**self.heads.parts(shown), "talk-card": card}
        return self.heads.screen(shown, parts, (), None)

    def _steps(self, shown: Shown) -> Sequence[Text]:
        slot, talk = shown.slot, shown.slot.talk
        time, speakers, title = shown.clock_time, names(talk.persons), title_of(talk)
        named = {"speakers": speakers} if speakers else {}
        invite = say(texts.INVITE, url=self.addresses.room(shown.address))
        ask_in = texts.ASK_IN if speakers else texts.ASK_IN_NAMELESS
        introduce = texts.INTRODUCE if speakers else texts.INTRODUCE_NAMELESS
        thank = texts.THANK if speakers else texts.THANK_NAMELESS
        hallway = hallway_of(talk)
        return [
            say(ask_in, time=time(slot.start - _ASKED_IN), **named),
            say(introduce, time=time(slot.start), title=title, **named),
            *([say(texts.SAY_UNRECORDED)] if talk.recording_optout else []),
            invite,
            *([say(texts.WORK_DOWN, time=time(slot.qa_start))] if slot.qa_start else []),
            say(thank, time=time(slot.end - WARNING), **named),
            say(texts.GO_ON, hallway=hallway) if hallway else say(texts.GO_ON_HERE),
        ]


def _kept(waiting: Sequence[QuestionView]) -> Sequence[int]:
    """The ids of those that stay where they are being read: not those behind the others."""
    are_behind = bool(waiting) and waiting[0].skipped
    return [question.id for question in waiting if are_behind or not question.skipped]
