"""Which parts of the bot look again, and when."""

from __future__ import annotations

import pytest

from fosdembot.bot import Bot
from fosdembot.changes import (
    AccessEnded,
    Change,
    HostsChanged,
    Invited,
    MeetingNamed,
    MeetingsChanged,
    MembershipChanged,
    PrivacyChanged,
    QuestionsChanged,
    RightsChanged,
    RoomsChanged,
    ScheduleChanged,
    TalksChanged,
    TranscriptsDue,
    Unreadable,
    Upgraded,
)
from fosdembot.matrix.wake import Wake
from fosdembot.meeting_url import MeetingUrl
from tests.stage import KERNEL, MakeStage, empty_database, make_stage

__all__ = ["empty_database", "make_stage"]

WHO_LOOKS = {
    QuestionsChanged(frozenset({"talk-1"})): {"boards"},
    TalksChanged(frozenset({KERNEL})): {"notices", "meetings", "check-in"},
    ScheduleChanged(): {
        "rooms",
        "following",
        "notices",
        "readiness",
        "late cards",
        "alarms",
        "widgets",
        "meetings",
        "check-in",
        "transcripts",
    },
    HostsChanged(): {"rooms", "notices", "late cards", "alarms", "widgets", "meetings"},
    RoomsChanged(): {"hosts", "following", "notices", "late cards", "alarms", "widgets"},
    MembershipChanged(): {"rooms", "hosts", "chats", "outbox", "late cards", "alarms", "widgets"},
    Invited(): {"invitations"},
    Upgraded(): {"rooms"},
    RightsChanged("!kernel:example.org"): {"alarms", "widgets"},
    Unreadable(): {"chats"},
    MeetingNamed(MeetingUrl("meet.example.org", "kernel")): {"meetings"},
    MeetingsChanged(): {"check-in", "meetings"},
    TranscriptsDue(): {"transcripts"},
    AccessEnded(): set(),
    PrivacyChanged("@ada:example.org"): {"transcripts"},
}


def wakes(bot: Bot) -> dict[str, Wake]:
    return {
        "boards": bot.boards.wake,
        "following": bot.following.wake,
        "notices": bot.notice_scheduler.wake,
        "rooms": bot.rooms.wake,
        "invitations": bot._invitations.wake,
        "hosts": bot._host_members.wake,
        "chats": bot.plain_chats.wake,
        "outbox": bot.sender.wake,
        "readiness": bot.readiness.wake,
        "late cards": bot.late_cards.wake,
        "alarms": bot.alarms.wake,
        "widgets": bot.widgets.wake,
        "meetings": bot.attendance.wake,
        "check-in": bot.check_in.wake,
        "transcripts": bot.transcripts.wake,
    }


def woken(bot: Bot) -> set[str]:
    return {name for name, wake in wakes(bot).items() if wake.was_set()}


@pytest.mark.parametrize("change", WHO_LOOKS, ids=lambda change: type(change).__name__)
async def test_who_looks_again(make_stage: MakeStage, change: Change) -> None:
    bot = (await make_stage()).bot
    woken(bot)
    async with bot._database.write() as session:
        bot.changes.publish(session, change)
    assert woken(bot) == WHO_LOOKS[change]


def test_all_kinds_are_in_the_table() -> None:
    kinds = {kind.__name__ for kind in Change.__subclasses__()}
    assert {type(change).__name__ for change in WHO_LOOKS} == kinds
