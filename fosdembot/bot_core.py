"""What the bot is made of below its faces: what is true, and what rooms and people are told.

All is made in reading order: each knows only what stands above it, but for what it asks later.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fosdembot.changes import Changes
from fosdembot.clock import Clock
from fosdembot.conference.alarms import Alarms, RoomWords
from fosdembot.conference.board import Boards
from fosdembot.conference.check_in import CheckIn
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hall_codes import HallCodes
from fosdembot.conference.host_members import HostMembers
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.hosts_of_talk import HostsOfTalk
from fosdembot.conference.hosts_rooms import HostsRooms
from fosdembot.conference.letter_chats import Chats
from fosdembot.conference.letter_links import LetterLinks
from fosdembot.conference.letter_texts import Writer
from fosdembot.conference.letters import Letters
from fosdembot.conference.meetings import Meetings
from fosdembot.conference.notice_scheduler import NoticeScheduler
from fosdembot.conference.notice_writer import NoticeWriter
from fosdembot.conference.own_news import OwnNews
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import PageLinks
from fosdembot.conference.page_sessions import PageSessions
from fosdembot.conference.plain_chats import PlainChats
from fosdembot.conference.plans import Plans
from fosdembot.conference.programme import Programme
from fosdembot.conference.readiness import Readiness
from fosdembot.conference.room_health import RoomHealth
from fosdembot.conference.room_view import RoomViews
from fosdembot.conference.schedule_poller import SchedulePoller
from fosdembot.conference.troubles import Sources, Troubles
from fosdembot.conference.widgets import Widgets
from fosdembot.db.engine import Database
from fosdembot.garbage import SetAside
from fosdembot.log_lines import child
from fosdembot.matrix.chat_places import ChatPlaces
from fosdembot.matrix.identity import Identity
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
from fosdembot.notifications.hidden_questions import HiddenQuestions
from fosdembot.notifications.late_cards import LateCards
from fosdembot.notifications.wiring import notifications
from fosdembot.questions.desk import Desk
from fosdembot.questions.exact import ExactCounts
from fosdembot.settings import Settings
from fosdembot.steps import Steps


@dataclass(eq=False, repr=False)
class BotCore(ABC):
    """For one conference; nothing runs. `_problems` are the settings that could not be used."""

    _identity: Identity
    _database: Database
    _settings: Settings
    _problems: Sequence[str]
    _clock: Clock
    _log: logging.Logger

    def __post_init__(self) -> None:
        identity, settings, clock, log = self._identity, self._settings, self._clock, self._log
        self._user_id, self._is_shared = identity.user_id, identity.is_shared
        self._old_objects = SetAside()
        self._steps = Steps(clock, child(log, "steps"))
        self.changes = Changes(child(log, "changes"))
        self._server_time = ServerTime(clock)
        self._api = identity.api(settings.rehearsal.room, self._server_time.note)

        self._make_what_goes_out(identity.salt)
        self._make_what_is_true()
        self._make_what_organisers_are_told()
        self._make_what_rooms_are_told()
        self._make_questions()
        self._make_rooms_and_chats()

    @abstractmethod
    def _sources(self) -> Sources:
        """What may be in trouble; asked later."""

    def _log_of(self, name: str) -> logging.Logger:
        return child(self._log, name)

    def _make_what_goes_out(self, salt: str) -> None:
        api, clock = self._api, self._clock
        self._profile = Profile(api, self._user_id, self._log_of("profile"))
        wake, pace = Wake(), Pace(self._settings.limits.messages_per_second, clock)
        self._outbox = Outbox(clock, salt, wake)
        self.sender = Sender(
            api, self._database, self._outbox, clock, wake, pace, self._log_of("outbox")
        )

    def _make_what_is_true(self) -> None:
        database, settings, changes = self._database, self._settings, self.changes
        self.hosts_rooms = HostsRooms(database, settings, changes)
        self.programme = Programme(database, settings, self._clock, changes, self.hosts_rooms)
        self.hosts = Hosts(self.hosts_rooms, self.programme, settings)
        self._host_members = HostMembers(self._api, database, self.hosts, self._log_of("hosts"))
        self._views = RoomViews(self.programme, settings)
        self.page_addresses = PageAddresses(self.programme, settings)
        minutes = settings.pages.hall_code_minutes
        self.hall_codes = HallCodes(self._identity.salt, minutes, self.programme, self._clock)
        self.page_links = PageLinks(self.programme, settings)
        self.page_sessions = PageSessions(settings, self._clock)
        self._plans = Plans(self.programme, settings)
        self.meetings = Meetings(self.programme, settings, changes)
        self._health = RoomHealth(self.programme, self.hosts, settings, self._user_id)

    def _make_what_organisers_are_told(self) -> None:
        database, settings, clock = self._database, self._settings, self._clock
        programme, hosts = self.programme, self.hosts
        self._control_room = organisers = ControlRoom(self._outbox, hosts, settings, self._user_id)
        self.own_news = OwnNews(database, organisers, clock)
        self._troubles = Troubles(
            self._sources(),
            self._server_time,
            organisers,
            database,
            clock,
            self._log_of("troubles"),
        )
        self._room_words = RoomWords(programme, settings, clock, self._user_id)
        log = self._log_of("rooms")
        self.alarms = Alarms(
            database, self._health, self._room_words, organisers, hosts, settings, clock, log
        )
        self.schedule_poller = SchedulePoller(
            database,
            programme,
            self._outbox,
            organisers,
            settings,
            clock,
            self._log_of("schedule"),
        )
        self.readiness = Readiness(
            database, programme, organisers, settings, clock, self._log_of("readiness")
        )

    def _make_what_rooms_are_told(self) -> None:
        """And speakers."""
        database, settings, clock = self._database, self._settings, self._clock
        programme, plans, outbox = self.programme, self._plans, self._outbox
        self.boards = Boards(database, programme, plans, outbox, settings, clock, self._user_id)
        self.widgets = Widgets(
            database, programme, self.page_addresses, outbox, settings, self._user_id
        )
        notice_writer = NoticeWriter(programme, plans, self.boards, outbox, clock)
        self.notice_scheduler = NoticeScheduler(
            database, notice_writer, clock, self._log_of("notices")
        )
        self.letters = Letters(
            database,
            programme,
            HostsOfTalk(outbox, programme, self.hosts, self._control_room),
            Chats(self._api, database, outbox, self._is_shared),
            Writer(programme, settings, clock, LetterLinks(self.page_links, self.page_addresses)),
            clock,
            self.changes,
            self._log_of("letters"),
        )

        self.check_in = CheckIn(
            self.meetings, programme, self.hosts, outbox, database, settings, clock
        )

    def _make_questions(self) -> None:
        settings, clock = self._settings, self._clock
        self._notifications = told = notifications(
            self._outbox,
            self.programme,
            self.hosts,
            self.notice_scheduler,
            self._views,
            settings,
            clock,
        )
        exact = ExactCounts(self._database)
        rank = settings.pages.guest_votes_rank
        hears = HiddenQuestions(self.changes, clock, told.hearing.hear).hear
        self.desk = Desk(settings.questions, self.changes, hears, exact, guests_rank=rank)
        self.following = Following(self._database, self.programme, self.desk, clock)
        self.late_cards = LateCards(
            self._database, self._views, self.hosts, told.cards, self._outbox, settings, clock
        )

    def _make_rooms_and_chats(self) -> None:
        """Those that the bot is in."""
        api, database, outbox, clock = self._api, self._database, self._outbox, self._clock
        settings, limits = self._settings, self._settings.limits
        # A moderator who removed the bot, and did not ask it back, shall have some peace.
        peace = timedelta(minutes=settings.rooms.return_minutes)
        policy = RoomPolicy(
            self._user_id.partition(":")[2],
            settings.rooms.bridge_users,
            lambda room: was_removed_after(room, clock.now() - peace),
        )
        log = self._log_of("rooms")
        self.rooms = Rooms(
            api, database, policy, outbox, self._control_room, self.changes, clock, log
        )
        places = ChatPlaces(
            database, clock, outbox, limits.direct_chats, limits.direct_chats_per_person
        )
        log = self._log_of("invitations")
        organisers, shared = settings.organisers, self._is_shared
        self._invitations = Invitations(
            api, database, organisers, places, self.rooms, shared, clock, log
        )
        self.plain_chats = PlainChats(
            api,
            database,
            outbox,
            shared,
            clock,
            log,
            limits.direct_chats,
            self.page_addresses.start(),
        )
