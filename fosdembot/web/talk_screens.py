"""Draws a talk for those who run it: its clock, and its questions with what may be done to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.conference.meetings import Meetings
from fosdembot.conference.pauses import is_paused
from fosdembot.conference.question_rooms import room_at
from fosdembot.questions import board
from fosdembot.questions.scopes import is_moderated
from fosdembot.questions.views import QuestionsView, QuestionView, Wanted, view_of
from fosdembot.settings import Settings
from fosdembot.texts import page_talk as texts
from fosdembot.texts import pages as page_texts
from fosdembot.texts.render import Text, say
from fosdembot.texts.words import count

from .rendering import Rendering
from .screens import Item, Screen, Topic
from .talk_heads import Shown, TalkHeads
from .talk_meeting import meeting_of
from .talk_offers import View, offers

_SPEAKER = Wanted(waiting=200, answered=100, answers=5)
_MODERATOR = Wanted(waiting=200, answered=100, answers=5, pending=200)
_DISMISSED = 50
"""Shown to moderators, the last one first: to be opened again, mostly at once."""


@dataclass(frozen=True, slots=True)
class TalkScreens:
    """A speaker sees neither what waits for a moderator nor what was dismissed, and nobody sees
    why."""

    heads: TalkHeads
    meetings: Meetings
    rendering: Rendering
    settings: Settings

    async def draw(self, session: AsyncSession, topic: Topic, now: datetime) -> Screen:
        shown = await self.heads.shown(session, topic, now)
        if not isinstance(shown, Shown):
            return shown
        view = View(topic.view)
        parts = dict(self.heads.parts(shown))
        questions = await self._questions(session, shown, view)
        room = await room_at(session, shown.address)
        parts["talk-now"] = self._page("talk_now.html", question=questions.answering)
        parts["talk-bar"] = self._page("talk_bar.html", talk=shown.guid)
        paused = await is_paused(session, shown.address, self.heads.programme)
        parts["talk-notes"] = self._notes(questions, room is not None, paused)
        if view.moderates:
            default = self.settings.questions.moderated
            parts["talk-room"] = self._page(
                "talk_room.html",
                talk=shown.guid,
                is_closed=questions.closed,
                is_moderated=default
                if room is None
                else await is_moderated(session, room, default),
                is_host=view is View.HOST,
                late=shown.minutes_late,
            )
        if view is View.BACKSTAGE:
            meeting = await meeting_of(session, self.meetings, self.settings, shown.slot.talk)
            parts["talk-meeting"] = self._page("talk_meeting.html", meeting=meeting)
        hidden = await self._dismissed(session, shown) if view.moderates else ()
        items = tuple(self._items(view, questions, hidden))
        return self.heads.screen(shown, parts, items, questions.answering)

    def _page(self, template: str, **values: object) -> str:
        return self.rendering.page(template, words=texts, **values)

    async def _questions(self, session: AsyncSession, shown: Shown, view: View) -> QuestionsView:
        wanted = _MODERATOR if view.moderates else _SPEAKER
        return await self.heads.views.questions(session, shown.guid, wanted)

    async def _dismissed(self, session: AsyncSession, shown: Shown) -> Iterable[QuestionView]:
        found = await board.dismissed(session, shown.guid, _DISMISSED)
        return [view_of(question) for question in found]

    def _notes(self, questions: QuestionsView, is_here: bool, paused: bool) -> str:
        left = questions.waiting.left + questions.answered.left + questions.pending.left
        total = questions.waiting.total + questions.answered.total + questions.pending.total
        notes = [
            *([say(page_texts.PAUSED)] if paused else []),
            *([say(texts.CLOSED)] if questions.closed else []),
            *([] if is_here else [say(texts.NOT_HERE)]),
            *([] if total else [say(texts.NO_QUESTIONS)]),
            *([say(texts.MORE, count=left)] if left else []),
        ]
        return self._page("talk_notes.html", notes=notes)

    def _items(
        self, view: View, questions: QuestionsView, dismissed: Iterable[QuestionView]
    ) -> Iterable[Item]:
        parts = (questions.pending, questions.waiting, questions.answered)
        listed = [question for part in parts for question in part.entries]
        for question in (*listed, *dismissed):
            html = self._page(
                "talk_question.html",
                question=question,
                kind="skipped" if question.skipped else question.state.value,
                votes=_votes(question),
                offers=offers(question, view),
            )
            yield Item(f"q{question.id}", html)


def _votes(question: QuestionView) -> Text:
    votes = count(question.votes, "vote")
    if not question.hall_votes:
        return say("{votes}", votes=votes)
    return say(texts.VOTES_HALL, votes=votes, hall=question.hall_votes)
