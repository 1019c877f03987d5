"""The bot: what runs of its parts, and which of them hears of which changes."""

from __future__ import annotations

from fosdembot.bot_parts import BotParts
from fosdembot.changes import (
    AccessEnded,
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
from fosdembot.db import retention
from fosdembot.matrix import account_mark
from fosdembot.matrix.wake import Wake
from fosdembot.texts import commands as texts


class Bot(BotParts):
    """Everything that runs for one conference."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._unsure = Wake()
        self._is_unsure = False
        self._database.unsure = self._doubt
        self._subscribe()

    async def start(self) -> None:
        """Start all that runs. Nothing here waits for the homeserver or the schedule."""
        self._old_objects.set_aside()
        await self.programme.load()
        await self.hosts_rooms.load()
        async with self._database.write() as session:
            await self.desk.votes.hall.settle_ranks(session)
        self._want_rooms()
        await self.own_news.settings(texts.SETTINGS_PROBLEMS, self._problems)
        self._take_steps()

    def _doubt(self) -> None:
        """A commit may have taken place, of which nobody here knows."""
        self._is_unsure = True
        self._unsure.set()

    async def recall(self) -> None:
        """Then read again what is kept in memory, and let all look at what there is to do, as at
        a start."""
        if not self._is_unsure:
            return
        async with self._database.no_writing():
            await self.programme.load()
            await self.hosts_rooms.load()
            self._is_unsure = False
        for change in (ScheduleChanged(), HostsChanged(), RoomsChanged(), MembershipChanged()):
            self.changes.tell(change)
        for wake in (self.sender.wake, self.schedule_poller.wake, self._invitations.wake):
            wake.set()

    def _take_steps(self) -> None:
        """All that runs."""
        self._steps.start()
        add, caught_up = self._steps.add, self.inbox.caught_up
        # What comes in, and what goes out.
        add("inbox", self.inbox.step)
        lagging = self.inbox.lagging
        add("lagging", lagging.step, lagging.wake, close=lagging.close)
        add("outbox", self.sender.step, self.sender.wake, after=caught_up, close=self.sender.close)
        # Which rooms we are in, and who asks us in, /sync tells without further requests.
        for name, part in (
            ("rooms", self.rooms),
            ("chats", self.plain_chats),
            ("invitations", self._invitations),
            ("proposals", self._proposals),
            ("meeting tests", self.meeting_tests),
        ):
            add(name, part.step, part.wake, after=caught_up, close=part.close, longest=30)
        add("alarms", self.alarms.step, self.alarms.wake, after=caught_up)
        add("hosts", self._host_members.step, self._host_members.wake, after=caught_up)
        add("questions", self.following.step, self.following.wake, after=caught_up)
        add("cards", self.late_cards.step, self.late_cards.wake, after=caught_up)
        add("widgets", self.widgets.step, self.widgets.wake, after=caught_up)
        add("letters", self.letters.step, after=caught_up)
        add("memory", self.recall, self._unsure, longest=30)
        # What falls due by itself.
        add("schedule", self.schedule_poller.step, self.schedule_poller.wake)
        add("notices", self.notice_scheduler.step, self.notice_scheduler.wake, longest=5)
        add("boards", self.boards.step, self.boards.wake, longest=30)
        add("readiness", self.readiness.step, self.readiness.wake)
        self._see_to_meetings()
        made = self.transcripts
        live = self.pages.live
        add("pages", live.step, live.wake, longest=5, close=self.pages.close)
        add("blind", self.pages.look)
        add("transcripts", made.step, made.wake, after=caught_up, longest=30)
        add("troubles", self._troubles.step, longest=30)
        add("profile", self._profile.step)
        add("retention", self._retention.step, first=retention.FIRST_AFTER)
        if self._mark is not None:
            add("account", self._mark.step, first=account_mark.FIRST_AFTER)

    def _see_to_meetings(self) -> None:
        """After a long outage of the database no speaker waits for minutes."""
        add, attendance, check_in = self._steps.add, self.attendance, self.check_in
        leave = self._leave_meetings
        add("meetings", attendance.step, attendance.wake, close=leave, longest=15)
        caught_up = self.inbox.caught_up
        add("check-in", check_in.step, check_in.wake, after=caught_up, longest=30)

    async def _leave_meetings(self) -> None:
        try:
            await self.attendance.close()
        finally:
            await self.jitsi.close()

    async def stop(self) -> None:
        """End all that runs. What was begun is finished at the next start."""
        # Open pages do not wait for what is being finished.
        await self.pages.close()
        async with self._database.no_writing():
            await self._steps.stop()
        self._old_objects.give_back()
        if self._mark is not None:
            await self._mark.leave()

    def _subscribe(self) -> None:
        """Who hears of which changes, in this order."""
        hears, wakes = self.changes.subscribe, self.changes.wake
        hears(lambda _: self._want_rooms(), ScheduleChanged, HostsChanged)
        hears(lambda _: self.rooms.retry(), Upgraded)
        wakes(self.rooms.wake, MembershipChanged)
        wakes(self._invitations.wake, Invited)
        wakes(self._host_members.wake, RoomsChanged, MembershipChanged)
        wakes(self.plain_chats.wake, MembershipChanged, Unreadable)
        # A room that refused a message may take it now.
        hears(lambda change: self.sender.release(change.room), RightsChanged)
        wakes(self.sender.wake, MembershipChanged)

        hears(lambda change: self.boards.changed(change.talks), QuestionsChanged)
        hears(lambda change: self.following.changed(change.talks), QuestionsChanged)
        hears(lambda _: self.following.talks_moved(), ScheduleChanged, RoomsChanged)
        hears(lambda change: self.notice_scheduler.changed(change.addresses), TalksChanged)
        # Also talks that were led to what is a hosts' room now, or is none any more.
        hears(lambda _: self.notice_scheduler.changed(None), ScheduleChanged, HostsChanged)
        hears(lambda change: self.notice_scheduler.moved(change.addresses), RoomsChanged)
        wakes(self.readiness.wake, ScheduleChanged)
        hears(lambda change: self.attendance.changed(change.talks), QuestionsChanged)
        hears(lambda _: self.attendance.changed(), TalksChanged, ScheduleChanged)
        programme = (TalksChanged, ScheduleChanged, HostsChanged)
        wakes(self.attendance.wake, *programme, MeetingsChanged)
        hears(lambda change: self.attendance.return_to(change.meeting), MeetingNamed)
        wakes(self.check_in.wake, MeetingsChanged, TalksChanged, ScheduleChanged)
        hears(lambda change: self.transcripts.questions_changed(change.talks), QuestionsChanged)
        hears(lambda _: self.transcripts.schedule_changed(), ScheduleChanged)
        hears(lambda change: self.transcripts.privacy_changed(change.person), PrivacyChanged)
        wakes(self.transcripts.wake, TranscriptsDue)
        live = self.pages.live
        hears(lambda change: live.questions_changed(change.talks), QuestionsChanged)
        hears(lambda change: live.talks_changed(change.addresses), TalksChanged)
        everywhere = (ScheduleChanged, RoomsChanged, HostsChanged, PrivacyChanged)
        hears(lambda _: live.talks_changed(), *everywhere)
        hears(lambda _: live.rights_changed(), AccessEnded, RightsChanged, HostsChanged)
        rooms = (ScheduleChanged, HostsChanged, RoomsChanged, MembershipChanged)
        wakes(self.late_cards.wake, *rooms)
        wakes(self.alarms.wake, *rooms, RightsChanged)
        wakes(self.widgets.wake, *rooms, RightsChanged)

    def _want_rooms(self) -> None:
        default = self._settings.rooms.default
        wanted = [*self._health.addresses, *([default] if default else [])]
        self.rooms.want(wanted, self.hosts.roles)
