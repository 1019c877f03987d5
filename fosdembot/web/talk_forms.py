"""What has a form of its own on a talk's pages: an answer, a reason, where a question belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.actions.access import Access
from fosdembot.actions.actor import Who
from fosdembot.actions.permissions import Permission
from fosdembot.conference.programme import Programme
from fosdembot.db.question_tables import Answer, Question
from fosdembot.questions import answers, board
from fosdembot.questions.states import HIDDEN
from fosdembot.questions.views import QuestionView, view_of
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import is_talk
from fosdembot.texts import page_talk as texts
from fosdembot.texts.render import clean, say

from .refusals import Declined
from .screens import Topic
from .talk_offers import Form
from .visitors import Visitor

_NEEDED = {
    Form.ANSWER: Permission.ANSWER,
    Form.REASON: Permission.DISMISS,
    Form.MERGE: Permission.MERGE,
    Form.MOVE: Permission.MOVE,
    Form.MUTE: Permission.MUTE,
}
_OF_ROOM = (Form.MOVE, Form.MUTE)
"""They concern more than the talk: no link opens them."""
_MOST_CHOICES = 200
_LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class FormShown:
    kind: Form
    question: QuestionView
    choices: Sequence[tuple[str, str]] = ()
    """Each value with its label."""
    own: Sequence[Answer] = ()
    """Answers that the visitor gave."""


@dataclass(frozen=True, slots=True)
class TalkForms:
    access: Access
    programme: Programme
    settings: Settings

    async def form(
        self, session: AsyncSession, visitor: Visitor, topic: Topic, wanted: str
    ) -> FormShown:
        """`wanted`: which, and for which question: `answer 12`. Raises `Declined`."""
        word, _, id_ = wanted.partition(" ")
        is_id = id_.isascii() and id_.isdecimal() and len(id_) <= 9
        question = await session.get(Question, int(id_)) if is_id else None
        if word not in set(Form) or question is None or not self._is_here(topic, question):
            raise Declined(say(texts.QUESTION_GONE), 404)
        kind = Form(word)
        assert visitor.who is not None
        if not await self._may_read(session, visitor.who, question):
            raise Declined(say(texts.QUESTION_GONE), 404)
        if not await self.access.allows(session, visitor.who, _NEEDED[kind], question):
            raise Declined(say(texts.ONLY_MODERATORS))
        if kind in _OF_ROOM and visitor.link is not None:
            raise Declined(say(texts.ONLY_ROOM))
        shown = view_of(question)
        match kind:
            case Form.ANSWER:
                return FormShown(kind, shown, own=await _own(session, question, visitor.who.person))
            case Form.MERGE:
                return FormShown(kind, shown, await _others(session, question))
            case Form.MOVE:
                return FormShown(kind, shown, self._talks(topic.address, question.talk))
        return FormShown(kind, shown)

    async def _may_read(self, session: AsyncSession, who: Who, question: Question) -> bool:
        """Whoever may answer questions may not read those that others are kept from."""
        if question.state not in HIDDEN:
            return True
        return await self.access.allows(session, who, Permission.READ_HIDDEN, question)

    def _is_here(self, topic: Topic, question: Question) -> bool:
        """Whether it is one of the page's talk, or of the room's."""
        if topic.talk is not None:
            return question.talk == topic.talk
        return self.programme.address_by_guid(question.talk) == topic.address

    def _talks(self, address: str, talk: str) -> list[tuple[str, str]]:
        talks = [each for each in self.programme.talks_at(address) if each.guid != talk]
        there = sorted(
            (each for each in talks if is_talk(each, self.settings)), key=lambda t: t.start
        )
        return [(each.guid, title_of(each)) for each in there[:_MOST_CHOICES]]


async def _own(session: AsyncSession, question: Question, person: str) -> Sequence[Answer]:
    return [each for each in await answers.to(session, question) if each.author == person]


async def _others(session: AsyncSession, question: Question) -> list[tuple[str, str]]:
    waiting = await board.on_board(session, question.talk, _MOST_CHOICES)
    return [
        (str(each.id), f"{each.number} {clean(each.text, _LONGEST_LABEL)}")
        for each in waiting
        if each.id != question.id
    ]
