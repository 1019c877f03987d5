"""Who is told of the desk's changes, and of decisions about the conference: one table, which
runs in their transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from fosdembot.conference import meeting_lines
from fosdembot.conference.events import (
    ClaimDropped,
    ConferenceEvent,
    NoticesPaused,
    QaClosed,
    QaModerated,
    SpeakerClaimed,
    SpeakerNamed,
    TalkDecided,
)
from fosdembot.conference.notice_scheduler import NoticeScheduler
from fosdembot.conference.question_summaries import SHOWN
from fosdembot.db.engine import WriteSession
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.notifications.cards import Cards
from fosdembot.notifications.qa_news import QaNews
from fosdembot.notifications.reasons import Reasons
from fosdembot.notifications.similar_hints import SimilarHints
from fosdembot.notifications.speaker_news import SpeakerNews
from fosdembot.notifications.talk_news import TalkNews
from fosdembot.questions.board import on_board
from fosdembot.questions.events import (
    Answered,
    AnswerReworded,
    AnswerTakenBack,
    Asked,
    AskedAgain,
    Changed,
    DeskEvent,
    DismissedFor,
    Redacted,
    Rehomed,
    Taken,
)


@dataclass(frozen=True, slots=True)
class Hearing:
    cards: Cards
    reasons: Reasons
    hints: SimilarHints
    talk_news: TalkNews
    qa_news: QaNews
    speaker_news: SpeakerNews
    answer_news: AnswerNews
    notice_scheduler: NoticeScheduler

    async def hear(self, session: WriteSession, event: DeskEvent | ConferenceEvent) -> None:
        match event:
            case Asked(question=question, alike=alike):
                await self.cards.asked(session, question)
                if alike is not None:
                    await self.hints.asked(session, question, alike)
            case Changed(questions=questions):
                await self.cards.changed(session, questions)
                await meeting_lines.reconsider(session, questions)
                await self.reasons.reconsider(session, questions)
            case Taken(question=question, cause=cause):
                await self.cards.taken(session, question, cause)
            case DismissedFor(question=question, reason=reason, cause=cause):
                await self.reasons.give_directly(session, question, reason, cause)
            case AskedAgain(question=question, cause=cause):
                await self.cards.asked_again(session, question, cause)
            case Redacted(question=question, shown=shown):
                await meeting_lines.reconsider(session, [question])
                await self.cards.erase(session, shown)
            case Rehomed(talk=talk, questions=questions):
                await self.cards.followed(session, questions)
                # The best are said in the new room, to be voted on there.
                for question in await on_board(session, talk, SHOWN):
                    await self.cards.confirm(session, question)
            case Answered() | AnswerReworded() | AnswerTakenBack():
                await self.answer_news.hear(session, event)
            case _:
                await self._decided(session, event)

    async def _decided(self, session: WriteSession, event: ConferenceEvent) -> None:
        match event:
            case TalkDecided():
                await self.talk_news.decided(session, event)
            case QaClosed() | QaModerated():
                await self.qa_news.decided(session, event)
            case SpeakerNamed():
                await self.speaker_news.named(session, event)
            case SpeakerClaimed():
                await self.speaker_news.claimed(session, event)
            case ClaimDropped():
                await self.speaker_news.dropped(session, event)
            case NoticesPaused(addresses=addresses):
                await self.notice_scheduler.hold(session, addresses)
            case _:
                assert_never(event)
