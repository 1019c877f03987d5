"""Ties together what rooms and people are told of questions and talks."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.clock import Clock
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.notice_scheduler import NoticeScheduler
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.matrix.outbox import Outbox
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.notifications.cards import Cards
from fosdembot.notifications.hearing import Hearing
from fosdembot.notifications.qa_news import QaNews
from fosdembot.notifications.reasons import Reasons
from fosdembot.notifications.similar_hints import SimilarHints
from fosdembot.notifications.speaker_news import SpeakerNews
from fosdembot.notifications.talk_news import TalkNews
from fosdembot.settings import Settings


@dataclass(frozen=True)
class Notifications:
    """Those that others use, and what hears the desk and decisions about the conference."""

    cards: Cards
    reasons: Reasons
    speaker_news: SpeakerNews
    answer_news: AnswerNews
    hearing: Hearing


def notifications(
    outbox: Outbox,
    programme: Programme,
    hosts: Hosts,
    notice_scheduler: NoticeScheduler,
    views: RoomViews,
    settings: Settings,
    clock: Clock,
) -> Notifications:
    prefix = settings.command_prefix
    cards = Cards(outbox, programme, views, hosts, notice_scheduler, settings, clock)
    reasons = Reasons(outbox, cards)
    hints = SimilarHints(outbox, hosts, views, prefix)
    speaker_news = SpeakerNews(outbox, programme, prefix)
    talk_news = TalkNews(outbox, programme, prefix)
    answer_news = AnswerNews(outbox, programme, settings)
    qa_news = QaNews(outbox, prefix)
    hearing = Hearing(
        cards, reasons, hints, talk_news, qa_news, speaker_news, answer_news, notice_scheduler
    )
    return Notifications(cards, reasons, speaker_news, answer_news, hearing)
