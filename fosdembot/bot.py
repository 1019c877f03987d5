"""The bot: its parts, what each is given, and the tasks that run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from fosdembot.actions.access import Access
from fosdembot.actions.pauses import PauseActions
from fosdembot.actions.talks import TalkActions
from fosdembot.changes import (
    Changes,
    HostsChanged,
    Invited,
    MembershipChanged,
    QuestionsChanged,
    RightsChanged,
    RoomsChanged,
    ScheduleChanged,
    TalksChanged,
    Unreadable,
    Upgraded,
)
from fosdembot.chat.places import Places
from fosdembot.chat.reading.events import EventReader
from fosdembot.chat.reading.message import MessageReader
from fosdembot.chat.router import Router
from fosdembot.chat.runner import CommandRunner
from fosdembot.chat.wiring import CommandParts, add_commands
from fosdembot.chat.wiring_questions import Parts, add_questions
from fosdembot.clock import Clock
from fosdembot.conference.alarms import Alarms, RoomWords
from fosdembot.conference.board import Boards
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.host_members import HostMembers
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.hosts_of_talk import HostsOfTalk
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.conference.letter_chats import Chats
from fosdembot.conference.letters import Letters
from fosdembot.conference.notice_scheduler import NoticeScheduler
from fosdembot.conference.own_news import OwnNews
from fosdembot.conference.people import People
from fosdembot.conference.plain_chats import PlainChats
from fosdembot.conference.plans import Plans
from fosdembot.conference.programme import Programme
from fosdembot.conference.readiness import Readiness
from fosdembot.conference.room_health import RoomHealth
from fosdembot.conference.room_view import RoomViews
from fosdembot.conference.schedule_poller import SchedulePoller
from fosdembot.conference.telling import Telling
from fosdembot.conference.troubles import Sources, Troubles
from fosdembot.db import retention
from fosdembot.db.engine import Database
from fosdembot.garbage import SetAside
from fosdembot.log_lines import child
from fosdembot.matrix import account_mark
from fosdembot.matrix.account_mark import AccountMark
from fosdembot.matrix.api import Api
from fosdembot.matrix.chat_places import ChatPlaces
from fosdembot.matrix.identity import Identity
from fosdembot.matrix.inbox import Inbox
from fosdembot.matrix.invitations import Invitations
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.pace import Pace
from fosdembot.matrix.profile import Profile
from fosdembot.matrix.removal import was_removed_after
from fosdembot.matrix.rooms import RoomPolicy, Rooms
from fosdembot.matrix.sender import Sender
from fosdembot.matrix.server_time import ServerTime
from fosdembot.matrix.wake import Wake
from fosdembot.notifications.following import Following
from fosdembot.notifications.late_cards import LateCards
from fosdembot.notifications.wiring import notifications
from fosdembot.questions.desk import Desk
from fosdembot.settings import Settings
from fosdembot.steps import Steps
from fosdembot.texts import commands as texts


class Bot:
    """Everything that runs for one conference. `problems` are the settings that could not be
    used."""

    def __init__(
        self,
        identity: Identity,
        database: Database,
        settings: Settings,
        problems: Sequence[str],
        clock: Clock,
        log: logging.Logger,
    ) -> None:
        user_id, is_shared, limits = identity.user_id, identity.is_shared, settings.limits
        log_of = partial(child, log)
        self._database = database
        self._settings = settings
        self._problems = problems
        self._clock = clock
        self._log = log
        self._old_objects = SetAside()
        self._steps = Steps(clock, log_of("steps"))
        self.changes = changes = Changes(log_of("changes"))

        # The homeserver, and what goes out to it.
        server_time = ServerTime(clock)
        api = identity.api(settings.rehearsal.room, server_time.note)
        self._profile = Profile(api, user_id, log_of("profile"))
        wake, pace = Wake(), Pace(limits.messages_per_second, clock)
        self._outbox = outbox = Outbox(clock, identity.salt, wake)
        self.sender = Sender(api, database, outbox, clock, wake, pace, log_of("outbox"))

        # What is true.
        self.hosts_rooms = HostsRooms(database, settings, changes)
        self.programme = programme = Programme(database, settings, clock, changes, self.hosts_rooms)
        self.hosts = hosts = Hosts(self.hosts_rooms, programme, settings)
        self._host_members = HostMembers(api, database, hosts, log_of("hosts"))
        self._views = RoomViews(programme, settings)
        self._plans = plans = Plans(programme, settings)
        self._health = health = RoomHealth(programme, hosts, settings, user_id)

        # What organisers are told.
        self._control_room = organisers = ControlRoom(outbox, hosts, settings, user_id)
        self.own_news = OwnNews(database, organisers, clock)
        sources = Sources(
            inbox=lambda: self.inbox.trouble,
            sender=lambda: self.sender.trouble,
            schedule=lambda: self.schedule_poller.trouble,
            unread=lambda: self.inbox.lagging.troubles,
            unsent=lambda: self.sender.room_troubles,
        )
        self._troubles = Troubles(
            sources, server_time, organisers, database, clock, log_of("troubles")
        )
        self._room_words = words = RoomWords(programme, settings, clock, user_id)
        self.alarms = Alarms(
            database, health, words, organisers, hosts, settings, clock, log_of("rooms")
        )
        self.schedule_poller = SchedulePoller(
            database, programme, outbox, organisers, settings, clock, log_of("schedule")
        )
        self.readiness = Readiness(
            database, programme, organisers, settings, clock, log_of("readiness")
        )

        # What rooms and speakers are told.
        self.boards = Boards(database, programme, plans, outbox, settings, clock, user_id)
        telling = Telling(programme, plans, self.boards, outbox, clock)
        self.notice_scheduler = NoticeScheduler(database, telling, clock, log_of("notices"))
        self.letters = Letters(
            database,
            programme,
            HostsOfTalk(outbox, programme, hosts, organisers),
            Chats(api, database, outbox, is_shared),
            settings,
            clock,
            changes,
            log_of("letters"),
        )

        # Questions.
        self._notifications = told = notifications(
            outbox, programme, hosts, self.notice_scheduler, self._views, settings, clock
        )
        self.desk = Desk(settings.questions, changes, told.hearing.hear)
        self.following = Following(database, programme, self.desk, clock)
        self.late_cards = LateCards(
            database, self._views, hosts, told.cards, outbox, settings, clock
        )

        # The rooms that the bot is in, and the chats.
        # A moderator who removed the bot, and did not ask it back, shall have some peace.
        peace = timedelta(minutes=settings.rooms.return_minutes)
        policy = RoomPolicy(
            user_id.partition(":")[2],
            settings.rooms.bridge_users,
            lambda room: was_removed_after(room, clock.now() - peace),
        )
        self.rooms = Rooms(
            api, database, policy, outbox, organisers, changes, clock, log_of("rooms")
        )
        places = ChatPlaces(
            database, clock, outbox, limits.direct_chats, limits.direct_chats_per_person
        )
        self._invitations = Invitations(
            api,
            database,
            settings.organisers,
            places,
            self.rooms,
            is_shared,
            clock,
            log_of("invitations"),
        )
        self.plain_chats = PlainChats(
            api, database, outbox, is_shared, clock, log_of("invitations"), limits.direct_chats
        )

        # What comes in, and what it means.
        self.router = self._router(api, user_id, is_shared)
        self.inbox = Inbox(api, database, clock, user_id, self.router, changes, log_of("inbox"))
        self._mark: AccountMark | None = None
        if identity.mark is not None:
            others = self.own_news.other_bots
            self._mark = AccountMark(
                api, user_id, identity.mark, is_shared, others, clock, log_of("account")
            )
        self._retention = retention.Retention(database, clock, programme.names_before)
        self._unsure = Wake()
        self._is_unsure = False
        database.unsure = self._doubt
        self._subscribe()

    def _router(self, api: Api, user_id: str, is_shared: Callable[[], bool]) -> Router:
        settings = self._settings
        people = People(settings, self.programme, self.hosts)
        access = Access(people)
        hears = self._notifications.hearing.hear
        talks = TalkActions(self.programme, access, hears)
        places = Places(self._control_room, self.hosts)
        messages = MessageReader(settings, self._profile.names)
        runner = CommandRunner(self._outbox, places, access, self._clock, settings, messages)
        router = Router(
            EventReader(messages, self._clock),
            runner,
            self._outbox,
            places,
            settings,
            self.changes,
            is_shared,
        )
        added = add_commands(
            CommandParts(
                runner=runner,
                changes=self.changes,
                access=access,
                talks=talks,
                pauses=PauseActions(self.programme, access, self.changes, hears),
                people=people,
                programme=self.programme,
                views=self._views,
                hosts=self.hosts,
                schedule_poller=self.schedule_poller,
                plans=self._plans,
                boards=self.boards,
                rooms=self.rooms,
                health=self._health,
                room_words=self._room_words,
                control_room=self._control_room,
                outbox=self._outbox,
                settings=settings,
                user_id=user_id,
                bot_name=self._profile.name,
                troubles=self._troubles.lines,
                held=lambda: self.sender.held,
            )
        )
        self._proposals = add_questions(
            Parts(
                router=router,
                runner=runner,
                added=added,
                places=places,
                access=access,
                talks=talks,
                hearing=self._notifications.hearing,
                changes=self.changes,
                people=people,
                hosts=self.hosts,
                cards=self._notifications.cards,
                reasons=self._notifications.reasons,
                speaker_news=self._notifications.speaker_news,
                written=self._notifications.written,
                programme=self.programme,
                views=self._views,
                desk=self.desk,
                outbox=self._outbox,
                control_room=self._control_room,
                api=api,
                database=self._database,
                settings=settings,
                clock=self._clock,
                user_id=user_id,
                log=self._log,
            )
        )
        return router

    async def start(self) -> None:
        """Start all that runs. Nothing here waits for the homeserver or the schedule."""
        self._old_objects.set_aside()
        await self.programme.load()
        await self.hosts_rooms.load()
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
        ):
            add(name, part.step, part.wake, after=caught_up, close=part.close, longest=30)
        add("alarms", self.alarms.step, self.alarms.wake, after=caught_up)
        add("hosts", self._host_members.step, self._host_members.wake, after=caught_up)
        add("questions", self.following.step, self.following.wake, after=caught_up)
        add("cards", self.late_cards.step, self.late_cards.wake, after=caught_up)
        add("letters", self.letters.step, after=caught_up)
        add("memory", self.recall, self._unsure, longest=30)
        # What falls due by itself.
        add("schedule", self.schedule_poller.step, self.schedule_poller.wake)
        add("notices", self.notice_scheduler.step, self.notice_scheduler.wake, longest=5)
        add("boards", self.boards.step, self.boards.wake, longest=30)
        add("readiness", self.readiness.step, self.readiness.wake)
        add("troubles", self._troubles.step, longest=30)
        add("profile", self._profile.step)
        add("retention", self._retention.step, first=retention.FIRST_AFTER)
        if self._mark is not None:
            add("account", self._mark.step, first=account_mark.FIRST_AFTER)

    async def stop(self) -> None:
        """End all that runs. What was begun is finished at the next start."""
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
        hears(
            lambda _: self.notice_scheduler.changed(None),
            ScheduleChanged,
            HostsChanged,
            RoomsChanged,
        )
        wakes(self.readiness.wake, ScheduleChanged)
        rooms = (ScheduleChanged, HostsChanged, RoomsChanged, MembershipChanged)
        wakes(self.late_cards.wake, *rooms)
        wakes(self.alarms.wake, *rooms, RightsChanged)

    def _want_rooms(self) -> None:
        default = self._settings.rooms.default
        wanted = [*self._health.addresses, *([default] if default else [])]
        self.rooms.want(wanted, self.hosts.roles)
